// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/data/pixel_array.h"
#include "core/data/sources.h"
#include "core/data/split.h"
#include "core/files/npy.h"

#include <algorithm>
#include <cstring>

namespace strata {

namespace {

constexpr int64_t kMostClasses = 100000;

const Tensor* find(const NamedTensors& arrays, const std::string& name) {
    for (const auto& [key, tensor] : arrays) {
        if (key == name) return &tensor;
    }
    return nullptr;
}

/// u8 pictures [N, H, W], [N, H, W, C] or [N, C, H, W] with C = 1 or 3 as plain [N, C, H, W]. Where both ends could be
/// channels, the last one is (NumPy's and Keras's habit).
PixelArray toPixels(const Tensor& images, const std::string& label) {
    if (images.dtype() != DType::U8) fail(ErrorKind::BadFile, "{}: pictures are {}, but must be u8", label, dtypeName(images.dtype()));
    const Shape& shape = images.shape();
    const auto isChannels = [](int64_t size) { return size == 1 || size == 3; };
    const bool grey = shape.rank() == 3, last = shape.rank() == 4 && isChannels(shape[3]);
    if (!grey && !last && !(shape.rank() == 4 && isChannels(shape[1])))
        fail(ErrorKind::BadFile, "{}: pictures of the shape {}, but [N, H, W], [N, H, W, C] or [N, C, H, W] with 1 or 3 channels are known",
             label, shape.text());
    if (images.elements() == 0) fail(ErrorKind::BadFile, "{}: there are no pictures in it", label);
    PixelArray array;
    if (grey)
        array.imageShape = Shape{1, shape[1], shape[2]};
    else if (last)
        array.imageShape = Shape{shape[3], shape[1], shape[2]};
    else
        array.imageShape = Shape{shape[1], shape[2], shape[3]};
    const uint8_t* from = images.data<uint8_t>();
    if (!last || shape[3] == 1) {
        array.pixels->assign(from, from + images.elements());
        return array;
    }
    array.pixels->resize(size_t(images.elements()));
    const int64_t plane = shape[1] * shape[2];
    uint8_t* to = array.pixels->data();
    for (int64_t n = 0; n < shape[0]; ++n, from += 3 * plane, to += 3 * plane) {
        for (int64_t i = 0; i < plane; ++i) {
            for (int64_t c = 0; c < 3; ++c) to[c * plane + i] = from[i * 3 + c];
        }
    }
    return array;
}

/// Labels [N] or [N, 1] of any integer type.
void addLabels(const Tensor& labels, int64_t count, const std::string& label, PixelArray& array) {
    const Shape& shape = labels.shape();
    if (!isInteger(labels.dtype()))
        fail(ErrorKind::BadFile, "{}: labels are {}, but must be whole numbers", label, dtypeName(labels.dtype()));
    if (labels.elements() != count || !(shape.rank() == 1 || (shape.rank() == 2 && shape[1] == 1)))
        fail(ErrorKind::BadFile, "{}: labels of the shape {} for {} pictures", label, shape.text(), count);
    array.labels = labels.toVector<int64_t>();
    for (size_t i = 0; i < array.labels.size(); ++i) {
        if (array.labels[i] < 0 || array.labels[i] >= kMostClasses)
            fail(ErrorKind::BadFile, "{}: label {} of record {} is out of range: allowed is 0 to {}", label, array.labels[i], i,
                 kMostClasses - 1);
    }
}

PixelArray readPair(const NamedTensors& arrays, const std::string& path, const std::string& images, const std::string& labels) {
    const Tensor* pixels = find(arrays, images);
    const Tensor* classes = find(arrays, labels);
    if (!classes) fail(ErrorKind::BadFile, "{}: has the array {}, but not {}", path, images, labels);
    PixelArray array = toPixels(*pixels, path + ": " + images);
    addLabels(*classes, pixels->shape()[0], path + ": " + labels, array);
    array.parts.push_back({fileName(path) + " " + images, 0});
    return array;
}

/// Without test arrays, a seeded tenth of the only ones.
void splitThree(const DatasetPtr& all, const SourceOptions& options, DataSource& source) {
    auto parts = testValidationTrain(labelsOf(*all), options, source.facts);
    source.test = std::make_shared<Subset>(all, std::move(parts[0]));
    source.validation = std::make_shared<Subset>(all, std::move(parts[1]));
    source.train = std::make_shared<Subset>(all, std::move(parts[2]));
}

} // namespace

DataSource openArrays(const std::string& place, const SourceOptions& options) {
    requirePlace(place, "arrays", "FILE.npz");
    const NamedTensors arrays = readNpz(place);
    DataSource source;
    source.title = "Arrays " + fileName(place);
    std::string images = find(arrays, "x_train") ? "x_train" : "images", labels = images == "images" ? "labels" : "y_train";
    if (!find(arrays, images)) {
        std::vector<std::string> names;
        for (const auto& [name, tensor] : arrays) names.push_back(name);
        fail(ErrorKind::BadFile, "{}: expected the arrays x_train, y_train, x_test, y_test or images, labels; found {}", place,
             join(names, ", "));
    }
    PixelArray train = readPair(arrays, place, images, labels);
    source.imageShape = train.imageShape;
    int64_t last = *std::max_element(train.labels.begin(), train.labels.end());
    std::string prints = arrayFingerprint(train);
    if (find(arrays, "x_test")) {
        PixelArray test = readPair(arrays, place, "x_test", "y_test");
        if (!(test.imageShape == train.imageShape))
            fail(ErrorKind::BadFile, "{}: the pictures of {} are {}, but those of x_test {}", place, images, train.imageShape.text('x'),
                 test.imageShape.text('x'));
        last = std::max(last, *std::max_element(test.labels.begin(), test.labels.end()));
        prints += arrayFingerprint(test);
        source.test = std::make_shared<PixelArrayDataset>(std::move(test));
    }
    for (int64_t c = 0; c <= last; ++c) source.classes.push_back(std::to_string(c));
    source.fingerprint = hashHex(prints.data(), prints.size());
    const auto all = std::make_shared<PixelArrayDataset>(std::move(train));
    if (source.test)
        splitValidation(all, options, source);
    else
        splitThree(all, options, source);
    return source;
}

} // namespace strata
