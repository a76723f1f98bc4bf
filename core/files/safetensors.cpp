// SPDX-License-Identifier: Apache-2.0
#include "core/files/safetensors.h"

#include "core/base/atomic_file.h"
#include "core/base/json.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>

namespace strata {

namespace {

constexpr uint64_t kMaxHeader = 100'000'000;

struct FileType {
    std::string_view name;
    uint64_t bits;
    std::optional<DType> type;
};

/// In the order of the reference implementation's enum, which is also the order in which its writer sorts (from the end).
constexpr FileType kTypes[] = {
    {"BOOL", 8, DType::Bool}, {"F4", 4, {}},           {"F6_E2M3", 6, {}},        {"F6_E3M2", 6, {}},
    {"U8", 8, DType::U8},     {"I8", 8, {}},           {"F8_E5M2", 8, {}},        {"F8_E4M3", 8, {}},
    {"F8_E8M0", 8, {}},       {"F8_E4M3FNUZ", 8, {}},  {"F8_E5M2FNUZ", 8, {}},    {"I16", 16, {}},
    {"U16", 16, {}},          {"F16", 16, DType::F16}, {"BF16", 16, DType::BF16}, {"I32", 32, DType::I32},
    {"U32", 32, {}},          {"F32", 32, DType::F32}, {"C64", 64, {}},           {"F64", 64, DType::F64},
    {"I64", 64, DType::I64},  {"U64", 64, {}},
};

const FileType* findType(std::string_view name) {
    const auto found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const FileType& t) { return t.name == name; });
    return found == std::end(kTypes) ? nullptr : found;
}

size_t typeRank(DType type) {
    const auto found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const FileType& t) { return t.type == type; });
    return size_t(found - std::begin(kTypes));
}

struct Range {
    uint64_t begin, end;
    std::string name;
};

template <class... Args> [[noreturn]] void bad(const std::string& file, fmt::format_string<Args...> format, Args&&... args) {
    fail(ErrorKind::BadFile, "{}: {}", file, fmt::format(format, std::forward<Args>(args)...));
}

/// Refuses what people take for a safetensors file, by its first bytes.
void refuseForeign(std::span<const std::byte> bytes, const std::string& file) {
    const std::string_view start(reinterpret_cast<const char*>(bytes.data()), std::min<size_t>(bytes.size(), 512));
    const bool zip = start.starts_with("PK\x03\x04");
    const bool pickle = start.size() > 1 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
    if (pickle || (zip && start.find("data.pkl") != start.npos))
        bad(file, "is a PyTorch file; Strata reads safetensors (from Python: safetensors.torch.save_file(model.state_dict(), FILE))");
    if (zip) bad(file, "is a zip archive, and Strata reads weights from safetensors");
    if (start.starts_with("\x89HDF\r\n")) bad(file, "is an HDF5 file, and Strata reads weights from safetensors");
}

/// A list of unsigned integers; negative, fractional and over 2^62 refused.
std::vector<int64_t> readSizes(const Json& entry, const char* key, const std::string& file, const std::string& name) {
    const auto found = entry.find(key);
    if (found == entry.end() || !found->is_array()) bad(file, "tensor \"{}\" has no list \"{}\"", name, key);
    std::vector<int64_t> sizes;
    for (const Json& item : *found) {
        if (!item.is_number_unsigned() || item.get<uint64_t>() > (uint64_t(1) << 62))
            bad(file, "tensor \"{}\": {} in \"{}\" is not a size", name, toText(item), key);
        sizes.push_back(int64_t(item.get<uint64_t>()));
    }
    return sizes;
}

/// Checks an entry by itself: type, shape, and that its range is exactly as long as they say.
SafetensorsEntry readEntry(const Json& json, const std::string& file, const std::string& name, Range& range) {
    if (!json.is_object()) bad(file, "tensor \"{}\" is not described by an object", name);
    const auto dtype = json.find("dtype");
    if (dtype == json.end() || !dtype->is_string()) bad(file, "tensor \"{}\" has no dtype", name);
    SafetensorsEntry entry;
    entry.dtype = dtype->get<std::string>();
    const FileType* type = findType(entry.dtype);
    if (!type) bad(file, "tensor \"{}\" has the unknown dtype \"{}\"", name, entry.dtype);
    entry.type = type->type;
    entry.shape = readSizes(json, "shape", file, name);
    const std::vector<int64_t> offsets = readSizes(json, "data_offsets", file, name);
    if (offsets.size() != 2) bad(file, "tensor \"{}\" has {} data_offsets instead of 2", name, offsets.size());
    range = {uint64_t(offsets[0]), uint64_t(offsets[1]), name};
    if (range.end < range.begin) bad(file, "tensor \"{}\" ends at {} before it begins at {}", name, range.end, range.begin);
    const std::optional<uint64_t> bits = checkedBytes(entry.shape, type->bits);
    if (!bits) bad(file, "tensor \"{}\": the size of shape {} overflows", name, shapeText(entry.shape));
    if (*bits % 8 != 0) bad(file, "tensor \"{}\" does not fill whole bytes", name);
    if (range.end - range.begin != *bits / 8)
        bad(file, "tensor \"{}\" of {} {} needs {} bytes, its data_offsets hold {}", name, entry.dtype, shapeText(entry.shape), *bits / 8,
            range.end - range.begin);
    return entry;
}

void readMetadata(const Json& json, Safetensors& result) {
    if (!json.is_object()) bad(result.path, "__metadata__ is not an object");
    for (const auto& item : json.items()) {
        if (!item.value().is_string()) bad(result.path, "__metadata__ \"{}\" is not a string", item.key());
        result.metadata.emplace(item.key(), item.value().get<std::string>());
    }
}

/// Ranges must follow each other without hole or overlap and end with the file.
void checkRanges(std::vector<Range>& ranges, uint64_t dataStart, uint64_t fileSize, const std::string& file) {
    std::sort(ranges.begin(), ranges.end(),
              [](const Range& a, const Range& b) { return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name); });
    uint64_t expected = 0;
    for (const Range& range : ranges) {
        if (range.begin != expected)
            bad(file, "tensor \"{}\" begins at byte {}, expected {} ({})", range.name, dataStart + range.begin, dataStart + expected,
                range.begin < expected ? "overlap" : "hole");
        expected = range.end;
    }
    if (dataStart + expected > fileSize) bad(file, "cut off: the tensors end at byte {}, the file at {}", dataStart + expected, fileSize);
    if (dataStart + expected < fileSize)
        bad(file, "{} bytes too many after the tensors, at byte {}", fileSize - dataStart - expected, dataStart + expected);
}

std::string convertFloats(const Tensor& tensor, DType type, const std::string& name) {
    std::string bytes;
    for (const double value : tensor.toVector<double>()) {
        const auto put = [&](auto stored) { bytes.append(reinterpret_cast<const char*>(&stored), sizeof stored); };
        switch (type) {
        case DType::F16:
            if (std::abs(value) >= 65520 && std::abs(value) <= 3.5e38)
                fail(ErrorKind::BadInput, "tensor \"{}\": {} does not fit f16", name, value);
            put(toHalf(float(value)).bits);
            break;
        case DType::BF16: put(toBFloat16(float(value)).bits); break;
        case DType::F32: put(float(value)); break;
        default: put(value); break;
        }
    }
    return bytes;
}

struct Outgoing {
    std::string name;
    Tensor tensor;
    DType type;
};

} // namespace

Safetensors parseSafetensors(std::span<const std::byte> bytes, const std::string& name) {
    Safetensors result;
    result.path = name;
    if (bytes.size() < 8) bad(name, "{} bytes are too few for a safetensors file", bytes.size());
    uint64_t headerSize = 0;
    std::memcpy(&headerSize, bytes.data(), 8);
    if (headerSize > kMaxHeader || bytes.size() == 8 || bytes[8] != std::byte('{')) refuseForeign(bytes, name);
    if (headerSize > kMaxHeader) bad(name, "the header length {} at byte 0 is over the limit of {}", headerSize, kMaxHeader);
    if (headerSize > bytes.size() - 8)
        bad(name, "the header of {} bytes runs past the end of the file at byte {}", headerSize, bytes.size());
    const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + 8, size_t(headerSize));
    if (header.empty() || header[0] != '{') bad(name, "the header at byte 8 does not start with '{{'");
    const Json json = parseJson(header, name + ": header", 4);
    const std::span<const std::byte> data = bytes.subspan(8 + size_t(headerSize));
    std::vector<Range> ranges;
    for (const auto& item : json.items()) {
        if (item.key() == "__metadata__") {
            readMetadata(item.value(), result);
            continue;
        }
        ranges.emplace_back();
        result.tensors.emplace(item.key(), readEntry(item.value(), name, item.key(), ranges.back()));
    }
    checkRanges(ranges, 8 + headerSize, bytes.size(), name);
    for (const Range& range : ranges)
        result.tensors.at(range.name).bytes = data.subspan(size_t(range.begin), size_t(range.end - range.begin));
    return result;
}

Safetensors readSafetensors(const std::string& path) {
    auto mapping = std::make_shared<const MappedFile>(path);
    Safetensors result = parseSafetensors(mapping->bytes(), path);
    result.mapping = std::move(mapping);
    return result;
}

Tensor Safetensors::load(const std::string& name) const {
    const auto found = tensors.find(name);
    if (found == tensors.end()) bad(path, "there is no tensor \"{}\"", name);
    const SafetensorsEntry& entry = found->second;
    if (!entry.type) bad(path, "tensor \"{}\" has the dtype {}, which Strata does not read", name, entry.dtype);
    if (entry.shape.size() > size_t(kMaxRank))
        bad(path, "tensor \"{}\" has {} dimensions, at most {} are read", name, entry.shape.size(), kMaxRank);
    return tensorFromBytes(*entry.type, Shape(entry.shape), entry.bytes);
}

NamedTensors Safetensors::loadAll() const {
    NamedTensors all;
    for (const auto& [name, entry] : tensors) all.emplace_back(name, load(name));
    return all;
}

std::string safetensorsBytes(const NamedTensors& tensors, const StringMap& metadata, std::optional<DType> floatType) {
    std::vector<Outgoing> order;
    for (const auto& [name, tensor] : tensors) {
        const bool converts = floatType && (tensor.dtype() == DType::F32 || tensor.dtype() == DType::F64);
        order.push_back({name, hostContiguous(tensor), converts ? *floatType : tensor.dtype()});
    }
    std::sort(order.begin(), order.end(), [](const Outgoing& a, const Outgoing& b) {
        return a.type != b.type ? typeRank(a.type) > typeRank(b.type) : a.name < b.name;
    });
    Json header = Json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    uint64_t offset = 0;
    for (const Outgoing& item : order) {
        if (header.contains(item.name) || item.name == "__metadata__")
            fail(ErrorKind::BadInput, "cannot store two tensors named \"{}\"", item.name);
        const uint64_t end = offset + uint64_t(item.tensor.elements()) * dtypeSize(item.type);
        header[item.name] = {
            {"dtype", kTypes[typeRank(item.type)].name}, {"shape", item.tensor.shape().toVector()}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = toText(header);
    text.append((8 - text.size() % 8) % 8, ' ');
    const uint64_t headerSize = text.size();
    std::string bytes;
    bytes.reserve(size_t(8 + headerSize + offset));
    bytes.append(reinterpret_cast<const char*>(&headerSize), 8).append(text);
    for (const Outgoing& item : order) {
        if (item.type != item.tensor.dtype()) {
            bytes += convertFloats(item.tensor, item.type, item.name);
            continue;
        }
        const std::span<const std::byte> raw = tensorBytes(item.tensor);
        bytes.append(reinterpret_cast<const char*>(raw.data()), raw.size());
    }
    return bytes;
}

void writeSafetensors(const NamedTensors& tensors, const StringMap& metadata, const std::string& path, std::optional<DType> floatType) {
    writeFileAtomically(path, safetensorsBytes(tensors, metadata, floatType));
}

} // namespace strata
