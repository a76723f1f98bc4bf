// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/cpu/allocator.h"

#include <memory>

/// The CPU's kernels as free functions. Shapes, dtypes and results are those of core/backend/backend.h; false means "not for
/// these arguments", which on the CPU becomes an error that names the operation.
namespace strata::cpu {

struct NnState; ///< primitive cache, plan and workspaces of the oneDNN kernels (core/cpu/onednn_state.h)
using NnStatePtr = std::unique_ptr<NnState, void (*)(NnState*)>;
NnStatePtr makeNnState();

/// What one CPU device owns.
struct CpuContext {
    CachingAllocator allocator;
    NnStatePtr nn = makeNnState();
};

// --- neural-network kernels: oneDNN and our own for f32, core/cpu/reference.h for f64 ---------------------------------
ConvLayouts convLayouts(CpuContext&, const ConvParams&, const Shape& input, const Shape& weight);
Json exportPlan(CpuContext&);
void importPlan(CpuContext&, const Json&);
void resetPlan(CpuContext&, bool exact);
/// Names and versions of the libraries beneath these kernels, for DeviceInfo::libraries.
Json nnLibraries();
bool convForward(CpuContext&, const ConvParams&, const TensorView& input, const TensorView& weight, const TensorView& bias,
                 const OutView& output);
bool convBackwardData(CpuContext&, const ConvParams&, const TensorView& gradOutput, const TensorView& weight, const OutView& gradInput);
bool convBackwardWeights(CpuContext&, const ConvParams&, const TensorView& input, const TensorView& gradOutput, const OutView& gradWeight,
                         const OutView& gradBias);
bool maxPool(CpuContext&, const PoolParams&, const TensorView& input, const OutView& output, const OutView& indices);
bool maxPoolBackward(CpuContext&, const PoolParams&, const TensorView& gradOutput, const TensorView& indices, const OutView& gradInput);
bool avgPool(CpuContext&, const PoolParams&, const TensorView& input, const OutView& output);
bool avgPoolBackward(CpuContext&, const PoolParams&, const TensorView& gradOutput, const OutView& gradInput);
bool batchNorm(CpuContext&, const BatchNormParams&, const TensorView& input, const TensorView& residual, const TensorView& gamma,
               const TensorView& beta, const OutView& runningMean, const OutView& runningVar, const OutView& savedMean,
               const OutView& savedInvStd, const OutView& output);
bool batchNormBackward(CpuContext&, const BatchNormParams&, const TensorView& input, const TensorView& output, const TensorView& gamma,
                       const TensorView& savedMean, const TensorView& savedInvStd, const TensorView& gradOutput, const OutView& gradInput,
                       const OutView& gradResidual, const OutView& gradGamma, const OutView& gradBeta);
bool matmul(CpuContext&, const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out);

// --- plain kernels -----------------------------------------------------------------------------------------------------
/// Rewrites a whole activation; elements of 1, 2, 4 or 8 bytes; padding is zero.
void relayout(const void* from, Layout fromLayout, void* to, Layout toLayout, const Shape& shape, DType dtype);
bool copy(const TensorView& in, const OutView& out);
bool fill(double value, const OutView& out);
bool unary(UnaryOp, UnaryParams, const TensorView& in, const OutView& out);
bool unaryBackward(UnaryOp, UnaryParams, const TensorView& saved, const TensorView& gradOut, const OutView& gradIn);
bool binary(BinaryOp, const TensorView& a, const TensorView& b, const OutView& out);
bool where(const TensorView& condition, const TensorView& a, const TensorView& b, const OutView& out);
bool reduce(ReduceOp, uint32_t dims, const TensorView& in, const OutView& out);
bool countNonFinite(const TensorView& in, const OutView& out);
bool indexSelect(int dim, const TensorView& in, const TensorView& index, const OutView& out);
bool indexAdd(int dim, const TensorView& in, const TensorView& index, const OutView& out);
bool softmax(bool logarithm, const TensorView& in, const OutView& out);
bool softmaxBackward(bool logarithm, const TensorView& output, const TensorView& gradOut, const OutView& gradIn);
bool crossEntropy(double smoothing, const TensorView& logits, const TensorView& target, const OutView& losses,
                  const OutView& probabilities);
bool crossEntropyBackward(double smoothing, const TensorView& probabilities, const TensorView& target, const TensorView& gradLosses,
                          const OutView& gradLogits);
bool dropout(double p, DropoutKey key, const TensorView& in, const OutView& mask, const OutView& out);
bool sgdStep(const SgdParams&, const OutView& param, const TensorView& grad, const OutView& velocity);
bool adamStep(const AdamParams&, const OutView& param, const TensorView& grad, const OutView& firstMoment, const OutView& secondMoment);

} // namespace strata::cpu
