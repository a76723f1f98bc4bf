// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/view.h"

#include <cstddef>
#include <vector>

namespace strata::test {

/// Memory of one operand for kernels called without Tensor: owns bytes, hands out a view, and reads and writes elements by
/// their logical row-major number as double, whatever the dtype, strides or layout. Written apart from core/cpu, so that it
/// can judge it.
class RawTensor {
public:
    RawTensor() = default;
    RawTensor(DType dtype, const Shape& shape, Layout layout = Layout::Plain);
    /// Plain with strides in elements (0 broadcasts); memory is as large as they need.
    RawTensor(DType dtype, const Shape& shape, const Shape& strides);

    const TensorView& view() const { return view_; }
    OutView out() const { return OutView(view_); }
    int64_t elements() const { return view_.elements(); }
    double get(int64_t i) const;
    void set(int64_t i, double value);
    template <class Function> RawTensor& fill(Function&& value) {
        for (int64_t i = 0; i < elements(); ++i) set(i, value(i));
        return *this;
    }
    /// Every byte of the memory, padding and gaps too, to `byte`.
    void poison(unsigned char byte);
    /// Whether all padded channels of a blocked layout are zero.
    bool paddingIsZero() const;

private:
    int64_t offset(int64_t i) const;
    struct alignas(64) Line {
        unsigned char bytes[64];
    };
    std::vector<Line> memory_;
    TensorView view_;
};

/// A double in [-scale, scale), a function of i and stream alone.
double noise(int64_t i, int stream, double scale = 1);

/// Whether got is want (computed in double) within relative + absolute error after rounding to the dtype; NaN equals NaN.
bool close(double got, double want, double relative, double absolute);

} // namespace strata::test
