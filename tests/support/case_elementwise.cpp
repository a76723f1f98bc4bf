// SPDX-License-Identifier: Apache-2.0
#include "core/ops/ops.h"
#include "tests/support/case.h"

namespace strata::test {

namespace {

OpCase unaryCase(const std::string& name, UnaryOp op, double low = -2, double high = 2, UnaryParams params = {}) {
    return OpCase{name, {real({3, 4, 5}, low, high)}, [op, params](const std::vector<Tensor>& x) { return unary(op, x[0], params); }};
}

OpCase binaryCase(const std::string& name, BinaryOp op, const Shape& a, const Shape& b, double low = -2, double high = 2) {
    return OpCase{name, {real(a, low, high), real(b, low, high)}, [op](const std::vector<Tensor>& x) { return binary(op, x[0], x[1]); }};
}

void addSmoothUnary(std::vector<OpCase>& table) {
    table.push_back(unaryCase("neg", UnaryOp::Neg).differentiableTwice());
    table.push_back(unaryCase("exp", UnaryOp::Exp).differentiableTwice());
    table.push_back(unaryCase("log", UnaryOp::Log, 0.2, 3).differentiableTwice().keeps("log", {0}));
    table.push_back(unaryCase("sqrt", UnaryOp::Sqrt, 0.2, 3).differentiableTwice());
    table.push_back(unaryCase("rsqrt", UnaryOp::Rsqrt, 0.3, 3).differentiableTwice());
    table.push_back(unaryCase("square", UnaryOp::Square).differentiableTwice().keeps("square", {0}));
    table.push_back(unaryCase("reciprocal", UnaryOp::Reciprocal, 0.4, 3).differentiableTwice());
    table.push_back(unaryCase("sin", UnaryOp::Sin).differentiableTwice().keeps("sin", {0}));
    table.push_back(unaryCase("cos", UnaryOp::Cos).differentiableTwice().keeps("cos", {0}));
    table.push_back(unaryCase("erf", UnaryOp::Erf).differentiableTwice().keeps("erf", {0}));
    table.push_back(unaryCase("gelu", UnaryOp::Gelu, -4, 4).keeps("gelu", {0}));
    table.push_back(unaryCase("silu", UnaryOp::Silu, -4, 4).keeps("silu", {0}));
    table.push_back(unaryCase("sigmoid", UnaryOp::Sigmoid, -4, 4));
    table.push_back(unaryCase("tanh", UnaryOp::Tanh, -3, 3));
    table.push_back(unaryCase("add_scalar", UnaryOp::AddScalar, -2, 2, {1.25, 0}).differentiableTwice());
    table.push_back(unaryCase("mul_scalar", UnaryOp::MulScalar, -2, 2, {-0.75, 0}).differentiableTwice());
    table.push_back(unaryCase("pow 3", UnaryOp::PowScalar, -2, 2, {3, 0}).differentiableTwice().keeps("pow", {0}));
    table.push_back(unaryCase("pow 2", UnaryOp::PowScalar, -2, 2, {2, 0}).differentiableTwice());
    table.push_back(unaryCase("pow -1.3", UnaryOp::PowScalar, 0.4, 3, {-1.3, 0}).differentiableTwice());
    table.push_back(OpCase{"scalar minus", {real({7})}, [](const std::vector<Tensor>& x) { return 1.5 - x[0]; }}.differentiableTwice());
    table.push_back(OpCase{"divide by scalar", {real({7})}, [](const std::vector<Tensor>& x) { return x[0] / 3.0; }}.differentiableTwice());
}

void addKinkedUnary(std::vector<OpCase>& table) {
    table.push_back(unaryCase("abs", UnaryOp::Abs).keeps("abs", {0}));
    table.push_back(unaryCase("sign", UnaryOp::Sign));
    table.push_back(unaryCase("floor", UnaryOp::Floor));
    table.push_back(unaryCase("ceil", UnaryOp::Ceil));
    table.push_back(unaryCase("round", UnaryOp::Round));
    table.push_back(unaryCase("relu", UnaryOp::Relu));
    table.push_back(unaryCase("leaky_relu", UnaryOp::LeakyRelu, -2, 2, {0.01, 0}).keeps("leaky_relu", {0}));
    table.push_back(unaryCase("leaky_relu 0.2", UnaryOp::LeakyRelu, -2, 2, {0.2, 0}));
    table.push_back(unaryCase("clamp", UnaryOp::Clamp, -2, 2, {-0.5, 1.25}).keeps("clamp", {0}));
    table.push_back(unaryCase("is_finite", UnaryOp::IsFinite).withoutGradient());
    table.push_back(OpCase{
        "logical_not", {mask({3, 5})}, [](const std::vector<Tensor>& x) {
            return unary(UnaryOp::LogicalNot, x[0]);
        }}.withoutGradient());
}

void addBinary(std::vector<OpCase>& table) {
    const Shape plain{3, 4, 5};
    table.push_back(binaryCase("add", BinaryOp::Add, plain, plain).differentiableTwice());
    table.push_back(binaryCase("add broadcast", BinaryOp::Add, {3, 1, 5}, {4, 1}).differentiableTwice());
    table.push_back(binaryCase("add a scalar tensor", BinaryOp::Add, {2, 3}, {}).differentiableTwice());
    table.push_back(binaryCase("sub", BinaryOp::Sub, plain, plain).differentiableTwice());
    table.push_back(binaryCase("sub broadcast", BinaryOp::Sub, {5}, {2, 3, 1}).differentiableTwice());
    table.push_back(binaryCase("mul", BinaryOp::Mul, plain, plain).differentiableTwice().keeps("mul", {0, 1}));
    table.push_back(binaryCase("mul broadcast", BinaryOp::Mul, {3, 1, 5}, {4, 1}).differentiableTwice());
    table.push_back(binaryCase("mul a channel each", BinaryOp::Mul, {2, 3, 4, 4}, {3, 1, 1}).differentiableTwice());
    table.push_back(binaryCase("div", BinaryOp::Div, plain, plain, 0.5, 2).differentiableTwice().keeps("div", {1}));
    table.push_back(binaryCase("div broadcast", BinaryOp::Div, {4, 1}, {3, 1, 5}, 0.5, 2).differentiableTwice());
    table.push_back(binaryCase("pow", BinaryOp::Pow, plain, plain, 0.4, 2).differentiableTwice().keeps("pow", {0, 1}));
    table.push_back(binaryCase("pow broadcast", BinaryOp::Pow, {3, 1}, {4}, 0.4, 2).differentiableTwice());
    table.push_back(binaryCase("maximum", BinaryOp::Maximum, plain, plain).keeps("maximum", {0, 1}));
    table.push_back(binaryCase("maximum broadcast", BinaryOp::Maximum, {3, 1, 5}, {4, 1}));
    table.push_back(binaryCase("minimum", BinaryOp::Minimum, plain, plain).keeps("minimum", {0, 1}));
    table.push_back(binaryCase("minimum broadcast", BinaryOp::Minimum, {3, 1, 5}, {4, 1}));
    const std::pair<const char*, BinaryOp> comparisons[] = {{"equal", BinaryOp::Equal},     {"not_equal", BinaryOp::NotEqual},
                                                            {"less", BinaryOp::Less},       {"less_equal", BinaryOp::LessEqual},
                                                            {"greater", BinaryOp::Greater}, {"greater_equal", BinaryOp::GreaterEqual}};
    for (const auto& [name, op] : comparisons) {
        table.push_back(OpCase{
            name, {index({4, 6}, 3), index({6}, 3)}, [op = op](const std::vector<Tensor>& x) {
                return binary(op, x[0], x[1]);
            }}.withoutGradient());
        table.push_back(binaryCase(std::string(name) + " of reals", op, plain, plain).withoutGradient());
    }
    for (const auto& [name, op] : {std::pair{"logical_and", BinaryOp::LogicalAnd}, std::pair{"logical_or", BinaryOp::LogicalOr}})
        table.push_back(OpCase{
            name, {mask({4, 6}), mask({6})}, [op = op](const std::vector<Tensor>& x) {
                return binary(op, x[0], x[1]);
            }}.withoutGradient());
    table.push_back(OpCase{
        "where", {mask({3, 4}), real({3, 4}), real({3, 4})}, [](const std::vector<Tensor>& x) {
            return where(x[0], x[1], x[2]);
        }}.differentiableTwice());
    table.push_back(OpCase{
        "where broadcast", {mask({4}), real({3, 1}), real({})}, [](const std::vector<Tensor>& x) {
            return where(x[0], x[1], x[2]);
        }}.differentiableTwice());
}

} // namespace

void addElementwiseCases(std::vector<OpCase>& table) {
    addSmoothUnary(table);
    addKinkedUnary(table);
    addBinary(table);
}

} // namespace strata::test
