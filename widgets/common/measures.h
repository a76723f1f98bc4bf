// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The measures of the design (screens.md, section 1) in device-independent pixels. Nothing else names a size of its own.
namespace strata::measure {

constexpr int kSpace4 = 4, kSpace8 = 8, kSpace12 = 12, kSpace16 = 16, kSpace24 = 24, kSpace32 = 32;
constexpr int kRadiusControl = 6, kRadiusCard = 8;
constexpr int kRow = 32;       ///< row, field, button, table header
constexpr int kHitTarget = 32; ///< smallest thing to click
constexpr int kPrimaryWidth = 96;
constexpr int kIcon = 20, kIconRow = 16;
constexpr int kFocusRing = 2, kFocusOffset = 2;
constexpr int kRailWidth = 72, kRailItemHeight = 56;
constexpr int kTopBar = 48, kMessageBar = 40, kFooter = 32, kToolRow = 48;
constexpr int kMotionMs = 120; ///< longest animation; 0 where the system asks for none

} // namespace strata::measure
