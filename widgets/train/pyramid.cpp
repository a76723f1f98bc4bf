// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/pyramid.h"

#include <algorithm>
#include <cmath>

namespace strata {

void Extent::add(double value) {
    if (!std::isfinite(value)) return;
    low = empty ? value : std::min(low, value);
    high = empty ? value : std::max(high, value);
    empty = false;
}

void Extent::add(const Extent& other) {
    if (other.empty) return;
    add(other.low);
    add(other.high);
}

void Pyramid::append(double value) {
    size_t block = values_.size() / kFan;
    values_.push_back(value);
    for (size_t level = 0;; ++level, block /= kFan) {
        if (level == levels_.size()) {
            if (block == 0 && level > 0 && levels_[level - 1].size() < kFan) return; // one block would hold all
            levels_.emplace_back();
            if (level > 0) { // a level that begins late: what lies below it so far
                for (const Extent& below : levels_[level - 1]) {
                    const size_t at = size_t(&below - levels_[level - 1].data()) / kFan;
                    if (levels_[level].size() <= at) levels_[level].emplace_back();
                    levels_[level][at].add(below);
                }
                return;
            }
        }
        if (levels_[level].size() <= block) levels_[level].emplace_back();
        levels_[level][block].add(value);
    }
}

void Pyramid::clear() {
    values_.clear();
    levels_.clear();
}

Extent Pyramid::extent(size_t begin, size_t end) const {
    Extent result;
    end = std::min(end, values_.size());
    while (begin < end && begin % kFan != 0) result.add(values_[begin++]);
    if (begin >= end) return result;
    while (end % kFan != 0 && end > begin) result.add(values_[--end]);
    begin /= kFan;
    end /= kFan;
    for (const std::vector<Extent>& level : levels_) {
        if (&level == &levels_.back()) {
            for (; begin < end; ++begin) result.add(level[begin]);
            break;
        }
        while (begin < end && begin % kFan != 0) result.add(level[begin++]);
        while (begin < end && end % kFan != 0) result.add(level[--end]);
        if (begin >= end) break;
        begin /= kFan;
        end /= kFan;
    }
    return result;
}

} // namespace strata
