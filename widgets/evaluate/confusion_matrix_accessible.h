// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace strata {

class ConfusionMatrixView;

/// Makes assistive technology see a ConfusionMatrixView as a table with a cell for each pair of classes. Once a process.
void installMatrixAccessibility();
/// Tells it that the cursor moved.
void announceMatrixCell(ConfusionMatrixView& view);

} // namespace strata
