// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/reduce.h"

#include "core/cpu/simd/math.h"

namespace strata::cpu::STRATA_ISA {
namespace {

using Floats = float __attribute__((vector_size(32)));
using Doubles = double __attribute__((vector_size(64)));

double sum(const float* in, int64_t count) {
    Doubles sums[4] = {};
    int64_t i = 0;
    for (; i + 32 <= count; i += 32) {
        for (int k = 0; k < 4; ++k) {
            Floats values;
            __builtin_memcpy(&values, in + i + 8 * k, sizeof values);
            sums[k] += __builtin_convertvector(values, Doubles);
        }
    }
    double tail = 0;
    for (; i < count; ++i) tail += double(in[i]);
    const Doubles lanes = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    return (((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))) + tail;
}

void addTo(const float* in, double* sums, int64_t count) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) sums[i] += double(in[i]);
}

int64_t countNonFiniteF32(const float* in, int64_t count) {
    constexpr int64_t kChunk = 1 << 20; // a 32-bit count vectorises best
    int64_t total = 0;
    for (int64_t begin = 0; begin < count; begin += kChunk) {
        const int64_t end = begin + kChunk < count ? begin + kChunk : count;
        uint32_t found = 0;
        for (int64_t i = begin; i < end; ++i) found += (floatToBits(in[i]) & 0x7F800000u) == 0x7F800000u ? 1u : 0u;
        total += int64_t(found);
    }
    return total;
}

int64_t countNonFiniteF64(const double* in, int64_t count) {
    constexpr uint64_t kExponent = 0x7FF0000000000000u;
    uint64_t found = 0;
    for (int64_t i = 0; i < count; ++i) found += (__builtin_bit_cast(uint64_t, in[i]) & kExponent) == kExponent ? 1u : 0u;
    return int64_t(found);
}

} // namespace

const ReduceSimd kReduce = {sum, addTo, countNonFiniteF32, countNonFiniteF64};

} // namespace strata::cpu::STRATA_ISA
