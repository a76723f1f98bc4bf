// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace strata {

/// Writes a whole file so that a reader sees the old one or the new one, never a mixture: temporary file in the same
/// folder, every return checked, fsync, re-read and compared by xxh3 hash, rename, fsync of the folder.
/// Any failure throws Error(BadFile) with a sentence, removes the temporary file and leaves the old file intact.
class AtomicFile {
public:
    explicit AtomicFile(std::string path);
    ~AtomicFile(); ///< removes the temporary file unless committed
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(std::span<const std::byte> bytes);
    void write(std::string_view text);
    void commit();
    uint64_t size() const { return size_; }

private:
    std::string path_;
    std::string temporary_;
    int fd_ = -1;
    uint64_t size_ = 0;
    void* hash_ = nullptr; ///< XXH3 state over what was written
    [[noreturn]] void failed(int negativeErrno);
    void discard();
};

/// AtomicFile in one call.
void writeFileAtomically(const std::string& path, std::string_view text);
void writeFileAtomically(const std::string& path, std::span<const std::byte> bytes);

} // namespace strata
