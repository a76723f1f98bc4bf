// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/image.h"

namespace strata::test {

/// A picture of one colour.
inline Image flat(int64_t width, int64_t height, uint8_t r, uint8_t g, uint8_t b) {
    Image image{width, height, {}};
    for (int64_t i = 0; i < width * height; ++i) image.rgb.insert(image.rgb.end(), {r, g, b});
    return image;
}

} // namespace strata::test
