// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/softmax.h"

#include "core/cpu/simd/math.h"

namespace strata::cpu::STRATA_ISA {
namespace {

constexpr int kLanes = 16;
using Lanes = float __attribute__((vector_size(64)));

STRATA_INLINE void load(Lanes& to, const float* from) { __builtin_memcpy(&to, from, sizeof to); }
STRATA_INLINE float total(const Lanes& v) {
    float parts[kLanes];
    __builtin_memcpy(parts, &v, sizeof v);
    for (int width = kLanes / 2; width > 0; width /= 2)
        for (int i = 0; i < width; ++i) parts[i] += parts[i + width];
    return parts[0];
}

float maximum(const float* in, int64_t count) {
    float best = -__builtin_inff();
    int64_t i = 0;
    if (count >= kLanes) {
        Lanes lanes, values;
        load(lanes, in);
        for (i = kLanes; i + kLanes <= count; i += kLanes) {
            load(values, in + i);
            lanes = values > lanes ? values : lanes;
        }
        for (int k = 0; k < kLanes; ++k) best = lanes[k] > best ? lanes[k] : best;
    }
    for (; i < count; ++i) best = in[i] > best ? in[i] : best;
    return best;
}

float sum(const float* in, int64_t count) {
    Lanes lanes = {}, values;
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        load(values, in + i);
        lanes += values;
    }
    float result = total(lanes);
    for (; i < count; ++i) result += in[i];
    return result;
}

float dot(const float* a, const float* b, int64_t count) {
    Lanes lanes = {}, left, right;
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        load(left, a + i);
        load(right, b + i);
        lanes += left * right;
    }
    float result = total(lanes);
    for (; i < count; ++i) result += a[i] * b[i];
    return result;
}

float exponentials(const float* in, float* out, int64_t count, float top) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = expApprox(in[i] - top);
    return sum(out, count);
}

float sumOfExponentials(const float* in, int64_t count, float top) {
    constexpr int64_t kChunk = 512;
    float buffer[kChunk];
    float result = 0;
    for (int64_t i = 0; i < count; i += kChunk) result += exponentials(in + i, buffer, count - i < kChunk ? count - i : kChunk, top);
    return result;
}

void scale(float* row, int64_t count, float factor) {
    for (int64_t i = 0; i < count; ++i) row[i] *= factor;
}

void subtract(const float* in, float* out, int64_t count, float value) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = in[i] - value;
}

void backward(const float* output, const float* gradOut, float* gradIn, int64_t count, float product) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) gradIn[i] = output[i] * (gradOut[i] - product);
}

void backwardLog(const float* output, const float* gradOut, float* gradIn, int64_t count, float gradSum) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) gradIn[i] = gradOut[i] - expApprox(output[i]) * gradSum;
}

void crossEntropyBackward(const float* probabilities, float* gradIn, int64_t count, float factor, float offset) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) gradIn[i] = factor * (probabilities[i] - offset);
}

} // namespace

const SoftmaxSimd kSoftmax = {exponentials, sumOfExponentials,   scale, subtract, maximum, sum, dot, backward,
                              backwardLog,  crossEntropyBackward};

} // namespace strata::cpu::STRATA_ISA
