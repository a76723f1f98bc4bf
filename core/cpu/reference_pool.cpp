// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/reference.h"
#include "core/cpu/reference_view.h"

namespace strata::cpu::reference {
namespace {

/// The part of a window that lies on the input.
struct Window {
    int64_t top, left, firstRow, lastRow, firstColumn, lastColumn;

    Window(const PoolParams& p, int64_t row, int64_t column, int64_t height, int64_t width)
        : top(row * p.stride[0] - p.padding[0]), left(column * p.stride[1] - p.padding[1]), firstRow(std::max<int64_t>(top, 0)),
          lastRow(std::min(top + p.kernel[0], height)), firstColumn(std::max<int64_t>(left, 0)),
          lastColumn(std::min(left + p.kernel[1], width)) {}
    double divisor(const PoolParams& p) const {
        return double(p.countIncludePad ? p.kernel[0] * p.kernel[1] : (lastRow - firstRow) * (lastColumn - firstColumn));
    }
};

template <class T, class Index>
void maxPoolTyped(const PoolParams& p, const Grid<const T>& x, const Grid<T>& y, const Grid<Index>* indices) {
    forPairs(y.size[0], y.size[1], y.pixels() * p.kernel[0] * p.kernel[1], [&](int64_t n, int64_t c) {
        for (int64_t row = 0; row < y.size[2]; ++row)
            for (int64_t column = 0; column < y.size[3]; ++column) {
                const Window window(p, row, column, x.size[2], x.size[3]);
                T best = x(n, c, window.firstRow, window.firstColumn);
                int64_t place = (window.firstRow - window.top) * p.kernel[1] + window.firstColumn - window.left;
                for (int64_t h = window.firstRow; h < window.lastRow; ++h)
                    for (int64_t w = window.firstColumn; w < window.lastColumn; ++w) {
                        const T value = x(n, c, h, w);
                        if (best != best || !(value > best || value != value)) continue;
                        best = value;
                        place = (h - window.top) * p.kernel[1] + w - window.left;
                    }
                y(n, c, row, column) = best;
                if (indices) (*indices)(n, c, row, column) = Index(place);
            }
    });
}

template <class T, class Index>
void maxPoolBackwardTyped(const PoolParams& p, const Grid<const T>& g, const Grid<const Index>& indices, const Grid<T>& dx) {
    forPairs(g.size[0], g.size[1], dx.pixels() + g.pixels() * p.kernel[0] * p.kernel[1], [&](int64_t n, int64_t c) {
        for (int64_t h = 0; h < dx.size[2]; ++h)
            for (int64_t w = 0; w < dx.size[3]; ++w) dx(n, c, h, w) = 0;
        for (int64_t row = 0; row < g.size[2]; ++row)
            for (int64_t column = 0; column < g.size[3]; ++column) {
                const auto place = int64_t(indices(n, c, row, column));
                const int64_t h = row * p.stride[0] - p.padding[0] + place / p.kernel[1];
                const int64_t w = column * p.stride[1] - p.padding[1] + place % p.kernel[1];
                if (h >= 0 && h < dx.size[2] && w >= 0 && w < dx.size[3]) dx(n, c, h, w) += g(n, c, row, column);
            }
    });
}

} // namespace

template <class T> void maxPool(const PoolParams& p, const TensorView& input, const OutView& output, const OutView& indices) {
    const Grid<const T> x(input);
    const Grid<T> y(output);
    if (!indices) return maxPoolTyped<T, uint8_t>(p, x, y, nullptr);
    if (indices.dtype == DType::U8) {
        const Grid<uint8_t> places(indices);
        return maxPoolTyped<T, uint8_t>(p, x, y, &places);
    }
    check(indices.dtype == DType::I32, "indices of max_pool are u8 or i32");
    const Grid<int32_t> places(indices);
    maxPoolTyped<T, int32_t>(p, x, y, &places);
}

template <class T>
void maxPoolBackward(const PoolParams& p, const TensorView& gradOutput, const TensorView& indices, const OutView& gradInput) {
    const Grid<const T> g(gradOutput);
    const Grid<T> dx(gradInput);
    if (indices.dtype == DType::U8) return maxPoolBackwardTyped<T, uint8_t>(p, g, Grid<const uint8_t>(indices), dx);
    check(indices.dtype == DType::I32, "indices of max_pool are u8 or i32");
    maxPoolBackwardTyped<T, int32_t>(p, g, Grid<const int32_t>(indices), dx);
}

template <class T> void avgPool(const PoolParams& p, const TensorView& input, const OutView& output) {
    const Grid<const T> x(input);
    const Grid<T> y(output);
    forPairs(y.size[0], y.size[1], y.pixels() * p.kernel[0] * p.kernel[1], [&](int64_t n, int64_t c) {
        for (int64_t row = 0; row < y.size[2]; ++row)
            for (int64_t column = 0; column < y.size[3]; ++column) {
                const Window window(p, row, column, x.size[2], x.size[3]);
                double sum = 0;
                for (int64_t h = window.firstRow; h < window.lastRow; ++h)
                    for (int64_t w = window.firstColumn; w < window.lastColumn; ++w) sum += double(x(n, c, h, w));
                y(n, c, row, column) = T(sum / window.divisor(p));
            }
    });
}

template <class T> void avgPoolBackward(const PoolParams& p, const TensorView& gradOutput, const OutView& gradInput) {
    const Grid<const T> g(gradOutput);
    const Grid<T> dx(gradInput);
    forPairs(g.size[0], g.size[1], dx.pixels() + g.pixels() * p.kernel[0] * p.kernel[1], [&](int64_t n, int64_t c) {
        for (int64_t h = 0; h < dx.size[2]; ++h)
            for (int64_t w = 0; w < dx.size[3]; ++w) dx(n, c, h, w) = 0;
        for (int64_t row = 0; row < g.size[2]; ++row)
            for (int64_t column = 0; column < g.size[3]; ++column) {
                const Window window(p, row, column, dx.size[2], dx.size[3]);
                const T share = T(double(g(n, c, row, column)) / window.divisor(p));
                for (int64_t h = window.firstRow; h < window.lastRow; ++h)
                    for (int64_t w = window.firstColumn; w < window.lastColumn; ++w) dx(n, c, h, w) += share;
            }
    });
}

template void maxPool<float>(const PoolParams&, const TensorView&, const OutView&, const OutView&);
template void maxPool<double>(const PoolParams&, const TensorView&, const OutView&, const OutView&);
template void maxPoolBackward<float>(const PoolParams&, const TensorView&, const TensorView&, const OutView&);
template void maxPoolBackward<double>(const PoolParams&, const TensorView&, const TensorView&, const OutView&);
template void avgPool<float>(const PoolParams&, const TensorView&, const OutView&);
template void avgPool<double>(const PoolParams&, const TensorView&, const OutView&);
template void avgPoolBackward<float>(const PoolParams&, const TensorView&, const OutView&);
template void avgPoolBackward<double>(const PoolParams&, const TensorView&, const OutView&);

} // namespace strata::cpu::reference
