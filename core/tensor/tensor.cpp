// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/tensor.h"

#include <cstring>

namespace strata {

const Tensor::Impl& Tensor::impl() const {
    if (!impl_) fail(ErrorKind::BadInput, "the tensor is undefined");
    return *impl_;
}

Tensor Tensor::onStorage(std::shared_ptr<Storage> storage, DType dtype, const Shape& shape, const Shape& strides, int64_t offset) {
    Tensor tensor;
    tensor.impl_ = std::make_shared<Impl>(Impl{std::move(storage), dtype, shape, strides, offset, nullptr});
    return tensor;
}

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) { return emptyInLayout(shape, dtype, device, Layout::Plain); }

Tensor Tensor::emptyInLayout(const Shape& shape, DType dtype, Device device, Layout layout) {
    const size_t elements = size_t(layoutElements(layout, shape)), bytes = elements * dtypeSize(dtype);
    if (elements > (size_t(1) << 62) / dtypeSize(dtype))
        fail(ErrorKind::OutOfMemory, "a tensor of shape {} has too many bytes", shape.text());
    auto storage = std::make_shared<Storage>(device.memory(), bytes);
    if (layout != Layout::Plain) storage->declareLayout(layout, shape, dtype);
    return onStorage(std::move(storage), dtype, shape, shape.contiguousStrides(), 0);
}

Tensor Tensor::zeros(const Shape& shape, DType dtype, Device device) {
    Tensor tensor = empty(shape, dtype, device);
    device.memory().zero(tensor.storage()->data(), tensor.storage()->bytes());
    return tensor;
}

Tensor Tensor::ones(const Shape& shape, DType dtype, Device device) { return full(shape, 1, dtype, device); }

Tensor Tensor::full(const Shape& shape, double value, DType dtype, Device device) {
    Tensor tensor = empty(shape, dtype, device);
    tensor.fill(value);
    return tensor;
}

Tensor Tensor::scalar(double value, DType dtype, Device device) { return full({}, value, dtype, device); }

Tensor Tensor::arange(int64_t end, DType dtype, Device device) {
    if (end < 0) fail(ErrorKind::BadInput, "arange: the end {} is negative", end);
    std::vector<int64_t> values(static_cast<size_t>(end));
    for (size_t i = 0; i < values.size(); ++i) values[i] = int64_t(i);
    return of(values, {end}, device).to(dtype);
}

template <class T> Tensor Tensor::of(const std::vector<T>& values, const Shape& shape, Device device) {
    if (shape.elements() != int64_t(values.size()))
        fail(ErrorKind::BadInput, "of: {} values do not fill shape {}", values.size(), shape.text());
    Tensor tensor = empty(shape, DTypeOf<T>::value, device);
    if constexpr (std::is_same_v<T, bool>) {
        std::vector<uint8_t> bytes(values.begin(), values.end());
        device.memory().upload(tensor.storage()->data(), bytes.data(), bytes.size());
    } else {
        device.memory().upload(tensor.storage()->data(), values.data(), values.size() * sizeof(T));
    }
    return tensor;
}

Tensor Tensor::fromBlob(void* data, const Shape& shape, DType dtype, std::function<void()> deleter) {
    const size_t bytes = size_t(shape.elements()) * dtypeSize(dtype);
    auto storage = std::make_shared<Storage>(cpuDevice().memory(), data, bytes, std::move(deleter));
    return onStorage(std::move(storage), dtype, shape, shape.contiguousStrides(), 0);
}

DType Tensor::dtype() const { return impl().dtype; }
Device Tensor::device() const { return impl().storage->device(); }
const Shape& Tensor::shape() const { return impl().shape; }
int64_t Tensor::offset() const { return impl().offset; }
int64_t Tensor::elements() const { return impl().shape.elements(); }
Layout Tensor::layout() const { return impl().storage->layout(); }
const std::shared_ptr<Storage>& Tensor::storage() const { return impl().storage; }

const Shape& Tensor::strides() const {
    makePlain();
    return impl().strides;
}

int64_t Tensor::size(int dim) const { return shape()[normalizeDim(dim, rank(), "size")]; }

bool Tensor::isContiguous() const { return plainView().contiguous(); }

void Tensor::makePlain() const { impl().storage->makePlain(); }

void Tensor::setLayout(Layout layout) const {
    const Impl& self = impl();
    check(self.offset == 0 && (self.storage->layout() == Layout::Plain ? view().contiguous() : self.storage->layoutShape() == self.shape),
          "a layout was asked of a part of an activation");
    self.storage->setLayout(layout, self.shape, self.dtype);
}

TensorView Tensor::view() const {
    const Impl& self = impl();
    // Another handle's layout fits this one only if both see the whole activation alike.
    if (self.storage->layout() != Layout::Plain &&
        !(self.offset == 0 && self.storage->layoutShape() == self.shape && self.strides == self.shape.contiguousStrides()))
        self.storage->makePlain();
    auto* bytes = static_cast<std::byte*>(self.storage->data()) + self.offset * int64_t(dtypeSize(self.dtype));
    return {bytes, self.dtype, self.storage->layout(), self.shape, self.strides};
}

TensorView Tensor::plainView() const {
    makePlain();
    return view();
}

OutView Tensor::out() const {
    impl().storage->bumpVersion();
    return OutView(view());
}

namespace {

void requireHostAccess(const Tensor& tensor, DType wanted) {
    if (tensor.dtype() != wanted)
        fail(ErrorKind::BadInput, "data: the tensor holds {}, not {}", dtypeName(tensor.dtype()), dtypeName(wanted));
    if (!tensor.device().memory().isHost())
        fail(ErrorKind::BadInput, "data: the tensor lies on {}, not on the CPU", tensor.device().name());
    if (!tensor.isContiguous()) fail(ErrorKind::BadInput, "data: the tensor of shape {} is not contiguous", tensor.shape().text());
}

} // namespace

template <class T> const T* Tensor::data() const {
    requireHostAccess(*this, DTypeOf<T>::value);
    storage()->pin();
    return view().template as<const T>();
}

template <class T> T* Tensor::mutableData() {
    requireHostAccess(*this, DTypeOf<T>::value);
    storage()->pin();
    return out().template as<T>();
}

template <class T> std::vector<T> Tensor::toVector() const {
    const TensorView source = plainView();
    const int64_t count = elements();
    std::vector<T> result;
    if (count == 0) return result;
    result.reserve(size_t(count));
    int64_t last = 0;
    for (int d = 0; d < source.shape.rank(); ++d) last += (source.shape[d] - 1) * source.strides[d];
    std::vector<std::byte> bytes(size_t(last + 1) * dtypeSize(dtype()));
    device().memory().download(bytes.data(), source.data, bytes.size());
    visitDType(dtype(), [&]<class S>() {
        Shape at(std::vector<int64_t>(source.shape.size(), 0));
        int64_t position = 0;
        for (int64_t i = 0; i < count; ++i) {
            S value;
            std::memcpy(&value, bytes.data() + size_t(position) * sizeof(S), sizeof(S));
            if constexpr (std::is_same_v<S, Half> || std::is_same_v<S, BFloat16>)
                result.push_back(T(toFloat(value)));
            else
                result.push_back(T(value));
            for (int d = source.shape.rank() - 1; d >= 0; --d) {
                position += source.strides[d];
                if (++at[d] < source.shape[d]) break;
                position -= source.strides[d] * source.shape[d];
                at[d] = 0;
            }
        }
    });
    return result;
}

double Tensor::item() const {
    if (elements() != 1) fail(ErrorKind::BadInput, "item: the tensor has shape {}, not one element", shape().text());
    return toVector<double>()[0];
}

Tensor Tensor::detach() const {
    const Impl& self = impl();
    return onStorage(self.storage, self.dtype, self.shape, self.strides, self.offset);
}

Tensor Tensor::viewAs(const Shape& shape, const Shape& strides, int64_t offset) const {
    makePlain();
    return onStorage(impl().storage, impl().dtype, shape, strides, offset);
}

std::shared_ptr<AutogradMeta>& Tensor::autogradMeta() const {
    impl();
    return impl_->autograd;
}

#define STRATA_INSTANTIATE(T)                                                                                                              \
    template Tensor Tensor::of<T>(const std::vector<T>&, const Shape&, Device);                                                            \
    template const T* Tensor::data<T>() const;                                                                                             \
    template T* Tensor::mutableData<T>();
STRATA_INSTANTIATE(float)
STRATA_INSTANTIATE(double)
STRATA_INSTANTIATE(Half)
STRATA_INSTANTIATE(BFloat16)
STRATA_INSTANTIATE(int64_t)
STRATA_INSTANTIATE(int32_t)
STRATA_INSTANTIATE(uint8_t)
STRATA_INSTANTIATE(bool)
#undef STRATA_INSTANTIATE
template std::vector<float> Tensor::toVector<float>() const;
template std::vector<double> Tensor::toVector<double>() const;
template std::vector<int64_t> Tensor::toVector<int64_t>() const;
template std::vector<int32_t> Tensor::toVector<int32_t>() const;
template std::vector<uint8_t> Tensor::toVector<uint8_t>() const;
template std::vector<bool> Tensor::toVector<bool>() const;

} // namespace strata
