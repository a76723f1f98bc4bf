// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/convert.h"

#include "core/cpu/simd/math.h"

namespace strata::cpu::STRATA_ISA {
namespace {

void u8ToF32(const uint8_t* in, float* out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = float(in[i]);
}

/// A product with 2^112 moves the exponent's bias and normalises subnormals.
STRATA_INLINE float fromHalf(uint32_t half) {
    const uint32_t magnitude = (half & 0x7FFFu) << 13;
    const uint32_t finite = floatToBits(bitsToFloat(magnitude) * 0x1p112f);
    const uint32_t special = magnitude | 0x7F800000u;
    return bitsToFloat((magnitude >= 0x0F800000u ? special : finite) | ((half & 0x8000u) << 16));
}

/// As toHalf in core/tensor/dtype.h, without branches.
STRATA_INLINE uint16_t toHalf(float value) {
    const uint32_t bits = floatToBits(value);
    const uint32_t magnitude = bits & 0x7FFFFFFFu;
    const uint32_t normal = (magnitude + 0xFFFu + ((magnitude >> 13) & 1u) - 0x38000000u) >> 13;
    const uint32_t subnormal = floatToBits(bitsToFloat(magnitude) + 0.5f) - 0x3F000000u;
    uint32_t half = magnitude < 0x38800000u ? subnormal : normal;
    half = magnitude >= 0x477FF000u ? 0x7C00u : half;
    half = magnitude > 0x7F800000u ? 0x7E00u : half;
    return uint16_t(half | ((bits >> 16) & 0x8000u));
}

void f16ToF32(const uint16_t* in, float* out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = fromHalf(in[i]);
}
void f32ToF16(const float* in, uint16_t* out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = toHalf(in[i]);
}
void bf16ToF32(const uint16_t* in, float* out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) out[i] = bitsToFloat(uint32_t(in[i]) << 16);
}
void f32ToBf16(const float* in, uint16_t* out, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
        const uint32_t bits = floatToBits(in[i]);
        const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
        out[i] = uint16_t((bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : rounded);
    }
}

using Row = uint32_t __attribute__((vector_size(64)));

/// Eklundh's step: swaps the off-diagonal blocks of size `kStep` between rows that are `kStep` apart.
template <uint32_t kStep> STRATA_INLINE void swapBlocks(Row (&rows)[16]) {
    Row low, high;
    for (uint32_t lane = 0; lane < 16; ++lane) {
        low[lane] = (lane & kStep) ? 16 + lane - kStep : lane;
        high[lane] = (lane & kStep) ? 16 + lane : lane + kStep;
    }
#pragma GCC unroll 16
    for (uint32_t r = 0; r < 16; ++r) {
        if (r & kStep) continue;
        const Row a = rows[r], b = rows[r + kStep];
        rows[r] = __builtin_shuffle(a, b, low);
        rows[r + kStep] = __builtin_shuffle(a, b, high);
    }
}

void transpose16(const uint32_t* in, int64_t inStride, int inRows, uint32_t* out, int64_t outStride, int outRows) {
    Row rows[16];
    if (inRows == 16) {
#pragma GCC unroll 16
        for (int r = 0; r < 16; ++r) __builtin_memcpy(&rows[r], in + r * inStride, sizeof(Row));
    } else {
        for (int r = 0; r < 16; ++r) {
            rows[r] = Row{};
            if (r < inRows) __builtin_memcpy(&rows[r], in + r * inStride, sizeof(Row));
        }
    }
    swapBlocks<8>(rows);
    swapBlocks<4>(rows);
    swapBlocks<2>(rows);
    swapBlocks<1>(rows);
    if (outRows == 16) {
#pragma GCC unroll 16
        for (int r = 0; r < 16; ++r) __builtin_memcpy(out + r * outStride, &rows[r], sizeof(Row));
    } else {
        for (int r = 0; r < outRows; ++r) __builtin_memcpy(out + r * outStride, &rows[r], sizeof(Row));
    }
}

} // namespace

const ConvertSimd kConvert = {u8ToF32, f16ToF32, f32ToF16, bf16ToF32, f32ToBf16, transpose16};

} // namespace strata::cpu::STRATA_ISA
