// SPDX-License-Identifier: Apache-2.0
#include "core/ops/internal.h"

namespace strata {

using namespace detail;

namespace {

uint32_t dimsMask(const std::vector<int>& dims, int rank, const char* name) {
    if (dims.empty()) return (1u << rank) - 1u;
    uint32_t mask = 0;
    for (int dim : dims) {
        const uint32_t bit = 1u << normalizeDim(dim, rank, name);
        if (mask & bit) fail(ErrorKind::BadInput, "{}: dimension {} is named twice", name, dim);
        mask |= bit;
    }
    return mask;
}

int64_t reducedCount(const Shape& shape, uint32_t mask) {
    int64_t count = 1;
    for (int d = 0; d < shape.rank(); ++d)
        if (mask >> d & 1u) count *= shape[d];
    return count;
}

/// Gradient in the kept shape back to the input's.
Tensor reduceGradient(ReduceOp op, const Saved& keptInput, const Saved& keptOutput, const Shape& shape, int64_t count, const Tensor& g) {
    if (op == ReduceOp::Sum) return g.expand(shape);
    if (op == ReduceOp::Mean) return (g / double(count)).expand(shape);
    // max, min: shared among equals, as torch.amax
    const Tensor mask = (keptInput.get() == keptOutput.get()).to(g.dtype());
    Tensor share = mask;
    std::vector<int> dims;
    for (int d = 0; d < shape.rank(); ++d)
        if (g.shape()[d] != shape[d]) dims.push_back(d);
    if (!dims.empty()) share = mask / sum(mask, dims, true);
    return share * g;
}

} // namespace

Tensor reduce(ReduceOp op, const Tensor& x, const std::vector<int>& dims, bool keepdim) {
    const char* name = opName(op).data();
    const uint32_t mask = dimsMask(dims, x.rank(), name);
    const bool arg = op == ReduceOp::ArgMax || op == ReduceOp::ArgMin;
    if (arg && dims.size() != 1) return reduce(op, x.reshape({-1}), {0}, false);
    if (x.dtype() == DType::F16 || x.dtype() == DType::BF16) {
        const Tensor wide = reduce(op, x.to(DType::F32), dims, keepdim);
        return arg ? wide : wide.to(x.dtype());
    }
    if (op == ReduceOp::Mean && isInteger(x.dtype()))
        fail(ErrorKind::BadInput, "mean: needs a floating dtype, not {}", dtypeName(x.dtype()));
    const int64_t count = reducedCount(x.shape(), mask);
    if (count == 0 && op != ReduceOp::Sum && op != ReduceOp::Prod && op != ReduceOp::Any && op != ReduceOp::All && op != ReduceOp::Mean)
        fail(ErrorKind::BadInput, "{}: shape {} has no elements along the reduced dimensions", name, x.shape().text());
    Tensor input = x;
    DType dtype = x.dtype();
    if (op == ReduceOp::Sum || op == ReduceOp::Prod) {
        if (isInteger(dtype)) input = convert(x, dtype = DType::I64);
    } else if (op == ReduceOp::Any || op == ReduceOp::All) {
        input = convert(x, dtype = DType::Bool);
    }
    Shape kept = x.shape();
    for (int d = 0; d < kept.rank(); ++d)
        if (mask >> d & 1u) kept[d] = 1;
    Tensor result = Tensor::empty(kept, arg ? DType::I64 : dtype, x.device());
    launch(name, backendOf(x), &Backend::reduce, op, mask, input.plainView(), result.out());
    const bool differentiable = op == ReduceOp::Sum || op == ReduceOp::Mean || op == ReduceOp::Max || op == ReduceOp::Min;
    if (anyRequiresGrad({&x})) {
        if (!differentiable) {
            if (!arg) fail(ErrorKind::Unsupported, "{}: has no gradient", name);
        } else {
            const bool extreme = op == ReduceOp::Max || op == ReduceOp::Min;
            result = record(name, result, {x},
                            [op, shape = x.shape(), count, in = extreme ? Saved(x, name) : Saved(),
                             out = extreme ? Saved(result, name) : Saved()](const Tensor& g, const std::vector<bool>&) {
                                return std::vector<Tensor>{reduceGradient(op, in, out, shape, count, g)};
                            });
        }
    }
    if (keepdim) return result;
    Shape squeezed;
    for (int d = 0; d < kept.rank(); ++d)
        if (!(mask >> d & 1u)) squeezed.push(kept[d]);
    return result.reshape(squeezed);
}

Tensor var(const Tensor& x, const std::vector<int>& dims, bool unbiased, bool keepdim) {
    const int64_t count = reducedCount(x.shape(), dimsMask(dims, x.rank(), "var"));
    const Tensor centred = x - mean(x, dims, true);
    return sum(square(centred), dims, keepdim) / double(count - (unbiased ? 1 : 0));
}

int64_t countNonFinite(const Tensor& x) {
    if (x.dtype() != DType::F32 && x.dtype() != DType::F64) return isFloating(x.dtype()) ? countNonFinite(x.to(DType::F32)) : 0;
    Tensor result = Tensor::empty({1}, DType::I64, x.device());
    launch("count_non_finite", backendOf(x), &Backend::countNonFinite, x.plainView(), result.out());
    return int64_t(result.item());
}

bool allClose(const Tensor& a, const Tensor& b, double relative, double absolute) {
    if (!(a.shape() == b.shape())) return false;
    const auto va = a.toVector<double>(), vb = b.toVector<double>();
    for (size_t i = 0; i < va.size(); ++i)
        if (!(std::abs(va[i] - vb[i]) <= absolute + relative * std::abs(vb[i]))) return false;
    return true;
}

Tensor Tensor::sum() const { return strata::sum(*this); }
Tensor Tensor::sum(const std::vector<int>& dims, bool keepdim) const { return strata::sum(*this, dims, keepdim); }
Tensor Tensor::mean() const { return strata::mean(*this); }
Tensor Tensor::mean(const std::vector<int>& dims, bool keepdim) const { return strata::mean(*this, dims, keepdim); }
Tensor Tensor::argmax(int dim, bool keepdim) const { return reduce(ReduceOp::ArgMax, *this, {dim}, keepdim); }

} // namespace strata
