// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/random.h"

#include "core/cpu/simd/math.h"

namespace strata::cpu::STRATA_ISA {
namespace {

constexpr int kBlocks = 16;

/// Philox4x32-10 (core/base/philox.h) of 16 consecutive blocks, as words[word][block].
STRATA_INLINE void philoxBlocks(const PhiloxStream& stream, uint32_t firstBlock, uint32_t (&words)[4][kBlocks]) {
    for (uint32_t i = 0; i < kBlocks; ++i) {
        words[0][i] = firstBlock + i;
        for (int k = 0; k < 3; ++k) words[k + 1][i] = stream.counter[k];
    }
    uint32_t k0 = stream.key[0], k1 = stream.key[1];
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < kBlocks; ++i) {
            const uint64_t p0 = uint64_t(0xD2511F53u) * words[0][i];
            const uint64_t p1 = uint64_t(0xCD9E8D57u) * words[2][i];
            words[0][i] = uint32_t(p1 >> 32) ^ words[1][i] ^ k0;
            words[1][i] = uint32_t(p1);
            words[2][i] = uint32_t(p0 >> 32) ^ words[3][i] ^ k1;
            words[3][i] = uint32_t(p0);
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

void keepMask(const PhiloxStream& stream, uint32_t threshold, uint32_t firstBlock, uint8_t* mask, int64_t count) {
    uint32_t words[4][kBlocks];
    for (int64_t i = 0; i < count; i += 4 * kBlocks, firstBlock += kBlocks) {
        philoxBlocks(stream, firstBlock, words);
        const int64_t last = count - i < 4 * kBlocks ? count - i : 4 * kBlocks;
        for (int64_t j = 0; j < last; ++j) mask[i + j] = (words[j & 3][j >> 2] >> 8) >= threshold ? 1 : 0;
    }
}

} // namespace

const RandomSimd kRandom = {keepMask};

} // namespace strata::cpu::STRATA_ISA
