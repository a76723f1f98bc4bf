// SPDX-License-Identifier: Apache-2.0
#include "core/ops/internal.h"

namespace strata::detail {

void requireSameDevice(const char* operation, std::initializer_list<const Tensor*> tensors) {
    const Tensor* first = nullptr;
    for (const Tensor* tensor : tensors) {
        if (!tensor->defined()) continue;
        if (!first) first = tensor;
        if (!(first->device() == tensor->device()))
            fail(ErrorKind::BadInput, "{}: one tensor lies on {}, another on {}", operation, first->device().name(),
                 tensor->device().name());
    }
}

void requireFloat(const char* operation, const Tensor& tensor) {
    if (tensor.dtype() != DType::F32 && tensor.dtype() != DType::F64)
        fail(ErrorKind::BadInput, "{}: needs f32 or f64, not {}", operation, dtypeName(tensor.dtype()));
}

void requireRank(const char* operation, const Tensor& tensor, int rank) {
    if (tensor.rank() != rank)
        fail(ErrorKind::BadInput, "{}: needs a tensor of rank {}, not shape {}", operation, rank, tensor.shape().text());
}

Tensor inLayout(const Tensor& tensor, Layout layout) {
    if (layout == Layout::Plain) return plainContiguous(tensor);
    const TensorView view = tensor.view();
    if (view.layout == layout) return tensor;
    const bool whole = tensor.offset() == 0 && (view.layout != Layout::Plain || view.contiguous());
    const auto& storage = tensor.storage();
    if (whole && !storage->pinned() && storage->bytes() == size_t(layoutElements(view.layout, view.shape)) * dtypeSize(view.dtype)) {
        tensor.setLayout(layout);
        return tensor;
    }
    const Tensor source = plainContiguous(tensor);
    Tensor result = Tensor::emptyInLayout(tensor.shape(), tensor.dtype(), tensor.device(), layout);
    tensor.device().memory().relayout(source.view().data, Layout::Plain, result.storage()->data(), layout, tensor.shape(), tensor.dtype());
    return result;
}

Layout commonLayout(const Tensor& a, const Tensor& b) {
    if (!(a.shape() == b.shape()) || a.dtype() != b.dtype()) return Layout::Plain;
    const TensorView va = a.view(), vb = b.view();
    if (va.layout == vb.layout) return va.layout;
    const Layout blocked = va.layout == Layout::Plain ? vb.layout : va.layout;
    const Tensor& plain = va.layout == Layout::Plain ? a : b;
    const bool movable = !plain.storage()->pinned() && plain.offset() == 0 && plain.view().contiguous() &&
                         plain.storage()->bytes() == size_t(plain.elements()) * dtypeSize(plain.dtype());
    return movable ? blocked : Layout::Plain;
}

Tensor plainContiguous(const Tensor& tensor) {
    const TensorView view = tensor.plainView();
    if (view.contiguous()) return tensor;
    Tensor result = Tensor::empty(tensor.shape(), tensor.dtype(), tensor.device());
    launch("copy", backendOf(tensor), &Backend::copy, view, result.out());
    return result;
}

Tensor sumTo(const Tensor& gradient, const Shape& shape) {
    if (gradient.shape() == shape) return gradient;
    std::vector<int> dims;
    const int lead = gradient.rank() - shape.rank();
    for (int d = 0; d < gradient.rank(); ++d)
        if (d < lead || (shape[d - lead] == 1 && gradient.shape()[d] != 1)) dims.push_back(d);
    return reduce(ReduceOp::Sum, gradient, dims, true).reshape(shape);
}

Tensor broadcastView(const Tensor& tensor, const Shape& shape) {
    if (tensor.shape() == shape) return tensor;
    const Shape& own = tensor.strides();
    Shape strides = shape;
    const int lead = shape.rank() - tensor.rank();
    for (int d = 0; d < shape.rank(); ++d) strides[d] = d < lead || tensor.shape()[d - lead] != shape[d] ? 0 : own[d - lead];
    return tensor.viewAs(shape, strides, tensor.offset());
}

Tensor convert(const Tensor& tensor, DType dtype) {
    if (tensor.dtype() == dtype) return tensor;
    Tensor result = Tensor::empty(tensor.shape(), dtype, tensor.device());
    launch("copy", backendOf(tensor), &Backend::copy, tensor.plainView(), result.out());
    return result;
}

} // namespace strata::detail
