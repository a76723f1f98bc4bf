// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/storage.h"

#include "core/tensor/view.h"

namespace strata {

int64_t layoutElements(Layout layout, const Shape& shape) {
    if (layout == Layout::Plain || layout == Layout::ChannelsLast) return shape.elements();
    const int64_t block = layout == Layout::Blocked16 ? 16 : 8;
    Shape padded = shape;
    padded[1] = (shape[1] + block - 1) / block * block;
    return padded.elements();
}

bool TensorView::contiguous() const {
    if (layout != Layout::Plain) return false;
    int64_t step = 1;
    for (int i = shape.rank() - 1; i >= 0; --i) {
        if (shape[i] == 0) return true;
        if (shape[i] != 1 && strides[i] != step) return false;
        step *= shape[i];
    }
    return true;
}

Storage::Storage(DeviceMemory& device, size_t bytes) : device_(&device), data_(device.allocate(bytes)), bytes_(bytes) {}

Storage::Storage(DeviceMemory& device, void* data, size_t bytes, std::function<void()> deleter)
    : device_(&device), data_(data), bytes_(bytes), deleter_(deleter ? std::move(deleter) : [] {}), pinned_(true) {}

Storage::~Storage() {
    if (deleter_)
        deleter_();
    else
        device_->release(data_, bytes_);
}

void Storage::setLayout(Layout layout, const Shape& shape, DType dtype) {
    if (layout == layout_) return;
    check(!pinned_, "the layout of a pinned storage was to change");
    const size_t bytes = size_t(layoutElements(layout, shape)) * dtypeSize(dtype);
    void* fresh = device_->allocate(bytes);
    device_->relayout(data_, layout_, fresh, layout, shape, dtype);
    device_->release(data_, bytes_);
    data_ = fresh;
    bytes_ = bytes;
    declareLayout(layout, shape, dtype);
}

void Storage::makePlain() {
    if (layout_ != Layout::Plain) setLayout(Layout::Plain, layoutShape_, layoutDType_);
}

void Storage::declareLayout(Layout layout, const Shape& shape, DType dtype) {
    layout_ = layout;
    layoutShape_ = shape;
    layoutDType_ = dtype;
}

} // namespace strata
