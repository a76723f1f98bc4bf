// SPDX-License-Identifier: Apache-2.0
#include "core/ops/internal.h"

#include <cmath>
#include <numbers>

namespace strata {

using namespace detail;

namespace {

bool isActivation(UnaryOp op) { return op >= UnaryOp::Relu && op <= UnaryOp::Tanh; }

/// f'(x) * g in operations, for those without a kernel of their own.
Tensor unaryGradient(UnaryOp op, UnaryParams p, const Tensor& x, const Tensor& g) {
    switch (op) {
    case UnaryOp::Neg: return -g;
    case UnaryOp::Abs: return g * unary(UnaryOp::Sign, x);
    case UnaryOp::Exp: return g * exp(x);
    case UnaryOp::Log: return g / x;
    case UnaryOp::Sqrt: return g * unary(UnaryOp::Rsqrt, x) * 0.5;
    case UnaryOp::Rsqrt: return g * pow(x, -1.5) * -0.5;
    case UnaryOp::Square: return g * x * 2.0;
    case UnaryOp::Reciprocal: return -(g * pow(x, -2));
    case UnaryOp::Sin: return g * unary(UnaryOp::Cos, x);
    case UnaryOp::Cos: return -(g * unary(UnaryOp::Sin, x));
    case UnaryOp::Erf: return g * exp(-square(x)) * (2 * std::numbers::inv_sqrtpi);
    case UnaryOp::AddScalar: return g;
    case UnaryOp::MulScalar: return g * p.a;
    case UnaryOp::PowScalar:
        if (p.a == 0) return Tensor::zeros(g.shape(), g.dtype(), g.device());
        return g * pow(x, p.a - 1) * p.a;
    case UnaryOp::Clamp: {
        const Tensor low = Tensor::scalar(p.a, x.dtype(), x.device()), high = Tensor::scalar(p.b, x.dtype(), x.device());
        return g * binary(BinaryOp::LogicalAnd, x >= low, x <= high).to(x.dtype());
    }
    default: return Tensor::zeros(g.shape(), g.dtype(), g.device()); // sign, floor, ceil, round: flat almost everywhere
    }
}

/// Whether unaryGradient() looks at x.
bool gradientNeedsInput(UnaryOp op) {
    return op != UnaryOp::Neg && op != UnaryOp::AddScalar && op != UnaryOp::MulScalar && op != UnaryOp::Sign && op != UnaryOp::Floor &&
           op != UnaryOp::Ceil && op != UnaryOp::Round;
}

Tensor activationGradient(UnaryOp op, UnaryParams params, const Tensor& kept, const Tensor& g) {
    requireFirstOrder(opName(op).data());
    const Layout layout = commonLayout(kept, g);
    const Tensor a = inLayout(kept, layout), b = inLayout(g, layout);
    Tensor result = Tensor::emptyInLayout(a.shape(), a.dtype(), a.device(), layout);
    launch(opName(op).data(), backendOf(a), &Backend::unaryBackward, op, params, a.view(), b.view(), result.out());
    return result;
}

bool allowedFor(UnaryOp op, DType dtype) {
    if (op == UnaryOp::LogicalNot) return dtype == DType::Bool;
    if (dtype == DType::F32 || dtype == DType::F64) return true;
    if (dtype == DType::I64 || dtype == DType::I32)
        return op == UnaryOp::Neg || op == UnaryOp::Abs || op == UnaryOp::Sign || op == UnaryOp::AddScalar || op == UnaryOp::MulScalar ||
               op == UnaryOp::Clamp;
    return dtype == DType::U8 && (op == UnaryOp::AddScalar || op == UnaryOp::MulScalar || op == UnaryOp::Clamp);
}

/// Gradients of a (first) and b (second) for out = a op b.
std::vector<Tensor> binaryGradients(BinaryOp op, const Saved& savedA, const Saved& savedB, const Tensor& g,
                                    const std::vector<bool>& needs) {
    const Tensor a = savedA.get(), b = savedB.get();
    Tensor ga, gb;
    switch (op) {
    case BinaryOp::Mul:
        if (needs[0]) ga = g * b;
        if (needs[1]) gb = g * a;
        break;
    case BinaryOp::Div:
        if (needs[0]) ga = g / b;
        if (needs[1]) gb = -(g * a / square(b));
        break;
    case BinaryOp::Pow: { // 0 where the formulas give 0 times infinity, as in PyTorch
        const Tensor zero = Tensor::zeros({}, g.dtype(), g.device());
        if (needs[0]) ga = g * where(b == zero, zero, b * binary(BinaryOp::Pow, a, b - 1.0));
        if (needs[1]) gb = g * where(binary(BinaryOp::LogicalAnd, a == zero, b >= zero), zero, binary(BinaryOp::Pow, a, b) * log(a));
        break;
    }
    default: { // maximum, minimum: an equal pair shares the gradient, as in PyTorch
        const Tensor half = binary(BinaryOp::Equal, a, b).to(g.dtype()) * 0.5;
        const Tensor first = (op == BinaryOp::Maximum ? a > b : a < b).to(g.dtype()) + half;
        if (needs[0]) ga = g * first;
        if (needs[1]) gb = g * (1.0 - first);
    }
    }
    return {ga, gb};
}

} // namespace

Tensor unary(UnaryOp op, const Tensor& x, UnaryParams params) {
    const char* name = opName(op).data();
    if (!allowedFor(op, x.dtype())) {
        if (x.dtype() == DType::F16 || x.dtype() == DType::BF16) return unary(op, x.to(DType::F32), params).to(x.dtype());
        fail(ErrorKind::BadInput, "{}: is not defined for {}", name, dtypeName(x.dtype()));
    }
    if (!keepsZero(op, params)) x.makePlain();
    const DType dtype = op == UnaryOp::IsFinite ? DType::Bool : x.dtype();
    const TensorView in = x.view();
    Tensor result = Tensor::emptyInLayout(x.shape(), dtype, x.device(), in.layout);
    launch(name, backendOf(x), &Backend::unary, op, params, in, result.out());
    if (dtype == DType::Bool || !anyRequiresGrad({&x})) return result;
    if (!isActivation(op))
        return record(name, result, {x},
                      [op, params, kept = gradientNeedsInput(op) ? Saved(x, name) : Saved()](const Tensor& g, const std::vector<bool>&) {
                          return std::vector<Tensor>{unaryGradient(op, params, kept.get(), g)};
                      });
    return record(name, result, {x},
                  [op, params, kept = Saved(savesOutput(op) ? result : x, name)](const Tensor& g, const std::vector<bool>&) {
                      return std::vector<Tensor>{activationGradient(op, params, kept.get(), g)};
                  });
}

Tensor binary(BinaryOp op, const Tensor& a0, const Tensor& b0) {
    const char* name = opName(op).data();
    requireSameDevice(name, {&a0, &b0});
    if (a0.dtype() != b0.dtype() || a0.dtype() == DType::F16 || a0.dtype() == DType::BF16) {
        // A zero-dimensional tensor does not widen the other within a category, as in PyTorch.
        DType common = promoteTypes(a0.dtype(), b0.dtype());
        if (isFloating(a0.dtype()) == isFloating(b0.dtype())) {
            if (a0.rank() == 0 && b0.rank() > 0 && b0.dtype() != DType::Bool) common = b0.dtype();
            if (b0.rank() == 0 && a0.rank() > 0 && a0.dtype() != DType::Bool) common = a0.dtype();
        }
        const DType work = common == DType::F16 || common == DType::BF16 ? DType::F32 : common;
        const Tensor result = binary(op, a0.to(work), b0.to(work));
        return isComparison(op) ? result : result.to(common);
    }
    if (op == BinaryOp::Div && isInteger(a0.dtype())) return binary(op, a0.to(DType::F32), b0.to(DType::F32));
    const Shape shape = broadcastShapes(a0.shape(), b0.shape(), name);
    const Layout layout = keepsZero(op) ? commonLayout(a0, b0) : Layout::Plain;
    const bool whole = layout != Layout::Plain;
    const Tensor a = whole ? inLayout(a0, layout) : broadcastView(a0, shape);
    const Tensor b = whole ? inLayout(b0, layout) : broadcastView(b0, shape);
    Tensor result = Tensor::emptyInLayout(shape, isComparison(op) ? DType::Bool : a.dtype(), a.device(), layout);
    launch(name, backendOf(a), &Backend::binary, op, whole ? a.view() : a.plainView(), whole ? b.view() : b.plainView(), result.out());
    if (isComparison(op) || !anyRequiresGrad({&a0, &b0})) return result;
    const Shape shapeA = a0.shape(), shapeB = b0.shape();
    if (op == BinaryOp::Add || op == BinaryOp::Sub)
        return record(name, result, {a0, b0}, [op, shapeA, shapeB](const Tensor& g, const std::vector<bool>& needs) {
            return std::vector<Tensor>{needs[0] ? sumTo(g, shapeA) : Tensor(),
                                       needs[1] ? sumTo(op == BinaryOp::Add ? g : -g, shapeB) : Tensor()};
        });
    // A product's gradient needs the other factor only, a quotient's for a the divisor only.
    const bool keepsA = b0.requiresGrad() || (op != BinaryOp::Mul && op != BinaryOp::Div),
               keepsB = a0.requiresGrad() || op != BinaryOp::Mul;
    const Saved keptA = keepsA ? Saved(a0, name) : Saved(), keptB = keepsB ? Saved(b0, name) : Saved();
    return record(name, result, {a0, b0}, [op, shapeA, shapeB, keptA, keptB](const Tensor& g, const std::vector<bool>& needs) {
        std::vector<Tensor> gradients = binaryGradients(op, keptA, keptB, g, needs);
        if (needs[0]) gradients[0] = sumTo(gradients[0], shapeA);
        if (needs[1]) gradients[1] = sumTo(gradients[1], shapeB);
        return gradients;
    });
}

Tensor operator-(double s, const Tensor& x) { return -x + s; }

Tensor where(const Tensor& condition, const Tensor& a0, const Tensor& b0) {
    requireSameDevice("where", {&condition, &a0, &b0});
    if (condition.dtype() != DType::Bool) fail(ErrorKind::BadInput, "where: the condition is {}, not bool", dtypeName(condition.dtype()));
    const DType dtype = promoteTypes(a0.dtype(), b0.dtype());
    const Tensor a = a0.to(dtype), b = b0.to(dtype);
    const Shape shape = broadcastShapes(condition.shape(), broadcastShapes(a.shape(), b.shape(), "where"), "where");
    Tensor result = Tensor::empty(shape, dtype, a.device());
    launch("where", backendOf(a), &Backend::where, broadcastView(condition, shape).plainView(), broadcastView(a, shape).plainView(),
           broadcastView(b, shape).plainView(), result.out());
    return record("where", result, {a, b},
                  [kept = Saved(condition, "where"), sa = a.shape(), sb = b.shape()](const Tensor& g, const std::vector<bool>& needs) {
                      const Tensor mask = kept.get(), zero = Tensor::zeros({}, g.dtype(), g.device());
                      return std::vector<Tensor>{needs[0] ? sumTo(where(mask, g, zero), sa) : Tensor(),
                                                 needs[1] ? sumTo(where(mask, zero, g), sb) : Tensor()};
                  });
}

} // namespace strata
