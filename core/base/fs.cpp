// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace strata {

std::string joinPath(std::string_view folder, std::string_view name) {
    if (folder.empty() || (!name.empty() && name.front() == '/')) return std::string(name);
    std::string path(folder);
    if (path.back() != '/') path += '/';
    return path.append(name);
}

std::string parentFolder(const std::string& path) {
    size_t end = path.size();
    while (end > 1 && path[end - 1] == '/') --end;
    const size_t slash = path.rfind('/', end - (end > 0 ? 1 : 0));
    if (slash == std::string::npos || end == 0) return ".";
    size_t length = slash;
    while (length > 1 && path[length - 1] == '/') --length;
    return length == 0 ? "/" : path.substr(0, length);
}

std::string fileName(const std::string& path) {
    size_t end = path.size();
    while (end > 1 && path[end - 1] == '/') --end;
    const size_t slash = end > 1 ? path.rfind('/', end - 1) : std::string::npos;
    return slash == std::string::npos ? path.substr(0, end) : path.substr(slash + 1, end - slash - 1);
}

std::string fileExtension(const std::string& path) {
    const std::string name = fileName(path);
    const size_t dot = name.rfind('.');
    return dot == std::string::npos || dot == 0 ? "" : toLower(name.substr(dot));
}

void makeFolders(const std::string& path) {
    if (path.empty() || fs().status(path).directory) return;
    const std::string parent = parentFolder(path);
    if (parent != path) makeFolders(parent);
    const int result = fs().makeFolder(path);
    if (result == -EEXIST && fs().status(path).directory) return;
    if (result < 0) fail(ErrorKind::BadFile, "cannot create the folder {}: {}", path, describeErrno(result));
}

std::vector<std::string> listFolder(const std::string& path) {
    std::vector<std::string> names;
    const int result = fs().list(path, names);
    if (result == -ENOENT) fail(ErrorKind::BadFile, "{}: no such folder", path);
    if (result == -ENOTDIR) fail(ErrorKind::BadFile, "{}: not a folder", path);
    if (result < 0) fail(ErrorKind::BadFile, "cannot list the folder {}: {}", path, describeErrno(result));
    return names;
}

namespace {

/// Descriptor closed at the end of the scope.
class OpenFile {
public:
    explicit OpenFile(const std::string& path) : fd_(fs().open(path, Fs::Open::Read)) {
        if (fd_ < 0) fail(ErrorKind::BadFile, "cannot open {}: {}", path, describeErrno(fd_));
    }
    ~OpenFile() { fs().close(fd_); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

uint64_t regularSize(const std::string& path) {
    const FileStatus status = fs().status(path);
    if (!status.exists) fail(ErrorKind::BadFile, "{}: no such file", path);
    if (status.directory) fail(ErrorKind::BadFile, "{}: is a folder, not a file", path);
    if (!status.regular) fail(ErrorKind::BadFile, "{}: not a regular file", path);
    return status.size;
}

/// Reads until the buffer is full or the file ends; bytes read.
size_t readFully(int fd, std::span<std::byte> into, const std::string& path) {
    size_t done = 0;
    while (done < into.size()) {
        const int64_t got = fs().read(fd, into.subspan(done));
        if (got == -EINTR) continue;
        if (got < 0) fail(ErrorKind::BadFile, "cannot read {}: {} at byte {}", path, describeErrno(int(got)), done);
        if (got == 0) break;
        done += size_t(got);
    }
    return done;
}

template <class Buffer> Buffer readWhole(const std::string& path, uint64_t limit) {
    const uint64_t size = regularSize(path);
    if (size > limit) fail(ErrorKind::BadFile, "{}: {} bytes are more than the {} allowed", path, size, limit);
    const OpenFile file(path);
    Buffer buffer;
    buffer.resize(size_t(size));
    buffer.resize(readFully(file.fd(), std::as_writable_bytes(std::span(buffer.data(), buffer.size())), path));
    return buffer;
}

} // namespace

std::vector<std::byte> readFile(const std::string& path, uint64_t limit) { return readWhole<std::vector<std::byte>>(path, limit); }

std::string readTextFile(const std::string& path, uint64_t limit) { return readWhole<std::string>(path, limit); }

std::string readKernelText(const std::string& path) {
    const int fd = fs().open(path, Fs::Open::Read);
    if (fd < 0) return {};
    std::string text(1 << 16, '\0');
    size_t size = 0;
    while (size < text.size()) {
        const int64_t got = fs().read(fd, std::as_writable_bytes(std::span(text).subspan(size)));
        if (got <= 0) break;
        size += size_t(got);
    }
    fs().close(fd);
    text.resize(size);
    return text;
}

void removeAll(const std::string& path) {
    const int result = fs().remove(path);
    if (result == 0 || result == -ENOENT) return;
    if (result != -ENOTEMPTY && result != -EEXIST) fail(ErrorKind::BadFile, "cannot delete {}: {}", path, describeErrno(result));
    for (const std::string& name : listFolder(path)) removeAll(joinPath(path, name));
    const int last = fs().remove(path);
    if (last < 0 && last != -ENOENT) fail(ErrorKind::BadFile, "cannot delete {}: {}", path, describeErrno(last));
}

std::string describeErrno(int negativeErrno) {
    // Not strerror: that one speaks the language of the locale.
    const char* text = strerrordesc_np(-negativeErrno);
    return text ? text : fmt::format("error {}", -negativeErrno);
}

MappedFile::MappedFile(const std::string& path) : path_(path) {
    regularSize(path);
    const OpenFile file(path);
    struct stat s {};
    if (::fstat(file.fd(), &s) != 0) fail(ErrorKind::BadFile, "cannot open {}: {}", path, describeErrno(-errno));
    size_ = size_t(s.st_size);
    if (size_ == 0) return;
    void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.fd(), 0);
    if (data == MAP_FAILED) fail(ErrorKind::BadFile, "cannot map {}: {}", path, describeErrno(-errno));
    data_ = static_cast<const std::byte*>(data);
}

MappedFile::~MappedFile() {
    if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

} // namespace strata
