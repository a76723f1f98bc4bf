// SPDX-License-Identifier: Apache-2.0
#include "core/data/decoded_cache.h"

#include "core/base/error.h"
#include "core/base/log.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace strata {

namespace {

constexpr uint64_t kHeaderBytes = 64;
constexpr uint64_t kSpareBytes = uint64_t(1) << 30; ///< left free on the disk
constexpr char kMagic[] = "STRATA-PIXELS-1";

/// Writes all of it; false on any error.
bool writeAt(int fd, const void* data, uint64_t bytes, uint64_t offset) {
    const auto* at = static_cast<const std::byte*>(data);
    while (bytes > 0) {
        const int64_t done = fs().pwrite(fd, {at, size_t(bytes)}, offset);
        if (done == -EINTR) continue;
        if (done <= 0) return false;
        at += done;
        offset += uint64_t(done);
        bytes -= uint64_t(done);
    }
    return true;
}

/// Removes the oldest caches until the rest fits, and temporary files that a crash left more than a day ago.
void prune(const std::string& folder, const std::string& keep) {
    struct Old {
        int64_t time;
        uint64_t size;
        std::string path;
    };
    std::vector<std::string> names;
    if (fs().list(folder, names) < 0) return;
    std::vector<Old> files;
    uint64_t total = 0;
    int64_t newest = 0;
    for (const std::string& name : names) {
        const std::string path = joinPath(folder, name);
        const FileStatus status = fs().status(path);
        if (!status.regular) continue;
        newest = std::max(newest, status.modifiedNs);
        total += status.size;
        if (path != keep) files.push_back({status.modifiedNs, status.size, path});
    }
    std::sort(files.begin(), files.end(), [](const Old& a, const Old& b) { return a.time < b.time; });
    constexpr int64_t kDayNs = int64_t(86400) * 1'000'000'000;
    for (const Old& file : files) {
        const bool stale = file.path.ends_with(".part") && newest - file.time > kDayNs;
        if (!stale && (total <= DecodedCache::kMostBytesOfAll || file.path.ends_with(".part"))) continue;
        if (fs().remove(file.path) == 0) total -= file.size;
    }
}

} // namespace

std::string DecodedCache::folder() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    if (cache && *cache == '/') return joinPath(cache, "strata/pixels");
    const char* home = std::getenv("HOME");
    return home && *home ? joinPath(home, ".cache/strata/pixels") : std::string();
}

DecodedCache::DecodedCache(const std::string& key, std::vector<uint64_t> slotBytes) : key_(key), slotBytes_(std::move(slotBytes)) {
    const std::string base = folder();
    if (base.empty() || slotBytes_.empty()) return;
    uint64_t offset = kHeaderBytes + slotBytes_.size() * sizeof(Entry);
    for (const uint64_t bytes : slotBytes_) {
        offset = (offset + 63) / 64 * 64;
        offsets_.push_back(offset);
        offset += bytes;
        if (bytes == 0 || offset > kMostBytes) return; // a broken picture never completes the file; a huge set is not worth it
    }
    size_ = offset;
    path_ = joinPath(base, key_ + ".pixels");
    states_ = std::make_unique<std::atomic<uint8_t>[]>(slotBytes_.size());
    if (openExisting()) return;
    try {
        create();
    } catch (const Error& error) { // without a cache everything still works
        discard();
        logMessage(LogLevel::Info, fmt::format("no cache of decoded pictures: {}", error.what()));
    }
}

DecodedCache::~DecodedCache() { discard(); }

uint64_t DecodedCache::entryOffset(int64_t index) const { return kHeaderBytes + uint64_t(index) * sizeof(Entry); }

bool DecodedCache::openExisting() {
    const FileStatus status = fs().status(path_);
    if (!status.regular || status.size != size_) return false;
    auto mapping = std::make_unique<MappedFile>(path_);
    const std::byte* data = mapping->bytes().data();
    const std::string wanted = std::string(kMagic) + ' ' + key_;
    if (std::memcmp(data, wanted.data(), std::min<size_t>(wanted.size(), kHeaderBytes)) != 0) return false;
    for (size_t i = 0; i < slotBytes_.size(); ++i) {
        Entry entry;
        std::memcpy(&entry, data + entryOffset(int64_t(i)), sizeof entry);
        if (uint64_t(entry.height) * entry.width * 3 != slotBytes_[i]) return false;
    }
    for (size_t i = 0; i < slotBytes_.size(); ++i) states_[i] = Present;
    mapping_ = std::move(mapping);
    return true;
}

void DecodedCache::create() {
    const std::string base = parentFolder(path_);
    makeFolders(base);
    const int64_t room = fs().freeBytes(base);
    if (room < 0 || uint64_t(room) < size_ + kSpareBytes) fail(ErrorKind::BadFile, "{}: too little space", base);
    static std::atomic<int> serial{0};
    const std::string temporary = fmt::format("{}.{}-{}.part", path_, ::getpid(), serial++);
    fd_ = fs().open(temporary, Fs::Open::CreateNew);
    if (fd_ < 0) fail(ErrorKind::BadFile, "cannot write {}: {}", temporary, describeErrno(fd_));
    temporary_ = temporary;
    const std::string header = std::string(kMagic) + ' ' + key_;
    const int allocated = fs().allocate(fd_, size_);
    if (allocated < 0) fail(ErrorKind::BadFile, "cannot write {}: {}", temporary, describeErrno(allocated));
    if (!writeAt(fd_, header.data(), std::min<size_t>(header.size(), kHeaderBytes), 0))
        fail(ErrorKind::BadFile, "cannot write {}", temporary);
    missing_ = int64_t(slotBytes_.size());
    mapping_ = std::make_unique<MappedFile>(temporary); // Linux shows later pwrites in it: its pages are the file's
}

void DecodedCache::discard() {
    std::lock_guard lock(mutex_);
    if (fd_ >= 0) fs().close(fd_);
    fd_ = -1;
    if (!temporary_.empty()) fs().remove(temporary_);
    temporary_.clear();
}

const uint8_t* DecodedCache::find(int64_t index, int64_t& height, int64_t& width) const {
    if (!mapping_ || states_[size_t(index)].load(std::memory_order_acquire) != Present) return nullptr;
    const std::byte* data = mapping_->bytes().data();
    Entry entry;
    std::memcpy(&entry, data + entryOffset(index), sizeof entry);
    height = entry.height;
    width = entry.width;
    return reinterpret_cast<const uint8_t*>(data + offsets_[size_t(index)]);
}

void DecodedCache::store(int64_t index, const uint8_t* pixels, int64_t height, int64_t width) {
    const uint64_t bytes = uint64_t(height * width) * 3;
    if (!mapping_ || slotBytes_[size_t(index)] != bytes) return;
    uint8_t expected = Missing;
    if (!states_[size_t(index)].compare_exchange_strong(expected, Writing)) return;
    const Entry entry{uint32_t(height), uint32_t(width)};
    // A failed write leaves the picture in the state Writing: it is decoded each time, and the file never gets its name.
    if (!writeAt(fd_, pixels, bytes, offsets_[size_t(index)]) || !writeAt(fd_, &entry, sizeof entry, entryOffset(index))) return;
    states_[size_t(index)].store(Present, std::memory_order_release);
    if (--missing_ == 0) finish();
}

void DecodedCache::finish() {
    {
        std::lock_guard lock(mutex_);
        if (fs().sync(fd_) < 0 || fs().rename(temporary_, path_) < 0) return;
        fs().syncFolder(parentFolder(path_));
        temporary_.clear();
    }
    prune(parentFolder(path_), path_);
}

} // namespace strata
