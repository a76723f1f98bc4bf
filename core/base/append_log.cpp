// SPDX-License-Identifier: Apache-2.0
#include "core/base/append_log.h"

#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/text.h"

#include <algorithm>
#include <cerrno>

namespace strata {

namespace {

constexpr uint64_t kLogLimit = uint64_t(1) << 34;

/// Bytes up to and with the last newline; -1 total when the file is not there.
struct Extent {
    int64_t total = -1;
    uint64_t complete = 0;
};

Extent scan(const std::string& path) {
    Extent extent;
    const int fd = fs().open(path, Fs::Open::Read);
    if (fd == -ENOENT) return extent;
    if (fd < 0) fail(ErrorKind::BadFile, "cannot open {}: {}", path, describeErrno(fd));
    std::vector<std::byte> buffer(size_t(1) << 16);
    extent.total = 0;
    int64_t got = 0;
    while ((got = fs().read(fd, buffer)) != 0) {
        if (got == -EINTR) continue;
        if (got < 0) break;
        for (int64_t i = got; i-- > 0;) {
            if (buffer[size_t(i)] != std::byte('\n')) continue;
            extent.complete = uint64_t(extent.total + i + 1);
            break;
        }
        extent.total += got;
    }
    fs().close(fd);
    if (got < 0) fail(ErrorKind::BadFile, "cannot read {}: {}", path, describeErrno(int(got)));
    return extent;
}

} // namespace

AppendLog::AppendLog(std::string path) : path_(std::move(path)) {
    const Extent extent = scan(path_);
    fd_ = fs().open(path_, Fs::Open::Append);
    if (fd_ < 0) fail(ErrorKind::BadFile, "cannot open {}: {}", path_, describeErrno(fd_));
    size_ = extent.complete;
    if (extent.total > 0 && uint64_t(extent.total) != extent.complete) {
        const int result = fs().truncate(fd_, extent.complete);
        if (result < 0) {
            fs().close(fd_);
            fail(ErrorKind::BadFile, "cannot cut the torn last line of {}: {}", path_, describeErrno(result));
        }
    }
    if (extent.total < 0) fs().syncFolder(parentFolder(path_));
}

AppendLog::~AppendLog() {
    if (fd_ >= 0) fs().close(fd_);
}

bool AppendLog::cutTorn() {
    // Somebody else may have appended since: then the torn piece stays, glued to his line, and readers skip that one.
    if (torn_ > 0 && fs().status(path_).size == size_ + torn_ && fs().truncate(fd_, size_) < 0) return false;
    torn_ = 0;
    return true;
}

void AppendLog::append(std::string_view line) {
    if (line.find('\n') != std::string_view::npos) fail(ErrorKind::Internal, "a line for {} holds a newline", path_);
    if (!cutTorn()) fail(ErrorKind::BadFile, "cannot write {}: a torn line could not be cut off", path_);
    std::string text(line);
    text += '\n';
    std::span<const std::byte> rest = std::as_bytes(std::span(text.data(), text.size()));
    while (!rest.empty()) {
        const int64_t written = fs().write(fd_, rest);
        if (written == -EINTR) continue;
        if (written <= 0) {
            torn_ = text.size() - rest.size();
            cutTorn();
            fail(ErrorKind::BadFile, "cannot write {}: {}", path_, describeErrno(written < 0 ? int(written) : -EIO));
        }
        rest = rest.subspan(size_t(written));
    }
    size_ += text.size();
}

void AppendLog::sync() {
    int result = fs().sync(fd_);
    while (result == -EINTR) result = fs().sync(fd_);
    if (result < 0) fail(ErrorKind::BadFile, "cannot write {}: {}", path_, describeErrno(result));
}

std::vector<std::string> readLines(const std::string& path) {
    if (!fs().status(path).exists) return {};
    const std::string text = readTextFile(path, kLogLimit);
    std::vector<std::string> lines;
    size_t begin = 0;
    for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

} // namespace strata
