// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/allocator.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cstdlib>
#include <sys/mman.h>

namespace strata::cpu {
namespace {

constexpr size_t kHugePage = size_t(2) << 20;
constexpr size_t kAddressable = size_t(1) << 47; ///< no process on x86-64 has more
constexpr size_t kHugeFrom = size_t(4) << 20;    ///< blocks of this size are aligned to huge pages

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kCaches = false; // a block kept would hide its use after release
#else
constexpr bool kCaches = true;
#endif

void* systemAllocate(size_t bytes) {
    if (bytes >= kAddressable) return nullptr;
    const bool huge = bytes >= kHugeFrom;
    const size_t alignment = huge ? kHugePage : 64;
    void* data = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (data && huge) madvise(data, bytes, MADV_HUGEPAGE);
    return data;
}

} // namespace

size_t CachingAllocator::sizeClass(size_t bytes) {
    if (bytes >= kAddressable) return bytes;
    size_t step = kCaches ? 512 : 64;
    if (kCaches && bytes > (size_t(1) << 20)) {
        step = size_t(1) << 16;
        while (step * 16 < bytes) step *= 2;
    }
    return std::max(step, (bytes + step - 1) / step * step);
}

CachingAllocator::~CachingAllocator() { emptyCache(); }

void* CachingAllocator::allocate(size_t bytes) {
    const size_t size = sizeClass(bytes);
    const std::lock_guard lock(mutex_);
    ++stats_.requests;
    SizeClass& sizes = classes_[size];
    void* data = nullptr;
    if (!sizes.free.empty()) {
        data = sizes.free.back();
        sizes.free.pop_back();
    } else {
        ++stats_.systemAllocations;
        if (sizes.free.capacity() <= sizes.blocks) sizes.free.reserve(2 * sizes.blocks + 8);
        data = systemAllocate(size);
        if (!data) {
            emptyCacheLocked();
            data = systemAllocate(size);
        }
        if (!data)
            fail(ErrorKind::OutOfMemory, "out of memory: {} were asked for while {} are in use on the CPU", formatBytes(bytes),
                 formatBytes(stats_.bytesInUse));
        ++sizes.blocks;
        stats_.bytesReserved += size;
    }
    stats_.bytesInUse += size;
    stats_.peakBytesInUse = std::max(stats_.peakBytesInUse, stats_.bytesInUse);
    return data;
}

void CachingAllocator::release(void* data, size_t bytes) noexcept {
    if (!data) return;
    const size_t size = sizeClass(bytes);
    const std::lock_guard lock(mutex_);
    stats_.bytesInUse -= size;
    SizeClass& sizes = classes_.find(size)->second;
    if (kCaches) {
        sizes.free.push_back(data);
        return;
    }
    std::free(data);
    --sizes.blocks;
    stats_.bytesReserved -= size;
}

void CachingAllocator::emptyCacheLocked() noexcept {
    for (auto& [size, sizes] : classes_) {
        for (void* data : sizes.free) std::free(data);
        stats_.bytesReserved -= size * sizes.free.size();
        sizes.blocks -= sizes.free.size();
        sizes.free.clear();
    }
}

void CachingAllocator::emptyCache() noexcept {
    const std::lock_guard lock(mutex_);
    emptyCacheLocked();
}

MemoryStats CachingAllocator::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

} // namespace strata::cpu
