// SPDX-License-Identifier: Apache-2.0
#include "core/train/checkpoint.h"

#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/files/named_tensors.h"
#include "core/train/json_fields.h"

#include <bit>
#include <cstring>

namespace strata {

namespace {

constexpr std::string_view kMagic = "STRATACK", kTrailer = "KCATARTS";
constexpr uint32_t kVersion = 1;
constexpr size_t kFieldBytes = 32, kHashBytes = 16, kPrefixBytes = kFieldBytes + kHashBytes;
constexpr uint64_t kIndexLimit = 100'000'000;
static_assert(std::endian::native == std::endian::little, "checkpoints are little-endian");

void putNumber(std::string& text, size_t at, uint64_t value, size_t bytes) { std::memcpy(text.data() + at, &value, bytes); }
uint64_t getNumber(std::span<const std::byte> bytes, size_t at, size_t count) {
    uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, count);
    return value;
}
std::string_view asText(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

template <class Bits, Bits kExponent> bool allFinite(std::span<const std::byte> bytes) {
    const size_t count = bytes.size() / sizeof(Bits);
    bool finite = true;
    for (size_t i = 0; i < count; ++i) {
        Bits bits;
        std::memcpy(&bits, bytes.data() + i * sizeof(Bits), sizeof(Bits));
        finite &= (bits & kExponent) != kExponent;
    }
    return finite;
}

bool allFinite(DType dtype, std::span<const std::byte> bytes) {
    if (dtype == DType::F32) return allFinite<uint32_t, 0x7F800000u>(bytes);
    if (dtype == DType::F64) return allFinite<uint64_t, 0x7FF0000000000000u>(bytes);
    return true;
}

/// What goes into the file, on the host.
struct Prepared {
    Json index;
    std::vector<Tensor> tensors;
    uint64_t dataBytes = 0;
};

Prepared prepare(const Checkpoint& checkpoint) {
    Prepared prepared;
    Json rows = Json::array();
    const auto add = [&](const char* part, const NamedTensor& item) {
        const Tensor host = hostContiguous(item.tensor);
        const std::span<const std::byte> bytes = tensorBytes(host);
        if (!allFinite(host.dtype(), bytes))
            fail(ErrorKind::Internal, "{} holds values that are not finite; the last good checkpoint is kept", item.name);
        rows.push_back({{"part", part},
                        {"name", item.name},
                        {"dtype", dtypeName(host.dtype())},
                        {"shape", host.shape().toVector()},
                        {"offset", prepared.dataBytes},
                        {"bytes", bytes.size()},
                        {"xxh3", hashHex(bytes.data(), bytes.size())}});
        prepared.dataBytes += bytes.size();
        prepared.tensors.push_back(host);
    };
    for (const NamedTensor& item : checkpoint.model) add("model", item);
    for (const NamedTensor& item : checkpoint.optimizer) add("optimizer", item);
    prepared.index = {{"progress", checkpoint.progress.toJson()}, {"info", checkpoint.info}, {"tensors", std::move(rows)}};
    return prepared;
}

/// The checked beginning of a file.
struct Head {
    Json index;
    std::span<const std::byte> data;
};

Head readHead(const std::string& path, std::span<const std::byte> bytes) {
    if (bytes.size() < kPrefixBytes + kTrailer.size()) fail(ErrorKind::BadFile, "{}: damaged: only {} bytes", path, bytes.size());
    if (asText(bytes.first(kMagic.size())) != kMagic) fail(ErrorKind::BadFile, "{}: not a checkpoint: wrong signature at byte 0", path);
    if (const uint64_t version = getNumber(bytes, 8, 4); version != kVersion)
        fail(ErrorKind::BadFile, "{}: checkpoint format {} at byte 8 is not known (this version reads {})", path, version, kVersion);
    const uint64_t length = getNumber(bytes, 16, 8), indexLength = getNumber(bytes, 24, 8);
    if (length != bytes.size()) fail(ErrorKind::BadFile, "{}: damaged: {} bytes where byte 16 says {}", path, bytes.size(), length);
    if (indexLength > kIndexLimit || indexLength > length - kPrefixBytes - kTrailer.size())
        fail(ErrorKind::BadFile, "{}: damaged: an index of {} bytes at byte 24", path, indexLength);
    const std::span<const std::byte> index = bytes.subspan(kPrefixBytes, size_t(indexLength));
    std::string hashed(asText(bytes.first(kFieldBytes)));
    hashed += asText(index);
    if (hashHex(hashed.data(), hashed.size()) != asText(bytes.subspan(kFieldBytes, kHashBytes)))
        fail(ErrorKind::BadFile, "{}: damaged: the hash of the index at byte {} does not match", path, kFieldBytes);
    if (asText(bytes.last(kTrailer.size())) != kTrailer)
        fail(ErrorKind::BadFile, "{}: damaged: wrong signature at byte {}", path, bytes.size() - kTrailer.size());
    const size_t dataStart = kPrefixBytes + size_t(indexLength);
    return {parseJson(asText(index), path), bytes.subspan(dataStart, bytes.size() - kTrailer.size() - dataStart)};
}

Tensor readTensor(const Json& row, const Head& head, uint64_t& next, uint64_t dataStart, const std::string& path, std::string& name) {
    JsonFields fields(row, path);
    name = fields.need<std::string>("name");
    const std::optional<DType> dtype = dtypeFromName(fields.need<std::string>("dtype"));
    const uint64_t offset = fields.need<uint64_t>("offset"), count = fields.need<uint64_t>("bytes");
    std::vector<int64_t> shape;
    for (const Json& size : fields.need<Json>("shape")) {
        if (!size.is_number_integer()) fail(ErrorKind::BadFile, "{}: {}: the shape is not a list of whole numbers", path, name);
        shape.push_back(size.get<int64_t>());
    }
    if (!dtype || shape.size() > size_t(kMaxRank)) fail(ErrorKind::BadFile, "{}: {}: unknown dtype or too many dimensions", path, name);
    const std::optional<uint64_t> expected = checkedBytes(shape, dtypeSize(*dtype));
    if (offset != next || !expected || *expected != count || count > head.data.size() - next)
        fail(ErrorKind::BadFile, "{}: {}: {} bytes at {} do not fit shape {}", path, name, count, offset, shapeText(shape));
    const std::span<const std::byte> bytes = head.data.subspan(size_t(offset), size_t(count));
    if (hashHex(bytes.data(), bytes.size()) != fields.need<std::string>("xxh3"))
        fail(ErrorKind::BadFile, "{}: damaged: the hash of {} at byte {} does not match", path, name, dataStart + offset);
    next += count;
    return tensorFromBytes(*dtype, Shape(shape), bytes);
}

} // namespace

Json TrainProgress::toJson() const {
    Json json = {{"step", step},
                 {"epoch", epoch},
                 {"batch", batch},
                 {"optimizer_steps", optimizerSteps},
                 {"metrics", metrics.toJson()},
                 {"best_epoch", bestEpoch},
                 {"best_step", bestStep},
                 {"epochs_since_best", epochsSinceBest},
                 {"seconds", seconds},
                 {"epoch_seconds", epochSeconds},
                 {"events_offset", eventsOffset},
                 {"finished", finished}};
    if (bestAccuracy) json["best_accuracy"] = *bestAccuracy;
    if (bestLoss) json["best_loss"] = *bestLoss;
    return json;
}

TrainProgress TrainProgress::fromJson(const Json& json, const std::string& where) {
    JsonFields fields(json, where);
    TrainProgress p;
    p.step = fields.need<int64_t>("step");
    p.epoch = fields.need<int64_t>("epoch");
    p.batch = fields.need<int64_t>("batch");
    p.optimizerSteps = fields.need<int64_t>("optimizer_steps");
    p.metrics = RunningMetrics::fromJson(fields.need<Json>("metrics"));
    p.bestAccuracy = fields.maybe<double>("best_accuracy");
    p.bestLoss = fields.maybe<double>("best_loss");
    p.bestEpoch = fields.need<int64_t>("best_epoch");
    p.bestStep = fields.need<int64_t>("best_step");
    p.epochsSinceBest = fields.need<int64_t>("epochs_since_best");
    p.seconds = fields.need<double>("seconds");
    p.epochSeconds = fields.need<double>("epoch_seconds");
    p.eventsOffset = fields.need<uint64_t>("events_offset");
    p.finished = fields.need<bool>("finished");
    if (p.step < 0 || p.epoch < 0 || p.batch < 0) fail(ErrorKind::BadFile, "{}: a negative position in the run", where);
    return p;
}

uint64_t writeCheckpoint(const std::string& path, const Checkpoint& checkpoint) {
    const Prepared prepared = prepare(checkpoint);
    const std::string index = toText(prepared.index);
    const uint64_t length = kPrefixBytes + index.size() + prepared.dataBytes + kTrailer.size();
    std::string prefix(kFieldBytes, '\0');
    std::memcpy(prefix.data(), kMagic.data(), kMagic.size());
    putNumber(prefix, 8, kVersion, 4);
    putNumber(prefix, 16, length, 8);
    putNumber(prefix, 24, index.size(), 8);
    const std::string hashed = prefix + index;
    AtomicFile file(path);
    file.write(prefix + hashHex(hashed.data(), hashed.size()) + index);
    for (const Tensor& tensor : prepared.tensors) file.write(tensorBytes(tensor));
    file.write(kTrailer);
    file.commit();
    return length;
}

Checkpoint readCheckpoint(const std::string& path) {
    const MappedFile file(path);
    const Head head = readHead(path, file.bytes());
    const uint64_t dataStart = file.bytes().size() - kTrailer.size() - head.data.size();
    JsonFields fields(head.index, path);
    Checkpoint checkpoint;
    checkpoint.progress = TrainProgress::fromJson(fields.need<Json>("progress"), path);
    checkpoint.info = fields.get<Json>("info", Json::object());
    uint64_t next = 0;
    for (const Json& row : fields.need<Json>("tensors")) {
        NamedTensor item;
        item.tensor = readTensor(row, head, next, dataStart, path, item.name);
        const std::string part = JsonFields(row, path).need<std::string>("part");
        (part == "optimizer" ? checkpoint.optimizer : checkpoint.model).push_back(std::move(item));
    }
    if (next != head.data.size()) fail(ErrorKind::BadFile, "{}: {} bytes belong to no tensor", path, head.data.size() - next);
    return checkpoint;
}

TrainProgress readCheckpointProgress(const std::string& path) {
    const MappedFile file(path);
    const Head head = readHead(path, file.bytes());
    return TrainProgress::fromJson(JsonFields(head.index, path).need<Json>("progress"), path);
}

uint64_t checkpointBytes(const Checkpoint& checkpoint) {
    uint64_t bytes = 4096;
    for (const auto* part : {&checkpoint.model, &checkpoint.optimizer})
        for (const NamedTensor& item : *part)
            bytes += 200 + item.name.size() + uint64_t(item.tensor.elements()) * dtypeSize(item.tensor.dtype());
    return bytes;
}

} // namespace strata
