// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/fs.h"
#include "core/files/named_tensors.h"

#include <map>
#include <memory>

namespace strata {

/// One tensor of a .safetensors file, not yet loaded.
struct SafetensorsEntry {
    std::string dtype;         ///< as in the file: "F32", "BF16", ...
    std::optional<DType> type; ///< nullopt for those that Strata does not read (U16, F8_E4M3, ...)
    std::vector<int64_t> shape;
    std::span<const std::byte> bytes;
};

/// A checked .safetensors file; the bytes of the entries live as long as this does (or the caller's buffer).
struct Safetensors {
    std::string path;
    std::map<std::string, SafetensorsEntry> tensors;
    std::map<std::string, std::string> metadata;
    std::shared_ptr<const MappedFile> mapping;

    bool has(const std::string& name) const { return tensors.contains(name); }
    /// A copy of one tensor. Throws Error(BadFile) if it is missing or of a dtype that Strata does not read.
    Tensor load(const std::string& name) const;
    /// All tensors, by name.
    NamedTensors loadAll() const;
};

using StringMap = std::map<std::string, std::string>;

/// Maps and checks a file by all the rules of the reference reader (formats.md 3a): header at most 100 MB, no duplicate
/// names, offsets without holes or overlaps, sizes exact. Throws Error(BadFile) naming the byte.
Safetensors readSafetensors(const std::string& path);
/// The same over bytes that the caller keeps alive; `name` starts the sentences.
Safetensors parseSafetensors(std::span<const std::byte> bytes, const std::string& name);

/// The bytes of a file with these tensors, sorted by alignment and then name. With `floatType` given, every f32 and f64 tensor
/// is stored as that floating type. Throws Error(BadInput) on a duplicate name.
std::string safetensorsBytes(const NamedTensors& tensors, const StringMap& metadata = {}, std::optional<DType> floatType = {});
/// The same through AtomicFile. Throws Error(BadFile).
void writeSafetensors(const NamedTensors& tensors, const StringMap& metadata, const std::string& path, std::optional<DType> floatType = {});

} // namespace strata
