// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/simd.h"

#include <cstdint>

namespace strata::cpu {

/// Sums of f32 in f64, over contiguous memory.
struct ReduceSimd {
    double (*sum)(const float* in, int64_t count);
    void (*addTo)(const float* in, double* sums, int64_t count); ///< sums[i] += in[i]
    int64_t (*countNonFiniteF32)(const float* in, int64_t count);
    int64_t (*countNonFiniteF64)(const double* in, int64_t count);
};

namespace baseline {
extern const ReduceSimd kReduce;
}
namespace avx2 {
extern const ReduceSimd kReduce;
}
namespace avx512 {
extern const ReduceSimd kReduce;
}
inline const ReduceSimd& reduceSimd() { return pickIsa(baseline::kReduce, avx2::kReduce, avx512::kReduce); }

} // namespace strata::cpu
