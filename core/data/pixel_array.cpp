// SPDX-License-Identifier: Apache-2.0
#include "core/data/pixel_array.h"

#include "core/base/text.h"

#include <algorithm>

namespace strata {

PixelArrayDataset::PixelArrayDataset(PixelArray array) : array_(std::move(array)), imageBytes_(array_.imageBytes()) {
    check(array_.pixels->size() == size_t(array_.count()) * size_t(imageBytes_), "pixel array: pixels and labels differ in number");
}

const uint8_t* PixelArrayDataset::pixels(int64_t index, Shape& shape) const {
    check(index >= 0 && index < array_.count(), "pixel array: index out of range");
    shape = array_.imageShape;
    return array_.pixels->data() + index * imageBytes_;
}

Sample PixelArrayDataset::get(int64_t index) const {
    Shape shape;
    pixels(index, shape);
    uint8_t* data = array_.pixels->data() + index * imageBytes_;
    // The deleter holds the buffer, so that a picture may outlive its dataset.
    return {Tensor::fromBlob(data, shape, DType::U8, [keep = array_.pixels] {}), array_.labels[size_t(index)]};
}

std::string PixelArrayDataset::origin(int64_t index) const {
    const auto after = std::upper_bound(array_.parts.begin(), array_.parts.end(), index,
                                        [](int64_t i, const PixelPart& part) { return i < part.firstIndex; });
    if (after == array_.parts.begin()) return fmt::format("sample {}", index);
    const PixelPart& part = *(after - 1);
    return fmt::format("{} record {}", part.name, index - part.firstIndex);
}

std::string arrayFingerprint(const PixelArray& array) {
    const std::string text = array.imageShape.text() + hashHex(array.pixels->data(), array.pixels->size()) +
                             hashHex(array.labels.data(), array.labels.size() * sizeof(int64_t));
    return hashHex(text.data(), text.size());
}

} // namespace strata
