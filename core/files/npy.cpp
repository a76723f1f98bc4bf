// SPDX-License-Identifier: Apache-2.0
#include "core/files/npy.h"

#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/files/zip.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace strata {

namespace {

struct Target {
    DType type;
    bool widens; ///< the element changes its size or sign on the way
};

Target targetType(const NpyHeader& header) {
    if (header.kind == 'b') return {DType::Bool, false};
    if (header.kind == 'f') return {header.itemSize == 2 ? DType::F16 : header.itemSize == 4 ? DType::F32 : DType::F64, false};
    const bool isSigned = header.kind == 'i';
    switch (header.itemSize) {
    case 1: return isSigned ? Target{DType::I32, true} : Target{DType::U8, false};
    case 2: return {DType::I32, true};
    case 4: return isSigned ? Target{DType::I32, false} : Target{DType::I64, true};
    default: return {DType::I64, !isSigned};
    }
}

void checkRank(const NpyHeader& header, const std::string& name) {
    if (header.shape.size() > size_t(kMaxRank))
        fail(ErrorKind::BadFile, "{}: {} dimensions are more than the {} that are read", name, header.shape.size(), kMaxRank);
}

/// The elements in C order, in the byte order of this machine.
std::vector<std::byte> plainItems(const NpyHeader& header, std::span<const std::byte> data) {
    std::vector<std::byte> items(data.begin(), data.end());
    const size_t size = size_t(header.itemSize);
    if (header.fortranOrder && header.shape.size() > 1 && !data.empty()) {
        const size_t rank = header.shape.size();
        std::vector<size_t> strides(rank, size), index(rank, 0);
        for (size_t d = 1; d < rank; ++d) strides[d] = strides[d - 1] * size_t(header.shape[d - 1]);
        size_t from = 0;
        for (size_t to = 0; to < items.size(); to += size) {
            std::memcpy(items.data() + to, data.data() + from, size);
            for (size_t d = rank; d-- > 0;) {
                from += strides[d];
                if (++index[d] < size_t(header.shape[d])) break;
                from -= strides[d] * index[d];
                index[d] = 0;
            }
        }
    }
    if (header.byteOrder == '>' && size > 1)
        for (size_t i = 0; i < items.size(); i += size)
            std::reverse(items.begin() + std::ptrdiff_t(i), items.begin() + std::ptrdiff_t(i + size));
    return items;
}

template <class From, class To> void widen(std::span<const std::byte> items, void* out, const std::string& name) {
    auto* to = static_cast<To*>(out);
    for (size_t i = 0; i * sizeof(From) < items.size(); ++i) {
        From value;
        std::memcpy(&value, items.data() + i * sizeof(From), sizeof(From));
        if (!std::in_range<To>(value)) fail(ErrorKind::BadFile, "{}: element {} is {}, too large for i64", name, i, value);
        to[i] = To(value);
    }
}

Tensor widened(const NpyHeader& header, std::span<const std::byte> items, DType type, const std::string& name) {
    Tensor tensor = Tensor::empty(Shape(header.shape), type);
    if (items.empty()) return tensor;
    void* out = tensor.out().data;
    const bool isSigned = header.kind == 'i';
    if (header.itemSize == 1)
        widen<int8_t, int32_t>(items, out, name);
    else if (header.itemSize == 2 && isSigned)
        widen<int16_t, int32_t>(items, out, name);
    else if (header.itemSize == 2)
        widen<uint16_t, int32_t>(items, out, name);
    else if (header.itemSize == 4)
        widen<uint32_t, int64_t>(items, out, name);
    else
        widen<uint64_t, int64_t>(items, out, name);
    return tensor;
}

std::string_view descrOf(DType type) {
    constexpr std::string_view descrs[] = {"<f4", "<f8", "<f2", "<f4", "<i8", "<i4", "|u1", "|b1"};
    return descrs[size_t(type)];
}

} // namespace

Tensor parseNpy(std::span<const std::byte> bytes, const std::string& name) {
    const NpyHeader header = parseNpyHeader(bytes, name);
    checkRank(header, name);
    const std::span<const std::byte> data = bytes.subspan(size_t(header.dataOffset), size_t(header.dataBytes));
    const auto [type, widens] = targetType(header);
    const bool plain = (!header.fortranOrder || header.shape.size() < 2) && header.byteOrder != '>';
    if (plain && !widens) return tensorFromBytes(type, Shape(header.shape), data);
    const std::vector<std::byte> items = plainItems(header, data);
    return widens ? widened(header, items, type, name) : tensorFromBytes(type, Shape(header.shape), items);
}

Tensor readNpy(const std::string& path) { return parseNpy(MappedFile(path).bytes(), path); }

Tensor mapNpy(const std::string& path) {
    auto file = std::make_shared<MappedFile>(path);
    const NpyHeader header = parseNpyHeader(file->bytes(), path);
    checkRank(header, path);
    const auto [type, widens] = targetType(header);
    const bool plain = (!header.fortranOrder || header.shape.size() < 2) && header.byteOrder != '>';
    // Bytes of a bool file may be other than 0 and 1; elements must be aligned.
    if (!plain || widens || type == DType::Bool || header.dataBytes == 0 || header.dataOffset % header.itemSize != 0)
        return parseNpy(file->bytes(), path);
    void* data = const_cast<std::byte*>(file->bytes().data()) + header.dataOffset;
    return Tensor::fromBlob(data, Shape(header.shape), type, [file]() mutable { file.reset(); });
}

std::string npyBytes(const Tensor& tensor) {
    const Tensor host = hostContiguous(tensor);
    std::string shape;
    for (const int64_t size : host.shape()) shape += fmt::format("{}{}", shape.empty() ? "" : ", ", size);
    if (host.rank() == 1) shape += ",";
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descrOf(host.dtype()), shape);
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += char(header.size() & 255);
    bytes += char(header.size() >> 8);
    bytes += header;
    if (host.dtype() == DType::BF16) {
        const std::vector<float> values = host.toVector<float>();
        return bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    }
    const std::span<const std::byte> raw = tensorBytes(host);
    return bytes.append(reinterpret_cast<const char*>(raw.data()), raw.size());
}

void writeNpy(const Tensor& tensor, const std::string& path) { writeFileAtomically(path, npyBytes(tensor)); }

NamedTensors readNpz(const std::string& path) {
    const ZipReader zip(path);
    NamedTensors tensors;
    for (const std::string& member : zip.names()) {
        if (!member.ends_with(".npy")) fail(ErrorKind::BadFile, "{}: the member \"{}\" is not a .npy file", path, member);
        tensors.emplace_back(member.substr(0, member.size() - 4), parseNpy(zip.read(member), path + ": " + member));
    }
    return tensors;
}

std::string npzBytes(const NamedTensors& tensors, bool compressed) {
    std::vector<ZipMember> members;
    for (const auto& [name, tensor] : tensors) members.push_back({name + ".npy", npyBytes(tensor)});
    return zipBytes(members, compressed);
}

void writeNpz(const NamedTensors& tensors, const std::string& path, bool compressed) {
    writeFileAtomically(path, npzBytes(tensors, compressed));
}

} // namespace strata
