// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/fs.h"

#include <map>
#include <memory>

namespace strata {

/// What a reader of zip archives is ready to unpack. A member above `ratioFloor` bytes that unpacks to more than `maxRatio`
/// times its stored size is refused as a bomb.
struct ZipLimits {
    uint64_t maxMembers = 1u << 16;
    uint64_t maxTotalBytes = uint64_t(1) << 33;
    uint64_t maxRatio = 100;
    uint64_t ratioFloor = uint64_t(64) << 20;
};

/// Reads a zip archive by its central directory (libzip). All names and sizes are checked before anything is unpacked: no
/// duplicates, no absolute names, no "..", no encryption. Sentences start with the file's name. Not thread-safe.
class ZipReader {
public:
    explicit ZipReader(const std::string& path, const ZipLimits& limits = {}); ///< throws Error(BadFile)
    /// Over bytes that the caller keeps alive.
    ZipReader(std::span<const std::byte> bytes, const std::string& name, const ZipLimits& limits = {});
    ~ZipReader();
    ZipReader(const ZipReader&) = delete;
    ZipReader& operator=(const ZipReader&) = delete;

    /// Names in the order of the archive; folders are left out.
    const std::vector<std::string>& names() const { return names_; }
    bool has(const std::string& name) const { return members_.contains(name); }
    uint64_t size(const std::string& name) const; ///< unpacked; throws Error(BadFile) if missing
    /// Unpacks a member and checks its CRC. Throws Error(BadFile).
    std::vector<std::byte> read(const std::string& name) const;

private:
    struct Member {
        uint64_t index = 0;
        uint64_t size = 0;
    };
    void open(std::span<const std::byte> bytes, const ZipLimits& limits);
    const Member& find(const std::string& name) const;

    std::string path_;
    std::unique_ptr<MappedFile> mapping_;
    void* archive_ = nullptr; ///< zip_t
    std::vector<std::string> names_;
    std::map<std::string, Member> members_;
};

/// A file of an archive to be written.
struct ZipMember {
    std::string name;
    std::string bytes;
};

/// An archive in memory, members in this order, all dated 1980-01-01 so that equal contents give equal bytes.
/// Throws Error(BadInput) on a duplicate name.
std::string zipBytes(const std::vector<ZipMember>& members, bool compressed);
void writeZip(const std::vector<ZipMember>& members, bool compressed, const std::string& path);

} // namespace strata
