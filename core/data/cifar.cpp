// SPDX-License-Identifier: Apache-2.0
#include "core/data/cifar.h"

#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/data/class_names.h"
#include "core/data/sources.h"
#include "core/data/split.h"
#include "core/files/archive.h"

#include <algorithm>

namespace strata {

namespace {

const CifarVariant& cifar10() {
    static const CifarVariant variant{"cifar10",
                                      "CIFAR-10",
                                      10,
                                      1,
                                      "cifar-10-batches-bin",
                                      "cifar-10-batches-py",
                                      {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"},
                                      "test_batch",
                                      "batches.meta.txt",
                                      "batches.meta",
                                      "label_names",
                                      "labels",
                                      cifar10ClassNames};
    return variant;
}

const CifarVariant& cifar100() {
    static const CifarVariant variant{"cifar100",
                                      "CIFAR-100",
                                      100,
                                      2,
                                      "cifar-100-binary",
                                      "cifar-100-python",
                                      {"train"},
                                      "test",
                                      "fine_label_names.txt",
                                      "meta",
                                      "fine_label_names",
                                      "fine_labels",
                                      cifar100ClassNames};
    return variant;
}

std::vector<std::string> allFiles(const CifarVariant& variant, bool binary) {
    std::vector<std::string> names = variant.trainFiles;
    names.push_back(variant.testFile);
    for (std::string& name : names) name += binary ? ".bin" : "";
    return names;
}

[[noreturn]] void noFiles(const std::string& place, const CifarVariant& variant) {
    fail(ErrorKind::BadFile, "{}: no files of {} here: expected {} (binary version) or {} (Python version)", place, variant.title,
         join(allFiles(variant, true), ", "), join(allFiles(variant, false), ", "));
}

} // namespace

CifarFiles::CifarFiles(const std::string& place, const CifarVariant& variant) {
    if (fs().status(place).regular) {
        openArchive(place, variant);
        return;
    }
    for (const std::string& folder : {place, joinPath(place, variant.binaryFolder), joinPath(place, variant.pythonFolder)}) {
        if (findIn(folder, variant)) return;
    }
    const std::string dashed = variant.id == "cifar10" ? "cifar-10" : "cifar-100";
    for (const std::string& archive : {dashed + "-binary.tar.gz", dashed + "-python.tar.gz"}) {
        const std::string path = joinPath(place, archive);
        if (!fs().status(path).regular) continue;
        openArchive(path, variant);
        return;
    }
    noFiles(place, variant);
}

bool CifarFiles::findIn(const std::string& folder, const CifarVariant& variant) {
    for (const bool binary : {true, false}) {
        for (const std::string& name : allFiles(variant, binary)) {
            if (!fs().status(joinPath(folder, name)).regular) continue;
            root_ = folder;
            binary_ = binary;
            return true;
        }
    }
    return false;
}

void CifarFiles::openArchive(const std::string& path, const CifarVariant& variant) {
    std::vector<std::string> known;
    for (const bool binary : {true, false}) {
        for (const std::string& name : allFiles(variant, binary)) known.push_back(name);
    }
    known.push_back(variant.binaryNames);
    known.push_back(variant.pythonNames);
    ArchiveLimits limits;
    limits.maxMemberBytes = uint64_t(1) << 28;
    const auto wanted = [&](const std::string& name) { return std::find(known.begin(), known.end(), fileName(name)) != known.end(); };
    root_ = path;
    archive_ = true;
    visitArchive(
        path,
        [&](const std::string& name, std::vector<std::byte>&& bytes) {
            if (wanted(name)) members_[fileName(name)] = std::move(bytes);
            return true;
        },
        limits, wanted);
    for (const bool binary : {true, false}) {
        for (const std::string& name : allFiles(variant, binary)) {
            if (!members_.contains(name)) continue;
            binary_ = binary;
            return;
        }
    }
    noFiles(path, variant);
}

bool CifarFiles::has(const std::string& name) const {
    return archive_ ? members_.contains(name) : fs().status(joinPath(root_, name)).regular;
}

std::vector<std::byte> CifarFiles::take(const std::string& name) {
    if (!has(name)) fail(ErrorKind::BadFile, "{}: {} is missing", root_, name);
    if (archive_) return std::move(members_[name]);
    return readFile(joinPath(root_, name), uint64_t(1) << 28);
}

std::string CifarFiles::label(const std::string& name) const { return archive_ ? root_ + ": " + name : joinPath(root_, name); }

namespace {

std::vector<std::string> classNames(CifarFiles& files, const CifarVariant& variant) {
    const std::string& file = files.binary() ? variant.binaryNames : variant.pythonNames;
    if (!files.has(file)) return variant.published();
    const std::vector<std::byte> bytes = files.take(file);
    std::vector<std::string> names;
    if (files.binary()) {
        const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        for (const std::string& line : split(text, '\n')) {
            if (const std::string name = trim(line); !name.empty()) names.push_back(name);
        }
    } else {
        names = cifarPythonNames(bytes, files.label(file), variant);
    }
    if (int64_t(names.size()) != variant.classes)
        fail(ErrorKind::BadFile, "{}: {} class names, but {} has {} classes", files.label(file), names.size(), variant.title,
             variant.classes);
    return names;
}

DataSource openCifar(const std::string& place, const SourceOptions& options, const CifarVariant& variant) {
    requirePlace(place, variant.id, "FOLDER");
    CifarFiles files(place, variant);
    const std::vector<std::string> names = allFiles(variant, files.binary());
    for (const std::string& name : names) {
        if (!files.has(name)) fail(ErrorKind::BadFile, "{}: {} is missing", place, name);
    }
    PixelArray train, test;
    train.imageShape = test.imageShape = Shape{3, 32, 32};
    DataSource source;
    source.facts["version"] = files.binary() ? "binary" : "python";
    source.facts["files"] = names;
    for (const std::string& name : names) {
        const auto append = files.binary() ? appendCifarBinary : appendCifarPython;
        append(files.take(name), files.label(name), name, variant, name == names.back() ? test : train);
    }
    source.title = variant.title;
    source.classes = classNames(files, variant);
    source.imageShape = train.imageShape;
    const std::string prints = arrayFingerprint(train) + arrayFingerprint(test);
    source.fingerprint = hashHex(prints.data(), prints.size());
    source.test = std::make_shared<PixelArrayDataset>(std::move(test));
    splitValidation(std::make_shared<PixelArrayDataset>(std::move(train)), options, source);
    return source;
}

} // namespace

DataSource openCifar10(const std::string& place, const SourceOptions& options) { return openCifar(place, options, cifar10()); }
DataSource openCifar100(const std::string& place, const SourceOptions& options) { return openCifar(place, options, cifar100()); }

} // namespace strata
