// SPDX-License-Identifier: Apache-2.0
// Copies, conversions between dtypes and devices, and in-place writes.
#include "core/ops/internal.h"

namespace strata {

using namespace detail;

Tensor Tensor::contiguous() const {
    const Tensor result = plainContiguous(*this);
    if (result.sharesStorage(*this)) return *this;
    return record("contiguous", result, {*this}, [](const Tensor& g, const std::vector<bool>&) { return std::vector<Tensor>{g}; });
}

Tensor Tensor::clone() const {
    Tensor result = Tensor::emptyInLayout(shape(), dtype(), device(), view().layout);
    launch("copy", backendOf(*this), &Backend::copy, view(), result.out());
    return record("clone", result, {*this}, [](const Tensor& g, const std::vector<bool>&) { return std::vector<Tensor>{g}; });
}

Tensor Tensor::to(DType wanted) const {
    if (wanted == dtype()) return *this;
    const Tensor result = convert(*this, wanted);
    if (!isFloating(wanted)) return result;
    return record("to", result, {*this},
                  [from = dtype()](const Tensor& g, const std::vector<bool>&) { return std::vector<Tensor>{g.to(from)}; });
}

Tensor Tensor::to(Device wanted) const {
    if (wanted == device()) return *this;
    const Tensor source = plainContiguous(*this);
    Tensor result = Tensor::empty(shape(), dtype(), wanted);
    const size_t bytes = size_t(elements()) * dtypeSize(dtype());
    DeviceMemory &from = device().memory(), &to = wanted.memory();
    if (from.isHost()) {
        to.upload(result.storage()->data(), source.view().data, bytes);
    } else if (to.isHost()) {
        from.download(result.storage()->data(), source.view().data, bytes);
    } else {
        std::vector<std::byte> between(bytes);
        from.download(between.data(), source.view().data, bytes);
        to.upload(result.storage()->data(), between.data(), bytes);
    }
    return record("to", result, {*this},
                  [home = device()](const Tensor& g, const std::vector<bool>&) { return std::vector<Tensor>{g.to(home)}; });
}

Tensor& Tensor::copyFrom(const Tensor& source) {
    if (!(broadcastShapes(source.shape(), shape(), "copyFrom") == shape()))
        fail(ErrorKind::BadInput, "copyFrom: shape {} does not fit into {}", source.shape().text(), shape().text());
    NoGrad guard;
    const Tensor local = source.to(device());
    makePlain();
    launch("copy", backendOf(*this), &Backend::copy, broadcastView(local, shape()).plainView(), out());
    return *this;
}

Tensor& Tensor::fill(double value) {
    makePlain();
    launch("fill", backendOf(*this), &Backend::fill, value, out());
    return *this;
}

} // namespace strata
