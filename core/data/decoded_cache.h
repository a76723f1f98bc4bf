// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/fs.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace strata {

/// Decoded pictures in a file that is mapped, so that they are decoded once and processes share one copy:
/// $XDG_CACHE_HOME/strata/pixels/KEY.pixels. Made under a temporary name (posix_fallocate, pwrite), renamed when the last
/// picture is in it; an unfinished one is removed. Where it cannot be written (read-only, little space, too large) there is
/// simply no cache. Thread-safe.
class DecodedCache {
public:
    /// `key` names paths, sizes, times and the decoder's version; slotBytes[i] is height * width * 3 of picture i (0: unknown,
    /// then never cached).
    DecodedCache(const std::string& key, std::vector<uint64_t> slotBytes);
    ~DecodedCache();
    DecodedCache(const DecodedCache&) = delete;
    DecodedCache& operator=(const DecodedCache&) = delete;

    /// Pixels [3, height, width] in the mapping, or nullptr if they are not there yet.
    const uint8_t* find(int64_t index, int64_t& height, int64_t& width) const;
    void store(int64_t index, const uint8_t* pixels, int64_t height, int64_t width);
    bool usable() const { return mapping_ != nullptr; }

    /// Folder of such files, "" where neither XDG_CACHE_HOME nor HOME is set.
    static std::string folder();
    static constexpr uint64_t kMostBytes = uint64_t(2) << 30;      ///< of one file
    static constexpr uint64_t kMostBytesOfAll = uint64_t(8) << 30; ///< the oldest files beyond it are removed

private:
    enum : uint8_t { Missing, Writing, Present };
    struct Entry {
        uint32_t height = 0, width = 0;
    };

    bool openExisting();
    void create();
    void discard();
    void finish();
    uint64_t entryOffset(int64_t index) const;

    std::string key_, path_, temporary_;
    std::vector<uint64_t> slotBytes_, offsets_;
    uint64_t size_ = 0;
    std::unique_ptr<MappedFile> mapping_;
    std::unique_ptr<std::atomic<uint8_t>[]> states_;
    std::atomic<int64_t> missing_{0};
    std::mutex mutex_; ///< guards fd_ at the end
    int fd_ = -1;
};

} // namespace strata
