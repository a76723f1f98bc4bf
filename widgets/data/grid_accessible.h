// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace strata {

/// Teaches Qt how a SampleGrid speaks to screen readers: a list whose value is the current sample. Once is enough.
void installGridAccessibility();

} // namespace strata
