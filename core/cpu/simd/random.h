// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/simd.h"

#include <cstdint>

namespace strata::cpu {

/// Stream of a Philox key (core/base/philox.h): key and the upper three counter words.
struct PhiloxStream {
    uint32_t key[2];
    uint32_t counter[3];
};
struct RandomSimd {
    /// mask[i] = (word (4 firstBlock + i) of the stream >> 8) >= threshold.
    void (*keepMask)(const PhiloxStream& stream, uint32_t threshold, uint32_t firstBlock, uint8_t* mask, int64_t count);
    /// out[i] = mask[i] ? in[i] * scale : 0; in and out may be the same.
    void (*applyF32)(const float* in, const uint8_t* mask, float scale, float* out, int64_t count);
    void (*applyF64)(const double* in, const uint8_t* mask, double scale, double* out, int64_t count);
};

namespace baseline {
extern const RandomSimd kRandom;
}
namespace avx2 {
extern const RandomSimd kRandom;
}
namespace avx512 {
extern const RandomSimd kRandom;
}
inline const RandomSimd& randomSimd() { return pickIsa(baseline::kRandom, avx2::kRandom, avx512::kRandom); }

} // namespace strata::cpu
