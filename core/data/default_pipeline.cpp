// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"
#include "core/data/transform.h"

#include <algorithm>
#include <cmath>

namespace strata {

namespace {

constexpr int64_t kLargestKept = 96;  ///< pictures up to this side are used as they are
constexpr int64_t kLargestSide = 128; ///< side that larger ones are scaled to, at most

/// A multiple of 32 that is not above the usual shorter side.
int64_t targetSide(const Shape& shape) {
    const int64_t shorter = std::min(shape[1], shape[2]);
    return std::clamp<int64_t>(shorter / 32 * 32, 32, kLargestSide);
}

/// Four decimals, as such figures are usually given; the same in every file.
Json rounded(const std::vector<double>& values, double smallest) {
    Json list = Json::array();
    for (const double value : values) list.push_back(std::max(smallest, std::round(value * 1e4) / 1e4));
    return list;
}

} // namespace

Pipeline defaultPipeline(const DataSource& source, const DataStatistics& statistics, bool augment) {
    Pipeline pipeline;
    pipeline.setInput(source.imageShape);
    const bool scaled = source.mixedSizes || std::max(source.imageShape[1], source.imageShape[2]) > kLargestKept;
    const bool digits = source.spec.starts_with("mnist");
    if (scaled) {
        const int64_t side = targetSide(source.imageShape);
        pipeline.add("resize", {{"size", side}});
        pipeline.add("center_crop", {{"size", Json::array({side, side})}});
    }
    if (augment) {
        const int64_t padding = scaled || source.imageShape[1] >= 32 ? 4 : 2;
        pipeline.add("pad_and_random_crop", {{"padding", padding}});
        if (!digits) pipeline.add("random_horizontal_flip");
    }
    pipeline.add("normalize", {{"mean", rounded(statistics.mean, -1e9)}, {"std", rounded(statistics.deviation, 1e-4)}});
    return pipeline;
}

} // namespace strata
