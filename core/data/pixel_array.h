// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/dataset.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace strata {

/// Where a run of samples came from: "data_batch_3.bin" for the records [firstIndex, next part's firstIndex).
struct PixelPart {
    std::string name;
    int64_t firstIndex = 0;
};

/// Pictures of one size in one shared buffer, u8 [N, C, H, W], and their labels. The buffer lives as long as anybody holds
/// it: datasets over it, and the tensors that get() hands out without a copy.
struct PixelArray {
    std::shared_ptr<std::vector<uint8_t>> pixels = std::make_shared<std::vector<uint8_t>>();
    std::vector<int64_t> labels;
    Shape imageShape; ///< [C, H, W]
    std::vector<PixelPart> parts;

    int64_t count() const { return int64_t(labels.size()); }
    int64_t imageBytes() const { return imageShape.elements(); }
};

/// A dataset over such an array.
class PixelArrayDataset : public Dataset {
public:
    explicit PixelArrayDataset(PixelArray array);
    int64_t size() const override { return array_.count(); }
    Sample get(int64_t index) const override;
    int64_t label(int64_t index) const override { return array_.labels[size_t(index)]; }
    std::string origin(int64_t index) const override;
    const uint8_t* pixels(int64_t index, Shape& shape) const override;

private:
    PixelArray array_;
    int64_t imageBytes_;
};

/// xxh3 over pixels, shape and labels, as 16 hex digits.
std::string arrayFingerprint(const PixelArray& array);

} // namespace strata
