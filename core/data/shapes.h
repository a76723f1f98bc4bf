// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/philox.h"

#include <cstdint>
#include <string>
#include <vector>

namespace strata {

constexpr int64_t kShapesSide = 32;

/// circle, square, triangle, star, cross, ring, crescent, heart, arrow, hexagon.
const std::vector<std::string>& shapeClassNames();

/// Draws one picture of class `label` into u8 [3, 32, 32]: an anti-aliased figure of random colour, place, size and
/// rotation over a textured background with a distractor blob and noise. The same draws give the same picture.
void drawShape(int64_t label, Philox draws, uint8_t* into);

} // namespace strata
