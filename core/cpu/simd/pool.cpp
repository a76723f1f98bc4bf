// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/nn_simd.h"
#include "core/cpu/simd/nn_lanes.h"

namespace strata::cpu::STRATA_ISA {
namespace {

template <class Kernel> void overLanes(const PoolPlane& plane, Kernel&& kernel) {
    if (plane.lanes == 16) return kernel.template operator()<16>(0);
    if (plane.lanes == 8) return kernel.template operator()<8>(0);
    for (int64_t lane = 0; lane < plane.lanes; ++lane) kernel.template operator()<1>(lane);
}

constexpr int64_t kAhead = 1024; ///< floats that a read-only pass asks for in advance: large planes come from memory

// Not std::min and std::max: the linker could keep the copy made for another processor.
int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/// Part of a window that lies inside the image: cells [begin, end) of the window, the first at input position `at`.
struct Span {
    int64_t at, begin, end;
};
Span spanOf(int64_t out, int64_t stride, int64_t padding, int64_t kernel, int64_t size) {
    const int64_t start = out * stride - padding;
    return {start, larger(0, -start), smaller(kernel, size - start)};
}

/// Calls body(offset of the output pixel, rows, columns) for each window.
template <class Body> [[gnu::always_inline]] inline void overWindows(const PoolPlane& plane, Body&& body) {
    for (int64_t y = 0; y < plane.outHeight; ++y) {
        const Span rows = spanOf(y, plane.strideY, plane.padY, plane.kernelHeight, plane.inHeight);
        for (int64_t x = 0; x < plane.outWidth; ++x)
            body((y * plane.outWidth + x) * plane.pixelStride, rows,
                 spanOf(x, plane.strideX, plane.padX, plane.kernelWidth, plane.inWidth));
    }
}

/// Calls body(offset of the input pixel, cell number in the window) for each cell of a window inside the image.
template <class Body>
[[gnu::always_inline]] inline void overCells(const PoolPlane& plane, const Span& rows, const Span& columns, Body&& body) {
    for (int64_t row = rows.begin; row < rows.end; ++row) {
        const int64_t start = ((rows.at + row) * plane.inWidth + columns.at) * plane.pixelStride;
        for (int64_t column = columns.begin; column < columns.end; ++column)
            body(start + column * plane.pixelStride, int32_t(row * plane.kernelWidth + column));
    }
}

template <int L, class Index> void maxForwardLanes(const PoolPlane& plane, const float* in, float* out, Index* indices) {
    using V = typename Lanes<L>::Float;
    using I = typename Lanes<L>::Int;
    overWindows(plane, [&](int64_t target, const Span& rows, const Span& columns) {
        V best = spread<L>(-__builtin_inff());
        I where = I{} + int32_t(rows.begin * plane.kernelWidth + columns.begin);
        overCells(plane, rows, columns, [&](int64_t source, int32_t cell) {
            __builtin_prefetch(in + source + kAhead);
            const V value = load<V>(in + source);
            if constexpr (L == 1) {
                if (value > best || value != value) best = value, where = cell;
            } else {
                const I wins = (value > best) | (value != value);
                best = wins ? value : best;
                where = wins ? I{} + cell : where;
            }
        });
        store(out + target, best);
        if (indices == nullptr) return;
        if constexpr (L == 1)
            indices[target] = Index(where);
        else if constexpr (sizeof(Index) == 1)
            store(indices + target, __builtin_convertvector(where, typename Lanes<L>::Byte));
        else
            store(indices + target, where);
    });
}

void maxForward(const PoolPlane& plane, const float* in, float* out, void* indices, bool wide) {
    overLanes(plane, [&]<int L>(int64_t lane) {
        if (wide)
            maxForwardLanes<L>(plane, in + lane, out + lane, indices == nullptr ? nullptr : static_cast<int32_t*>(indices) + lane);
        else
            maxForwardLanes<L>(plane, in + lane, out + lane, indices == nullptr ? nullptr : static_cast<uint8_t*>(indices) + lane);
    });
}

template <int L> void clear(const PoolPlane& plane, float* to) {
    const typename Lanes<L>::Float zero{};
    for (int64_t i = 0; i < plane.inHeight * plane.inWidth; ++i) store(to + i * plane.pixelStride, zero);
}

/// No cell lies in two windows.
bool separate(const PoolPlane& plane) { return plane.strideY >= plane.kernelHeight && plane.strideX >= plane.kernelWidth; }
/// Every cell lies in a window.
bool covered(const PoolPlane& plane) {
    return plane.strideY <= plane.kernelHeight && plane.strideX <= plane.kernelWidth &&
           (plane.outHeight - 1) * plane.strideY - plane.padY + plane.kernelHeight >= plane.inHeight &&
           (plane.outWidth - 1) * plane.strideX - plane.padX + plane.kernelWidth >= plane.inWidth;
}

template <int L, bool Adds, class Index>
void maxBackwardLanes(const PoolPlane& plane, const float* gradOut, const Index* indices, float* gradIn) {
    using V = typename Lanes<L>::Float;
    using I = typename Lanes<L>::Int;
    if (Adds || !covered(plane)) clear<L>(plane, gradIn);
    overWindows(plane, [&](int64_t source, const Span& rows, const Span& columns) {
        const V gradient = load<V>(gradOut + source);
        I where;
        if constexpr (L == 1)
            where = int32_t(indices[source]);
        else if constexpr (sizeof(Index) == 1)
            where = __builtin_convertvector(load<typename Lanes<L>::Byte>(indices + source), I);
        else
            where = load<I>(indices + source);
        overCells(plane, rows, columns, [&](int64_t target, int32_t cell) {
            V value = where == cell ? gradient : V{};
            if constexpr (Adds) value += load<V>(gradIn + target);
            store(gradIn + target, value);
        });
    });
}

void maxBackward(const PoolPlane& plane, const float* gradOut, const void* indices, bool wide, float* gradIn) {
    const bool adds = !separate(plane);
    overLanes(plane, [&]<int L>(int64_t lane) {
        const auto run = [&](const auto* where) {
            if (adds)
                maxBackwardLanes<L, true>(plane, gradOut + lane, where + lane, gradIn + lane);
            else
                maxBackwardLanes<L, false>(plane, gradOut + lane, where + lane, gradIn + lane);
        };
        if (wide)
            run(static_cast<const int32_t*>(indices));
        else
            run(static_cast<const uint8_t*>(indices));
    });
}

/// What an average divides by. Padding counts only as far as it lies in the padded image.
float divisor(const PoolPlane& plane, const Span& rows, const Span& columns) {
    if (!plane.countIncludePad) return float((rows.end - rows.begin) * (columns.end - columns.begin));
    const int64_t height = smaller(plane.kernelHeight, plane.inHeight + plane.padY - rows.at);
    const int64_t width = smaller(plane.kernelWidth, plane.inWidth + plane.padX - columns.at);
    return float(height * width);
}

void averageForward(const PoolPlane& plane, const float* in, float* out) {
    overLanes(plane, [&]<int L>(int64_t lane) {
        using V = typename Lanes<L>::Float;
        overWindows(plane, [&](int64_t target, const Span& rows, const Span& columns) {
            V sum{};
            overCells(plane, rows, columns, [&](int64_t source, int32_t) { sum += load<V>(in + lane + source); });
            store(out + lane + target, V(sum / divisor(plane, rows, columns)));
        });
    });
}

template <int L, bool Adds> void averageBackwardLanes(const PoolPlane& plane, const float* gradOut, float* gradIn) {
    using V = typename Lanes<L>::Float;
    if (Adds || !covered(plane)) clear<L>(plane, gradIn);
    overWindows(plane, [&](int64_t source, const Span& rows, const Span& columns) {
        const V gradient = load<V>(gradOut + source) / divisor(plane, rows, columns);
        overCells(plane, rows, columns, [&](int64_t target, int32_t) {
            if constexpr (Adds)
                store(gradIn + target, V(load<V>(gradIn + target) + gradient));
            else
                store(gradIn + target, gradient);
        });
    });
}

void averageBackward(const PoolPlane& plane, const float* gradOut, float* gradIn) {
    const bool adds = !separate(plane);
    overLanes(plane, [&]<int L>(int64_t lane) {
        if (adds)
            averageBackwardLanes<L, true>(plane, gradOut + lane, gradIn + lane);
        else
            averageBackwardLanes<L, false>(plane, gradOut + lane, gradIn + lane);
    });
}

} // namespace

const PoolKernels poolKernels{maxForward, maxBackward, averageForward, averageBackward};

} // namespace strata::cpu::STRATA_ISA
