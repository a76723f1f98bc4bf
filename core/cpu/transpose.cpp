// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/transpose.h"

#include "core/cpu/simd/convert.h"

namespace strata::cpu {

void transpose(const uint32_t* in, int64_t inStride, int64_t rows, int64_t columns, uint32_t* out, int64_t outStride, int64_t paddedRows) {
    const auto tile = convertSimd().transpose16;
    const int64_t wholeColumns = columns / 16 * 16;
    int64_t r = 0;
    for (; r < rows && r + 16 <= paddedRows; r += 16)
        for (int64_t c = 0; c < wholeColumns; c += 16)
            tile(in + r * inStride + c, inStride, int(std::min<int64_t>(16, rows - r)), out + c * outStride + r, outStride, 16);
    const auto element = [&](int64_t row, int64_t column) { out[column * outStride + row] = row < rows ? in[row * inStride + column] : 0; };
    for (int64_t c = wholeColumns; c < columns; ++c)
        for (int64_t row = 0; row < std::min(r, paddedRows); ++row) element(row, c);
    for (; r < paddedRows; ++r)
        for (int64_t c = 0; c < columns; ++c) element(r, c);
}

bool copyTransposed(const StridedLoop<2>& loop) {
    constexpr int64_t kWord = 4, kStrip = 64;
    if (loop.rank < 2 || loop.elements == 0) return false;
    const auto last = size_t(loop.rank - 1);
    const auto& inner = loop.strides[last];
    size_t dense = last;
    for (size_t d = 0; d < last; ++d)
        if (loop.strides[d][1] == kWord) dense = d;
    if (dense == last || inner[0] != kWord || inner[1] < kWord || loop.sizes[dense] < 16 || loop.sizes[last] < 16) return false;
    const int64_t strips = (loop.sizes[dense] + kStrip - 1) / kStrip;
    const int64_t others = loop.elements / loop.sizes[dense] / loop.sizes[last];
    const int64_t work = std::min(kStrip, loop.sizes[dense]) * loop.sizes[last];
    parallelFor(others * strips, std::max<int64_t>(1, kGrain / work), [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; ++unit) {
            const int64_t first = unit % strips * kStrip;
            char* out = loop.base[0] + first * loop.strides[dense][0];
            const char* in = loop.base[1] + first * kWord;
            int64_t rest = unit / strips;
            for (size_t d = last; d-- > 0;) {
                if (d == dense) continue;
                out += rest % loop.sizes[d] * loop.strides[d][0];
                in += rest % loop.sizes[d] * loop.strides[d][1];
                rest /= loop.sizes[d];
            }
            transpose(reinterpret_cast<const uint32_t*>(in), inner[1] / kWord, loop.sizes[last],
                      std::min(kStrip, loop.sizes[dense] - first), reinterpret_cast<uint32_t*>(out), loop.strides[dense][0] / kWord,
                      loop.sizes[last]);
        }
    });
    return true;
}

} // namespace strata::cpu
