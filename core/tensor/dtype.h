// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

namespace strata {

/// Element types. F16 and BF16 are storage only: kernels convert. Values are stored in caches: never renumber.
enum class DType : uint8_t { F32 = 0, F64 = 1, F16 = 2, BF16 = 3, I64 = 4, I32 = 5, U8 = 6, Bool = 7 };

constexpr size_t dtypeSize(DType dtype) {
    constexpr size_t sizes[] = {4, 8, 2, 2, 8, 4, 1, 1};
    return sizes[size_t(dtype)];
}
constexpr std::string_view dtypeName(DType dtype) {
    constexpr std::string_view names[] = {"f32", "f64", "f16", "bf16", "i64", "i32", "u8", "bool"};
    return names[size_t(dtype)];
}
constexpr bool isFloating(DType dtype) { return dtype <= DType::BF16; }
constexpr bool isInteger(DType dtype) { return dtype >= DType::I64; }

/// IEEE half, bits only.
struct Half {
    uint16_t bits = 0;
};
/// Upper half of an f32, bits only.
struct BFloat16 {
    uint16_t bits = 0;
};

/// Exact widening.
inline float toFloat(Half half) {
    const uint32_t sign = uint32_t(half.bits & 0x8000u) << 16;
    const uint32_t exponent = (half.bits >> 10) & 31u;
    const uint32_t mantissa = half.bits & 1023u;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | (mantissa << 13));
    if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
    const float magnitude = float(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
}
inline float toFloat(BFloat16 value) { return std::bit_cast<float>(uint32_t(value.bits) << 16); }

/// Round to nearest even; overflow gives infinity, NaN stays NaN.
inline Half toHalf(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint16_t sign = uint16_t((bits >> 16) & 0x8000u);
    const uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) return {uint16_t(sign | 0x7E00u)};
    if (magnitude >= 0x477FF000u) return {uint16_t(sign | 0x7C00u)};
    if (magnitude < 0x38800000u) { // subnormal half: adding 0.5 lets the f32 adder round to multiples of 2^-24
        const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
        return {uint16_t(sign | (std::bit_cast<uint32_t>(shifted) - 0x3F000000u))};
    }
    const uint32_t rounded = magnitude + 0xFFFu + ((magnitude >> 13) & 1u);
    return {uint16_t(sign | ((rounded - 0x38000000u) >> 13))};
}
inline BFloat16 toBFloat16(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return {uint16_t((bits >> 16) | 0x40u)};
    return {uint16_t((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16)};
}

/// DType of a C++ type.
template <class T> struct DTypeOf;
template <> struct DTypeOf<float> { static constexpr DType value = DType::F32; };
template <> struct DTypeOf<double> { static constexpr DType value = DType::F64; };
template <> struct DTypeOf<Half> { static constexpr DType value = DType::F16; };
template <> struct DTypeOf<BFloat16> { static constexpr DType value = DType::BF16; };
template <> struct DTypeOf<int64_t> { static constexpr DType value = DType::I64; };
template <> struct DTypeOf<int32_t> { static constexpr DType value = DType::I32; };
template <> struct DTypeOf<uint8_t> { static constexpr DType value = DType::U8; };
template <> struct DTypeOf<bool> { static constexpr DType value = DType::Bool; };

/// dtype by its name ("f32"), or nullopt.
std::optional<DType> dtypeFromName(std::string_view name);

/// Type of a result of arithmetic on a and b, as PyTorch promotes tensors: floating beats integer beats bool, wider beats
/// narrower, f16 with bf16 gives f32.
DType promoteTypes(DType a, DType b);

/// Calls function.template operator()<T>() with the C++ type of dtype.
template <class Function> decltype(auto) visitDType(DType dtype, Function&& function) {
    switch (dtype) {
    case DType::F32: return function.template operator()<float>();
    case DType::F64: return function.template operator()<double>();
    case DType::F16: return function.template operator()<Half>();
    case DType::BF16: return function.template operator()<BFloat16>();
    case DType::I64: return function.template operator()<int64_t>();
    case DType::I32: return function.template operator()<int32_t>();
    case DType::U8: return function.template operator()<uint8_t>();
    case DType::Bool: break;
    }
    return function.template operator()<bool>();
}

} // namespace strata
