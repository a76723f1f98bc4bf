// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/convert.h"
#include "core/cpu/kernels.h"
#include "core/cpu/rows.h"
#include "core/cpu/simd/elementwise.h"

#include <cmath>

namespace strata::cpu {
namespace {

constexpr int64_t kFunctionGrain = 8192; ///< exponentials and their kind

ElementwiseSimd::Unary simdKernel(UnaryOp op) {
    const ElementwiseSimd& table = elementwiseSimd();
    switch (op) {
    case UnaryOp::Neg: return table.neg;
    case UnaryOp::Abs: return table.abs;
    case UnaryOp::Exp: return table.exp;
    case UnaryOp::Log: return table.log;
    case UnaryOp::Sqrt: return table.sqrt;
    case UnaryOp::Rsqrt: return table.rsqrt;
    case UnaryOp::Square: return table.square;
    case UnaryOp::Reciprocal: return table.reciprocal;
    case UnaryOp::Sign: return table.sign;
    case UnaryOp::Floor: return table.floor;
    case UnaryOp::Ceil: return table.ceil;
    case UnaryOp::Round: return table.round;
    case UnaryOp::Sin: return table.sin;
    case UnaryOp::Cos: return table.cos;
    case UnaryOp::Erf: return table.erf;
    case UnaryOp::Relu: return table.relu;
    case UnaryOp::LeakyRelu: return table.leakyRelu;
    case UnaryOp::Gelu: return table.gelu;
    case UnaryOp::Silu: return table.silu;
    case UnaryOp::Sigmoid: return table.sigmoid;
    case UnaryOp::Tanh: return table.tanh;
    case UnaryOp::AddScalar: return table.addScalar;
    case UnaryOp::MulScalar: return table.mulScalar;
    case UnaryOp::PowScalar: return table.powScalar;
    case UnaryOp::Clamp: return table.clamp;
    case UnaryOp::LogicalNot:
    case UnaryOp::IsFinite: break;
    }
    return nullptr;
}

double normalCumulative(double x) { return 0.5 * std::erfc(-x * M_SQRT1_2); }

double evaluate(UnaryOp op, double x, UnaryParams params) {
    switch (op) {
    case UnaryOp::Neg: return -x;
    case UnaryOp::Abs: return std::fabs(x);
    case UnaryOp::Exp: return std::exp(x);
    case UnaryOp::Log: return std::log(x);
    case UnaryOp::Sqrt: return std::sqrt(x);
    case UnaryOp::Rsqrt: return 1 / std::sqrt(x);
    case UnaryOp::Square: return x * x;
    case UnaryOp::Reciprocal: return 1 / x;
    case UnaryOp::Sign: return x > 0 ? 1 : (x < 0 ? -1 : x);
    case UnaryOp::Floor: return std::floor(x);
    case UnaryOp::Ceil: return std::ceil(x);
    case UnaryOp::Round: return std::nearbyint(x);
    case UnaryOp::Sin: return std::sin(x);
    case UnaryOp::Cos: return std::cos(x);
    case UnaryOp::Erf: return std::erf(x);
    case UnaryOp::Relu: return x < 0 ? 0 : x;
    case UnaryOp::LeakyRelu: return x > 0 ? x : params.a * x;
    case UnaryOp::Gelu: return x * normalCumulative(x);
    case UnaryOp::Silu: return x / (1 + std::exp(-x));
    case UnaryOp::Sigmoid: return 1 / (1 + std::exp(-x));
    case UnaryOp::Tanh: return std::tanh(x);
    case UnaryOp::AddScalar: return x + params.a;
    case UnaryOp::MulScalar: return x * params.a;
    case UnaryOp::PowScalar: return std::pow(x, params.a);
    case UnaryOp::Clamp: {
        const double atLeast = x < params.a ? params.a : x;
        return atLeast > params.b ? params.b : atLeast;
    }
    case UnaryOp::LogicalNot:
    case UnaryOp::IsFinite: break;
    }
    return x;
}

/// gradOut * f', from f's output if savesOutput(op), else from its input.
double derivative(UnaryOp op, double saved, double gradOut, UnaryParams params) {
    switch (op) {
    case UnaryOp::Relu: return saved <= 0 ? 0 : gradOut;
    case UnaryOp::LeakyRelu: return saved > 0 ? gradOut : params.a * gradOut;
    case UnaryOp::Sigmoid: return gradOut * (saved * (1 - saved));
    case UnaryOp::Tanh: return gradOut * (1 - saved * saved);
    case UnaryOp::Gelu: {
        const double density = std::exp(-0.5 * saved * saved) * (M_2_SQRTPI * M_SQRT1_2 / 2);
        return gradOut * (normalCumulative(saved) + saved * density);
    }
    case UnaryOp::Silu: {
        const double s = 1 / (1 + std::exp(-saved));
        return gradOut * (s * (1 + saved * (1 - s)));
    }
    default: break;
    }
    return 0;
}

/// Integers wrap around, as in NumPy; scalars are truncated.
template <class T> bool unaryInteger(UnaryOp op, UnaryParams params, const StridedLoop<2>& loop) {
    using Unsigned = std::make_unsigned_t<T>;
    const auto scalar = uint64_t(convert<int64_t>(params.a));
    const T low = convert<T>(params.a), high = convert<T>(params.b);
    const auto run = [&](auto&& function) {
        forEachRow(loop, kGrain, [&](const auto& p, const auto& s, int64_t count) { mapRow<T, T>(p, s, count, function); });
        return true;
    };
    switch (op) {
    case UnaryOp::Neg: return run([](T x) { return T(Unsigned(0) - Unsigned(x)); });
    case UnaryOp::Abs: return run([](T x) { return x < 0 ? T(Unsigned(0) - Unsigned(x)) : x; });
    case UnaryOp::Sign: return run([](T x) { return T((x > 0) - (x < 0)); });
    case UnaryOp::AddScalar: return run([=](T x) { return T(uint64_t(x) + scalar); });
    case UnaryOp::MulScalar: return run([=](T x) { return T(uint64_t(x) * scalar); });
    case UnaryOp::Clamp: return run([=](T x) { return std::min(std::max(x, low), high); });
    default: return false;
    }
}

template <class T> bool isFinite(const StridedLoop<2>& loop) {
    forEachRow(loop, kGrain,
               [](const auto& p, const auto& s, int64_t count) { mapRow<bool, T>(p, s, count, [](T x) { return std::isfinite(x); }); });
    return true;
}

bool isCheap(UnaryOp op) {
    return op == UnaryOp::Neg || op == UnaryOp::Abs || op == UnaryOp::Square || op == UnaryOp::Relu || op == UnaryOp::LeakyRelu ||
           op == UnaryOp::AddScalar || op == UnaryOp::MulScalar || op == UnaryOp::Clamp || op == UnaryOp::Sign;
}

} // namespace

bool unary(UnaryOp op, UnaryParams params, const TensorView& in, const OutView& out) {
    const StridedLoop<2> loop = makeLoop<2>({&out, &in});
    if (op == UnaryOp::LogicalNot) {
        if (in.dtype != DType::Bool || out.dtype != DType::Bool) return false;
        forEachRow(loop, kGrain, [](const auto& p, const auto& s, int64_t count) {
            mapRow<uint8_t, uint8_t>(p, s, count, [](uint8_t x) { return uint8_t(x == 0); });
        });
        return true;
    }
    if (op == UnaryOp::IsFinite) {
        if (out.dtype != DType::Bool) return false;
        if (in.dtype == DType::F32) return isFinite<float>(loop);
        if (in.dtype == DType::F64) return isFinite<double>(loop);
        return isInteger(in.dtype) && fill(1, out);
    }
    if (in.dtype != out.dtype) return false;
    switch (in.dtype) {
    case DType::F32: {
        const auto kernel = simdKernel(op);
        const auto a = float(params.a), b = float(params.b);
        forEachContiguousF32(loop, isCheap(op) ? kGrain : kFunctionGrain,
                             [=](const auto& data, int64_t count) { kernel(data[1], data[0], count, a, b); });
        return true;
    }
    case DType::F64:
        forEachRow(loop, kFunctionGrain, [&](const auto& p, const auto& s, int64_t count) {
            mapRow<double, double>(p, s, count, [&](double x) { return evaluate(op, x, params); });
        });
        return true;
    case DType::I64: return unaryInteger<int64_t>(op, params, loop);
    case DType::I32: return unaryInteger<int32_t>(op, params, loop);
    case DType::U8: return unaryInteger<uint8_t>(op, params, loop);
    default: return false;
    }
}

bool unaryBackward(UnaryOp op, UnaryParams params, const TensorView& saved, const TensorView& gradOut, const OutView& gradIn) {
    const StridedLoop<3> loop = makeLoop<3>({&gradIn, &saved, &gradOut});
    const ElementwiseSimd& table = elementwiseSimd();
    ElementwiseSimd::UnaryBackward kernel = nullptr;
    switch (op) {
    case UnaryOp::Relu: kernel = table.reluBackward; break;
    case UnaryOp::LeakyRelu: kernel = table.leakyReluBackward; break;
    case UnaryOp::Gelu: kernel = table.geluBackward; break;
    case UnaryOp::Silu: kernel = table.siluBackward; break;
    case UnaryOp::Sigmoid: kernel = table.sigmoidBackward; break;
    case UnaryOp::Tanh: kernel = table.tanhBackward; break;
    default: return false;
    }
    if (saved.dtype != gradOut.dtype || saved.dtype != gradIn.dtype) return false;
    if (saved.dtype == DType::F32) {
        const auto a = float(params.a);
        forEachContiguousF32(loop, isCheap(op) ? kGrain : kFunctionGrain,
                             [=](const auto& data, int64_t count) { kernel(data[1], data[2], data[0], count, a); });
        return true;
    }
    if (saved.dtype != DType::F64) return false;
    forEachRow(loop, kFunctionGrain, [&](const auto& p, const auto& s, int64_t count) {
        combineRow<double, double>(p, s, count, [&](double x, double g) { return derivative(op, x, g, params); });
    });
    return true;
}

} // namespace strata::cpu
