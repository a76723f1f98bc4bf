// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/storage.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace strata {

enum class UnaryOp : uint8_t {
    Neg,
    Abs,
    Exp,
    Log,
    Sqrt,
    Rsqrt,
    Square,
    Reciprocal,
    Sign,
    Floor,
    Ceil,
    Round,
    Sin,
    Cos,
    Erf,
    Relu,
    LeakyRelu /* a = slope */,
    Gelu,
    Silu,
    Sigmoid,
    Tanh,
    AddScalar /* a */,
    MulScalar /* a */,
    PowScalar /* a */,
    Clamp /* [a, b] */,
    LogicalNot,
    IsFinite
};
enum class BinaryOp : uint8_t {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Maximum,
    Minimum,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    LogicalAnd,
    LogicalOr
};
enum class ReduceOp : uint8_t { Sum, Mean, Max, Min, Prod, ArgMax, ArgMin, Any, All };

std::string_view opName(UnaryOp op);
std::string_view opName(BinaryOp op);
std::string_view opName(ReduceOp op);

struct UnaryParams {
    double a = 0;
    double b = 0;
};

/// f(0) = 0: may run over the padded channels of a blocked layout.
bool keepsZero(UnaryOp op, UnaryParams params);
bool keepsZero(BinaryOp op);
/// Whether the gradient of an activation is computed from its output (ReLU, sigmoid, tanh) or its input.
bool savesOutput(UnaryOp op);
bool isComparison(BinaryOp op); ///< gives bool

struct ConvParams {
    std::array<int64_t, 2> stride{1, 1};
    std::array<int64_t, 2> padding{0, 0};
    std::array<int64_t, 2> dilation{1, 1};
    int64_t groups = 1;
    bool relu = false;    ///< post-operation of inference
    bool training = true; ///< forward of a training step (weights change every call) or of inference (weights cached by version)
};
struct ConvLayouts {
    Layout input = Layout::Plain;
    Layout output = Layout::Plain;
};
struct PoolParams {
    std::array<int64_t, 2> kernel{2, 2};
    std::array<int64_t, 2> stride{2, 2};
    std::array<int64_t, 2> padding{0, 0};
    bool countIncludePad = true; ///< averages divide by the whole window
};
struct BatchNormParams {
    double eps = 1e-5;
    double momentum = 0.1; ///< PyTorch's sense: new = (1 - m) old + m batch
    bool training = true;
    bool relu = false;
};
struct DropoutKey {
    uint64_t seed = 0;
    uint32_t step = 0;
    uint64_t layer = 0;
};
/// PyTorch's SGD: g += weightDecay * w; v = momentum * v + g (v = g at the first step); g = nesterov ? g + momentum * v : v;
/// w -= lr * g.
struct SgdParams {
    double learningRate = 0.1;
    double momentum = 0;
    double weightDecay = 0;
    bool nesterov = false;
    bool firstStep = false;
};
/// Kingma & Ba, Adam (arXiv 1412.6980); with `decoupled` Loshchilov & Hutter, AdamW (arXiv 1711.05101). step counts from 1.
struct AdamParams {
    double learningRate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double eps = 1e-8;
    double weightDecay = 0;
    bool decoupled = false;
    int64_t step = 1;
};

} // namespace strata
