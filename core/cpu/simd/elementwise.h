// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/simd.h"

#include <cstdint>

namespace strata::cpu {

/// f32 kernels over contiguous memory; input and output may be the same. a, b are UnaryParams.
struct ElementwiseSimd {
    using Unary = void (*)(const float* in, float* out, int64_t count, float a, float b);
    using UnaryBackward = void (*)(const float* saved, const float* gradOut, float* gradIn, int64_t count, float a);
    using Binary = void (*)(const float* a, const float* b, float* out, int64_t count);

    Unary neg, abs, exp, log, sqrt, rsqrt, square, reciprocal, sign, floor, ceil, round, sin, cos, erf;
    Unary relu, leakyRelu, gelu, silu, sigmoid, tanh;
    Unary addScalar, mulScalar, powScalar, clamp;
    UnaryBackward reluBackward, leakyReluBackward, geluBackward, siluBackward, sigmoidBackward, tanhBackward;
    Binary add, sub, mul, div, pow, maximum, minimum;
};

namespace baseline {
extern const ElementwiseSimd kElementwise;
}
namespace avx2 {
extern const ElementwiseSimd kElementwise;
}
namespace avx512 {
extern const ElementwiseSimd kElementwise;
}
inline const ElementwiseSimd& elementwiseSimd() { return pickIsa(baseline::kElementwise, avx2::kElementwise, avx512::kElementwise); }

} // namespace strata::cpu
