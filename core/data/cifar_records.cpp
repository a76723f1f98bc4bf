// SPDX-License-Identifier: Apache-2.0
#include "core/data/cifar.h"

#include "core/files/pickle.h"

#include <cstring>

namespace strata {

namespace {

constexpr size_t kPixels = 3072;

void checkLabel(int64_t value, int64_t record, const std::string& label, const CifarVariant& variant) {
    if (value < 0 || value >= variant.classes)
        fail(ErrorKind::BadFile, "{}: record {} has the label {}, but {} has the classes 0 to {}", label, record, value, variant.title,
             variant.classes - 1);
}

PickleDocument parse(std::span<const std::byte> bytes, const std::string& label) {
    PickleOptions options;
    options.maxBytes = uint64_t(1) << 28; // CIFAR-100's training set is one pickle of 155 MB
    return parsePickle(bytes, label, options);
}

} // namespace

void appendCifarBinary(std::span<const std::byte> bytes, const std::string& label, const std::string& name, const CifarVariant& variant,
                       PixelArray& into) {
    const size_t record = variant.labelBytes + kPixels;
    const size_t count = bytes.size() / record, rest = bytes.size() % record;
    if (bytes.empty()) fail(ErrorKind::BadFile, "{}: the file is empty", label);
    if (rest != 0)
        fail(ErrorKind::BadFile, "{}: truncated: {} bytes are {} records of {} bytes and {} bytes of record {}", label, bytes.size(), count,
             record, rest, count);
    into.parts.push_back({name, into.count()});
    const size_t before = into.pixels->size();
    into.pixels->resize(before + count * kPixels);
    for (size_t i = 0; i < count; ++i) {
        const std::byte* at = bytes.data() + i * record;
        const int64_t value = int64_t(at[variant.labelBytes - 1]); // CIFAR-100: coarse label first, then the fine one
        checkLabel(value, int64_t(i), label, variant);
        into.labels.push_back(value);
        std::memcpy(into.pixels->data() + before + i * kPixels, at + variant.labelBytes, kPixels);
    }
}

void appendCifarPython(std::span<const std::byte> bytes, const std::string& label, const std::string& name, const CifarVariant& variant,
                       PixelArray& into) {
    const PickleDocument document = parse(bytes, label);
    const PickleNode& root = document.root();
    if (root.kind != PickleNode::Kind::Dict)
        fail(ErrorKind::BadFile, "{}: the pickle is no dict with 'data' and '{}'", label, variant.labelsKey);
    const PickleNode* data = root.find("data");
    const PickleNode* labels = root.find(variant.labelsKey);
    if (!data || !labels) fail(ErrorKind::BadFile, "{}: the dict has no '{}'", label, data ? variant.labelsKey : std::string("data"));
    if (data->kind != PickleNode::Kind::Array || data->descr != "|u1" || data->shape.size() != 2 || data->shape[1] != int64_t(kPixels) ||
        data->fortranOrder || data->items.size() != 1 || data->items[0]->text.size() != size_t(data->shape[0]) * kPixels)
        fail(ErrorKind::BadFile, "{}: 'data' is no u8 array of [N, 3072]", label);
    if (labels->kind != PickleNode::Kind::List || int64_t(labels->items.size()) != data->shape[0])
        fail(ErrorKind::BadFile, "{}: '{}' is no list of {} labels", label, variant.labelsKey, data->shape[0]);
    const std::string& raw = data->items[0]->text;
    if (raw.empty()) fail(ErrorKind::BadFile, "{}: the file has no records", label);
    into.parts.push_back({name, into.count()});
    for (size_t i = 0; i < labels->items.size(); ++i) {
        if (labels->items[i]->kind != PickleNode::Kind::Int) fail(ErrorKind::BadFile, "{}: label {} is no whole number", label, i);
        checkLabel(labels->items[i]->integer, int64_t(i), label, variant);
        into.labels.push_back(labels->items[i]->integer);
    }
    const auto* pixels = reinterpret_cast<const uint8_t*>(raw.data());
    into.pixels->insert(into.pixels->end(), pixels, pixels + raw.size());
}

std::vector<std::string> cifarPythonNames(std::span<const std::byte> bytes, const std::string& label, const CifarVariant& variant) {
    const PickleDocument document = parse(bytes, label);
    const PickleNode* list = document.root().kind == PickleNode::Kind::Dict ? document.root().find(variant.namesKey) : nullptr;
    if (!list || list->kind != PickleNode::Kind::List)
        fail(ErrorKind::BadFile, "{}: the pickle is no dict with a list '{}'", label, variant.namesKey);
    std::vector<std::string> names;
    for (const PickleNode* item : list->items) {
        if (!item->isString()) fail(ErrorKind::BadFile, "{}: class name {} is no text", label, names.size());
        names.push_back(item->text);
    }
    return names;
}

} // namespace strata
