// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/image.h"

namespace strata {

/// Bilinear with antialiasing: when shrinking, the triangle filter is widened by the scale, as PIL and torchvision
/// (antialias=True) do, with PIL's fixed-point rounding. Sizes at least 1, else Error(BadInput).
Image resizeImage(const Image& image, int64_t width, int64_t height);
/// The same on interleaved bytes with any number of channels.
std::vector<uint8_t> resizePixels(const uint8_t* pixels, int64_t width, int64_t height, int64_t channels, int64_t newWidth,
                                  int64_t newHeight);
/// Shrinks or grows so that the shorter side is `side`, keeping the proportions (torchvision.transforms.Resize(int)).
Image resizeShorterSide(const Image& image, int64_t side);
/// The middle width x height; where the picture is smaller, padded with black (torchvision.transforms.CenterCrop).
Image centreCrop(const Image& image, int64_t width, int64_t height);

} // namespace strata
