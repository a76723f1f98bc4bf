// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace strata::studio {

/// The right to run kernels in this process: one thread at a time may (architecture.md, Threads). First come, first served, so that a
/// photo waits for one batch of an evaluation and no longer. Held while the object lives; worker threads only.
class ComputeTurn {
public:
    ComputeTurn();
    ~ComputeTurn();
    ComputeTurn(const ComputeTurn&) = delete;
    ComputeTurn& operator=(const ComputeTurn&) = delete;
    /// Lets whoever waits go first.
    void pass();
};

} // namespace strata::studio
