// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/parallel.h"
#include "core/tensor/view.h"

#include <algorithm>
#include <array>

namespace strata::cpu::reference {

/// Element access to a plain view of up to four dimensions; missing trailing ones have size 1, so that [N, C] reads as
/// [N, C, 1, 1] and [C] as [C, 1, 1, 1].
template <class T> struct Grid {
    T* data;
    std::array<int64_t, 4> size{1, 1, 1, 1};
    std::array<int64_t, 4> stride{0, 0, 0, 0};

    explicit Grid(const TensorView& view) : data(view.as<T>()) {
        check(view.layout == Layout::Plain && view.shape.rank() <= 4, "reference kernels take plain views of at most four dimensions");
        for (int d = 0; d < view.shape.rank(); ++d) {
            size[size_t(d)] = view.shape[d];
            stride[size_t(d)] = view.strides[d];
        }
    }
    explicit operator bool() const { return data != nullptr; }
    int64_t pixels() const { return size[2] * size[3]; }
    T& operator()(int64_t a, int64_t b = 0, int64_t c = 0, int64_t d = 0) const {
        return data[a * stride[0] + b * stride[1] + c * stride[2] + d * stride[3]];
    }
};

/// body(a, b) for all a < first, b < second, on the compute threads; `work` is the number of multiplications of one call.
template <class Body> void forPairs(int64_t first, int64_t second, int64_t work, Body&& body) {
    parallelFor(first * second, std::max<int64_t>(1, 8192 / std::max<int64_t>(1, work)), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) body(i / second, i % second);
    });
}

} // namespace strata::cpu::reference
