// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/simd.h"

#include <cstdint>

namespace strata::cpu {

/// Conversions over contiguous memory, and the transpose beneath changes of layout.
struct ConvertSimd {
    void (*u8ToF32)(const uint8_t* in, float* out, int64_t count);
    void (*f16ToF32)(const uint16_t* in, float* out, int64_t count);
    void (*f32ToF16)(const float* in, uint16_t* out, int64_t count); ///< to nearest even
    void (*bf16ToF32)(const uint16_t* in, float* out, int64_t count);
    void (*f32ToBf16)(const float* in, uint16_t* out, int64_t count); ///< to nearest even
    /// 16 x 16 elements of 4 bytes: out[c * outStride + r] = in[r * inStride + c]. Reads 16 columns of the first `inRows` rows
    /// (the others count as zero) and writes 16 columns of the first `outRows` rows.
    void (*transpose16)(const uint32_t* in, int64_t inStride, int inRows, uint32_t* out, int64_t outStride, int outRows);
};

namespace baseline {
extern const ConvertSimd kConvert;
}
namespace avx2 {
extern const ConvertSimd kConvert;
}
namespace avx512 {
extern const ConvertSimd kConvert;
}
inline const ConvertSimd& convertSimd() { return pickIsa(baseline::kConvert, avx2::kConvert, avx512::kConvert); }

} // namespace strata::cpu
