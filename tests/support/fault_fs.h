// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/fs.h"

#include <atomic>
#include <limits>

namespace strata::test {

/// A file system that passes everything to another one, but fails where it is told to. Install with FsOverride.
class FaultFs : public Fs {
public:
    explicit FaultFs(Fs& real = fs()) : real_(real) {}

    /// The k-th call that can fail (from 1) returns -errorNumber; with `always`, so do all after it.
    void failAt(uint64_t k, int errorNumber, bool always);
    /// A write takes at most so many bytes.
    void limitWrites(size_t bytes) { writeLimit_ = bytes; }
    /// The disk is full after so many bytes: the write that crosses the mark is short, the next one fails with ENOSPC.
    void fullAfter(uint64_t bytes) { space_ = bytes; }
    /// Every read hands back its first byte changed.
    void corruptReads() { corrupt_ = true; }
    uint64_t calls() const { return calls_; }
    uint64_t failures() const { return failures_; }

    int open(const std::string& path, Open mode) override;
    int64_t read(int fd, std::span<std::byte> into) override;
    int64_t write(int fd, std::span<const std::byte> bytes) override;
    int64_t pwrite(int fd, std::span<const std::byte> bytes, uint64_t offset) override;
    int allocate(int fd, uint64_t size) override;
    int truncate(int fd, uint64_t size) override;
    int sync(int fd) override;
    int close(int fd) override; ///< closes even when it reports a failure, as Linux does
    int rename(const std::string& from, const std::string& to) override;
    int remove(const std::string& path) override;
    int makeFolder(const std::string& path) override;
    int syncFolder(const std::string& path) override;
    int lock(int fd) override;
    FileStatus status(const std::string& path) override { return real_.status(path); }
    int list(const std::string& path, std::vector<std::string>& names) override;
    int64_t freeBytes(const std::string& path) override { return real_.freeBytes(path); }

private:
    int fault(); ///< counts the call; 0 or the negative errno to return
    Fs& real_;
    std::atomic<uint64_t> calls_{0}, failures_{0};
    uint64_t failAt_ = 0;
    int error_ = 0;
    bool always_ = false;
    bool corrupt_ = false;
    size_t writeLimit_ = std::numeric_limits<size_t>::max();
    uint64_t space_ = std::numeric_limits<uint64_t>::max();
};

} // namespace strata::test
