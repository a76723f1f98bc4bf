// SPDX-License-Identifier: Apache-2.0
#include "core/data/idx.h"

#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/data/class_names.h"
#include "core/data/pixel_array.h"
#include "core/data/sources.h"
#include "core/data/split.h"
#include "core/files/gzip.h"

namespace strata {

namespace {

constexpr const char* kDebianFolder = "/usr/share/datasets/fashion-mnist";
constexpr uint64_t kLargestFile = uint64_t(1) << 31;

/// A file as read (or unpacked), with the name that messages use.
struct IdxFile {
    std::string path;
    std::vector<std::byte> bytes;
};

IdxFile readIdxFile(const std::string& folder, const std::string& name) {
    for (const std::string& path : {joinPath(folder, name), joinPath(folder, name + ".gz")}) {
        if (!fs().status(path).regular) continue;
        std::vector<std::byte> bytes = readFile(path, kLargestFile);
        if (isGzip(bytes)) bytes = gunzip(bytes, path, kLargestFile);
        return {path, std::move(bytes)};
    }
    fail(ErrorKind::BadFile, "{}: {} (or {}.gz) is missing", folder, name, name);
}

/// One split: images [N, H, W] and labels [N] below ten.
PixelArray readPair(const std::string& folder, const std::string& prefix) {
    const IdxFile imageFile = readIdxFile(folder, prefix + "-images-idx3-ubyte");
    const IdxFile labelFile = readIdxFile(folder, prefix + "-labels-idx1-ubyte");
    const IdxArray images = parseIdx(imageFile.bytes, imageFile.path), labels = parseIdx(labelFile.bytes, labelFile.path);
    if (images.shape.size() != 3) fail(ErrorKind::BadFile, "{}: {} dimensions, but images have 3", imageFile.path, images.shape.size());
    if (labels.shape.size() != 1) fail(ErrorKind::BadFile, "{}: {} dimensions, but labels have 1", labelFile.path, labels.shape.size());
    if (images.shape[0] != labels.shape[0])
        fail(ErrorKind::BadFile, "{}: {} labels, but {} has {} images", labelFile.path, labels.shape[0], imageFile.path, images.shape[0]);
    if (images.values.empty()) fail(ErrorKind::BadFile, "{}: there are no images in it", imageFile.path);
    PixelArray array;
    array.imageShape = Shape{1, images.shape[1], images.shape[2]};
    array.parts.push_back({fileName(imageFile.path), 0});
    array.pixels->assign(images.values.begin(), images.values.end());
    for (size_t i = 0; i < labels.values.size(); ++i) {
        if (labels.values[i] > 9)
            fail(ErrorKind::BadFile, "{}: label {} of record {} is out of range: the classes are 0 to 9", labelFile.path, labels.values[i],
                 i);
        array.labels.push_back(labels.values[i]);
    }
    return array;
}

DataSource openIdx(const std::string& folder, const SourceOptions& options, const std::string& title,
                   const std::vector<std::string>& classes) {
    PixelArray train = readPair(folder, "train"), test = readPair(folder, "t10k");
    if (!(train.imageShape == test.imageShape))
        fail(ErrorKind::BadFile, "{}: the training images are {}, but the test images {}", folder, train.imageShape.text('x'),
             test.imageShape.text('x'));
    DataSource source;
    source.title = title;
    source.classes = classes;
    source.imageShape = train.imageShape;
    source.facts["folder"] = folder;
    const std::string prints = arrayFingerprint(train) + arrayFingerprint(test);
    source.fingerprint = hashHex(prints.data(), prints.size());
    source.test = std::make_shared<PixelArrayDataset>(std::move(test));
    splitValidation(std::make_shared<PixelArrayDataset>(std::move(train)), options, source);
    return source;
}

} // namespace

IdxArray parseIdx(std::span<const std::byte> bytes, const std::string& label) {
    if (bytes.size() < 4) fail(ErrorKind::BadFile, "{}: {} bytes are too short for an IDX file", label, bytes.size());
    const auto at = [&](size_t i) { return uint32_t(bytes[i]); };
    if (at(0) != 0 || at(1) != 0)
        fail(ErrorKind::BadFile, "{}: not an IDX file: it starts with {:02x} {:02x}, not 00 00", label, at(0), at(1));
    if (at(2) != 8) fail(ErrorKind::BadFile, "{}: type {:02x} at byte 2, but pictures and labels are bytes (08)", label, at(2));
    const size_t rank = at(3);
    if (rank < 1 || rank > 3) fail(ErrorKind::BadFile, "{}: {} dimensions at byte 3, but 1 to 3 are allowed", label, rank);
    const size_t header = 4 + 4 * rank;
    if (bytes.size() < header) fail(ErrorKind::BadFile, "{}: truncated in the sizes: {} bytes of {}", label, bytes.size(), header);
    IdxArray array;
    uint64_t elements = 1;
    for (size_t d = 0; d < rank; ++d) {
        const size_t i = 4 + 4 * d;
        const uint64_t size = at(i) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3);
        if (__builtin_mul_overflow(elements, size, &elements)) fail(ErrorKind::BadFile, "{}: the sizes overflow at byte {}", label, i);
        array.shape.push_back(int64_t(size));
    }
    if (elements != bytes.size() - header)
        fail(ErrorKind::BadFile, "{}: the sizes promise {} bytes, but {} follow", label, elements, bytes.size() - header);
    array.values = {reinterpret_cast<const uint8_t*>(bytes.data()) + header, size_t(elements)};
    return array;
}

DataSource openFashionMnist(const std::string& place, const SourceOptions& options) {
    if (place.empty() && !fs().status(kDebianFolder).directory)
        fail(ErrorKind::BadInput,
             "fashion-mnist: {} is not there: install Debian's package dataset-fashion-mnist (apt install dataset-fashion-mnist) or give "
             "its "
             "folder as fashion-mnist:FOLDER",
             kDebianFolder);
    if (!place.empty()) requirePlace(place, "fashion-mnist", "FOLDER");
    return openIdx(place.empty() ? kDebianFolder : place, options, "Fashion-MNIST", fashionClassNames());
}

DataSource openMnist(const std::string& place, const SourceOptions& options) {
    requirePlace(place, "mnist", "FOLDER");
    return openIdx(place, options, "MNIST", digitClassNames());
}

} // namespace strata
