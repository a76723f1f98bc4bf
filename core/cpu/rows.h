// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/strided.h"

#include <type_traits>

/// Inner loops over the rows that forEachRow hands out.
namespace strata::cpu {

template <class T> T& at(char* base, int64_t stride, int64_t i) { return *reinterpret_cast<T*>(base + i * stride); }

/// out[i] = function(in[i]) over a row of operands 0 (Out) and 1 (In), any strides.
template <class Out, class In, class Function>
void mapRow(const std::array<char*, 2>& p, const std::array<int64_t, 2>& s, int64_t count, Function&& function) {
    if (s[0] == int64_t(sizeof(Out)) && s[1] == int64_t(sizeof(In))) {
        Out* out = reinterpret_cast<Out*>(p[0]);
        const In* in = reinterpret_cast<const In*>(p[1]);
        for (int64_t i = 0; i < count; ++i) out[i] = function(in[i]);
        return;
    }
    for (int64_t i = 0; i < count; ++i) at<Out>(p[0], s[0], i) = function(at<In>(p[1], s[1], i));
}

/// out[i] = function(a[i], b[i]) over a row of operands 0 (Out), 1 and 2 (In), any strides.
template <class Out, class In, class Function>
void combineRow(const std::array<char*, 3>& p, const std::array<int64_t, 3>& s, int64_t count, Function&& function) {
    constexpr auto step = int64_t(sizeof(In));
    if (s[0] == int64_t(sizeof(Out)) && s[1] == step && s[2] == step) {
        Out* out = reinterpret_cast<Out*>(p[0]);
        const In* a = reinterpret_cast<const In*>(p[1]);
        const In* b = reinterpret_cast<const In*>(p[2]);
        for (int64_t i = 0; i < count; ++i) out[i] = function(a[i], b[i]);
        return;
    }
    for (int64_t i = 0; i < count; ++i) at<Out>(p[0], s[0], i) = function(at<In>(p[1], s[1], i), at<In>(p[2], s[2], i));
}

/// Runs kernel(pointers, count) over all rows of f32 operands, which it sees as contiguous: other strides pass through a
/// buffer, so that a vectorised kernel gives the same values for every stride.
template <size_t N, class Kernel> void forEachContiguousF32(const StridedLoop<N>& loop, int64_t grain, Kernel&& kernel) {
    constexpr int64_t kChunk = 1024;
    constexpr auto kStep = int64_t(sizeof(float));
    forEachRow(loop, grain, [&](const std::array<char*, N>& p, const std::array<int64_t, N>& s, int64_t count) {
        std::array<float*, N> data;
        bool contiguous = true;
        for (size_t k = 0; k < N; ++k) {
            data[k] = reinterpret_cast<float*>(p[k]);
            contiguous = contiguous && (s[k] == kStep || count == 1);
        }
        if (contiguous) return kernel(data, count);
        alignas(64) float buffer[N][kChunk];
        for (int64_t begin = 0; begin < count; begin += kChunk) {
            const int64_t length = std::min(kChunk, count - begin);
            for (size_t k = 0; k < N; ++k) {
                char* first = p[k] + begin * s[k];
                data[k] = s[k] == kStep ? reinterpret_cast<float*>(first) : buffer[k];
                if (k == 0 || s[k] == kStep) continue;
                if (s[k] == 0 && begin > 0) continue;
                for (int64_t i = 0; i < length; ++i) buffer[k][i] = at<float>(first, s[k], i);
            }
            kernel(data, length);
            if (s[0] == kStep) continue;
            for (int64_t i = 0; i < length; ++i) at<float>(p[0] + begin * s[0], s[0], i) = buffer[0][i];
        }
    });
}

} // namespace strata::cpu
