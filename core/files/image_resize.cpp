// SPDX-License-Identifier: Apache-2.0
#include "core/files/image_resize.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace strata {

namespace {

constexpr int kPrecision = 32 - 8 - 2; // bits of the fixed-point weights, as in PIL's Resample.c

/// For each output position: first input position and the weights of those that follow.
struct Filter {
    int64_t taps = 0;
    std::vector<int64_t> first, count;
    std::vector<int32_t> weights;
};

/// precompute_coeffs and normalize_coeffs_8bpc of PIL's Resample.c for the triangle filter.
Filter makeFilter(int64_t inSize, int64_t outSize) {
    const double scale = double(inSize) / double(outSize);
    const double filterScale = std::max(scale, 1.0);
    const double support = filterScale; // the triangle reaches one unit
    Filter filter;
    filter.taps = int64_t(std::ceil(support)) * 2 + 1;
    filter.weights.assign(size_t(filter.taps * outSize), 0);
    std::vector<double> values(size_t(filter.taps));
    for (int64_t out = 0; out < outSize; ++out) {
        const double centre = (double(out) + 0.5) * scale;
        const int64_t low = std::max<int64_t>(0, int64_t(centre - support + 0.5));
        const int64_t high = std::min<int64_t>(inSize, int64_t(centre + support + 0.5));
        double sum = 0;
        for (int64_t i = 0; i < high - low; ++i) {
            const double x = std::abs((double(i + low) - centre + 0.5) / filterScale);
            values[size_t(i)] = x < 1 ? 1 - x : 0;
            sum += values[size_t(i)];
        }
        for (int64_t i = 0; i < high - low; ++i) {
            const double weight = sum != 0 ? values[size_t(i)] / sum : values[size_t(i)];
            filter.weights[size_t(out * filter.taps + i)] = int32_t(0.5 + weight * (1 << kPrecision));
        }
        filter.first.push_back(low);
        filter.count.push_back(high - low);
    }
    return filter;
}

uint8_t clip(int32_t sum) { return uint8_t(std::clamp(sum >> kPrecision, 0, 255)); }

std::vector<uint8_t> resizeRows(const uint8_t* pixels, int64_t width, int64_t height, int64_t channels, int64_t newWidth) {
    const Filter filter = makeFilter(width, newWidth);
    std::vector<uint8_t> result(size_t(newWidth * height * channels));
    for (int64_t y = 0; y < height; ++y) {
        const uint8_t* row = pixels + y * width * channels;
        uint8_t* to = result.data() + y * newWidth * channels;
        for (int64_t x = 0; x < newWidth; ++x) {
            const int32_t* weights = filter.weights.data() + x * filter.taps;
            const uint8_t* from = row + filter.first[size_t(x)] * channels;
            for (int64_t c = 0; c < channels; ++c) {
                int32_t sum = 1 << (kPrecision - 1);
                for (int64_t i = 0; i < filter.count[size_t(x)]; ++i) sum += int32_t(from[i * channels + c]) * weights[i];
                *to++ = clip(sum);
            }
        }
    }
    return result;
}

std::vector<uint8_t> resizeColumns(const uint8_t* pixels, int64_t rowBytes, int64_t height, int64_t newHeight) {
    const Filter filter = makeFilter(height, newHeight);
    std::vector<uint8_t> result(size_t(rowBytes * newHeight));
    std::vector<int32_t> sums(static_cast<size_t>(rowBytes));
    for (int64_t y = 0; y < newHeight; ++y) {
        std::fill(sums.begin(), sums.end(), 1 << (kPrecision - 1));
        for (int64_t i = 0; i < filter.count[size_t(y)]; ++i) {
            const int32_t weight = filter.weights[size_t(y * filter.taps + i)];
            const uint8_t* from = pixels + (filter.first[size_t(y)] + i) * rowBytes;
            for (int64_t x = 0; x < rowBytes; ++x) sums[size_t(x)] += int32_t(from[x]) * weight;
        }
        std::transform(sums.begin(), sums.end(), result.begin() + y * rowBytes, clip);
    }
    return result;
}

/// Python's round(): halves to even.
int64_t halfRounded(int64_t value) {
    const int64_t floor = value >= 0 ? value / 2 : -((-value + 1) / 2);
    const bool half = value % 2 != 0;
    return half && floor % 2 != 0 ? floor + 1 : floor;
}

} // namespace

std::vector<uint8_t> resizePixels(const uint8_t* pixels, int64_t width, int64_t height, int64_t channels, int64_t newWidth,
                                  int64_t newHeight) {
    if (width < 1 || height < 1 || channels < 1 || newWidth < 1 || newHeight < 1)
        fail(ErrorKind::BadInput, "cannot resize {} x {} pixels to {} x {}", width, height, newWidth, newHeight);
    const int64_t sizes[] = {newWidth, std::max(height, newHeight), channels};
    checkedProduct(sizes, 3, "resize");
    std::vector<uint8_t> result = newWidth == width ? std::vector<uint8_t>(pixels, pixels + width * height * channels)
                                                    : resizeRows(pixels, width, height, channels, newWidth);
    return newHeight == height ? result : resizeColumns(result.data(), newWidth * channels, height, newHeight);
}

Image resizeImage(const Image& image, int64_t width, int64_t height) {
    return {width, height, resizePixels(image.rgb.data(), image.width, image.height, 3, width, height)};
}

Image resizeShorterSide(const Image& image, int64_t side) {
    const int64_t shorter = std::min(image.width, image.height);
    if (side < 1 || shorter < 1) fail(ErrorKind::BadInput, "cannot resize {} x {} pixels to a side of {}", image.width, image.height, side);
    if (shorter == side) return image;
    const int64_t longer = int64_t(double(side * std::max(image.width, image.height)) / double(shorter));
    return image.width <= image.height ? resizeImage(image, side, longer) : resizeImage(image, longer, side);
}

Image centreCrop(const Image& image, int64_t width, int64_t height) {
    if (width < 1 || height < 1) fail(ErrorKind::BadInput, "cannot crop to {} x {} pixels", width, height);
    Image result{width, height, std::vector<uint8_t>(size_t(width * height * 3), 0)};
    const auto start = [](int64_t size, int64_t wanted) { return size >= wanted ? halfRounded(size - wanted) : -((wanted - size) / 2); };
    const int64_t left = start(image.width, width), top = start(image.height, height);
    const int64_t from = std::max<int64_t>(left, 0), to = std::min(left + width, image.width);
    for (int64_t y = std::max<int64_t>(top, 0); y < std::min(top + height, image.height); ++y)
        std::memcpy(result.row(y - top) + (from - left) * 3, image.row(y) + from * 3, size_t((to - from) * 3));
    return result;
}

} // namespace strata
