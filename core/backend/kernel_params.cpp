// SPDX-License-Identifier: Apache-2.0
#include "core/backend/kernel_params.h"

#include "core/backend/backend.h"

namespace strata {

std::string_view opName(UnaryOp op) {
    constexpr std::string_view names[] = {"neg",        "abs",        "exp",        "log",   "sqrt",        "rsqrt",   "square",
                                          "reciprocal", "sign",       "floor",      "ceil",  "round",       "sin",     "cos",
                                          "erf",        "relu",       "leaky_relu", "gelu",  "silu",        "sigmoid", "tanh",
                                          "add_scalar", "mul_scalar", "pow",        "clamp", "logical_not", "isfinite"};
    return names[size_t(op)];
}

std::string_view opName(BinaryOp op) {
    constexpr std::string_view names[] = {"add", "sub", "mul", "div", "pow", "maximum",     "minimum",   "eq",
                                          "ne",  "lt",  "le",  "gt",  "ge",  "logical_and", "logical_or"};
    return names[size_t(op)];
}

std::string_view opName(ReduceOp op) {
    constexpr std::string_view names[] = {"sum", "mean", "max", "min", "prod", "argmax", "argmin", "any", "all"};
    return names[size_t(op)];
}

bool keepsZero(UnaryOp op, UnaryParams params) {
    switch (op) {
    case UnaryOp::Neg:
    case UnaryOp::Abs:
    case UnaryOp::Sqrt:
    case UnaryOp::Square:
    case UnaryOp::Sign:
    case UnaryOp::Floor:
    case UnaryOp::Ceil:
    case UnaryOp::Round:
    case UnaryOp::Sin:
    case UnaryOp::Erf:
    case UnaryOp::Relu:
    case UnaryOp::LeakyRelu:
    case UnaryOp::Gelu:
    case UnaryOp::Silu:
    case UnaryOp::Tanh:
    case UnaryOp::MulScalar: return true;
    case UnaryOp::AddScalar: return params.a == 0;
    case UnaryOp::PowScalar: return params.a > 0;
    case UnaryOp::Clamp: return params.a <= 0 && params.b >= 0;
    default: return false;
    }
}

bool keepsZero(BinaryOp op) {
    return op == BinaryOp::Add || op == BinaryOp::Sub || op == BinaryOp::Mul || op == BinaryOp::Maximum || op == BinaryOp::Minimum;
}

bool savesOutput(UnaryOp op) { return op == UnaryOp::Relu || op == UnaryOp::Sigmoid || op == UnaryOp::Tanh; }

bool isComparison(BinaryOp op) { return op >= BinaryOp::Equal; }

ConvLayouts Backend::convLayouts(const ConvParams&, const Shape&, const Shape&) const { return {}; }

} // namespace strata
