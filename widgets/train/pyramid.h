// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <vector>

namespace strata {

/// Smallest and largest of a stretch of values; empty where it holds no finite one.
struct Extent {
    double low = 0, high = 0;
    bool empty = true;
    void add(double value);
    void add(const Extent& other);
    bool operator==(const Extent&) const = default;
};

/// Values that only grow in number, with a pyramid of extents above them (16 to one), so that the extent of any stretch costs
/// a few dozen looks whatever its length. NaN and infinities are passed over.
class Pyramid {
public:
    void append(double value);
    void clear();
    size_t size() const { return values_.size(); }
    double operator[](size_t i) const { return values_[i]; }
    const std::vector<double>& values() const { return values_; }
    /// Extent of values [begin, end).
    Extent extent(size_t begin, size_t end) const;

private:
    static constexpr size_t kFan = 16;
    std::vector<double> values_;
    std::vector<std::vector<Extent>> levels_; ///< levels_[k][i]: values [i, i + 1) * 16^(k + 1)
};

} // namespace strata
