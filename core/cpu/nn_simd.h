// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Tables of the leaf kernels of batch normalisation and pooling: raw pointers, f32, one table for each instruction set.
namespace strata::cpu {

/// Elements x[i * outerStride + j * innerStride + lane] for i < outer, j < inner, lane < lanes (at most 16, next to each other
/// in memory). A lane is a channel, or one of 16 neighbours of a plain plane.
struct LaneRange {
    int64_t outer = 1;
    int64_t outerStride = 0;
    int64_t inner = 1;
    int64_t innerStride = 0;
    int64_t lanes = 16;
};

constexpr int64_t kMaxLanes = 16;

/// All per-lane arrays have 16 entries. Pointers to activations point at the range's first element.
struct BatchNormKernels {
    /// Mean of each lane and the sum of squared deviations from it.
    void (*moments)(const LaneRange&, const float* x, float* mean, float* squares);
    /// y = act((x - mean) * scale + shift (+ residual)); residual may be null. `stream`: y is not wanted in the cache.
    void (*normalize)(const LaneRange&, const float* x, const float* residual, const float* mean, const float* scale, const float* shift,
                      bool relu, bool stream, float* y);
    /// g = gradOut where output > 0 (everywhere if output is null), stored to `masked` unless null; sums of g and g * (x - mean).
    void (*gradientSums)(const LaneRange&, const float* x, const float* output, const float* gradOut, const float* mean, float* masked,
                         float* sumGrad, float* sumGradX);
    /// gradIn = a * g + b * (x - mean) + c, g as above.
    void (*gradientInput)(const LaneRange&, const float* x, const float* output, const float* gradOut, const float* mean, const float* a,
                          const float* b, const float* c, bool stream, float* gradIn);
};

/// One plane (or one block of up to 16 channels of it): pixel (row, column) lies at (row * width + column) * pixelStride.
struct PoolPlane {
    int64_t inHeight = 0, inWidth = 0, outHeight = 0, outWidth = 0;
    int64_t kernelHeight = 0, kernelWidth = 0, strideY = 0, strideX = 0, padY = 0, padX = 0;
    int64_t pixelStride = 1;
    int64_t lanes = 1;
    bool countIncludePad = true;
};

struct PoolKernels {
    /// indices may be null; int32_t if `wide`, else uint8_t.
    void (*maxForward)(const PoolPlane&, const float* in, float* out, void* indices, bool wide);
    void (*maxBackward)(const PoolPlane&, const float* gradOut, const void* indices, bool wide, float* gradIn);
    void (*averageForward)(const PoolPlane&, const float* in, float* out);
    void (*averageBackward)(const PoolPlane&, const float* gradOut, float* gradIn);
};

namespace baseline {
extern const BatchNormKernels batchNormKernels;
extern const PoolKernels poolKernels;
} // namespace baseline
namespace avx2 {
extern const BatchNormKernels batchNormKernels;
extern const PoolKernels poolKernels;
} // namespace avx2
namespace avx512 {
extern const BatchNormKernels batchNormKernels;
extern const PoolKernels poolKernels;
} // namespace avx512

} // namespace strata::cpu
