// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/parallel.h"
#include "core/tensor/view.h"

#include <algorithm>
#include <array>

namespace strata::cpu {

constexpr int64_t kGrain = 32768; ///< elements of cheap work worth a thread

/// N operands of one shape as nested loops: strides in bytes, dimensions merged where all operands allow it, the output's
/// densest dimension last. Operand 0 is the output.
template <size_t N> struct StridedLoop {
    int rank = 0;
    std::array<int64_t, kMaxRank> sizes{};
    std::array<std::array<int64_t, N>, kMaxRank> strides{};
    std::array<char*, N> base{};
    int64_t elements = 1;

    int64_t inner() const { return rank ? sizes[size_t(rank - 1)] : 1; }
};

/// Operands must have one shape and, where their layout is not plain, one layout (then they are one run with its padding).
template <size_t N> StridedLoop<N> makeLoop(const std::array<const TensorView*, N>& views) {
    StridedLoop<N> loop;
    const TensorView& out = *views[0];
    for (size_t k = 0; k < N; ++k) {
        loop.base[k] = static_cast<char*>(views[k]->data);
        check(views[k]->layout == out.layout && views[k]->shape == out.shape,
              "operands of one elementwise kernel differ in layout or shape");
    }
    const bool plain = out.layout == Layout::Plain;
    loop.elements = plain ? out.elements() : layoutElements(out.layout, out.shape);
    struct Dimension {
        int64_t size;
        std::array<int64_t, N> strides;
    };
    std::array<Dimension, kMaxRank> dims{};
    size_t count = 0;
    const auto add = [&](int64_t size, auto&& stride) {
        Dimension& d = dims[count++];
        d.size = size;
        for (size_t k = 0; k < N; ++k) d.strides[k] = stride(k) * int64_t(dtypeSize(views[k]->dtype));
    };
    if (plain) {
        for (int d = 0; d < out.shape.rank(); ++d)
            if (out.shape[d] != 1) add(out.shape[d], [&](size_t k) { return views[k]->strides[d]; });
        std::stable_sort(dims.begin(), dims.begin() + std::ptrdiff_t(count),
                         [](const Dimension& a, const Dimension& b) { return a.strides[0] > b.strides[0]; });
    } else {
        add(loop.elements, [](size_t) { return 1; });
    }
    for (size_t d = 0; d < count; ++d) {
        const auto last = size_t(loop.rank) - 1;
        bool merges = loop.rank > 0;
        for (size_t k = 0; merges && k < N; ++k) merges = loop.strides[last][k] == dims[d].strides[k] * dims[d].size;
        const size_t to = merges ? last : size_t(loop.rank++);
        loop.sizes[to] = (merges ? loop.sizes[to] : 1) * dims[d].size;
        loop.strides[to] = dims[d].strides;
    }
    return loop;
}

/// Calls row(pointers, strides in bytes, count) over the loop on the compute threads; long rows are cut, so that two threads
/// share a single one. Rows are cut at the same places for any number of threads but for one contiguous run.
template <size_t N, class Row> void forEachRow(const StridedLoop<N>& loop, int64_t grain, Row&& row) {
    if (loop.elements == 0) return;
    const std::array<int64_t, N> noStrides{};
    const auto& strides = loop.rank ? loop.strides[size_t(loop.rank - 1)] : noStrides;
    const auto at = [&](const std::array<char*, N>& base, int64_t i) {
        std::array<char*, N> p = base;
        for (size_t k = 0; k < N; ++k) p[k] += i * strides[k];
        return p;
    };
    if (loop.rank <= 1) {
        parallelFor(loop.inner(), grain, [&](int64_t begin, int64_t end) { row(at(loop.base, begin), strides, end - begin); });
        return;
    }
    const int64_t inner = loop.inner();
    const int64_t pieces = (inner + grain - 1) / grain;
    const int64_t pieceSize = (inner + pieces - 1) / pieces;
    const int64_t rows = loop.elements / inner;
    parallelFor(rows * pieces, std::max<int64_t>(1, grain / pieceSize), [&](int64_t begin, int64_t end) {
        std::array<int64_t, kMaxRank> index{};
        std::array<char*, N> base = loop.base;
        int64_t rest = begin / pieces, piece = begin % pieces;
        for (int d = loop.rank - 2; d >= 0; --d) {
            const auto dim = size_t(d);
            index[dim] = rest % loop.sizes[dim];
            rest /= loop.sizes[dim];
            for (size_t k = 0; k < N; ++k) base[k] += index[dim] * loop.strides[dim][k];
        }
        for (int64_t unit = begin; unit < end; ++unit) {
            const int64_t first = piece * pieceSize;
            if (first < inner) row(at(base, first), strides, std::min(pieceSize, inner - first));
            if (++piece < pieces) continue;
            piece = 0;
            for (int d = loop.rank - 2; d >= 0; --d) {
                const auto dim = size_t(d);
                for (size_t k = 0; k < N; ++k) base[k] += loop.strides[dim][k];
                if (++index[dim] < loop.sizes[dim]) break;
                for (size_t k = 0; k < N; ++k) base[k] -= loop.sizes[dim] * loop.strides[dim][k];
                index[dim] = 0;
            }
        }
    });
}

} // namespace strata::cpu
