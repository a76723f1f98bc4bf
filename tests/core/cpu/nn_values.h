// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/philox.h"
#include "core/cpu/kernels.h"

#include <cmath>
#include <vector>

/// Arrays for tests of kernels: noise in f32 and the same values in f64, in any layout, with the padding checked.
namespace strata::test {

/// A device buffer without a Tensor around it.
class Values {
public:
    Values() = default;
    Values(const Shape& shape, DType dtype, Layout layout = Layout::Plain) {
        view_.dtype = dtype;
        view_.layout = layout;
        view_.shape = shape;
        view_.strides = shape.contiguousStrides();
        // 64-byte aligned; what a kernel does not write shows as NaN (or 255).
        const size_t bytes = size_t(layoutElements(layout, shape)) * dtypeSize(dtype);
        memory_.assign(bytes + 64, 0xFF);
        view_.data = memory_.data() + (64 - reinterpret_cast<uintptr_t>(memory_.data()) % 64);
    }
    Values(Values&&) = default;
    Values& operator=(Values&&) = default;

    /// Normal noise, the same for both dtypes (f32 values).
    static Values noise(uint64_t seed, const Shape& shape, DType dtype, double scale = 1, double shift = 0) {
        Values values(shape, dtype);
        uint32_t state = uint32_t(seed * 2654435761u + 12345u);
        const auto uniform = [&] { return double((state = state * 1664525u + 1013904223u) >> 8) / 16777216.0; };
        for (int64_t i = 0; i < shape.elements(); ++i) {
            const double value = double(float(shift + scale * (uniform() + uniform() + uniform() - 1.5) * 2));
            if (dtype == DType::F32)
                values.view_.as<float>()[i] = float(value);
            else
                values.view_.as<double>()[i] = value;
        }
        return values;
    }

    TensorView view() const { return view_; }
    OutView out() const { return OutView(view_); }
    operator TensorView() const { return view_; }
    operator OutView() const { return out(); }

    Values in(Layout layout) const {
        Values other(view_.shape, view_.dtype, layout);
        cpu::relayout(view_.data, view_.layout, other.view_.data, layout, view_.shape, view_.dtype);
        return other;
    }
    std::vector<double> numbers() const {
        const Values plain = in(Layout::Plain);
        std::vector<double> result(size_t(view_.shape.elements()));
        for (size_t i = 0; i < result.size(); ++i) {
            switch (view_.dtype) {
            case DType::F32: result[i] = double(plain.view_.as<float>()[i]); break;
            case DType::F64: result[i] = plain.view_.as<double>()[i]; break;
            case DType::I32: result[i] = plain.view_.as<int32_t>()[i]; break;
            default: result[i] = plain.view_.as<uint8_t>()[i]; break;
            }
        }
        return result;
    }
    /// Whether the channels that a blocked layout adds are 0, bit for bit.
    bool paddingIsZero() const {
        const int64_t block = view_.layout == Layout::Blocked16 ? 16 : view_.layout == Layout::Blocked8 ? 8 : 1;
        if (block == 1) return true;
        const Shape& s = view_.shape;
        const int64_t area = s[2] * s[3], blocks = (s[1] + block - 1) / block;
        const size_t size = dtypeSize(view_.dtype);
        for (int64_t n = 0; n < s[0]; ++n)
            for (int64_t i = 0; i < area; ++i)
                for (int64_t c = s[1]; c < blocks * block; ++c) {
                    const auto* at = view_.as<const uint8_t>() + size_t(((n * blocks + c / block) * area + i) * block + c % block) * size;
                    for (size_t b = 0; b < size; ++b)
                        if (at[b] != 0 && !(b == size - 1 && at[b] == 0x80)) return false;
                }
        return true;
    }
    bool sameBytes(const Values& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

private:
    const uint8_t* begin() const { return view_.as<const uint8_t>(); }
    const uint8_t* end() const { return begin() + size_t(layoutElements(view_.layout, view_.shape)) * dtypeSize(view_.dtype); }
    std::vector<uint8_t> memory_;
    TensorView view_;
};

/// ||a - b|| / ||b||, or ||a|| if b is 0; infinite if an element is no number.
inline double relativeError(const Values& a, const Values& b) {
    const auto x = a.numbers(), y = b.numbers();
    double difference = 0, norm = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        difference += (x[i] - y[i]) * (x[i] - y[i]);
        norm += y[i] * y[i];
    }
    const double error = std::sqrt(norm > 0 ? difference / norm : difference);
    return x.size() == y.size() && std::isfinite(error) ? error : HUGE_VAL;
}

} // namespace strata::test
