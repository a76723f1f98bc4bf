// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/kernel_params.h"
#include "core/tensor/tensor.h"

#include <vector>

namespace strata {

// Differentiable operations, PyTorch's names and semantics. All throw Error(BadInput) with a sentence that names the operation
// and the shapes or dtypes. Operands must be on one device.

// --- elementwise (elementwise.cpp); binary ones broadcast and promote -----------------------------------------------------
Tensor unary(UnaryOp op, const Tensor& x, UnaryParams params = {});
Tensor binary(BinaryOp op, const Tensor& a, const Tensor& b);
inline Tensor relu(const Tensor& x) { return unary(UnaryOp::Relu, x); }
inline Tensor leakyRelu(const Tensor& x, double slope = 0.01) { return unary(UnaryOp::LeakyRelu, x, {slope, 0}); }
inline Tensor gelu(const Tensor& x) { return unary(UnaryOp::Gelu, x); } ///< exact, with erf
inline Tensor silu(const Tensor& x) { return unary(UnaryOp::Silu, x); }
inline Tensor sigmoid(const Tensor& x) { return unary(UnaryOp::Sigmoid, x); }
inline Tensor tanh(const Tensor& x) { return unary(UnaryOp::Tanh, x); }
inline Tensor exp(const Tensor& x) { return unary(UnaryOp::Exp, x); }
inline Tensor log(const Tensor& x) { return unary(UnaryOp::Log, x); }
inline Tensor sqrt(const Tensor& x) { return unary(UnaryOp::Sqrt, x); }
inline Tensor square(const Tensor& x) { return unary(UnaryOp::Square, x); }
inline Tensor abs(const Tensor& x) { return unary(UnaryOp::Abs, x); }
inline Tensor pow(const Tensor& x, double exponent) { return unary(UnaryOp::PowScalar, x, {exponent, 0}); }
inline Tensor clamp(const Tensor& x, double low, double high) { return unary(UnaryOp::Clamp, x, {low, high}); }
inline Tensor maximum(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Maximum, a, b); }
inline Tensor minimum(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Minimum, a, b); }
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Add, a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Sub, a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Mul, a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Div, a, b); }
inline Tensor operator-(const Tensor& x) { return unary(UnaryOp::Neg, x); }
inline Tensor operator+(const Tensor& x, double s) { return unary(UnaryOp::AddScalar, x, {s, 0}); }
inline Tensor operator-(const Tensor& x, double s) { return unary(UnaryOp::AddScalar, x, {-s, 0}); }
inline Tensor operator*(const Tensor& x, double s) { return unary(UnaryOp::MulScalar, x, {s, 0}); }
inline Tensor operator/(const Tensor& x, double s) { return unary(UnaryOp::MulScalar, x, {1 / s, 0}); }
inline Tensor operator+(double s, const Tensor& x) { return x + s; }
inline Tensor operator*(double s, const Tensor& x) { return x * s; }
Tensor operator-(double s, const Tensor& x);
inline Tensor operator==(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Equal, a, b); }
inline Tensor operator<(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Less, a, b); }
inline Tensor operator>(const Tensor& a, const Tensor& b) { return binary(BinaryOp::Greater, a, b); }
inline Tensor operator<=(const Tensor& a, const Tensor& b) { return binary(BinaryOp::LessEqual, a, b); }
inline Tensor operator>=(const Tensor& a, const Tensor& b) { return binary(BinaryOp::GreaterEqual, a, b); }

// --- reductions (reduce.cpp); empty dims: all -------------------------------------------------------------------------------
Tensor reduce(ReduceOp op, const Tensor& x, const std::vector<int>& dims, bool keepdim); ///< Sum, Mean, Max, Min differentiable
inline Tensor sum(const Tensor& x, const std::vector<int>& dims = {}, bool keepdim = false) {
    return reduce(ReduceOp::Sum, x, dims, keepdim);
}
inline Tensor mean(const Tensor& x, const std::vector<int>& dims = {}, bool keepdim = false) {
    return reduce(ReduceOp::Mean, x, dims, keepdim);
}
inline Tensor max(const Tensor& x, const std::vector<int>& dims = {}, bool keepdim = false) {
    return reduce(ReduceOp::Max, x, dims, keepdim);
}
inline Tensor min(const Tensor& x, const std::vector<int>& dims = {}, bool keepdim = false) {
    return reduce(ReduceOp::Min, x, dims, keepdim);
}
/// Biased (unbiased = false) or Bessel-corrected variance.
Tensor var(const Tensor& x, const std::vector<int>& dims = {}, bool unbiased = true, bool keepdim = false);
int64_t countNonFinite(const Tensor& x);
/// Whether shapes are equal and every |a - b| <= absolute + relative * |b|.
bool allClose(const Tensor& a, const Tensor& b, double relative = 1e-5, double absolute = 1e-8);

// --- shapes (shape_ops.cpp) -------------------------------------------------------------------------------------------------
Tensor cat(const std::vector<Tensor>& tensors, int dim = 0);
Tensor stack(const std::vector<Tensor>& tensors, int dim = 0);
Tensor indexSelect(const Tensor& x, int dim, const Tensor& index);

// --- matrices (matmul.cpp) --------------------------------------------------------------------------------------------------
/// As torch.matmul for ranks 1 to 3 (leading dimensions broadcast).
Tensor matmul(const Tensor& a, const Tensor& b);
/// x W^T + b with W [out, in], b [out] or undefined; x [..., in].
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// --- networks ---------------------------------------------------------------------------------------------------------------
Tensor softmax(const Tensor& x, int dim = -1);
Tensor logSoftmax(const Tensor& x, int dim = -1);
/// Mean (or per-sample with mean = false) cross-entropy of logits [N, C] with i64 targets [N]; PyTorch's label smoothing.
Tensor crossEntropy(const Tensor& logits, const Tensor& target, double labelSmoothing = 0, bool mean = true);
Tensor mseLoss(const Tensor& prediction, const Tensor& target);
/// input [N, I, H, W], weight [O, I/groups, kH, kW], bias [O] or undefined -> [N, O, oH, oW].
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvParams& params);
Tensor maxPool2d(const Tensor& input, const PoolParams& params);
Tensor avgPool2d(const Tensor& input, const PoolParams& params);
Tensor globalAvgPool2d(const Tensor& input); ///< [N, C, H, W] -> [N, C, 1, 1]
/// input [N, C, H, W] or [N, C]; residual (same shape) is added before the ReLU, or undefined. Moves runningMean and
/// runningVar in place when params.training.
Tensor batchNorm(const Tensor& input, const Tensor& gamma, const Tensor& beta, const Tensor& runningMean, const Tensor& runningVar,
                 const BatchNormParams& params, const Tensor& residual = {});
Tensor dropout(const Tensor& x, double p, DropoutKey key);

} // namespace strata
