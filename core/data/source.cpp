// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include "core/base/fs.h"
#include "core/base/param.h"
#include "core/data/edits.h"
#include "core/data/sources.h"

namespace strata {

namespace {

struct KindRow {
    SourceKind kind;
    DataSource (*open)(const std::string& place, const SourceOptions& options);
};

const std::vector<KindRow>& kindRows() {
    static const std::vector<KindRow> rows{
        {{"cifar10", "cifar10:FOLDER", "CIFAR-10 as published: the binary or the Python version, unpacked or as .tar.gz."}, openCifar10},
        {{"cifar100", "cifar100:FOLDER", "CIFAR-100 as published, with its 100 fine classes: binary or Python version, or .tar.gz."},
         openCifar100},
        {{"fashion-mnist", "fashion-mnist[:FOLDER]",
          "Fashion-MNIST's four IDX files, .gz too; without FOLDER from Debian's package dataset-fashion-mnist."},
         openFashionMnist},
        {{"mnist", "mnist:FOLDER", "MNIST's four IDX files, .gz too."}, openMnist},
        {{"folder", "folder:PATH", "A folder of pictures with one sub-folder a class; train/, val/ and test/ above them are recognised."},
         openImageFolder},
        {{"arrays", "arrays:FILE.npz", "NumPy arrays x_train, y_train, x_test, y_test (or images, labels), u8 pictures."}, openArrays},
        {{"shapes", "shapes[:COUNT]", "Generated pictures of ten coloured shapes: needs no download."}, openShapes},
    };
    return rows;
}

[[noreturn]] void unknownKind(const std::string& spec, const std::string& kind) {
    std::vector<std::string> known;
    std::string list;
    for (const KindRow& row : kindRows()) {
        known.push_back(row.kind.id);
        list += (list.empty() ? "" : ", ") + row.kind.pattern;
    }
    const std::string nearest = nearestName(kind, known);
    if (!nearest.empty()) fail(ErrorKind::BadInput, "unknown kind of data '{}' in '{}': did you mean '{}'?", kind, spec, nearest);
    if (fs().status(spec).directory)
        fail(ErrorKind::BadInput, "'{}' does not say what kind of data it is: for a folder of pictures write folder:{}", spec, spec);
    fail(ErrorKind::BadInput, "unknown kind of data '{}' in '{}': known are {}", kind, spec, list);
}

} // namespace

void requirePlace(const std::string& place, const std::string& kind, const std::string& what) {
    if (place.empty()) fail(ErrorKind::BadInput, "{}: write {}:{}", kind, kind, what);
    if (!fs().status(place).exists) fail(ErrorKind::BadFile, "{}: there is no such file or folder", place);
}

DataSource openSource(const std::string& spec, const SourceOptions& options) {
    if (!(options.validationFraction >= 0 && options.validationFraction <= 0.9))
        fail(ErrorKind::BadInput, "validation fraction {} is out of range: allowed is 0 to 0.9", options.validationFraction);
    const size_t colon = spec.find(':');
    const std::string kind = spec.substr(0, colon);
    std::string place = colon == std::string::npos ? std::string() : spec.substr(colon + 1);
    while (place.size() > 1 && place.back() == '/') place.pop_back();
    for (const KindRow& row : kindRows()) {
        if (row.kind.id != kind) continue;
        DataSource source = row.open(place, options);
        source.spec = spec;
        source.baseFingerprint = source.fingerprint;
        return options.edits.empty() ? source : applyEdits(source, readEdits(options.edits));
    }
    unknownKind(spec, kind);
}

std::vector<SourceKind> sourceKinds() {
    std::vector<SourceKind> kinds;
    for (const KindRow& row : kindRows()) kinds.push_back(row.kind);
    return kinds;
}

} // namespace strata
