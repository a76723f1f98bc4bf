// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/storage.h"

#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace strata::cpu {

/// Caching allocator of host memory: blocks of a size class are kept when freed and handed out again, so that a steady
/// training step asks the system for nothing. 64-byte aligned; large blocks on huge pages. Thread-safe.
class CachingAllocator {
public:
    CachingAllocator() = default;
    ~CachingAllocator();
    CachingAllocator(const CachingAllocator&) = delete;
    CachingAllocator& operator=(const CachingAllocator&) = delete;

    /// Uninitialised memory (never null, also for 0 bytes). Throws Error(OutOfMemory) naming the size and what is held.
    void* allocate(size_t bytes);
    /// `bytes` as asked of allocate().
    void release(void* data, size_t bytes) noexcept;
    /// Returns cached blocks to the system.
    void emptyCache() noexcept;
    MemoryStats stats() const;

    /// Bytes of the class a request falls into: multiples of 512 B up to 1 MB, above in steps of at least 64 KB and at most an
    /// eighth of the size. With AddressSanitizer, where nothing is kept, multiples of 64 B.
    static size_t sizeClass(size_t bytes);

private:
    struct SizeClass {
        std::vector<void*> free; ///< has room for all `blocks`, so that a release never allocates
        size_t blocks = 0;
    };
    void emptyCacheLocked() noexcept;
    mutable std::mutex mutex_;
    std::unordered_map<size_t, SizeClass> classes_;
    MemoryStats stats_;
};

/// Memory for the length of one scope, from an allocator: workspaces of kernels.
class Scratch {
public:
    Scratch(CachingAllocator& allocator, size_t bytes) : allocator_(allocator), data_(allocator.allocate(bytes)), bytes_(bytes) {}
    ~Scratch() { allocator_.release(data_, bytes_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    template <class T> T* as() const { return static_cast<T*>(data_); }

private:
    CachingAllocator& allocator_;
    void* data_;
    size_t bytes_;
};

} // namespace strata::cpu
