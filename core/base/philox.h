// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#if defined(__CUDACC__)
#define STRATA_HOST_DEVICE __host__ __device__
#else
#define STRATA_HOST_DEVICE
#endif

namespace strata {

/// What a draw is for; part of the key, so that streams never meet. Numbers are stored in files: never renumber.
enum class Purpose : uint32_t { Init = 1, Shuffle = 2, Augment = 3, Dropout = 4, Split = 5, Shapes = 6, Test = 7, Noise = 8 };

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11): counter-based random numbers keyed by
/// (seed, purpose, epoch, index), the same on every device and for any number of threads.
class Philox {
public:
    STRATA_HOST_DEVICE Philox(uint64_t seed, Purpose purpose, uint32_t epoch, uint64_t index)
        : key_{uint32_t(seed), uint32_t(seed >> 32) ^ (uint32_t(purpose) * 0x9E3779B9u)}, counter_{0, epoch, uint32_t(index),
                                                                                                   uint32_t(index >> 32)} {}

    /// Four 32-bit words for block `block` of this stream; random access.
    STRATA_HOST_DEVICE std::array<uint32_t, 4> block(uint32_t block) const {
        std::array<uint32_t, 4> c{block, counter_[1], counter_[2], counter_[3]};
        uint32_t k0 = key_[0], k1 = key_[1];
        for (int round = 0; round < 10; ++round) {
            const uint64_t p0 = uint64_t(0xD2511F53u) * c[0];
            const uint64_t p1 = uint64_t(0xCD9E8D57u) * c[2];
            c = {uint32_t(p1 >> 32) ^ c[1] ^ k0, uint32_t(p1), uint32_t(p0 >> 32) ^ c[3] ^ k1, uint32_t(p0)};
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        return c;
    }

    /// Next 32-bit word of the stream.
    STRATA_HOST_DEVICE uint32_t next() {
        if (used_ == 4) {
            words_ = block(counter_[0]++);
            used_ = 0;
        }
        return words_[uint32_t(used_++)];
    }

    /// 24-bit uniform in [0, 1).
    STRATA_HOST_DEVICE float uniform() { return float(next() >> 8) * 0x1p-24f; }
    STRATA_HOST_DEVICE float uniform(float low, float high) { return low + (high - low) * uniform(); }
    /// Integer in [0, n), n > 0, by multiplication (bias below 2^-32 n).
    STRATA_HOST_DEVICE uint32_t below(uint32_t n) { return uint32_t((uint64_t(next()) * n) >> 32); }

private:
    uint32_t key_[2];
    uint32_t counter_[4];
    std::array<uint32_t, 4> words_{};
    int used_ = 4;
};

} // namespace strata
