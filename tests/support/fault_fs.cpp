// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fault_fs.h"

#include <algorithm>
#include <cerrno>

namespace strata::test {

void FaultFs::failAt(uint64_t k, int errorNumber, bool always) {
    failAt_ = k;
    error_ = errorNumber;
    always_ = always;
}

int FaultFs::fault() {
    const uint64_t call = ++calls_;
    if (failAt_ == 0 || call < failAt_ || (call > failAt_ && !always_)) return 0;
    ++failures_;
    return -error_;
}

int FaultFs::open(const std::string& path, Open mode) {
    const int error = fault();
    return error ? error : real_.open(path, mode);
}

int64_t FaultFs::read(int fd, std::span<std::byte> into) {
    if (const int error = fault()) return error;
    const int64_t got = real_.read(fd, into);
    if (corrupt_ && got > 0) into[0] ^= std::byte(1);
    return got;
}

int64_t FaultFs::write(int fd, std::span<const std::byte> bytes) {
    if (const int error = fault()) return error;
    if (space_ == 0 && !bytes.empty()) {
        ++failures_;
        return -ENOSPC;
    }
    const size_t count = size_t(std::min<uint64_t>({bytes.size(), writeLimit_, space_}));
    const int64_t written = real_.write(fd, bytes.first(count));
    if (written > 0 && space_ != std::numeric_limits<uint64_t>::max()) space_ -= uint64_t(written);
    return written;
}

int64_t FaultFs::pwrite(int fd, std::span<const std::byte> bytes, uint64_t offset) {
    if (const int error = fault()) return error;
    return real_.pwrite(fd, bytes.first(std::min(bytes.size(), writeLimit_)), offset);
}

int FaultFs::allocate(int fd, uint64_t size) {
    const int error = fault();
    return error ? error : real_.allocate(fd, size);
}

int FaultFs::truncate(int fd, uint64_t size) {
    const int error = fault();
    return error ? error : real_.truncate(fd, size);
}

int FaultFs::sync(int fd) {
    const int error = fault();
    return error ? error : real_.sync(fd);
}

int FaultFs::close(int fd) {
    const int error = fault();
    const int result = real_.close(fd);
    return error ? error : result;
}

int FaultFs::rename(const std::string& from, const std::string& to) {
    const int error = fault();
    return error ? error : real_.rename(from, to);
}

int FaultFs::remove(const std::string& path) {
    const int error = fault();
    return error ? error : real_.remove(path);
}

int FaultFs::makeFolder(const std::string& path) {
    const int error = fault();
    return error ? error : real_.makeFolder(path);
}

int FaultFs::syncFolder(const std::string& path) {
    const int error = fault();
    return error ? error : real_.syncFolder(path);
}

int FaultFs::lock(int fd) {
    const int error = fault();
    return error ? error : real_.lock(fd);
}

int FaultFs::list(const std::string& path, std::vector<std::string>& names) {
    const int error = fault();
    return error ? error : real_.list(path, names);
}

} // namespace strata::test
