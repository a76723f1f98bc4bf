// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/rows.h"
#include "core/cpu/simd/reduce.h"

#include <limits>

/// What a reduction folds: Input, Accumulator and Output types, identity(), step(), combine(), finish(), and the two loops.
namespace strata::cpu {

/// Loops over step() that the compiler may vectorise: a row keeps 16 accumulators, so that its order is fixed.
template <class Op, class In, class Acc> struct FoldLoops {
    using Accumulator = Acc;

    static void foldRow(Acc& sum, const char* p, int64_t stride, int64_t count) {
        constexpr int64_t kLanes = 16;
        if (stride != int64_t(sizeof(In)) || count < kLanes) {
            for (int64_t i = 0; i < count; ++i) sum = Op::step(sum, *reinterpret_cast<const In*>(p + i * stride));
            return;
        }
        const In* in = reinterpret_cast<const In*>(p);
        Acc lanes[kLanes];
        for (Acc& lane : lanes) lane = Op::identity();
        int64_t i = 0;
        for (; i + kLanes <= count; i += kLanes)
            for (int64_t k = 0; k < kLanes; ++k) lanes[k] = Op::step(lanes[k], in[i + k]);
        for (; i < count; ++i) lanes[0] = Op::step(lanes[0], in[i]);
        for (int64_t width = kLanes / 2; width > 0; width /= 2)
            for (int64_t k = 0; k < width; ++k) lanes[k] = Op::combine(lanes[k], lanes[k + width]);
        sum = Op::combine(sum, lanes[0]);
    }
    static void foldColumns(Acc* sums, const char* p, int64_t stride, int64_t count) {
        if (stride == int64_t(sizeof(In))) {
            const In* in = reinterpret_cast<const In*>(p);
            for (int64_t i = 0; i < count; ++i) sums[i] = Op::step(sums[i], in[i]);
            return;
        }
        for (int64_t i = 0; i < count; ++i) sums[i] = Op::step(sums[i], *reinterpret_cast<const In*>(p + i * stride));
    }
};

template <class T> using SumAccumulator = std::conditional_t<std::is_same_v<T, int64_t>, uint64_t, double>;

template <class T, bool kMean> struct SumOp : FoldLoops<SumOp<T, kMean>, T, SumAccumulator<T>> {
    using Accumulator = SumAccumulator<T>;
    using Output = T;
    using Loops = FoldLoops<SumOp<T, kMean>, T, Accumulator>;
    static Accumulator identity() { return 0; }
    static Accumulator step(Accumulator a, T x) { return a + Accumulator(x); }
    static Accumulator combine(Accumulator a, Accumulator b) { return a + b; }
    static T finish(Accumulator a, int64_t count) {
        if constexpr (!kMean) return T(a);
        if constexpr (std::is_same_v<T, int64_t>) return count ? T(a) / count : 0;
        return T(a / Accumulator(count));
    }
    static void foldRow(Accumulator& sum, const char* p, int64_t stride, int64_t count) {
        if constexpr (std::is_same_v<T, float>) {
            if (stride == int64_t(sizeof(float))) {
                sum += reduceSimd().sum(reinterpret_cast<const float*>(p), count);
                return;
            }
        }
        Loops::foldRow(sum, p, stride, count);
    }
    static void foldColumns(Accumulator* sums, const char* p, int64_t stride, int64_t count) {
        if constexpr (std::is_same_v<T, float>) {
            if (stride == int64_t(sizeof(float))) return reduceSimd().addTo(reinterpret_cast<const float*>(p), sums, count);
        }
        Loops::foldColumns(sums, p, stride, count);
    }
};

template <class T> struct ProdOp : FoldLoops<ProdOp<T>, T, SumAccumulator<T>> {
    using Accumulator = SumAccumulator<T>;
    using Output = T;
    static Accumulator identity() { return 1; }
    static Accumulator step(Accumulator a, T x) { return a * Accumulator(x); }
    static Accumulator combine(Accumulator a, Accumulator b) { return a * b; }
    static T finish(Accumulator a, int64_t) { return T(a); }
};

/// A NaN wins.
template <class T> struct MaxOp : FoldLoops<MaxOp<T>, T, T> {
    using Output = T;
    static T identity() {
        if constexpr (std::is_floating_point_v<T>) return -std::numeric_limits<T>::infinity();
        return std::numeric_limits<T>::lowest();
    }
    static T step(T a, T x) { return a > x || a != a ? a : x; }
    static T combine(T a, T b) { return step(a, b); }
    static T finish(T a, int64_t) { return a; }
};
template <class T> struct MinOp : FoldLoops<MinOp<T>, T, T> {
    using Output = T;
    static T identity() {
        if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::infinity();
        return std::numeric_limits<T>::max();
    }
    static T step(T a, T x) { return a < x || a != a ? a : x; }
    static T combine(T a, T b) { return step(a, b); }
    static T finish(T a, int64_t) { return a; }
};

template <class T> struct AnyOp : FoldLoops<AnyOp<T>, T, uint8_t> {
    using Output = bool;
    static uint8_t identity() { return 0; }
    static uint8_t step(uint8_t a, T x) { return uint8_t(a | uint8_t(x != T(0))); }
    static uint8_t combine(uint8_t a, uint8_t b) { return a | b; }
    static bool finish(uint8_t a, int64_t) { return a != 0; }
};
template <class T> struct AllOp : FoldLoops<AllOp<T>, T, uint8_t> {
    using Output = bool;
    static uint8_t identity() { return 1; }
    static uint8_t step(uint8_t a, T x) { return uint8_t(a & uint8_t(x != T(0))); }
    static uint8_t combine(uint8_t a, uint8_t b) { return a & b; }
    static bool finish(uint8_t a, int64_t) { return a != 0; }
};

} // namespace strata::cpu
