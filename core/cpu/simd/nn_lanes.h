// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>

// Vectors wider than the instruction set are passed between inlined functions of one file only: their ABI does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

/// Short vectors of the compiler for the leaf kernels: L floats side by side, whatever the instruction set.
/// Included by simd/*.cpp only, inside the namespace of their instruction set.
namespace strata::cpu::STRATA_ISA {

template <int L> struct Lanes {
    typedef float Float __attribute__((vector_size(L * 4)));
    typedef int32_t Int __attribute__((vector_size(L * 4)));
    typedef uint8_t Byte __attribute__((vector_size(L)));
};
template <> struct Lanes<1> {
    using Float = float;
    using Int = int32_t;
    using Byte = uint8_t;
};

template <class V, class T> [[gnu::always_inline]] inline V load(const T* from) {
    V value;
    std::memcpy(&value, from, sizeof value);
    return value;
}
template <class V, class T> [[gnu::always_inline]] inline void store(T* to, const V& value) { std::memcpy(to, &value, sizeof value); }

/// All lanes equal.
template <int L> [[gnu::always_inline]] inline typename Lanes<L>::Float spread(float value) { return typename Lanes<L>::Float{} + value; }

/// value where condition (of floats), else 0.
template <int L>
[[gnu::always_inline]] inline typename Lanes<L>::Float whereOver0(const typename Lanes<L>::Float& condition,
                                                                  const typename Lanes<L>::Float& value) {
    if constexpr (L == 1)
        return condition > 0.0f ? value : 0.0f;
    else
        return condition > 0.0f ? value : typename Lanes<L>::Float{};
}

} // namespace strata::cpu::STRATA_ISA
