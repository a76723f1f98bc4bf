// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

#include <functional>
#include <memory>
#include <string>

namespace strata {

/// How a whole [N, C, H, W] activation lies in memory. Blocked16 is [N, ceil(C/16), H, W, 16] (oneDNN's nChw16c), Blocked8
/// the same with 8; padded channels are zero. ChannelsLast is [N, H, W, C].
enum class Layout : uint8_t { Plain, Blocked16, Blocked8, ChannelsLast };

/// Elements that a tensor of this shape occupies in a layout (padding included).
int64_t layoutElements(Layout layout, const Shape& shape);

/// What allocators tell. `systemAllocations` counts requests that the cache could not serve.
struct MemoryStats {
    uint64_t requests = 0;
    uint64_t systemAllocations = 0;
    uint64_t bytesInUse = 0;
    uint64_t bytesReserved = 0;
    uint64_t peakBytesInUse = 0;
};

/// The part of a device that a Storage needs; Backend (core/backend) extends it with kernels.
class DeviceMemory {
public:
    virtual ~DeviceMemory() = default;
    virtual std::string name() const = 0;     ///< "cpu", "cuda:0"
    virtual bool isHost() const = 0;          ///< pointers may be dereferenced by the CPU
    virtual void* allocate(size_t bytes) = 0; ///< 64-byte aligned, uninitialised; throws Error(OutOfMemory) naming the size
    virtual void release(void* data, size_t bytes) noexcept = 0;
    virtual void upload(void* to, const void* fromHost, size_t bytes) = 0;
    virtual void download(void* toHost, const void* from, size_t bytes) = 0;
    virtual void copyWithin(void* to, const void* from, size_t bytes) = 0;
    virtual void zero(void* data, size_t bytes) = 0;
    virtual void synchronize() = 0;
    /// Rewrites a whole activation from one layout to another; pads with zeros.
    virtual void relayout(const void* from, Layout fromLayout, void* to, Layout toLayout, const Shape& shape, DType dtype) = 0;
    virtual MemoryStats memoryStats() const = 0;
    virtual void emptyCache() = 0; ///< gives unused cached memory back to the system
};

/// The bytes beneath tensors: owned through a device's allocator, or foreign with a deleter. Carries the layout (so that all
/// handles see one) and a version counter (so that an in-place change of something a gradient needs is found).
/// Not thread-safe: one thread computes; others only read tensors nobody changes.
class Storage {
public:
    Storage(DeviceMemory& device, size_t bytes); ///< uninitialised
    Storage(DeviceMemory& device, void* data, size_t bytes, std::function<void()> deleter);
    ~Storage();
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    DeviceMemory& device() const { return *device_; }
    void* data() const { return data_; }
    size_t bytes() const { return bytes_; }
    Layout layout() const { return layout_; }
    const Shape& layoutShape() const { return layoutShape_; } ///< meaningful while layout() is not Plain
    uint64_t version() const { return version_; }
    void bumpVersion() { ++version_; }

    /// Swaps the buffer for one in `layout`, beneath all handles. `shape` is the whole activation's [N, C, H, W].
    /// Counts as no change of value. Throws Error(Internal) if pinned.
    void setLayout(Layout layout, const Shape& shape, DType dtype);
    void makePlain();
    /// For fresh buffers only: declares what a kernel is about to write.
    void declareLayout(Layout layout, const Shape& shape, DType dtype);
    /// A pinned storage keeps its buffer: someone outside holds the pointer.
    void pin() { pinned_ = true; }
    bool pinned() const { return pinned_; }

private:
    DeviceMemory* device_;
    void* data_;
    size_t bytes_;
    std::function<void()> deleter_;
    Layout layout_ = Layout::Plain;
    Shape layoutShape_;
    DType layoutDType_ = DType::F32;
    uint64_t version_ = 0;
    bool pinned_ = false;
};

/// A device as users name it: a borrowed handle, compared by identity. Devices live as long as the process.
class Device {
public:
    Device(DeviceMemory& memory) : memory_(&memory) {}
    DeviceMemory& memory() const { return *memory_; }
    std::string name() const { return memory_->name(); }
    bool operator==(const Device& other) const = default;

private:
    DeviceMemory* memory_;
};

/// The CPU device (defined by the registry in core/backend).
Device cpuDevice();

} // namespace strata
