// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace strata::cpu {

/// Instruction sets that core/cpu/simd is compiled for.
enum class Isa { Baseline, Avx2, Avx512 };

/// The one in use: the best that the processor has, or what STRATA_ISA (baseline, avx2, avx512) asks for at most.
Isa currentIsa();
/// Uses `isa`, for tests and benchmarks; false if the processor lacks it.
bool setIsa(Isa isa);
std::string_view isaName(Isa isa);

/// The table of the current instruction set out of the three that a simd/*.cpp defines.
template <class Table> const Table& pickIsa(const Table& baseline, const Table& avx2, const Table& avx512) {
    switch (currentIsa()) {
    case Isa::Avx512: return avx512;
    case Isa::Avx2: return avx2;
    case Isa::Baseline: break;
    }
    return baseline;
}

} // namespace strata::cpu
