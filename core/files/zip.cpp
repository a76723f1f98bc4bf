// SPDX-License-Identifier: Apache-2.0
#include "core/files/zip.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <zip.h>

#include <algorithm>
#include <set>

namespace strata {

namespace {

zip_t* handle(void* archive) { return static_cast<zip_t*>(archive); }

/// zip_error_t that is cleared at the end of the scope.
class ZipError {
public:
    ZipError() { zip_error_init(&error_); }
    ~ZipError() { zip_error_fini(&error_); }
    ZipError(const ZipError&) = delete;
    ZipError& operator=(const ZipError&) = delete;
    zip_error_t* get() { return &error_; }
    std::string text() { return zip_error_strerror(&error_); }

private:
    zip_error_t error_;
};

bool leavesFolder(const std::string& name) {
    if (name.front() == '/' || name.find('\\') != std::string::npos) return true;
    const std::vector<std::string> parts = split(name, '/');
    return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

/// Checks what the central directory says of one member; true if it is a file.
bool checkMember(const zip_stat_t& stat, uint64_t archiveSize, const ZipLimits& limits, const std::string& path) {
    const std::string name = stat.name ? stat.name : "";
    if (name.empty()) fail(ErrorKind::BadFile, "{}: a member has no name", path);
    if (leavesFolder(name)) fail(ErrorKind::BadFile, "{}: the member \"{}\" would lie outside its folder; refused", path, name);
    if (name.back() == '/') return false;
    constexpr zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if ((stat.valid & needed) != needed) fail(ErrorKind::BadFile, "{}: the size of \"{}\" is not given", path, name);
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE)
        fail(ErrorKind::BadFile, "{}: the member \"{}\" is encrypted", path, name);
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
        fail(ErrorKind::BadFile, "{}: the member \"{}\" is packed by method {}, only stored and deflated are read", path, name,
             int(stat.comp_method));
    if (stat.comp_size > archiveSize || (stat.comp_method == ZIP_CM_STORE && stat.size != stat.comp_size))
        fail(ErrorKind::BadFile, "{}: the member \"{}\" claims {} packed bytes, the archive has {}", path, name, stat.comp_size,
             archiveSize);
    if (stat.size > limits.ratioFloor && stat.size / std::max<uint64_t>(stat.comp_size, 1) >= limits.maxRatio)
        fail(ErrorKind::BadFile, "{}: the member \"{}\" unpacks {} bytes to {}, more than {} times; refused", path, name, stat.comp_size,
             stat.size, limits.maxRatio);
    return true;
}

[[noreturn]] void writeFailed(zip_t* archive, zip_source_t* memory) {
    const std::string reason = zip_strerror(archive);
    zip_discard(archive);
    zip_source_free(memory);
    fail(ErrorKind::Internal, "cannot make a zip archive: {}", reason);
}

void addMember(zip_t* archive, zip_source_t* memory, const ZipMember& member, bool compressed) {
    zip_source_t* source = zip_source_buffer(archive, member.bytes.data(), member.bytes.size(), 0);
    if (!source) writeFailed(archive, memory);
    const zip_int64_t index = zip_file_add(archive, member.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        writeFailed(archive, memory);
    }
    constexpr zip_uint16_t firstOfJanuary1980 = (1 << 5) | 1;
    if (zip_set_file_compression(archive, zip_uint64_t(index), compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(archive, zip_uint64_t(index), 0, firstOfJanuary1980, 0) != 0)
        writeFailed(archive, memory);
}

std::string takeBytes(zip_source_t* memory) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    std::string bytes;
    bool fine = zip_source_stat(memory, &stat) == 0 && (stat.valid & ZIP_STAT_SIZE) && zip_source_open(memory) == 0;
    if (fine) {
        bytes.resize(size_t(stat.size));
        fine = zip_source_read(memory, bytes.data(), stat.size) == zip_int64_t(stat.size);
        zip_source_close(memory);
    }
    zip_source_free(memory);
    if (!fine) fail(ErrorKind::Internal, "cannot take a zip archive out of memory");
    return bytes;
}

} // namespace

ZipReader::ZipReader(const std::string& path, const ZipLimits& limits) : path_(path), mapping_(std::make_unique<MappedFile>(path)) {
    open(mapping_->bytes(), limits);
}

ZipReader::ZipReader(std::span<const std::byte> bytes, const std::string& name, const ZipLimits& limits) : path_(name) {
    open(bytes, limits);
}

ZipReader::~ZipReader() {
    if (archive_) zip_discard(handle(archive_));
}

void ZipReader::open(std::span<const std::byte> bytes, const ZipLimits& limits) {
    ZipError error;
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, error.get());
    zip_t* archive = source && !bytes.empty() ? zip_open_from_source(source, ZIP_RDONLY, error.get()) : nullptr;
    if (!archive) {
        zip_source_free(source);
        fail(ErrorKind::BadFile, "{}: not a whole zip archive: {}", path_, bytes.empty() ? "it is empty" : error.text());
    }
    archive_ = archive;
    try {
        const auto count = uint64_t(zip_get_num_entries(archive, 0));
        if (count > limits.maxMembers)
            fail(ErrorKind::BadFile, "{}: {} members are more than the {} allowed", path_, count, limits.maxMembers);
        uint64_t total = 0;
        for (uint64_t i = 0; i < count; ++i) {
            zip_stat_t stat;
            zip_stat_init(&stat);
            if (zip_stat_index(archive, i, ZIP_FL_ENC_RAW, &stat) != 0)
                fail(ErrorKind::BadFile, "{}: member {} cannot be read: {}", path_, i, zip_strerror(archive));
            if (!checkMember(stat, bytes.size(), limits, path_)) continue;
            if (!members_.emplace(stat.name, Member{i, stat.size}).second)
                fail(ErrorKind::BadFile, "{}: the member \"{}\" is there twice", path_, stat.name);
            names_.emplace_back(stat.name);
            total += stat.size;
            if (total > limits.maxTotalBytes)
                fail(ErrorKind::BadFile, "{}: unpacks to more than the {} bytes allowed", path_, limits.maxTotalBytes);
        }
    } catch (...) {
        zip_discard(archive);
        archive_ = nullptr;
        throw;
    }
}

const ZipReader::Member& ZipReader::find(const std::string& name) const {
    const auto found = members_.find(name);
    if (found == members_.end()) fail(ErrorKind::BadFile, "{}: there is no member \"{}\"", path_, name);
    return found->second;
}

uint64_t ZipReader::size(const std::string& name) const { return find(name).size; }

std::vector<std::byte> ZipReader::read(const std::string& name) const {
    const Member& member = find(name);
    zip_file_t* file = zip_fopen_index(handle(archive_), member.index, 0);
    if (!file) fail(ErrorKind::BadFile, "{}: the member \"{}\" cannot be read: {}", path_, name, zip_strerror(handle(archive_)));
    std::vector<std::byte> bytes(size_t(member.size));
    size_t done = 0;
    zip_int64_t got = 0;
    while (done < bytes.size() && (got = zip_fread(file, bytes.data() + done, bytes.size() - done)) > 0) done += size_t(got);
    // The read at the end is the one that checks the CRC, and finds bytes that the directory kept quiet about.
    std::byte extra{};
    if (got >= 0 && done == bytes.size()) got = zip_fread(file, &extra, 1);
    const std::string reason = got < 0 ? zip_file_strerror(file) : "its length is not what the directory says";
    zip_fclose(file);
    if (got != 0 || done != bytes.size()) fail(ErrorKind::BadFile, "{}: the member \"{}\" is damaged: {}", path_, name, reason);
    return bytes;
}

std::string zipBytes(const std::vector<ZipMember>& members, bool compressed) {
    std::set<std::string> seen;
    for (const ZipMember& member : members)
        if (!seen.insert(member.name).second)
            fail(ErrorKind::BadInput, "cannot put two members named \"{}\" into a zip archive", member.name);
    ZipError error;
    zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, error.get());
    zip_t* archive = memory ? zip_open_from_source(memory, ZIP_TRUNCATE, error.get()) : nullptr;
    if (!archive) {
        zip_source_free(memory);
        fail(ErrorKind::Internal, "cannot make a zip archive: {}", error.text());
    }
    zip_source_keep(memory);
    if (members.empty()) {
        // libzip writes no archive without members: this is the end record of an empty one.
        zip_discard(archive);
        zip_source_free(memory);
        return std::string("PK\x05\x06", 4) + std::string(18, '\0');
    }
    for (const ZipMember& member : members) addMember(archive, memory, member, compressed);
    if (zip_close(archive) != 0) writeFailed(archive, memory);
    return takeBytes(memory);
}

void writeZip(const std::vector<ZipMember>& members, bool compressed, const std::string& path) {
    writeFileAtomically(path, zipBytes(members, compressed));
}

} // namespace strata
