// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/kernels.h"
#include "core/cpu/rows.h"

#include <cstring>

namespace strata::cpu {
namespace {

int64_t indexAt(const TensorView& index, int64_t i) { return index.as<int64_t>()[i * index.strides[0]]; }

/// Throws Error(BadInput) unless all are within [0, size): before the work starts, for a parallel body must not throw.
void checkIndex(const TensorView& index, int64_t size, std::string_view operation, int dim) {
    for (int64_t i = 0; i < index.elements(); ++i) {
        const int64_t at = indexAt(index, i);
        if (at < 0 || at >= size)
            fail(ErrorKind::BadInput, "{}: index {} at position {} is out of range for dimension {} of size {}", operation, at, i, dim,
                 size);
    }
}

/// The slice of size 1 at position i of dimension dim.
TensorView sliceAt(const TensorView& view, int dim, int64_t i) {
    TensorView slice = view;
    slice.data = view.as<char>() + i * view.strides[dim] * int64_t(dtypeSize(view.dtype));
    slice.shape[dim] = 1;
    return slice;
}

/// Sizes before and behind a dimension of a contiguous view.
struct Split {
    int64_t outer = 1, inner = 1;
    Split(const Shape& shape, int dim) {
        for (int d = 0; d < dim; ++d) outer *= shape[d];
        for (int d = dim + 1; d < shape.rank(); ++d) inner *= shape[d];
    }
};

/// Adds slices in the order of the index; threads share the columns of a slice, never a sum.
template <class T> void addContiguous(int dim, const TensorView& in, const TensorView& index, const OutView& out) {
    const Split split(in.shape, dim);
    const int64_t count = in.shape[dim], size = out.shape[dim];
    const int64_t width = std::max<int64_t>(64, kGrain / std::max<int64_t>(1, count));
    const int64_t pieces = (split.inner + width - 1) / width;
    parallelFor(split.outer * pieces, 1, [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; ++unit) {
            const int64_t o = unit / pieces, first = unit % pieces * width, last = std::min(first + width, split.inner);
            for (int64_t i = 0; i < count; ++i) {
                const T* from = in.as<T>() + (o * count + i) * split.inner;
                T* to = out.as<T>() + (o * size + indexAt(index, i)) * split.inner;
                for (int64_t k = first; k < last; ++k) to[k] += from[k];
            }
        }
    });
}

} // namespace

bool indexSelect(int dim, const TensorView& in, const TensorView& index, const OutView& out) {
    if (in.dtype != out.dtype || index.dtype != DType::I64 || in.layout != Layout::Plain || out.layout != Layout::Plain) return false;
    checkIndex(index, in.shape[dim], "index_select", dim);
    const int64_t count = out.shape[dim], size = in.shape[dim];
    if (!in.contiguous() || !out.contiguous()) {
        for (int64_t i = 0; i < count; ++i) copy(sliceAt(in, dim, indexAt(index, i)), OutView(sliceAt(out, dim, i)));
        return true;
    }
    const Split split(in.shape, dim);
    const size_t bytes = size_t(split.inner) * dtypeSize(in.dtype);
    parallelFor(split.outer * count, std::max<int64_t>(1, 4 * kGrain / std::max<int64_t>(1, int64_t(bytes))),
                [&](int64_t begin, int64_t end) {
                    for (int64_t unit = begin; unit < end; ++unit) {
                        const int64_t from = unit / count * size + indexAt(index, unit % count);
                        std::memcpy(out.as<char>() + size_t(unit) * bytes, in.as<char>() + size_t(from) * bytes, bytes);
                    }
                });
    return true;
}

bool indexAdd(int dim, const TensorView& in, const TensorView& index, const OutView& out) {
    if (in.dtype != out.dtype || index.dtype != DType::I64 || in.layout != Layout::Plain || out.layout != Layout::Plain) return false;
    if (in.dtype != DType::F32 && in.dtype != DType::F64) return false;
    checkIndex(index, out.shape[dim], "index_add", dim);
    if (in.contiguous() && out.contiguous()) {
        in.dtype == DType::F32 ? addContiguous<float>(dim, in, index, out) : addContiguous<double>(dim, in, index, out);
        return true;
    }
    for (int64_t i = 0; i < in.shape[dim]; ++i) {
        const OutView target(sliceAt(out, dim, indexAt(index, i)));
        binary(BinaryOp::Add, target, sliceAt(in, dim, i), target);
    }
    return true;
}

} // namespace strata::cpu
