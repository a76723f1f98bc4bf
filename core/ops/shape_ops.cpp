// SPDX-License-Identifier: Apache-2.0
// Views (no copy where strides allow) and what joins or picks along a dimension.
#include "core/ops/internal.h"

#include <algorithm>
#include <optional>

namespace strata {

using namespace detail;

namespace {

Shape resolveReshape(const Shape& from, Shape shape) {
    int open = -1;
    int64_t known = 1;
    for (int d = 0; d < shape.rank(); ++d) {
        if (shape[d] == -1 && open < 0)
            open = d;
        else if (shape[d] < 0)
            fail(ErrorKind::BadInput, "reshape: {} is not a shape", shape.text());
        else
            known *= shape[d];
    }
    const int64_t count = from.elements();
    if (open >= 0 && known > 0 && count % known == 0) shape[open] = count / known;
    if ((open >= 0 && shape[open] < 0) || shape.elements() != count)
        fail(ErrorKind::BadInput, "reshape: shape {} does not fit the {} elements of {}", shape.text(), count, from.text());
    return shape;
}

/// Strides with which shape `to` views what `from` and `strides` view, or nothing where only a copy can do it: each run of
/// dimensions that lies without gaps is cut anew (PyTorch's computeStride).
std::optional<Shape> viewStrides(const Shape& from, const Shape& strides, const Shape& to) {
    Shape result = to.contiguousStrides();
    if (from.empty() || from.elements() == 0) return result;
    int t = to.rank() - 1;
    int64_t step = strides.back(), inRun = 1, cut = 1; // of the current run: its innermost stride, elements, elements cut
    for (int d = from.rank() - 1; d >= 0; --d) {
        inRun *= from[d];
        if (d > 0 && (from[d - 1] == 1 || strides[d - 1] == inRun * step)) continue;
        for (; t >= 0 && (cut < inRun || to[t] == 1); --t) {
            result[t] = cut * step;
            cut *= to[t];
        }
        if (cut != inRun) return std::nullopt;
        if (d > 0) step = strides[d - 1];
        inRun = cut = 1;
    }
    return t < 0 ? std::optional(result) : std::nullopt;
}

/// Puts `g` into zeros of `shape` at the place that `view` (a recipe over a fresh tensor) names.
template <class View> Tensor scatterInto(const Shape& shape, const Tensor& g, View&& view) {
    Tensor whole = Tensor::zeros(shape, g.dtype(), g.device());
    launch("copy", backendOf(g), &Backend::copy, g.plainView(), view(whole).out());
    return whole;
}

Tensor rawSlice(const Tensor& x, int dim, int64_t start, int64_t length, int64_t step) {
    Shape shape = x.shape(), strides = x.strides();
    const int64_t offset = x.offset() + start * strides[dim];
    shape[dim] = length;
    strides[dim] *= step;
    return x.viewAs(shape, strides, offset);
}

} // namespace

Tensor Tensor::reshape(const Shape& wanted) const {
    const Shape target = resolveReshape(shape(), wanted);
    if (target == shape()) return *this;
    const std::optional<Shape> aView = isContiguous() ? target.contiguousStrides() : viewStrides(shape(), strides(), target);
    const Tensor source = aView ? *this : plainContiguous(*this);
    const Tensor result = source.viewAs(target, aView.value_or(target.contiguousStrides()), source.offset());
    return record("reshape", result, {*this},
                  [from = shape()](const Tensor& g, const std::vector<bool>&) { return std::vector<Tensor>{g.reshape(from)}; });
}

Tensor Tensor::flatten(int startDim, int endDim) const {
    if (rank() == 0) return reshape({1});
    const int start = normalizeDim(startDim, rank(), "flatten"), end = normalizeDim(endDim, rank(), "flatten");
    if (start > end) fail(ErrorKind::BadInput, "flatten: the start dimension {} lies behind the end {}", startDim, endDim);
    Shape target;
    for (int d = 0; d < rank(); ++d) {
        if (d > start && d <= end)
            target[target.rank() - 1] *= shape()[d];
        else
            target.push(shape()[d]);
    }
    return reshape(target);
}

Tensor Tensor::permute(const std::vector<int>& order) const {
    if (int(order.size()) != rank())
        fail(ErrorKind::BadInput, "permute: {} dimensions were named for a tensor of rank {}", order.size(), rank());
    Shape target, targetStrides;
    std::vector<int> inverse(order.size(), -1);
    for (size_t i = 0; i < order.size(); ++i) {
        const int d = normalizeDim(order[i], rank(), "permute");
        if (inverse[size_t(d)] >= 0) fail(ErrorKind::BadInput, "permute: dimension {} is named twice", order[i]);
        inverse[size_t(d)] = int(i);
        target.push(shape()[d]);
        targetStrides.push(strides()[d]);
    }
    return record("permute", viewAs(target, targetStrides, offset()), {*this},
                  [inverse](const Tensor& g, const std::vector<bool>&) { return std::vector<Tensor>{g.permute(inverse)}; });
}

Tensor Tensor::transpose(int a, int b) const {
    std::vector<int> order;
    for (int d = 0; d < rank(); ++d) order.push_back(d);
    std::swap(order[size_t(normalizeDim(a, rank(), "transpose"))], order[size_t(normalizeDim(b, rank(), "transpose"))]);
    return permute(order);
}

Tensor Tensor::expand(const Shape& wanted) const {
    Shape target = wanted;
    const int lead = target.rank() - rank();
    for (int d = 0; d < target.rank(); ++d)
        if (target[d] == -1 && d >= lead) target[d] = shape()[d - lead];
    if (lead < 0 || !(broadcastShapes(shape(), target, "expand") == target))
        fail(ErrorKind::BadInput, "expand: shape {} cannot be expanded to {}", shape().text(), wanted.text());
    if (target == shape()) return *this;
    return record("expand", broadcastView(*this, target), {*this},
                  [from = shape()](const Tensor& g, const std::vector<bool>&) { return std::vector<Tensor>{sumTo(g, from)}; });
}

Tensor Tensor::squeeze(int dim) const {
    const int d = normalizeDim(dim, rank(), "squeeze");
    if (shape()[d] != 1) return *this;
    Shape target = shape();
    target.erase(d);
    return reshape(target);
}

Tensor Tensor::unsqueeze(int dim) const {
    const int d = normalizeDim(dim, rank() + 1, "unsqueeze");
    Shape target = shape();
    target.insert(d, 1);
    return reshape(target);
}

Tensor Tensor::slice(int dim, int64_t start, int64_t stop, int64_t step) const {
    const int d = normalizeDim(dim, rank(), "slice");
    const int64_t size = shape()[d];
    if (step <= 0) fail(ErrorKind::BadInput, "slice: the step {} is not positive", step);
    const auto clamped = [size](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + size : i, 0, size); };
    const int64_t first = clamped(start), last = std::max(clamped(stop), first);
    const int64_t length = (last - first + step - 1) / step;
    if (first == 0 && length == size && step == 1) return *this;
    return record("slice", rawSlice(*this, d, first, length, step), {*this},
                  [d, first, length, step, from = shape()](const Tensor& g, const std::vector<bool>&) {
                      requireFirstOrder("slice");
                      return std::vector<Tensor>{
                          scatterInto(from, g, [&](const Tensor& whole) { return rawSlice(whole, d, first, length, step); })};
                  });
}

Tensor Tensor::select(int dim, int64_t index) const {
    const int d = normalizeDim(dim, rank(), "select");
    const int64_t size = shape()[d], at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) fail(ErrorKind::BadInput, "select: there is no index {} in dimension {} of size {}", index, dim, size);
    Shape target = shape();
    target.erase(d);
    return slice(d, at, at + 1).reshape(target);
}

Tensor Tensor::index(const std::vector<Slice>& slices) const {
    if (int(slices.size()) > rank()) fail(ErrorKind::BadInput, "index: {} slices for a tensor of rank {}", slices.size(), rank());
    Tensor result = *this;
    for (size_t d = 0; d < slices.size(); ++d)
        result = result.slice(int(d), slices[d].start, slices[d].stop.value_or(result.shape()[int(d)]), slices[d].step);
    return result;
}

Tensor cat(const std::vector<Tensor>& tensors, int dim) {
    if (tensors.empty()) fail(ErrorKind::BadInput, "cat: no tensors were given");
    const Tensor& first = tensors[0];
    const int d = normalizeDim(dim, first.rank(), "cat");
    Shape shape = first.shape();
    std::vector<int64_t> ends;
    int64_t total = 0;
    for (const Tensor& tensor : tensors) {
        requireSameDevice("cat", {&first, &tensor});
        if (tensor.dtype() != first.dtype())
            fail(ErrorKind::BadInput, "cat: dtypes {} and {} differ", dtypeName(first.dtype()), dtypeName(tensor.dtype()));
        Shape other = tensor.shape();
        if (other.rank() == shape.rank()) other[d] = shape[d];
        if (!(other == shape))
            fail(ErrorKind::BadInput, "cat: shapes {} and {} differ outside dimension {}", first.shape().text(), tensor.shape().text(),
                 dim);
        total += tensor.shape()[d];
        ends.push_back(total);
    }
    shape[d] = total;
    Tensor result = Tensor::empty(shape, first.dtype(), first.device());
    for (size_t i = 0; i < tensors.size(); ++i) {
        const int64_t begin = i == 0 ? 0 : ends[i - 1];
        launch("copy", backendOf(first), &Backend::copy, tensors[i].plainView(), rawSlice(result, d, begin, ends[i] - begin, 1).out());
    }
    return record("cat", result, tensors, [d, ends](const Tensor& g, const std::vector<bool>& needs) {
        std::vector<Tensor> gradients(ends.size());
        for (size_t i = 0; i < ends.size(); ++i)
            if (needs[i]) gradients[i] = g.slice(d, i == 0 ? 0 : ends[i - 1], ends[i]);
        return gradients;
    });
}

Tensor stack(const std::vector<Tensor>& tensors, int dim) {
    if (tensors.empty()) fail(ErrorKind::BadInput, "stack: no tensors were given");
    std::vector<Tensor> raised;
    for (const Tensor& tensor : tensors) {
        if (!(tensor.shape() == tensors[0].shape()))
            fail(ErrorKind::BadInput, "stack: shapes {} and {} differ", tensors[0].shape().text(), tensor.shape().text());
        raised.push_back(tensor.unsqueeze(dim));
    }
    return cat(raised, normalizeDim(dim, tensors[0].rank() + 1, "stack"));
}

Tensor indexSelect(const Tensor& x, int dim, const Tensor& index) {
    requireSameDevice("index_select", {&x, &index});
    const int d = normalizeDim(dim, x.rank(), "index_select");
    requireRank("index_select", index, 1);
    if (index.dtype() != DType::I64) fail(ErrorKind::BadInput, "index_select: the index is {}, not i64", dtypeName(index.dtype()));
    Shape shape = x.shape();
    shape[d] = index.shape()[0];
    Tensor result = Tensor::empty(shape, x.dtype(), x.device());
    launch("index_select", backendOf(x), &Backend::indexSelect, d, x.plainView(), index.plainView(), result.out());
    return record("index_select", result, {x},
                  [d, from = x.shape(), kept = Saved(index, "index_select")](const Tensor& g, const std::vector<bool>&) {
                      requireFirstOrder("index_select");
                      Tensor whole = Tensor::zeros(from, g.dtype(), g.device());
                      launch("index_add", backendOf(g), &Backend::indexAdd, d, g.plainView(), kept.get().plainView(), whole.out());
                      return std::vector<Tensor>{whole};
                  });
}

} // namespace strata
