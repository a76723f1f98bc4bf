// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/shape.h"

#include <algorithm>

namespace strata {

Shape::Shape(std::span<const int64_t> sizes) {
    if (sizes.size() > size_t(kMaxRank)) fail(ErrorKind::BadInput, "a tensor has at most {} dimensions, not {}", kMaxRank, sizes.size());
    std::copy(sizes.begin(), sizes.end(), sizes_.begin());
    rank_ = int(sizes.size());
}

void Shape::push(int64_t size) { insert(rank_, size); }

void Shape::insert(int at, int64_t size) {
    if (rank_ == kMaxRank) fail(ErrorKind::BadInput, "a tensor has at most {} dimensions", kMaxRank);
    for (int i = rank_; i > at; --i) sizes_[size_t(i)] = sizes_[size_t(i - 1)];
    sizes_[size_t(at)] = size;
    ++rank_;
}

void Shape::erase(int at) {
    for (int i = at; i + 1 < rank_; ++i) sizes_[size_t(i)] = sizes_[size_t(i + 1)];
    --rank_;
}

bool Shape::operator==(const Shape& other) const { return rank_ == other.rank_ && std::equal(begin(), end(), other.begin()); }

int64_t Shape::elements() const { return checkedProduct(sizes_.data(), size_t(rank_), "shape"); }

Shape Shape::contiguousStrides() const {
    Shape strides = *this;
    int64_t step = 1;
    for (int i = rank_ - 1; i >= 0; --i) {
        strides[i] = step;
        step *= std::max<int64_t>(sizes_[size_t(i)], 1);
    }
    return strides;
}

std::string Shape::text() const { return fmt::format("[{}]", fmt::join(begin(), end(), ", ")); }

std::string Shape::text(char separator) const { return fmt::format("{}", fmt::join(begin(), end(), std::string(1, separator))); }

Shape broadcastShapes(const Shape& a, const Shape& b, std::string_view operation) {
    if (a == b) return a;
    const int rank = std::max(a.rank(), b.rank());
    Shape result;
    for (int i = 0; i < rank; ++i) {
        const int ia = i - (rank - a.rank()), ib = i - (rank - b.rank());
        const int64_t sa = ia < 0 ? 1 : a[ia], sb = ib < 0 ? 1 : b[ib];
        if (sa != sb && sa != 1 && sb != 1)
            fail(ErrorKind::BadInput, "{}: shapes {} and {} cannot be broadcast together", operation, a.text(), b.text());
        result.push(sa == 1 ? sb : sa);
    }
    return result;
}

int normalizeDim(int dim, int rank, std::string_view operation) {
    if (dim < -rank || dim >= rank) fail(ErrorKind::BadInput, "{}: there is no dimension {} in a tensor of rank {}", operation, dim, rank);
    return dim < 0 ? dim + rank : dim;
}

} // namespace strata
