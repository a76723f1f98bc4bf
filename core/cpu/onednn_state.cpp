// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/onednn_state.h"

#include "core/cpu/simd.h"

#include <algorithm>

namespace strata::cpu {
namespace {

/// Keeps oneDNN to the instruction set that STRATA_ISA asks for; works before its first primitive only.
void limitOneDnn() {
    switch (currentIsa()) {
    case Isa::Baseline: dnnl_set_max_cpu_isa(dnnl_cpu_isa_sse41); break;
    case Isa::Avx2: dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2); break;
    case Isa::Avx512: break;
    }
}

dnnl::engine makeEngine() {
    limitOneDnn();
    return guarded("start", [] { return dnnl::engine(dnnl::engine::kind::cpu, 0); });
}

} // namespace

char* Workspace::reserve(CachingAllocator& allocator, size_t bytes) {
    if (bytes > bytes_ || data_ == nullptr) {
        release();
        data_ = static_cast<char*>(allocator.allocate(bytes));
        allocator_ = &allocator;
        bytes_ = bytes;
    }
    return data_;
}

void Workspace::release() noexcept {
    if (data_ != nullptr) allocator_->release(data_, bytes_);
    data_ = nullptr;
    bytes_ = 0;
}

PreparedWeights::Entry& PreparedWeights::entryFor(CachingAllocator& allocator, const void* source, const dnnl::memory::desc& format) {
    constexpr size_t kEntries = 512, kBytes = size_t(1) << 30;
    const auto [first, last] = entries_.equal_range(source);
    const auto known = std::find_if(first, last, [&](const auto& item) { return item.second.format == format; });
    if (known != last) {
        known->second.lastUse = ++clock_;
        return known->second;
    }
    while (!entries_.empty() && (entries_.size() >= kEntries || bytes_ + format.get_size() > kBytes)) {
        const auto older = [](const auto& a, const auto& b) { return a.second.lastUse < b.second.lastUse; };
        const auto oldest = std::min_element(entries_.begin(), entries_.end(), older);
        bytes_ -= oldest->second.format.get_size();
        entries_.erase(oldest);
    }
    Entry entry{format, std::make_unique<Workspace>(), 0, ++clock_, false};
    entry.data->reserve(allocator, format.get_size());
    bytes_ += format.get_size();
    return entries_.emplace(source, std::move(entry))->second;
}

NnState::NnState() : engine(makeEngine()), stream(engine) {}

NnStatePtr makeNnState() {
    return {new NnState, [](NnState* state) { delete state; }};
}

std::string oneDnnVersion() {
    const dnnl_version_t* version = dnnl_version();
    return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

std::string instructionSetName() {
    const char* name = "another instruction set";
    switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_all: break;
    case dnnl_cpu_isa_sse41: name = "SSE4.1"; break;
    case dnnl_cpu_isa_avx: name = "AVX"; break;
    case dnnl_cpu_isa_avx2: name = "AVX2"; break;
    case dnnl_cpu_isa_avx2_vnni: name = "AVX2 VNNI"; break;
    case dnnl_cpu_isa_avx512_mic:
    case dnnl_cpu_isa_avx512_mic_4ops: name = "AVX-512 (Xeon Phi)"; break;
    case dnnl_cpu_isa_avx512_core: name = "AVX-512"; break;
    case dnnl_cpu_isa_avx512_core_vnni: name = "AVX-512 VNNI"; break;
    case dnnl_cpu_isa_avx512_core_bf16: name = "AVX-512 BF16"; break;
    case dnnl_cpu_isa_avx512_core_amx: name = "AVX-512 AMX"; break;
    }
    return fmt::format("{} ({} kernels)", name, isaName(currentIsa()));
}

Json nnLibraries() { return {{"onednn", oneDnnVersion()}}; }

} // namespace strata::cpu
