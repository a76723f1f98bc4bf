// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace strata {

/// Lets screen readers see the cards of a LayerStack as list items with names, places and states. Once; GUI thread.
void installStackAccessible();

} // namespace strata
