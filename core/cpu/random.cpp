// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/random.h"

#include "core/base/philox.h"
#include "core/cpu/kernels.h"
#include "core/cpu/rows.h"

#include <cmath>

namespace strata::cpu {
namespace {

template <class T> void dropoutTyped(double p, const PhiloxStream& stream, const TensorView& in, const OutView& mask, const OutView& out) {
    constexpr int64_t kChunk = 4096; // elements, a multiple of a Philox block
    const RandomSimd& simd = randomSimd();
    const auto threshold = uint32_t(std::ceil(p * 0x1p24)); // k * 2^-24 >= p exactly if k >= p * 2^24
    const T scale = p < 1 ? T(1 / (1 - p)) : T(0);
    const int64_t count = in.elements();
    parallelFor((count + kChunk - 1) / kChunk, 1, [&](int64_t begin, int64_t end) {
        for (int64_t chunk = begin; chunk < end; ++chunk) {
            const int64_t first = chunk * kChunk, length = std::min(kChunk, count - first);
            uint8_t* keep = mask.as<uint8_t>() + first;
            const T* x = in.as<T>() + first;
            T* y = out.as<T>() + first;
            simd.keepMask(stream, threshold, uint32_t(first / 4), keep, length);
            if constexpr (std::is_same_v<T, float>)
                simd.applyF32(x, keep, scale, y, length);
            else
                simd.applyF64(x, keep, scale, y, length);
        }
    });
}

} // namespace

bool dropout(double p, DropoutKey key, const TensorView& in, const OutView& mask, const OutView& out) {
    if (!in.contiguous() || !mask.contiguous() || !out.contiguous() || mask.dtype != DType::U8 || in.dtype != out.dtype) return false;
    const PhiloxStream stream{{uint32_t(key.seed), uint32_t(key.seed >> 32) ^ (uint32_t(Purpose::Dropout) * 0x9E3779B9u)},
                              {key.step, uint32_t(key.layer), uint32_t(key.layer >> 32)}};
    if (in.dtype == DType::F32)
        dropoutTyped<float>(p, stream, in, mask, out);
    else if (in.dtype == DType::F64)
        dropoutTyped<double>(p, stream, in, mask, out);
    else
        return false;
    return true;
}

} // namespace strata::cpu
