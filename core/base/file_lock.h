// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

namespace strata {

/// An exclusive lock on a file (flock), held while the object lives and given up by the kernel when the process dies, however
/// it dies. The file stays. Move-only.
class FileLock {
public:
    /// nullopt if another process (or another FileLock of this one) holds it. Creates the file if missing. Throws
    /// Error(BadFile) when the file cannot be opened.
    static std::optional<FileLock> tryAcquire(const std::string& path);
    /// Whether somebody holds it now; a missing file is held by nobody.
    static bool held(const std::string& path);

    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;

private:
    explicit FileLock(int fd) : fd_(fd) {}
    int fd_ = -1;
};

} // namespace strata
