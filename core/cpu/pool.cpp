// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.h"
#include "core/cpu/kernels.h"
#include "core/cpu/nn_simd.h"
#include "core/cpu/reference.h"
#include "core/cpu/simd.h"

#include <algorithm>

namespace strata::cpu {
namespace {

const PoolKernels& kernels() { return pickIsa(baseline::poolKernels, avx2::poolKernels, avx512::poolKernels); }

/// The planes of an activation: `images` x `groups` of them, each of up to 16 channels.
struct Planes {
    PoolPlane plane;
    int64_t images = 0, groups = 1;
    int64_t lastLanes = 1;                                        ///< of the last group
    int64_t inImage = 0, inGroup = 0, outImage = 0, outGroup = 0; ///< strides
};

Planes planesOf(const PoolParams& params, Layout layout, const Shape& input, const Shape& output) {
    Planes p;
    const int64_t channels = input[1], inSize = input[2] * input[3], outSize = output[2] * output[3];
    p.plane = {input[2],
               input[3],
               output[2],
               output[3],
               params.kernel[0],
               params.kernel[1],
               params.stride[0],
               params.stride[1],
               params.padding[0],
               params.padding[1],
               1,
               1,
               params.countIncludePad};
    p.images = input[0];
    if (layout == Layout::ChannelsLast) {
        p.plane.pixelStride = channels;
        p.plane.lanes = kMaxLanes;
        p.groups = (channels + kMaxLanes - 1) / kMaxLanes;
        p.lastLanes = channels - (p.groups - 1) * kMaxLanes;
        p.inGroup = p.outGroup = kMaxLanes;
        p.inImage = channels * inSize;
        p.outImage = channels * outSize;
        return p;
    }
    const int64_t block = layout == Layout::Blocked16 ? 16 : layout == Layout::Blocked8 ? 8 : 1;
    p.plane.pixelStride = p.plane.lanes = p.lastLanes = block;
    p.groups = (channels + block - 1) / block;
    p.inGroup = block * inSize;
    p.outGroup = block * outSize;
    p.inImage = p.groups * p.inGroup;
    p.outImage = p.groups * p.outGroup;
    return p;
}

/// Runs body(plane, input offset, output offset) for each plane, in parallel.
template <class Body> void overPlanes(const Planes& p, Body&& body) {
    const int64_t work = p.plane.lanes * (p.plane.inHeight * p.plane.inWidth + p.plane.outHeight * p.plane.outWidth);
    parallelFor(p.images * p.groups, std::max<int64_t>(1, 16384 / std::max<int64_t>(1, work)), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t image = i / p.groups, group = i % p.groups;
            PoolPlane plane = p.plane;
            if (group == p.groups - 1) plane.lanes = p.lastLanes;
            body(plane, image * p.inImage + group * p.inGroup, image * p.outImage + group * p.outGroup);
        }
    });
}

bool dense(const TensorView& view) { return !view || view.layout != Layout::Plain || view.contiguous(); }

const void* at(const void* indices, bool wide, int64_t offset) { return static_cast<const char*>(indices) + offset * (wide ? 4 : 1); }
void* at(void* indices, bool wide, int64_t offset) {
    return indices == nullptr ? nullptr : static_cast<char*>(indices) + offset * (wide ? 4 : 1);
}

} // namespace

bool maxPool(CpuContext&, const PoolParams& params, const TensorView& input, const OutView& output, const OutView& indices) {
    if (input.dtype == DType::F64) return reference::maxPool<double>(params, input, output, indices), true;
    if (input.dtype != DType::F32) return false;
    if (!dense(input) || !dense(output) || !dense(indices)) return reference::maxPool<float>(params, input, output, indices), true;
    const bool wide = indices && indices.dtype == DType::I32;
    overPlanes(planesOf(params, input.layout, input.shape, output.shape), [&](const PoolPlane& plane, int64_t in, int64_t out) {
        kernels().maxForward(plane, input.as<const float>() + in, output.as<float>() + out, at(indices.data, wide, out), wide);
    });
    return true;
}

bool maxPoolBackward(CpuContext&, const PoolParams& params, const TensorView& gradOutput, const TensorView& indices,
                     const OutView& gradInput) {
    if (gradOutput.dtype == DType::F64) return reference::maxPoolBackward<double>(params, gradOutput, indices, gradInput), true;
    if (gradOutput.dtype != DType::F32) return false;
    if (!dense(gradOutput) || !dense(indices) || !dense(gradInput))
        return reference::maxPoolBackward<float>(params, gradOutput, indices, gradInput), true;
    const bool wide = indices.dtype == DType::I32;
    overPlanes(planesOf(params, gradInput.layout, gradInput.shape, gradOutput.shape), [&](const PoolPlane& plane, int64_t in, int64_t out) {
        kernels().maxBackward(plane, gradOutput.as<const float>() + out, at(static_cast<const void*>(indices.data), wide, out), wide,
                              gradInput.as<float>() + in);
    });
    return true;
}

bool avgPool(CpuContext&, const PoolParams& params, const TensorView& input, const OutView& output) {
    if (input.dtype == DType::F64) return reference::avgPool<double>(params, input, output), true;
    if (input.dtype != DType::F32) return false;
    if (!dense(input) || !dense(output)) return reference::avgPool<float>(params, input, output), true;
    overPlanes(planesOf(params, input.layout, input.shape, output.shape), [&](const PoolPlane& plane, int64_t in, int64_t out) {
        kernels().averageForward(plane, input.as<const float>() + in, output.as<float>() + out);
    });
    return true;
}

bool avgPoolBackward(CpuContext&, const PoolParams& params, const TensorView& gradOutput, const OutView& gradInput) {
    if (gradOutput.dtype == DType::F64) return reference::avgPoolBackward<double>(params, gradOutput, gradInput), true;
    if (gradOutput.dtype != DType::F32) return false;
    if (!dense(gradOutput) || !dense(gradInput)) return reference::avgPoolBackward<float>(params, gradOutput, gradInput), true;
    overPlanes(planesOf(params, gradInput.layout, gradInput.shape, gradOutput.shape), [&](const PoolPlane& plane, int64_t in, int64_t out) {
        kernels().averageBackward(plane, gradOutput.as<const float>() + out, gradInput.as<float>() + in);
    });
    return true;
}

} // namespace strata::cpu
