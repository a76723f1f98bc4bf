// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// Type, size and time of a path. `exists` is false when nothing is there.
struct FileStatus {
    bool exists = false;
    bool regular = false;
    bool directory = false;
    uint64_t size = 0;
    int64_t modifiedNs = 0;
};

/// The only door to the file system: real, or fault-injecting in tests. Calls return 0 or a negative errno, as the kernel
/// does, and never throw; higher classes turn them into sentences. Thread-safe.
class Fs {
public:
    enum class Open { Read, CreateNew, ReadWrite, Append };

    virtual ~Fs() = default;
    virtual int open(const std::string& path, Open mode) = 0;            ///< descriptor or -errno
    virtual int64_t read(int fd, std::span<std::byte> into) = 0;         ///< bytes, 0 at the end, or -errno
    virtual int64_t write(int fd, std::span<const std::byte> bytes) = 0; ///< may be short
    virtual int64_t pwrite(int fd, std::span<const std::byte> bytes, uint64_t offset) = 0;
    virtual int allocate(int fd, uint64_t size) = 0; ///< posix_fallocate
    virtual int truncate(int fd, uint64_t size) = 0;
    virtual int sync(int fd) = 0;
    virtual int close(int fd) = 0;
    virtual int rename(const std::string& from, const std::string& to) = 0;
    virtual int remove(const std::string& path) = 0;     ///< file or empty folder
    virtual int makeFolder(const std::string& path) = 0; ///< one level
    virtual int syncFolder(const std::string& path) = 0;
    virtual int lock(int fd) = 0;                                                   ///< exclusive flock, -EWOULDBLOCK if held
    virtual FileStatus status(const std::string& path) = 0;                         ///< follows symlinks
    virtual int list(const std::string& path, std::vector<std::string>& names) = 0; ///< sorted, without . and ..
    virtual int64_t freeBytes(const std::string& path) = 0;                         ///< statvfs of the folder, or -errno
};

/// The file system in use; the real one unless a test replaced it.
Fs& fs();

/// Replaces the file system for the lifetime of the object (tests).
class FsOverride {
public:
    explicit FsOverride(Fs& replacement);
    ~FsOverride();
    FsOverride(const FsOverride&) = delete;
    FsOverride& operator=(const FsOverride&) = delete;

private:
    Fs* previous_;
};

/// Path helpers on plain strings (UTF-8 bytes).
std::string joinPath(std::string_view folder, std::string_view name);
std::string parentFolder(const std::string& path); ///< "." for a bare name
std::string fileName(const std::string& path);
std::string fileExtension(const std::string& path); ///< lower case, with the dot; "" if none

/// Creates the folder and its parents. Throws Error.
void makeFolders(const std::string& path);
/// Names in a folder, sorted by bytes. Throws Error(BadFile).
std::vector<std::string> listFolder(const std::string& path);
/// Whole file as bytes; throws Error(BadFile) if missing, not regular, or larger than `limit` (before allocating).
std::vector<std::byte> readFile(const std::string& path, uint64_t limit = uint64_t(1) << 32);
std::string readTextFile(const std::string& path, uint64_t limit = uint64_t(1) << 28);
/// Text of a kernel file (/proc, /sys), whose size reads as 0; at most 64 KiB; "" where it is not there.
std::string readKernelText(const std::string& path);
/// Deletes a file or a folder with all in it (does not follow links). Missing is fine. Throws Error.
void removeAll(const std::string& path);
/// "cannot write /x/y: No space left on device (3.1 MB free, 8.0 MB needed)"-style sentence for an errno.
std::string describeErrno(int negativeErrno);

/// A regular file mapped read-only. Move-only; unmapped at the end.
class MappedFile {
public:
    explicit MappedFile(const std::string& path); ///< throws Error(BadFile)
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;

    std::span<const std::byte> bytes() const { return {data_, size_}; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
    const std::byte* data_ = nullptr;
    size_t size_ = 0;
};

} // namespace strata
