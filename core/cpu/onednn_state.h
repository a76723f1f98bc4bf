// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/kernels.h"
#include "core/cpu/onednn_conv.h"
#include "core/cpu/onednn_matmul.h"
#include "core/cpu/plan.h"

#include <memory>
#include <unordered_map>

namespace strata::cpu {

/// One buffer for what lives during one call: scratchpads, reordered weights, partial sums. Grows, and is kept.
class Workspace {
public:
    Workspace() = default;
    ~Workspace() { release(); }
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
    /// At least `bytes`, 64-byte aligned; what it held is lost. Throws Error(OutOfMemory).
    char* reserve(CachingAllocator& allocator, size_t bytes);
    void release() noexcept;

private:
    CachingAllocator* allocator_ = nullptr;
    char* data_ = nullptr;
    size_t bytes_ = 0;
};

/// Weights of inference in a primitive's own format, found by where they lie and that format, and checked by a hash of what
/// they are. The least recently used go when there are too many.
class PreparedWeights {
public:
    /// `prepare(to)` is called when the weights are new or have changed. Returns the prepared weights.
    template <class Prepare>
    const void* find(CachingAllocator& allocator, const void* source, uint64_t hash, const dnnl::memory::desc& format, Prepare&& prepare) {
        Entry& entry = entryFor(allocator, source, format);
        if (!entry.valid || entry.hash != hash) {
            entry.valid = false;
            prepare(entry.data->reserve(allocator, format.get_size()));
            entry.hash = hash;
            entry.valid = true;
        }
        return entry.data->reserve(allocator, format.get_size());
    }

private:
    struct Entry {
        dnnl::memory::desc format;
        std::unique_ptr<Workspace> data;
        uint64_t hash = 0;
        uint64_t lastUse = 0;
        bool valid = false;
    };
    Entry& entryFor(CachingAllocator& allocator, const void* source, const dnnl::memory::desc& format);
    std::unordered_multimap<const void*, Entry> entries_;
    size_t bytes_ = 0;
    uint64_t clock_ = 0;
};

/// What the neural-network kernels of one CPU device keep between calls.
struct NnState {
    NnState();
    dnnl::engine engine;
    dnnl::stream stream;
    Workspace workspace;
    Plan plan;
    PreparedWeights prepared;
    std::unordered_map<ConvProblem, std::unique_ptr<ConvPrimitive>, ConvProblemHash> convolutions; ///< the chosen ones
    std::unordered_map<ConvProblem, ConvLayouts, ConvProblemHash> layouts;
    std::unordered_map<MatmulProblem, std::unique_ptr<MatmulPrimitive>, MatmulProblemHash> matmuls;
};

/// What oneDNN runs on, and our own kernels where they differ: "AVX-512 BF16".
std::string instructionSetName();
/// "2.6.3".
std::string oneDnnVersion();

/// Runs body and turns oneDNN's exception into Error(Device or OutOfMemory) that names the operation.
template <class Body> decltype(auto) guarded(const char* operation, Body&& body) {
    try {
        return body();
    } catch (const dnnl::error& error) {
        fail(error.status == dnnl_out_of_memory ? ErrorKind::OutOfMemory : ErrorKind::Device, "{}: oneDNN says: {}", operation,
             error.message ? error.message : "unknown error");
    }
}

} // namespace strata::cpu
