// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/optimizers.h"

#include "core/base/parallel.h"
#include "core/cpu/kernels.h"

#include <cmath>

namespace strata::cpu {
namespace {

constexpr int64_t kOptimizerGrain = 16384;

template <class T>
void sgdTyped(const OptimizerKernels<T>& kernels, const SgdParams& params, const OutView& param, const TensorView& grad,
              const OutView& velocity) {
    const SgdScalars<T> scalars{T(params.learningRate), T(params.momentum), T(params.weightDecay), params.nesterov, params.firstStep};
    const bool moves = params.momentum != 0;
    parallelFor(param.elements(), kOptimizerGrain, [&](int64_t begin, int64_t end) {
        T* v = moves ? velocity.as<T>() + begin : nullptr;
        kernels.sgd(scalars, param.as<T>() + begin, grad.as<T>() + begin, v, end - begin);
    });
}

template <class T>
void adamTyped(const OptimizerKernels<T>& kernels, const AdamParams& params, const OutView& param, const TensorView& grad,
               const OutView& firstMoment, const OutView& secondMoment) {
    const auto step = double(params.step);
    AdamScalars<T> scalars;
    scalars.beta1 = T(params.beta1);
    scalars.oneMinusBeta1 = T(1 - params.beta1);
    scalars.beta2 = T(params.beta2);
    scalars.oneMinusBeta2 = T(1 - params.beta2);
    scalars.eps = T(params.eps);
    scalars.stepSize = T(params.learningRate / (1 - std::pow(params.beta1, step)));
    scalars.correction = T(std::sqrt(1 - std::pow(params.beta2, step)));
    scalars.weightDecay = params.decoupled ? T(0) : T(params.weightDecay);
    scalars.shrink = params.decoupled ? T(1 - params.learningRate * params.weightDecay) : T(1);
    parallelFor(param.elements(), kOptimizerGrain, [&](int64_t begin, int64_t end) {
        kernels.adam(scalars, param.as<T>() + begin, grad.as<T>() + begin, firstMoment.as<T>() + begin, secondMoment.as<T>() + begin,
                     end - begin);
    });
}

bool matches(const TensorView& param, const TensorView& other) { return other.dtype == param.dtype && other.contiguous(); }

} // namespace

bool sgdStep(const SgdParams& params, const OutView& param, const TensorView& grad, const OutView& velocity) {
    if (!param.contiguous() || !matches(param, grad) || (params.momentum != 0 && (!velocity || !matches(param, velocity)))) return false;
    const OptimizersSimd& simd = optimizersSimd();
    if (param.dtype == DType::F32)
        sgdTyped(simd.f32, params, param, grad, velocity);
    else if (param.dtype == DType::F64)
        sgdTyped(simd.f64, params, param, grad, velocity);
    else
        return false;
    return true;
}

bool adamStep(const AdamParams& params, const OutView& param, const TensorView& grad, const OutView& firstMoment,
              const OutView& secondMoment) {
    if (!param.contiguous() || !matches(param, grad) || !matches(param, firstMoment) || !matches(param, secondMoment)) return false;
    const OptimizersSimd& simd = optimizersSimd();
    if (param.dtype == DType::F32)
        adamTyped(simd.f32, params, param, grad, firstMoment, secondMoment);
    else if (param.dtype == DType::F64)
        adamTyped(simd.f64, params, param, grad, firstMoment, secondMoment);
    else
        return false;
    return true;
}

} // namespace strata::cpu
