// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/convert.h"
#include "core/cpu/kernels.h"
#include "core/cpu/rows.h"
#include "core/cpu/simd/convert.h"
#include "core/cpu/transpose.h"

#include <cstring>

namespace strata::cpu {
namespace {

template <class To, class From> void convertRow(const std::array<char*, 2>& p, const std::array<int64_t, 2>& s, int64_t count) {
    const bool contiguous = s[0] == int64_t(sizeof(To)) && s[1] == int64_t(sizeof(From));
    if constexpr (std::is_same_v<To, From>) {
        if (contiguous) {
            if (p[0] != p[1]) std::memcpy(p[0], p[1], size_t(count) * sizeof(To));
            return;
        }
    } else if (contiguous) {
        const ConvertSimd& simd = convertSimd();
        const auto call = [&](auto kernel) {
            using Kernel = decltype(kernel);
            if constexpr (std::is_same_v<Kernel, void (*)(const uint8_t*, float*, int64_t)>)
                kernel(reinterpret_cast<const uint8_t*>(p[1]), reinterpret_cast<float*>(p[0]), count);
            else if constexpr (std::is_same_v<Kernel, void (*)(const uint16_t*, float*, int64_t)>)
                kernel(reinterpret_cast<const uint16_t*>(p[1]), reinterpret_cast<float*>(p[0]), count);
            else
                kernel(reinterpret_cast<const float*>(p[1]), reinterpret_cast<uint16_t*>(p[0]), count);
        };
        constexpr bool toF32 = std::is_same_v<To, float>, fromF32 = std::is_same_v<From, float>;
        if constexpr (toF32 && std::is_same_v<From, uint8_t>) return call(simd.u8ToF32);
        if constexpr (toF32 && std::is_same_v<From, Half>) return call(simd.f16ToF32);
        if constexpr (toF32 && std::is_same_v<From, BFloat16>) return call(simd.bf16ToF32);
        if constexpr (fromF32 && std::is_same_v<To, Half>) return call(simd.f32ToF16);
        if constexpr (fromF32 && std::is_same_v<To, BFloat16>) return call(simd.f32ToBf16);
    }
    mapRow<To, From>(p, s, count, [](From value) { return convert<To>(value); });
}

template <class Word> void fillRows(const StridedLoop<1>& loop, Word word) {
    forEachRow(loop, kGrain, [=](const auto& p, const auto& s, int64_t count) {
        if (s[0] == int64_t(sizeof(Word))) {
            std::fill_n(reinterpret_cast<Word*>(p[0]), count, word);
            return;
        }
        for (int64_t i = 0; i < count; ++i) at<Word>(p[0], s[0], i) = word;
    });
}

/// The padded channels of a blocked activation are zero whatever fills the rest.
void zeroPadding(const TensorView& view) {
    const int64_t block = view.layout == Layout::Blocked16 ? 16 : 8;
    const int64_t channels = view.shape[1], pixels = view.shape[2] * view.shape[3];
    const int64_t blocks = (channels + block - 1) / block, used = channels % block;
    if (used == 0) return;
    const size_t size = dtypeSize(view.dtype);
    parallelFor(view.shape[0] * pixels, kGrain / block, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t cell = ((i / pixels) * blocks + blocks - 1) * pixels + i % pixels;
            std::memset(view.as<char>() + size_t(cell * block + used) * size, 0, size_t(block - used) * size);
        }
    });
}

template <class Word> bool selectRows(const TensorView& condition, const TensorView& a, const TensorView& b, const OutView& out) {
    const StridedLoop<4> loop = makeLoop<4>({&out, &condition, &a, &b});
    forEachRow(loop, kGrain, [](const auto& p, const auto& s, int64_t count) {
        for (int64_t i = 0; i < count; ++i)
            at<Word>(p[0], s[0], i) = at<uint8_t>(p[1], s[1], i) ? at<Word>(p[2], s[2], i) : at<Word>(p[3], s[3], i);
    });
    return true;
}

} // namespace

bool copy(const TensorView& in, const OutView& out) {
    if (in.layout != out.layout) {
        const auto whole = [](const TensorView& view) { return view.layout != Layout::Plain || view.contiguous(); };
        if (in.dtype != out.dtype || !whole(in) || !whole(out)) return false;
        relayout(in.data, in.layout, out.data, out.layout, in.shape, in.dtype);
        return true;
    }
    const StridedLoop<2> loop = makeLoop<2>({&out, &in});
    if (in.dtype == out.dtype && dtypeSize(in.dtype) == 4 && copyTransposed(loop)) return true;
    visitDType(in.dtype, [&]<class From>() {
        visitDType(out.dtype, [&]<class To>() {
            forEachRow(loop, kGrain, [](const auto& p, const auto& s, int64_t count) { convertRow<To, From>(p, s, count); });
        });
    });
    return true;
}

bool fill(double value, const OutView& out) {
    const StridedLoop<1> loop = makeLoop<1>({&out});
    visitDType(out.dtype, [&]<class T>() { fillRows<T>(loop, convert<T>(value)); });
    const bool blocked = out.layout == Layout::Blocked16 || out.layout == Layout::Blocked8;
    if (blocked && value != 0) zeroPadding(out);
    return true;
}

bool where(const TensorView& condition, const TensorView& a, const TensorView& b, const OutView& out) {
    if (condition.dtype != DType::Bool || a.dtype != out.dtype || b.dtype != out.dtype) return false;
    switch (dtypeSize(out.dtype)) {
    case 1: return selectRows<uint8_t>(condition, a, b, out);
    case 2: return selectRows<uint16_t>(condition, a, b, out);
    case 4: return selectRows<uint32_t>(condition, a, b, out);
    default: return selectRows<uint64_t>(condition, a, b, out);
    }
}

} // namespace strata::cpu
