// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/transform_steps.h"

#include <array>
#include <memory>
#include <vector>

namespace strata {

/// The common pipeline as one pass from u8 to f32: [pad_and_random_crop] [random_horizontal_flip] [normalize] [cutout], each
/// at most once, in this order. Its values equal those of the steps one by one, bit for bit.
struct FusedPlan {
    const PadAndRandomCropStep* crop = nullptr;
    const RandomFlipStep* flip = nullptr;
    const NormalizeStep* normalize = nullptr;
    const CutoutStep* cutout = nullptr;
    uint32_t cropBlock = 0, flipBlock = 0, cutoutBlock = 0;
    std::vector<std::array<float, 256>> tables; ///< value of each byte, one table a channel (or one for all)

    /// The plan of these steps, or null where they do not fit.
    static std::shared_ptr<const FusedPlan> of(const std::vector<Pipeline::Step>& steps);

    /// `planes` points to `channels` planes of height x width bytes, `planeStride` bytes apart (0: the same plane repeated).
    void run(const uint8_t* planes, int64_t planeStride, const Shape& shape, bool training, const DrawKey& key, float* into) const;
};

} // namespace strata
