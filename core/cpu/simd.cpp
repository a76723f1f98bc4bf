// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd.h"

#include <atomic>
#include <cstdlib>

namespace strata::cpu {
namespace {

bool processorHas(Isa isa) {
    __builtin_cpu_init();
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("f16c");
    if (isa == Isa::Baseline) return true;
    if (isa == Isa::Avx2) return v3;
    return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

Isa firstChoice() {
    const char* asked = std::getenv("STRATA_ISA");
    for (const Isa isa : {Isa::Avx512, Isa::Avx2}) {
        if (asked && asked == isaName(isa == Isa::Avx512 ? Isa::Avx2 : Isa::Baseline)) continue;
        if (asked && asked == isaName(Isa::Baseline)) continue;
        if (processorHas(isa)) return isa;
    }
    return Isa::Baseline;
}

std::atomic<Isa>& chosen() {
    static std::atomic<Isa> isa{firstChoice()};
    return isa;
}

} // namespace

Isa currentIsa() { return chosen().load(std::memory_order_relaxed); }

bool setIsa(Isa isa) {
    if (!processorHas(isa)) return false;
    chosen().store(isa, std::memory_order_relaxed);
    return true;
}

std::string_view isaName(Isa isa) {
    switch (isa) {
    case Isa::Avx512: return "avx512";
    case Isa::Avx2: return "avx2";
    case Isa::Baseline: break;
    }
    return "baseline";
}

} // namespace strata::cpu
