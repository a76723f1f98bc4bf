// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include <algorithm>

namespace strata {

const uint8_t* Dataset::pixels(int64_t, Shape&) const { return nullptr; }

Subset::Subset(DatasetPtr base, std::vector<int64_t> indices) : base_(std::move(base)), indices_(std::move(indices)) {
    const int64_t size = base_->size();
    for (const int64_t index : indices_) {
        if (index < 0 || index >= size) fail(ErrorKind::BadInput, "subset: index {} is out of range: the data has {} samples", index, size);
    }
}

Concatenated::Concatenated(std::vector<DatasetPtr> parts) : parts_(std::move(parts)) {
    int64_t end = 0;
    for (const DatasetPtr& part : parts_) ends_.push_back(end += part->size());
}

std::pair<size_t, int64_t> Concatenated::place(int64_t index) const {
    const size_t part = size_t(std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin());
    check(index >= 0 && part < parts_.size(), "concatenated: index out of range");
    return {part, part == 0 ? index : index - ends_[part - 1]};
}

Sample Concatenated::get(int64_t index) const {
    const auto [part, inside] = place(index);
    return parts_[part]->get(inside);
}

int64_t Concatenated::label(int64_t index) const {
    const auto [part, inside] = place(index);
    return parts_[part]->label(inside);
}

std::string Concatenated::origin(int64_t index) const {
    const auto [part, inside] = place(index);
    return parts_[part]->origin(inside);
}

const uint8_t* Concatenated::pixels(int64_t index, Shape& shape) const {
    const auto [part, inside] = place(index);
    return parts_[part]->pixels(inside, shape);
}

} // namespace strata
