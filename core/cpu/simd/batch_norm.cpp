// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/nn_simd.h"
#include "core/cpu/simd/nn_lanes.h"

#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace strata::cpu::STRATA_ISA {
namespace {

constexpr int64_t kUnroll = 4; ///< independent sums, so that additions do not wait for each other

/// Calls kernel<L>(range, lane) for all lanes at once where they fill a vector, else one by one.
template <class Kernel> void overLanes(const LaneRange& range, Kernel&& kernel) {
    if (range.lanes == 16) return kernel.template operator()<16>(0);
    if (range.lanes == 8) return kernel.template operator()<8>(0);
    for (int64_t lane = 0; lane < range.lanes; ++lane) kernel.template operator()<1>(lane);
}

template <int L> [[gnu::always_inline]] inline void storeMaybeStreamed(float* to, const typename Lanes<L>::Float& value, bool stream) {
#ifdef __AVX512F__
    if constexpr (L == 16) {
        if (stream) {
            _mm512_stream_ps(to, __m512(value));
            return;
        }
    }
#endif
    (void)stream;
    store(to, value);
}

/// Streaming stores need whole vectors on 64-byte borders.
bool canStream(const LaneRange& range, const float* to) {
    return range.lanes == 16 && range.innerStride % 16 == 0 && range.outerStride % 16 == 0 && reinterpret_cast<uintptr_t>(to) % 64 == 0;
}

/// Sum over the range of term(offset) in each lane.
template <int L, class Term> [[gnu::always_inline]] inline typename Lanes<L>::Float sumOver(const LaneRange& range, Term&& term) {
    using V = typename Lanes<L>::Float;
    V total{};
    for (int64_t i = 0; i < range.outer; ++i) {
        V sums[kUnroll] = {};
        const int64_t start = i * range.outerStride;
        int64_t j = 0;
        for (; j + kUnroll <= range.inner; j += kUnroll)
            for (int64_t u = 0; u < kUnroll; ++u) sums[u] += term(start + (j + u) * range.innerStride);
        for (; j < range.inner; ++j) sums[0] += term(start + j * range.innerStride);
        total += (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
    return total;
}

void moments(const LaneRange& range, const float* x, float* mean, float* squares) {
    const float count = float(range.outer * range.inner);
    overLanes(range, [&]<int L>(int64_t lane) {
        using V = typename Lanes<L>::Float;
        const float* from = x + lane;
        const V average = sumOver<L>(range, [&](int64_t offset) { return load<V>(from + offset); }) / count;
        const V spreadOut = sumOver<L>(range, [&](int64_t offset) {
            const V deviation = load<V>(from + offset) - average;
            return V(deviation * deviation);
        });
        store(mean + lane, average);
        store(squares + lane, spreadOut);
    });
}

template <int L, bool HasResidual, bool Relu>
void normalizeLanes(const LaneRange& range, const float* x, const float* residual, const float* means, const float* scales,
                    const float* shifts, bool stream, float* y) {
    using V = typename Lanes<L>::Float;
    const V mean = load<V>(means), scale = load<V>(scales), shift = load<V>(shifts);
    for (int64_t i = 0; i < range.outer; ++i) {
        for (int64_t j = 0; j < range.inner; ++j) {
            const int64_t offset = i * range.outerStride + j * range.innerStride;
            V value = (load<V>(x + offset) - mean) * scale + shift;
            if constexpr (HasResidual) value += load<V>(residual + offset);
            if constexpr (Relu) value = value < 0.0f ? V{} : value;
            storeMaybeStreamed<L>(y + offset, value, stream);
        }
    }
}

void normalize(const LaneRange& range, const float* x, const float* residual, const float* mean, const float* scale, const float* shift,
               bool relu, bool stream, float* y) {
    const bool streamed = stream && canStream(range, y);
    overLanes(range, [&]<int L>(int64_t lane) {
        const float* extra = residual == nullptr ? nullptr : residual + lane;
        const auto run = [&](auto function) {
            function(range, x + lane, extra, mean + lane, scale + lane, shift + lane, streamed, y + lane);
        };
        if (extra != nullptr)
            run(relu ? normalizeLanes<L, true, true> : normalizeLanes<L, true, false>);
        else
            run(relu ? normalizeLanes<L, false, true> : normalizeLanes<L, false, false>);
    });
}

template <int L, bool Masks, bool Stores>
void gradientSumsLanes(const LaneRange& range, const float* x, const float* output, const float* gradOut, const float* means, float* masked,
                       float* sumGrad, float* sumGradX) {
    using V = typename Lanes<L>::Float;
    const V mean = load<V>(means);
    V total{}, totalX{};
    for (int64_t i = 0; i < range.outer; ++i) {
        V sums[2] = {}, sumsX[2] = {};
        const auto add = [&](int64_t offset, int64_t u) {
            V gradient = load<V>(gradOut + offset);
            if constexpr (Masks) gradient = whereOver0<L>(load<V>(output + offset), gradient);
            if constexpr (Stores) store(masked + offset, gradient);
            sums[u] += gradient;
            sumsX[u] += gradient * (load<V>(x + offset) - mean);
        };
        const int64_t start = i * range.outerStride;
        int64_t j = 0;
        for (; j + 2 <= range.inner; j += 2) {
            add(start + j * range.innerStride, 0);
            add(start + (j + 1) * range.innerStride, 1);
        }
        if (j < range.inner) add(start + j * range.innerStride, 0);
        total += sums[0] + sums[1];
        totalX += sumsX[0] + sumsX[1];
    }
    store(sumGrad, total);
    store(sumGradX, totalX);
}

void gradientSums(const LaneRange& range, const float* x, const float* output, const float* gradOut, const float* mean, float* masked,
                  float* sumGrad, float* sumGradX) {
    overLanes(range, [&]<int L>(int64_t lane) {
        const float* out = output == nullptr ? nullptr : output + lane;
        float* kept = masked == nullptr ? nullptr : masked + lane;
        const auto run = [&](auto function) {
            function(range, x + lane, out, gradOut + lane, mean + lane, kept, sumGrad + lane, sumGradX + lane);
        };
        if (out != nullptr)
            run(kept != nullptr ? gradientSumsLanes<L, true, true> : gradientSumsLanes<L, true, false>);
        else
            run(kept != nullptr ? gradientSumsLanes<L, false, true> : gradientSumsLanes<L, false, false>);
    });
}

template <int L, bool Masks>
void gradientInputLanes(const LaneRange& range, const float* x, const float* output, const float* gradOut, const float* means,
                        const float* as, const float* bs, const float* cs, bool stream, float* gradIn) {
    using V = typename Lanes<L>::Float;
    const V mean = load<V>(means), a = load<V>(as), b = load<V>(bs), c = load<V>(cs);
    for (int64_t i = 0; i < range.outer; ++i) {
        for (int64_t j = 0; j < range.inner; ++j) {
            const int64_t offset = i * range.outerStride + j * range.innerStride;
            V gradient = load<V>(gradOut + offset);
            if constexpr (Masks) gradient = whereOver0<L>(load<V>(output + offset), gradient);
            storeMaybeStreamed<L>(gradIn + offset, V(a * gradient + (b * (load<V>(x + offset) - mean) + c)), stream);
        }
    }
}

void gradientInput(const LaneRange& range, const float* x, const float* output, const float* gradOut, const float* mean, const float* a,
                   const float* b, const float* c, bool stream, float* gradIn) {
    const bool streamed = stream && canStream(range, gradIn);
    overLanes(range, [&]<int L>(int64_t lane) {
        const float* out = output == nullptr ? nullptr : output + lane;
        const auto function = out != nullptr ? gradientInputLanes<L, true> : gradientInputLanes<L, false>;
        function(range, x + lane, out, gradOut + lane, mean + lane, a + lane, b + lane, c + lane, streamed, gradIn + lane);
    });
}

} // namespace

const BatchNormKernels batchNormKernels{moments, normalize, gradientSums, gradientInput};

} // namespace strata::cpu::STRATA_ISA
