// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"

#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/text.h"

#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>
#include <vector>

namespace strata {

namespace {

XXH3_state_t* state(void* hash) { return static_cast<XXH3_state_t*>(hash); }

int syncOnce(int fd) {
    // Only an interruption is tried again: after a real failure the kernel has dropped the dirty pages and the next call lies.
    int result = fs().sync(fd);
    while (result == -EINTR) result = fs().sync(fd);
    return result;
}

/// Hash and size of what the disk gives back, or the error.
struct ReadBack {
    int error = 0;
    uint64_t size = 0;
    uint64_t hash = 0;
};

ReadBack readBack(const std::string& path) {
    ReadBack result;
    const int fd = fs().open(path, Fs::Open::Read);
    if (fd < 0) return {fd, 0, 0};
    XXH3_state_t* hash = XXH3_createState();
    if (!hash) {
        fs().close(fd);
        return {-ENOMEM, 0, 0};
    }
    XXH3_64bits_reset(hash);
    std::vector<std::byte> buffer(size_t(1) << 20);
    while (true) {
        const int64_t got = fs().read(fd, buffer);
        if (got == -EINTR) continue;
        if (got < 0) result.error = int(got);
        if (got <= 0) break;
        XXH3_64bits_update(hash, buffer.data(), size_t(got));
        result.size += uint64_t(got);
    }
    result.hash = XXH3_64bits_digest(hash);
    XXH3_freeState(hash);
    fs().close(fd);
    return result;
}

} // namespace

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
    if (fs().status(path_).directory) fail(ErrorKind::BadFile, "cannot write {}: Is a directory", path_);
    static std::atomic<uint64_t> counter{0};
    const std::string name = fileName(path_).substr(0, 200);
    fd_ = -EEXIST;
    for (int attempt = 0; attempt < 100 && (fd_ == -EEXIST || fd_ == -EINTR); ++attempt) {
        temporary_ = joinPath(parentFolder(path_), fmt::format(".{}.{}-{}.tmp", name, ::getpid(), counter++));
        fd_ = fs().open(temporary_, Fs::Open::CreateNew);
    }
    if (fd_ < 0) {
        const int error = fd_;
        temporary_.clear();
        failed(error);
    }
    hash_ = XXH3_createState();
    if (!hash_) failed(-ENOMEM);
    XXH3_64bits_reset(state(hash_));
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() {
    if (fd_ >= 0) fs().close(fd_);
    fd_ = -1;
    if (!temporary_.empty()) fs().remove(temporary_);
    temporary_.clear();
    if (hash_) XXH3_freeState(state(hash_));
    hash_ = nullptr;
}

void AtomicFile::failed(int negativeErrno) {
    std::string detail;
    if (negativeErrno == -ENOSPC || negativeErrno == -EDQUOT) {
        const int64_t free = fs().freeBytes(parentFolder(path_));
        if (free >= 0) detail = fmt::format(" ({} free, {} written so far)", formatBytes(uint64_t(free)), formatBytes(size_));
    }
    discard();
    fail(ErrorKind::BadFile, "cannot write {}: {}{}", path_, describeErrno(negativeErrno), detail);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    if (fd_ < 0) fail(ErrorKind::BadFile, "cannot write {}: the file was given up after an earlier failure", path_);
    while (!bytes.empty()) {
        // The kernel takes at most 2^31 bytes a call.
        const auto piece = bytes.first(std::min(bytes.size(), size_t(1) << 30));
        const int64_t written = fs().write(fd_, piece);
        if (written == -EINTR) continue;
        if (written < 0) failed(int(written));
        if (written == 0) failed(-EIO);
        XXH3_64bits_update(state(hash_), piece.data(), size_t(written));
        size_ += uint64_t(written);
        bytes = bytes.subspan(size_t(written));
    }
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

void AtomicFile::commit() {
    if (fd_ < 0) fail(ErrorKind::BadFile, "cannot write {}: the file was given up after an earlier failure", path_);
    if (const int result = syncOnce(fd_); result < 0) failed(result);
    // close() ends the descriptor whatever it returns; EINTR is no failure on Linux.
    const int closed = fs().close(std::exchange(fd_, -1));
    if (closed < 0 && closed != -EINTR) failed(closed);
    const ReadBack back = readBack(temporary_);
    if (back.error < 0) failed(back.error);
    if (back.size != size_ || back.hash != XXH3_64bits_digest(state(hash_))) {
        discard();
        fail(ErrorKind::BadFile, "cannot write {}: what was read back differs from what was written", path_);
    }
    if (const int result = fs().rename(temporary_, path_); result < 0) failed(result);
    temporary_.clear();
    discard();
    const int synced = fs().syncFolder(parentFolder(path_));
    // Some file systems cannot sync a folder and say so.
    if (synced < 0 && synced != -EINVAL && synced != -ENOTSUP && synced != -EINTR)
        fail(ErrorKind::BadFile, "{} is written, but its folder could not be synced: {}", path_, describeErrno(synced));
}

void writeFileAtomically(const std::string& path, std::string_view text) {
    writeFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

void writeFileAtomically(const std::string& path, std::span<const std::byte> bytes) {
    AtomicFile file(path);
    file.write(bytes);
    file.commit();
}

} // namespace strata
