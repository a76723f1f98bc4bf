// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/simd.h"

#include <cstdint>

namespace strata::cpu {

/// Scalars of one step, rounded from f64 as PyTorch does.
template <class T> struct SgdScalars {
    T learningRate, momentum, weightDecay;
    bool nesterov, firstStep;
};
template <class T> struct AdamScalars {
    T beta1, oneMinusBeta1, beta2, oneMinusBeta2, eps;
    T stepSize;    ///< lr / (1 - beta1^step)
    T correction;  ///< sqrt(1 - beta2^step)
    T weightDecay; ///< added to the gradient, if not 0
    T shrink;      ///< 1 - lr * decay of AdamW, else 1
};
/// One pass over contiguous buffers; velocity may be null if momentum is 0.
template <class T> struct OptimizerKernels {
    void (*sgd)(const SgdScalars<T>& s, T* param, const T* grad, T* velocity, int64_t count);
    void (*adam)(const AdamScalars<T>& s, T* param, const T* grad, T* firstMoment, T* secondMoment, int64_t count);
};
struct OptimizersSimd {
    OptimizerKernels<float> f32;
    OptimizerKernels<double> f64;
};

namespace baseline {
extern const OptimizersSimd kOptimizers;
}
namespace avx2 {
extern const OptimizersSimd kOptimizers;
}
namespace avx512 {
extern const OptimizersSimd kOptimizers;
}
inline const OptimizersSimd& optimizersSimd() { return pickIsa(baseline::kOptimizers, avx2::kOptimizers, avx512::kOptimizers); }

} // namespace strata::cpu
