// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/random.h"

#include "core/cpu/simd/math.h"

#include <immintrin.h>

namespace strata::cpu::STRATA_ISA {
namespace {

constexpr int kBlocks = 8;
constexpr uint64_t kLow = 0xFFFFFFFFu;
using Wide = uint64_t __attribute__((vector_size(64)));   ///< 32-bit words in 64-bit lanes, for full products
using Narrow = uint32_t __attribute__((vector_size(32))); ///< four bytes of mask for each block

/// Full products of the low halves of the lanes with one 32-bit factor; the compiler knows no such operation.
STRATA_INLINE void multiply(const Wide& lanes, uint32_t factor, Wide& result) {
#if defined(__AVX512F__)
    const __m512i p = _mm512_maskz_mul_epu32(0xFF, _mm512_loadu_si512(&lanes), _mm512_set1_epi64(int64_t(factor)));
    __builtin_memcpy(&result, &p, sizeof p);
#elif defined(__AVX2__)
    for (int half = 0; half < 2; ++half) {
        __m256i p;
        __builtin_memcpy(&p, reinterpret_cast<const char*>(&lanes) + 32 * half, sizeof p);
        p = _mm256_mul_epu32(p, _mm256_set1_epi64x(int64_t(factor)));
        __builtin_memcpy(reinterpret_cast<char*>(&result) + 32 * half, &p, sizeof p);
    }
#else
    for (int quarter = 0; quarter < 4; ++quarter) {
        __m128i p;
        __builtin_memcpy(&p, reinterpret_cast<const char*>(&lanes) + 16 * quarter, sizeof p);
        p = _mm_mul_epu32(p, _mm_set1_epi64x(int64_t(factor)));
        __builtin_memcpy(reinterpret_cast<char*>(&result) + 16 * quarter, &p, sizeof p);
    }
#endif
}

/// Philox4x32-10 (core/base/philox.h) of eight consecutive blocks, one in each lane.
STRATA_INLINE void philoxBlocks(const PhiloxStream& stream, uint32_t firstBlock, Wide (&c)[4]) {
    const Wide zero = {}, steps = {0, 1, 2, 3, 4, 5, 6, 7};
    c[0] = (steps + firstBlock) & kLow;
    for (int k = 0; k < 3; ++k) c[k + 1] = zero + stream.counter[k];
    uint32_t k0 = stream.key[0], k1 = stream.key[1];
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
        Wide p0, p1;
        multiply(c[0], 0xD2511F53u, p0);
        multiply(c[2], 0xCD9E8D57u, p1);
        c[0] = (p1 >> 32) ^ c[1] ^ uint64_t(k0);
        c[1] = p1 & kLow;
        c[2] = (p0 >> 32) ^ c[3] ^ uint64_t(k1);
        c[3] = p0 & kLow;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

void keepMask(const PhiloxStream& stream, uint32_t threshold, uint32_t firstBlock, uint8_t* mask, int64_t count) {
    constexpr int64_t kBytes = 4 * kBlocks;
    for (int64_t i = 0; i < count; i += kBytes, firstBlock += kBlocks) {
        Wide words[4], bytes = {};
        philoxBlocks(stream, firstBlock, words);
        for (int k = 0; k < 4; ++k) {
            const auto keeps = (words[k] >> 8) >= uint64_t(threshold); // all ones where true
            bytes |= __builtin_convertvector(keeps, Wide) & (uint64_t(1) << (8 * k));
        }
        const Narrow packed = __builtin_convertvector(bytes, Narrow);
        __builtin_memcpy(mask + i, &packed, size_t(count - i < kBytes ? count - i : kBytes));
    }
}

template <class T> void apply(const T* in, const uint8_t* mask, T scale, T* out, int64_t count) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) {
        const T kept = in[i] * scale;
        out[i] = mask[i] ? kept : T(0);
    }
}

} // namespace

const RandomSimd kRandom = {keepMask, apply<float>, apply<double>};

} // namespace strata::cpu::STRATA_ISA
