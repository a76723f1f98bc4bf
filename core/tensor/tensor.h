// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/view.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace strata {

struct AutogradMeta; // core/autograd

/// A range of one dimension, as Python's start:stop:step (step > 0; negative start/stop count from the end).
struct Slice {
    int64_t start = 0;
    std::optional<int64_t> stop;
    int64_t step = 1;
};

/// A cheap value handle: shared storage, dtype, device, shape, strides, offset and, if it takes part in autograd, its node.
/// Copies share everything. A default-constructed Tensor is undefined. Logical order of images is [N, C, H, W].
/// Errors are Error(BadInput) with a sentence that names the operation and the shapes.
class Tensor {
public:
    Tensor() = default;

    // --- creation -------------------------------------------------------------------------------------------------
    static Tensor empty(const Shape& shape, DType dtype = DType::F32, Device device = cpuDevice());
    static Tensor zeros(const Shape& shape, DType dtype = DType::F32, Device device = cpuDevice());
    static Tensor ones(const Shape& shape, DType dtype = DType::F32, Device device = cpuDevice());
    static Tensor full(const Shape& shape, double value, DType dtype = DType::F32, Device device = cpuDevice());
    static Tensor arange(int64_t end, DType dtype = DType::I64, Device device = cpuDevice());
    static Tensor scalar(double value, DType dtype = DType::F32, Device device = cpuDevice());
    /// Copies values; shape [values.size()] unless given.
    template <class T> static Tensor of(const std::vector<T>& values, const Shape& shape, Device device = cpuDevice());
    template <class T> static Tensor of(const std::vector<T>& values) { return of(values, Shape{int64_t(values.size())}); }
    /// Borrows (or, with a deleter, owns) host memory, row-major; nothing is copied.
    static Tensor fromBlob(void* data, const Shape& shape, DType dtype, std::function<void()> deleter = {});
    /// A fresh buffer that a kernel will write in `layout` (whole activation).
    static Tensor emptyInLayout(const Shape& shape, DType dtype, Device device, Layout layout);
    /// A handle on existing storage; the lowest-level way to make a view. Not recorded by autograd.
    static Tensor onStorage(std::shared_ptr<Storage> storage, DType dtype, const Shape& shape, const Shape& strides, int64_t offset);

    // --- facts ----------------------------------------------------------------------------------------------------
    bool defined() const { return impl_ != nullptr; }
    explicit operator bool() const { return defined(); }
    DType dtype() const;
    Device device() const;
    const Shape& shape() const;
    const Shape& strides() const; ///< in elements; calls makePlain()
    int64_t offset() const;
    int rank() const { return shape().rank(); }
    int64_t size(int dim) const; ///< negative counts from the end
    int64_t elements() const;
    bool isContiguous() const;
    Layout layout() const;
    const std::shared_ptr<Storage>& storage() const;
    bool sharesStorage(const Tensor& other) const { return storage() == other.storage(); }

    // --- access ---------------------------------------------------------------------------------------------------
    /// For kernels: keeps the layout it lies in.
    TensorView view() const;
    OutView out() const; ///< counts as a change of value
    /// For kernels that know plain memory only.
    TensorView plainView() const;
    /// Host pointer to contiguous plain elements of type T; throws unless on the host, contiguous and of that dtype.
    template <class T> const T* data() const;
    template <class T> T* mutableData();                ///< counts as a change of value
    double item() const;                                ///< the value of a one-element tensor
    template <class T> std::vector<T> toVector() const; ///< elements in logical order, converted to T
    std::string text(int64_t edge = 3) const;           ///< as PyTorch prints it, with shape and dtype
    void makePlain() const;
    void setLayout(Layout layout) const; ///< whole activations only; no change of value

    // --- views without autograd: share storage --------------------------------------------------------------------
    Tensor detach() const;
    Tensor viewAs(const Shape& shape, const Shape& strides, int64_t offset) const;

    // --- differentiable, defined in core/ops ----------------------------------------------------------------------
    Tensor reshape(const Shape& shape) const; ///< one size may be -1; a view where strides allow, else a copy
    Tensor flatten(int startDim = 0, int endDim = -1) const;
    Tensor transpose(int a, int b) const;
    Tensor permute(const std::vector<int>& order) const;
    Tensor expand(const Shape& shape) const;
    Tensor squeeze(int dim) const;
    Tensor unsqueeze(int dim) const;
    Tensor slice(int dim, int64_t start, int64_t stop, int64_t step = 1) const;
    Tensor select(int dim, int64_t index) const;
    Tensor index(const std::vector<Slice>& slices) const; ///< one Slice a leading dimension
    Tensor contiguous() const;
    Tensor clone() const;
    Tensor to(DType dtype) const;
    Tensor to(Device device) const;
    Tensor sum() const;
    Tensor sum(const std::vector<int>& dims, bool keepdim = false) const;
    Tensor mean() const;
    Tensor mean(const std::vector<int>& dims, bool keepdim = false) const;
    Tensor argmax(int dim, bool keepdim = false) const;
    Tensor matmul(const Tensor& other) const;
    /// In place, without autograd: copies values (broadcast, converted) into this tensor; fills it.
    Tensor& copyFrom(const Tensor& source);
    Tensor& fill(double value);

    // --- autograd, defined in core/autograd -----------------------------------------------------------------------
    bool requiresGrad() const;           ///< takes part in autograd
    Tensor& setRequiresGrad(bool value); ///< leaves only
    Tensor grad() const;                 ///< undefined before backward()
    void setGrad(const Tensor& gradient);
    /// Runs the graph backward from this one-element tensor (or with the gradient given) and adds into the leaves' grad().
    void backward(const Tensor& gradient = {}) const;
    std::shared_ptr<AutogradMeta>& autogradMeta() const;

private:
    struct Impl {
        std::shared_ptr<Storage> storage;
        DType dtype = DType::F32;
        Shape shape;
        Shape strides;
        int64_t offset = 0;
        std::shared_ptr<AutogradMeta> autograd;
    };
    const Impl& impl() const;
    std::shared_ptr<Impl> impl_;
};

} // namespace strata
