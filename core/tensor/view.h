// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"
#include "core/tensor/storage.h"

namespace strata {

/// What kernels receive: a borrowed pointer with its type and place. With layout Plain, strides (in elements, 0 where
/// broadcast) hold; with another layout the view is a whole activation and strides are meaningless. data == nullptr means
/// "not given" for optional arguments.
struct TensorView {
    void* data = nullptr;
    DType dtype = DType::F32;
    Layout layout = Layout::Plain;
    Shape shape;
    Shape strides;

    explicit operator bool() const { return data != nullptr; }
    int64_t elements() const { return shape.elements(); }
    bool contiguous() const; ///< plain, row-major, without gaps
    template <class T> T* as() const { return static_cast<T*>(data); }
};

/// A view the kernel writes to; the same fields, a different type so that staging knows what to copy back.
struct OutView : TensorView {
    OutView() = default;
    explicit OutView(const TensorView& view) : TensorView(view) {}
};

} // namespace strata
