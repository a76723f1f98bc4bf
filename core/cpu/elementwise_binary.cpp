// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/kernels.h"
#include "core/cpu/rows.h"
#include "core/cpu/simd/elementwise.h"

#include <cmath>

namespace strata::cpu {
namespace {

ElementwiseSimd::Binary simdKernel(BinaryOp op) {
    const ElementwiseSimd& table = elementwiseSimd();
    switch (op) {
    case BinaryOp::Add: return table.add;
    case BinaryOp::Sub: return table.sub;
    case BinaryOp::Mul: return table.mul;
    case BinaryOp::Div: return table.div;
    case BinaryOp::Pow: return table.pow;
    case BinaryOp::Maximum: return table.maximum;
    case BinaryOp::Minimum: return table.minimum;
    default: return nullptr;
    }
}

template <class T, class Function> bool run(const StridedLoop<3>& loop, Function&& function) {
    forEachRow(loop, kGrain, [&](const auto& p, const auto& s, int64_t count) { combineRow<T, T>(p, s, count, function); });
    return true;
}

bool arithmeticF64(BinaryOp op, const StridedLoop<3>& loop) {
    using T = double;
    switch (op) {
    case BinaryOp::Add: return run<T>(loop, [](T a, T b) { return a + b; });
    case BinaryOp::Sub: return run<T>(loop, [](T a, T b) { return a - b; });
    case BinaryOp::Mul: return run<T>(loop, [](T a, T b) { return a * b; });
    case BinaryOp::Div: return run<T>(loop, [](T a, T b) { return a / b; });
    case BinaryOp::Pow: return run<T>(loop, [](T a, T b) { return std::pow(a, b); });
    case BinaryOp::Maximum: return run<T>(loop, [](T a, T b) { return a > b || a != a ? a : b; });
    case BinaryOp::Minimum: return run<T>(loop, [](T a, T b) { return a < b || a != a ? a : b; });
    default: return false;
    }
}

/// Truncates; a quotient by zero is 0, for a processor's trap helps nobody.
template <class T> T quotient(T a, T b) {
    if (b == 0) return 0;
    if (std::is_signed_v<T> && b == T(-1)) return T(uint64_t(0) - uint64_t(a)); // the lowest value wraps around
    return T(a / b);
}

template <class T> T integerPower(T base, T exponent) {
    if (exponent < 0) {
        if (base == 1) return 1;
        return base == T(-1) ? T(exponent & 1 ? base : 1) : T(0);
    }
    uint64_t result = 1, factor = uint64_t(base);
    for (auto rest = uint64_t(exponent); rest; rest >>= 1) {
        if (rest & 1) result *= factor;
        factor *= factor;
    }
    return T(result);
}

/// Wraps around, as in NumPy.
template <class T> bool arithmeticInteger(BinaryOp op, const StridedLoop<3>& loop) {
    switch (op) {
    case BinaryOp::Add: return run<T>(loop, [](T a, T b) { return T(uint64_t(a) + uint64_t(b)); });
    case BinaryOp::Sub: return run<T>(loop, [](T a, T b) { return T(uint64_t(a) - uint64_t(b)); });
    case BinaryOp::Mul: return run<T>(loop, [](T a, T b) { return T(uint64_t(a) * uint64_t(b)); });
    case BinaryOp::Div: return run<T>(loop, [](T a, T b) { return quotient(a, b); });
    case BinaryOp::Pow: return run<T>(loop, [](T a, T b) { return integerPower(a, b); });
    case BinaryOp::Maximum: return run<T>(loop, [](T a, T b) { return std::max(a, b); });
    case BinaryOp::Minimum: return run<T>(loop, [](T a, T b) { return std::min(a, b); });
    default: return false;
    }
}

/// Sums are "or", products "and", as in PyTorch; there is no difference of booleans.
bool arithmeticBool(BinaryOp op, const StridedLoop<3>& loop) {
    switch (op) {
    case BinaryOp::Add:
    case BinaryOp::Maximum: return run<bool>(loop, [](bool a, bool b) { return a || b; });
    case BinaryOp::Mul:
    case BinaryOp::Minimum: return run<bool>(loop, [](bool a, bool b) { return a && b; });
    default: return false;
    }
}

template <class T> bool compare(BinaryOp op, const StridedLoop<3>& loop) {
    const auto test = [&](auto&& function) {
        forEachRow(loop, kGrain, [&](const auto& p, const auto& s, int64_t count) { combineRow<bool, T>(p, s, count, function); });
        return true;
    };
    switch (op) {
    case BinaryOp::Equal: return test([](T a, T b) { return a == b; });
    case BinaryOp::NotEqual: return test([](T a, T b) { return a != b; });
    case BinaryOp::Less: return test([](T a, T b) { return a < b; });
    case BinaryOp::LessEqual: return test([](T a, T b) { return a <= b; });
    case BinaryOp::Greater: return test([](T a, T b) { return a > b; });
    case BinaryOp::GreaterEqual: return test([](T a, T b) { return a >= b; });
    case BinaryOp::LogicalAnd: return test([](T a, T b) { return a != T(0) && b != T(0); });
    case BinaryOp::LogicalOr: return test([](T a, T b) { return a != T(0) || b != T(0); });
    default: return false;
    }
}

bool givesBool(BinaryOp op) { return op >= BinaryOp::Equal; }

} // namespace

bool binary(BinaryOp op, const TensorView& a, const TensorView& b, const OutView& out) {
    if (a.dtype != b.dtype || out.dtype != (givesBool(op) ? DType::Bool : a.dtype)) return false;
    const StridedLoop<3> loop = makeLoop<3>({&out, &a, &b});
    const bool comparison = givesBool(op);
    switch (a.dtype) {
    case DType::F32: {
        if (comparison) return compare<float>(op, loop);
        const auto kernel = simdKernel(op);
        forEachContiguousF32(loop, kGrain, [=](const auto& data, int64_t count) { kernel(data[1], data[2], data[0], count); });
        return true;
    }
    case DType::F64: return comparison ? compare<double>(op, loop) : arithmeticF64(op, loop);
    case DType::I64: return comparison ? compare<int64_t>(op, loop) : arithmeticInteger<int64_t>(op, loop);
    case DType::I32: return comparison ? compare<int32_t>(op, loop) : arithmeticInteger<int32_t>(op, loop);
    case DType::U8: return comparison ? compare<uint8_t>(op, loop) : arithmeticInteger<uint8_t>(op, loop);
    case DType::Bool: return comparison ? compare<bool>(op, loop) : arithmeticBool(op, loop);
    default: return false;
    }
}

} // namespace strata::cpu
