// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace strata {

constexpr int kMaxRank = 8;

/// Up to eight sizes or strides, held inline. Also used for index lists of that length.
class Shape {
public:
    Shape() = default;
    Shape(std::initializer_list<int64_t> sizes) : Shape(std::span<const int64_t>(sizes.begin(), sizes.size())) {}
    Shape(const std::vector<int64_t>& sizes) : Shape(std::span<const int64_t>(sizes)) {}
    explicit Shape(std::span<const int64_t> sizes); ///< throws Error(BadInput) over eight

    int rank() const { return rank_; }
    size_t size() const { return size_t(rank_); }
    bool empty() const { return rank_ == 0; }
    int64_t operator[](int i) const { return sizes_[size_t(i)]; }
    int64_t& operator[](int i) { return sizes_[size_t(i)]; }
    int64_t back() const { return sizes_[size_t(rank_ - 1)]; }
    const int64_t* begin() const { return sizes_.data(); }
    const int64_t* end() const { return sizes_.data() + rank_; }
    void push(int64_t size);
    void insert(int at, int64_t size);
    void erase(int at);
    bool operator==(const Shape& other) const;

    /// Number of elements; throws Error(BadInput) on a negative size or overflow.
    int64_t elements() const;
    /// Strides of the plain row-major layout, in elements.
    Shape contiguousStrides() const;
    std::vector<int64_t> toVector() const { return {begin(), end()}; }
    /// "[64, 3, 32, 32]"; text(sep="x") style "3x32x32" through join().
    std::string text() const;
    std::string text(char separator) const;

private:
    std::array<int64_t, kMaxRank> sizes_{};
    int rank_ = 0;
};

/// NumPy's broadcasting of two shapes. Throws Error(BadInput) naming `operation` and both shapes.
Shape broadcastShapes(const Shape& a, const Shape& b, std::string_view operation);
/// Dimension in [-rank, rank) to [0, rank). Throws Error(BadInput) naming `operation`.
int normalizeDim(int dim, int rank, std::string_view operation);

} // namespace strata
