// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/simd.h"

#include <cstdint>

namespace strata::cpu {

/// One row of `count` f32 classes each.
struct SoftmaxSimd {
    /// out = e^(in - top); returns their sum. in and out may be the same.
    float (*exponentials)(const float* in, float* out, int64_t count, float top);
    float (*sumOfExponentials)(const float* in, int64_t count, float top);
    void (*scale)(float* row, int64_t count, float factor);
    void (*subtract)(const float* in, float* out, int64_t count, float value);
    float (*maximum)(const float* in, int64_t count); ///< NaN is passed over
    float (*sum)(const float* in, int64_t count);
    float (*dot)(const float* a, const float* b, int64_t count);
    /// gradIn = output * (gradOut - dot)
    void (*backward)(const float* output, const float* gradOut, float* gradIn, int64_t count, float dot);
    /// gradIn = gradOut - e^output * sum
    void (*backwardLog)(const float* output, const float* gradOut, float* gradIn, int64_t count, float sum);
    /// gradIn = factor * (probabilities - offset)
    void (*crossEntropyBackward)(const float* probabilities, float* gradIn, int64_t count, float factor, float offset);
};

namespace baseline {
extern const SoftmaxSimd kSoftmax;
}
namespace avx2 {
extern const SoftmaxSimd kSoftmax;
}
namespace avx512 {
extern const SoftmaxSimd kSoftmax;
}
inline const SoftmaxSimd& softmaxSimd() { return pickIsa(baseline::kSoftmax, avx2::kSoftmax, avx512::kSoftmax); }

} // namespace strata::cpu
