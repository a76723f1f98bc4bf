// SPDX-License-Identifier: Apache-2.0
#include "core/data/shapes.h"

#include "core/base/text.h"
#include "core/data/jobs.h"
#include "core/data/pixel_array.h"
#include "core/data/sources.h"
#include "core/data/split.h"

namespace strata {

namespace {

constexpr uint64_t kSeed = 0;
constexpr uint64_t kFirstTestIndex = uint64_t(1) << 32; ///< test pictures are drawn from streams training never meets

PixelArray generate(int64_t count, uint64_t firstIndex, const std::string& name) {
    PixelArray array;
    array.imageShape = Shape{3, kShapesSide, kShapesSide};
    array.parts.push_back({name, 0});
    const int64_t bytes = array.imageBytes(), classes = int64_t(shapeClassNames().size());
    array.pixels->resize(size_t(count * bytes));
    array.labels.resize(size_t(count));
    forChunks(count, 64, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            array.labels[size_t(i)] = i % classes;
            drawShape(i % classes, Philox(kSeed, Purpose::Shapes, 0, firstIndex + uint64_t(i)), array.pixels->data() + i * bytes);
        }
    });
    return array;
}

} // namespace

DataSource openShapes(const std::string& place, const SourceOptions& options) {
    int64_t count = 10000;
    if (!place.empty()) {
        const auto given = parseInteger(place);
        if (!given || *given < 100 || *given > 1'000'000)
            fail(ErrorKind::BadInput, "shapes:{}: the number of training pictures must be a whole number from 100 to 1000000", place);
        count = *given;
    }
    DataSource source;
    source.title = "Shapes";
    source.classes = shapeClassNames();
    source.imageShape = Shape{3, kShapesSide, kShapesSide};
    PixelArray train = generate(count, 0, "shapes train"), test = generate(count / 5, kFirstTestIndex, "shapes test");
    const std::string prints = arrayFingerprint(train) + arrayFingerprint(test);
    source.fingerprint = hashHex(prints.data(), prints.size());
    source.facts["origin"] = "generated";
    source.test = std::make_shared<PixelArrayDataset>(std::move(test));
    splitValidation(std::make_shared<PixelArrayDataset>(std::move(train)), options, source);
    return source;
}

} // namespace strata
