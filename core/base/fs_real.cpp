// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace strata {

namespace {

int orErrno(int result) { return result < 0 ? -errno : result; }
int64_t orErrno(ssize_t result) { return result < 0 ? -int64_t(errno) : int64_t(result); }

/// POSIX, as thin as can be.
class RealFs final : public Fs {
public:
    int open(const std::string& path, Open mode) override {
        int flags = O_CLOEXEC;
        switch (mode) {
        case Open::Read: flags |= O_RDONLY; break;
        case Open::CreateNew: flags |= O_RDWR | O_CREAT | O_EXCL; break;
        case Open::ReadWrite: flags |= O_RDWR | O_CREAT; break;
        case Open::Append: flags |= O_WRONLY | O_APPEND | O_CREAT; break;
        }
        return orErrno(::open(path.c_str(), flags, 0666));
    }
    int64_t read(int fd, std::span<std::byte> into) override { return orErrno(::read(fd, into.data(), into.size())); }
    int64_t write(int fd, std::span<const std::byte> bytes) override { return orErrno(::write(fd, bytes.data(), bytes.size())); }
    int64_t pwrite(int fd, std::span<const std::byte> bytes, uint64_t offset) override {
        return orErrno(::pwrite(fd, bytes.data(), bytes.size(), off_t(offset)));
    }
    int allocate(int fd, uint64_t size) override { return -::posix_fallocate(fd, 0, off_t(size)); }
    int truncate(int fd, uint64_t size) override { return orErrno(::ftruncate(fd, off_t(size))); }
    int sync(int fd) override { return orErrno(::fsync(fd)); }
    int close(int fd) override { return orErrno(::close(fd)); }
    int rename(const std::string& from, const std::string& to) override { return orErrno(::rename(from.c_str(), to.c_str())); }
    int remove(const std::string& path) override {
        if (::unlink(path.c_str()) == 0) return 0;
        if (errno != EISDIR && errno != EPERM) return -errno;
        return orErrno(::rmdir(path.c_str()));
    }
    int makeFolder(const std::string& path) override { return orErrno(::mkdir(path.c_str(), 0777)); }
    int syncFolder(const std::string& path) override {
        const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) return -errno;
        const int result = orErrno(::fsync(fd));
        ::close(fd);
        return result;
    }
    int lock(int fd) override { return orErrno(::flock(fd, LOCK_EX | LOCK_NB)); }
    FileStatus status(const std::string& path) override {
        struct stat s {};
        FileStatus status;
        if (::stat(path.c_str(), &s) != 0) return status;
        status.exists = true;
        status.regular = S_ISREG(s.st_mode);
        status.directory = S_ISDIR(s.st_mode);
        status.size = uint64_t(s.st_size);
        status.modifiedNs = int64_t(s.st_mtim.tv_sec) * 1'000'000'000 + s.st_mtim.tv_nsec;
        return status;
    }
    int list(const std::string& path, std::vector<std::string>& names) override {
        DIR* folder = ::opendir(path.c_str());
        if (!folder) return -errno;
        names.clear();
        errno = 0;
        while (const dirent* entry = ::readdir(folder)) {
            if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) names.emplace_back(entry->d_name);
            errno = 0;
        }
        const int error = errno;
        ::closedir(folder);
        std::sort(names.begin(), names.end());
        return -error;
    }
    int64_t freeBytes(const std::string& path) override {
        struct statvfs s {};
        if (::statvfs(path.c_str(), &s) != 0) return -errno;
        return int64_t(s.f_bavail) * int64_t(s.f_frsize);
    }
};

std::atomic<Fs*>& current() {
    static RealFs real;
    static std::atomic<Fs*> pointer{&real};
    return pointer;
}

} // namespace

Fs& fs() { return *current().load(std::memory_order_acquire); }

FsOverride::FsOverride(Fs& replacement) : previous_(current().exchange(&replacement)) {}

FsOverride::~FsOverride() { current().store(previous_); }

} // namespace strata
