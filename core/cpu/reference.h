// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/kernel_params.h"
#include "core/tensor/view.h"

/// Plain loops for T = float and double (sums in double), views of dtype T in plain layout with any strides: the oracle of
/// the tests in f64, and f32's way out for odd cases. Meanings are those of core/backend/backend.h.
namespace strata::cpu::reference {

template <class T>
void convForward(const ConvParams&, const TensorView& input, const TensorView& weight, const TensorView& bias, const OutView& output);
template <class T>
void convBackwardData(const ConvParams&, const TensorView& gradOutput, const TensorView& weight, const OutView& gradInput);
template <class T>
void convBackwardWeights(const ConvParams&, const TensorView& input, const TensorView& gradOutput, const OutView& gradWeight,
                         const OutView& gradBias);
template <class T> void maxPool(const PoolParams&, const TensorView& input, const OutView& output, const OutView& indices);
template <class T>
void maxPoolBackward(const PoolParams&, const TensorView& gradOutput, const TensorView& indices, const OutView& gradInput);
template <class T> void avgPool(const PoolParams&, const TensorView& input, const OutView& output);
template <class T> void avgPoolBackward(const PoolParams&, const TensorView& gradOutput, const OutView& gradInput);
template <class T>
void batchNorm(const BatchNormParams&, const TensorView& input, const TensorView& residual, const TensorView& gamma, const TensorView& beta,
               const OutView& runningMean, const OutView& runningVar, const OutView& savedMean, const OutView& savedInvStd,
               const OutView& output);
template <class T>
void batchNormBackward(const BatchNormParams&, const TensorView& input, const TensorView& output, const TensorView& gamma,
                       const TensorView& savedMean, const TensorView& savedInvStd, const TensorView& gradOutput, const OutView& gradInput,
                       const OutView& gradResidual, const OutView& gradGamma, const OutView& gradBeta);
template <class T> void matmul(const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out);

} // namespace strata::cpu::reference
