// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include "core/data/jobs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

namespace strata {

namespace {

constexpr int64_t kMostPictures = 50000; ///< of data that must be decoded
constexpr int64_t kChunk = 256;

/// How often each byte value occurs, a channel: exact, and the same in whatever order pictures are counted.
using Histogram = std::array<std::array<uint64_t, 256>, 3>;

void countPicture(const uint8_t* pixels, const Shape& shape, Histogram& histogram) {
    const int64_t plane = shape[1] * shape[2];
    for (int64_t c = 0; c < std::min<int64_t>(shape[0], 3); ++c) {
        // Two rows of counters: equal neighbours would otherwise wait for each other.
        std::array<uint64_t, 256> odd{};
        auto& even = histogram[size_t(c)];
        const uint8_t* p = pixels + c * plane;
        int64_t i = 0;
        for (; i + 1 < plane; i += 2) {
            ++even[p[i]];
            ++odd[p[i + 1]];
        }
        if (i < plane) ++even[p[i]];
        for (size_t v = 0; v < 256; ++v) even[v] += odd[v];
    }
}

Histogram histogramOf(const Dataset& dataset, int64_t count) {
    Histogram total{};
    std::mutex mutex;
    const int64_t size = dataset.size();
    forChunks(count, kChunk, [&](int64_t begin, int64_t end) {
        Histogram mine{};
        for (int64_t i = begin; i < end; ++i) {
            const int64_t index = count == size ? i : i * size / count;
            Shape shape;
            if (const uint8_t* pixels = dataset.pixels(index, shape)) {
                countPicture(pixels, shape, mine);
            } else {
                const Sample sample = dataset.get(index);
                countPicture(sample.image.data<uint8_t>(), sample.image.shape(), mine);
            }
        }
        std::lock_guard lock(mutex);
        for (size_t c = 0; c < 3; ++c) {
            for (size_t v = 0; v < 256; ++v) total[c][v] += mine[c][v];
        }
    });
    return total;
}

std::vector<int64_t> countsPerClass(const DatasetPtr& dataset, size_t classes) {
    std::vector<int64_t> counts(classes, 0);
    if (!dataset) return counts;
    for (int64_t i = 0; i < dataset->size(); ++i) ++counts[size_t(dataset->label(i))];
    return counts;
}

} // namespace

DataStatistics dataStatistics(const DataSource& source) {
    DataStatistics statistics;
    const Dataset& train = *source.train;
    Shape shape;
    const bool inMemory = train.size() > 0 && train.pixels(0, shape) != nullptr;
    const int64_t count = inMemory ? train.size() : std::min(train.size(), kMostPictures);
    const Histogram histogram = histogramOf(train, count);
    for (int64_t c = 0; c < source.imageShape[0]; ++c) {
        double number = 0, sum = 0, squares = 0;
        for (size_t v = 0; v < 256; ++v) {
            const double times = double(histogram[size_t(c)][v]), value = double(v) / 255;
            number += times;
            sum += times * value;
            squares += times * value * value;
        }
        const double mean = number > 0 ? sum / number : 0;
        statistics.mean.push_back(mean);
        statistics.deviation.push_back(number > 0 ? std::sqrt(std::max(0.0, squares / number - mean * mean)) : 0);
    }
    statistics.trainCounts = countsPerClass(source.train, source.classes.size());
    statistics.validationCounts = countsPerClass(source.validation, source.classes.size());
    statistics.testCounts = countsPerClass(source.test, source.classes.size());
    return statistics;
}

} // namespace strata
