// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/optimizers.h"

#include "core/cpu/simd/math.h"

namespace strata::cpu::STRATA_ISA {
namespace {

STRATA_INLINE float squareRoot(float x) { return __builtin_sqrtf(x); }
STRATA_INLINE double squareRoot(double x) { return __builtin_sqrt(x); }

template <class T> void plainSgd(const SgdScalars<T>& s, T* param, const T* grad, int64_t count) {
    const T rate = s.learningRate, decay = s.weightDecay;
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) param[i] -= rate * (grad[i] + decay * param[i]);
}

template <class T, bool kNesterov, bool kFirst>
void momentumSgd(const SgdScalars<T>& s, T* param, const T* grad, T* velocity, int64_t count) {
    const T rate = s.learningRate, decay = s.weightDecay, momentum = s.momentum;
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) {
        const T gradient = grad[i] + decay * param[i];
        const T moved = kFirst ? gradient : momentum * velocity[i] + gradient;
        velocity[i] = moved;
        param[i] -= rate * (kNesterov ? gradient + momentum * moved : moved);
    }
}

template <class T> void sgd(const SgdScalars<T>& s, T* param, const T* grad, T* velocity, int64_t count) {
    if (!velocity) return plainSgd<T>(s, param, grad, count);
    if (s.nesterov && s.firstStep) return momentumSgd<T, true, true>(s, param, grad, velocity, count);
    if (s.nesterov) return momentumSgd<T, true, false>(s, param, grad, velocity, count);
    if (s.firstStep) return momentumSgd<T, false, true>(s, param, grad, velocity, count);
    momentumSgd<T, false, false>(s, param, grad, velocity, count);
}

template <class T> void adam(const AdamScalars<T>& scalars, T* param, const T* grad, T* firstMoment, T* secondMoment, int64_t count) {
    const AdamScalars<T> s = scalars;
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) {
        const T weight = param[i] * s.shrink;
        const T gradient = grad[i] + s.weightDecay * weight;
        const T first = s.beta1 * firstMoment[i] + s.oneMinusBeta1 * gradient;
        const T second = s.beta2 * secondMoment[i] + s.oneMinusBeta2 * gradient * gradient;
        firstMoment[i] = first;
        secondMoment[i] = second;
        param[i] = weight - s.stepSize * first / (squareRoot(second) / s.correction + s.eps);
    }
}

} // namespace

const OptimizersSimd kOptimizers = {{sgd<float>, adam<float>}, {sgd<double>, adam<double>}};

} // namespace strata::cpu::STRATA_ISA
