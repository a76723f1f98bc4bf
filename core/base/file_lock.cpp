// SPDX-License-Identifier: Apache-2.0
#include "core/base/file_lock.h"

#include "core/base/error.h"
#include "core/base/fs.h"

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

namespace strata {

std::optional<FileLock> FileLock::tryAcquire(const std::string& path) {
    const int fd = fs().open(path, Fs::Open::ReadWrite);
    if (fd < 0) fail(ErrorKind::BadFile, "cannot open the lock {}: {}", path, describeErrno(fd));
    FileLock lock(fd);
    // held() of another process takes the lock for an instant, so one refusal proves nothing.
    for (int attempt = 0; attempt < 10; ++attempt) {
        const int result = fs().lock(fd);
        if (result == 0) return lock;
        if (result != -EWOULDBLOCK && result != -EINTR) fail(ErrorKind::BadFile, "cannot lock {}: {}", path, describeErrno(result));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return std::nullopt;
}

bool FileLock::held(const std::string& path) {
    const int fd = fs().open(path, Fs::Open::Read);
    if (fd == -ENOENT) return false;
    if (fd < 0) fail(ErrorKind::BadFile, "cannot open the lock {}: {}", path, describeErrno(fd));
    const FileLock probe(fd);
    return fs().lock(fd) == -EWOULDBLOCK;
}

FileLock::~FileLock() {
    if (fd_ >= 0) fs().close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

} // namespace strata
