// SPDX-License-Identifier: Apache-2.0
#include "core/files/archive.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/text.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>

namespace strata {

namespace {

using ArchivePtr = std::unique_ptr<::archive, decltype(&archive_read_free)>;

std::string reason(::archive* archive) {
    const char* text = archive_error_string(archive);
    return text ? text : "it cannot be unpacked";
}

ArchivePtr openTar(const MappedFile& file) {
    ArchivePtr archive(archive_read_new(), &archive_read_free);
    check(archive != nullptr, "libarchive cannot start");
    archive_read_support_filter_gzip(archive.get());
    archive_read_support_format_tar(archive.get());
    if (file.bytes().empty() || archive_read_open_memory(archive.get(), file.bytes().data(), file.bytes().size()) != ARCHIVE_OK)
        fail(ErrorKind::BadFile, "{}: not a .tar or .tar.gz archive", file.path());
    return archive;
}

/// "./a/b" to "a/b"; throws for what would leave the folder.
std::string safeName(archive_entry* entry, const std::string& path) {
    const char* raw = archive_entry_pathname(entry);
    const std::string name = raw ? raw : "";
    if (name.empty()) fail(ErrorKind::BadFile, "{}: a member has no name", path);
    std::vector<std::string> parts = split(name, '/');
    if (name.front() == '/' || std::find(parts.begin(), parts.end(), "..") != parts.end())
        fail(ErrorKind::BadFile, "{}: the member \"{}\" would lie outside its folder; refused", path, name);
    std::erase_if(parts, [](const std::string& part) { return part.empty() || part == "."; });
    return join(parts, "/");
}

void checkKind(archive_entry* entry, const std::string& path, const std::string& name) {
    if (archive_entry_hardlink(entry) || archive_entry_symlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
        fail(ErrorKind::BadFile, "{}: the member \"{}\" is a link; refused", path, name);
    if (archive_entry_filetype(entry) != AE_IFREG)
        fail(ErrorKind::BadFile, "{}: the member \"{}\" is not a regular file; refused", path, name);
}

std::vector<std::byte> readMember(::archive* archive, archive_entry* entry, const std::string& path, const std::string& name) {
    const auto size = uint64_t(std::max<la_int64_t>(archive_entry_size(entry), 0));
    std::vector<std::byte> bytes;
    // The header may lie about the size: grow with what really comes.
    while (true) {
        const void* block = nullptr;
        size_t length = 0;
        la_int64_t offset = 0;
        const int result = archive_read_data_block(archive, &block, &length, &offset);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK) fail(ErrorKind::BadFile, "{}: the member \"{}\" is damaged: {}", path, name, reason(archive));
        if (offset < 0 || uint64_t(offset) + length > size)
            fail(ErrorKind::BadFile, "{}: the member \"{}\" is longer than it says", path, name);
        if (uint64_t(offset) > bytes.size() + (uint64_t(1) << 20))
            fail(ErrorKind::BadFile, "{}: the member \"{}\" is a sparse file; refused", path, name);
        bytes.resize(std::max(bytes.size(), size_t(offset) + length));
        std::copy_n(static_cast<const std::byte*>(block), length, bytes.begin() + std::ptrdiff_t(offset));
    }
    if (bytes.size() != size)
        fail(ErrorKind::BadFile, "{}: the member \"{}\" is cut off after {} of {} bytes", path, name, bytes.size(), size);
    return bytes;
}

} // namespace

void visitArchive(const std::string& path, const ArchiveVisitor& visitor, const ArchiveLimits& limits,
                  const std::function<bool(const std::string& name)>& wanted) {
    const MappedFile file(path);
    const ArchivePtr archive = openTar(file);
    uint64_t members = 0, total = 0;
    while (true) {
        archive_entry* entry = nullptr;
        const int result = archive_read_next_header(archive.get(), &entry);
        if (result == ARCHIVE_EOF) return;
        if (result != ARCHIVE_OK)
            fail(ErrorKind::BadFile, "{}: {}: {}", path, members == 0 ? "not a .tar or .tar.gz archive" : "damaged archive",
                 reason(archive.get()));
        if (++members > limits.maxMembers) fail(ErrorKind::BadFile, "{}: more than the {} members allowed", path, limits.maxMembers);
        const std::string name = safeName(entry, path);
        if (archive_entry_filetype(entry) == AE_IFDIR) continue;
        checkKind(entry, path, name);
        const auto size = uint64_t(std::max<la_int64_t>(archive_entry_size(entry), 0));
        if (size > limits.maxMemberBytes)
            fail(ErrorKind::BadFile, "{}: the member \"{}\" of {} bytes is over the limit of {}", path, name, size, limits.maxMemberBytes);
        if (size > limits.maxTotalBytes - total)
            fail(ErrorKind::BadFile, "{}: unpacks to more than the {} bytes allowed", path, limits.maxTotalBytes);
        total += size;
        if (wanted && !wanted(name)) continue;
        if (!visitor(name, readMember(archive.get(), entry, path, name))) return;
    }
}

std::vector<std::pair<std::string, std::vector<std::byte>>> readArchive(const std::string& path, const ArchiveLimits& limits) {
    std::vector<std::pair<std::string, std::vector<std::byte>>> members;
    visitArchive(
        path,
        [&](const std::string& name, std::vector<std::byte>&& bytes) {
            members.emplace_back(name, std::move(bytes));
            return true;
        },
        limits);
    return members;
}

std::vector<std::string> extractArchive(const std::string& path, const std::string& folder, const ArchiveLimits& limits) {
    std::vector<std::string> names;
    makeFolders(folder);
    visitArchive(
        path,
        [&](const std::string& name, std::vector<std::byte>&& bytes) {
            const std::string target = joinPath(folder, name);
            makeFolders(parentFolder(target));
            writeFileAtomically(target, bytes);
            names.push_back(name);
            return true;
        },
        limits);
    return names;
}

} // namespace strata
