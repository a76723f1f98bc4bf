// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.h"
#include "core/cpu/kernels.h"
#include "core/cpu/simd/convert.h"
#include "core/cpu/transpose.h"

#include <algorithm>
#include <cstring>

namespace strata::cpu {
namespace {

/// In every layout the pixels of one channel of one image lie `step` elements apart, from `base` on.
struct ChannelPlace {
    int64_t base;
    int64_t step;
};

struct Activation {
    int64_t images, channels, pixels;

    ChannelPlace place(Layout layout, int64_t n, int64_t c) const {
        if (layout == Layout::Plain) return {(n * channels + c) * pixels, 1};
        if (layout == Layout::ChannelsLast) return {n * pixels * channels + c, channels};
        const int64_t block = blockOf(layout), blocks = (channels + block - 1) / block;
        return {(n * blocks + c / block) * pixels * block + c % block, block};
    }
    static int64_t blockOf(Layout layout) { return layout == Layout::Blocked16 ? 16 : (layout == Layout::Blocked8 ? 8 : 1); }
};

bool isBlocked(Layout layout) { return layout == Layout::Blocked16 || layout == Layout::Blocked8; }

/// The channels [first, last) of image n; last may lie in the padding of a blocked target.
template <class Word>
void moveChannels(const Activation& a, const Word* from, Layout fromLayout, Word* to, Layout toLayout, int64_t n, int64_t first,
                  int64_t last) {
    for (int64_t c = first; c < last; ++c) {
        const ChannelPlace target = a.place(toLayout, n, c);
        Word* out = to + target.base;
        if (c >= a.channels) {
            for (int64_t p = 0; p < a.pixels; ++p) out[p * target.step] = 0;
            continue;
        }
        const ChannelPlace source = a.place(fromLayout, n, c);
        const Word* in = from + source.base;
        for (int64_t p = 0; p < a.pixels; ++p) out[p * target.step] = in[p * source.step];
    }
}

template <class Word> void moveGeneric(const Activation& a, const Word* from, Layout fromLayout, Word* to, Layout toLayout) {
    const int64_t groups = (a.channels + 15) / 16;
    parallelFor(a.images * groups, std::max<int64_t>(1, 2048 / a.pixels), [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; ++unit) {
            const int64_t first = unit % groups * 16;
            int64_t last = std::min(first + 16, a.channels);
            if (isBlocked(toLayout))
                last = (last + Activation::blockOf(toLayout) - 1) / Activation::blockOf(toLayout) * Activation::blockOf(toLayout);
            moveChannels(a, from, fromLayout, to, toLayout, unit / groups, first, last);
        }
    });
}

/// Blocked16 to Plain: 16 pixels at a time, all 16 channels read, those that exist written.
void unblock(const uint32_t* in, int64_t pixels, int64_t channels, uint32_t* out) {
    const auto tile = convertSimd().transpose16;
    int64_t p = 0;
    for (; p + 16 <= pixels; p += 16) tile(in + p * 16, 16, 16, out + p, pixels, int(channels));
    for (; p < pixels; ++p)
        for (int64_t c = 0; c < channels; ++c) out[c * pixels + p] = in[p * 16 + c];
}

/// The pairs of layouts on the way of training in f32; false for others.
bool moveFast(const Activation& a, const uint32_t* from, Layout fromLayout, uint32_t* to, Layout toLayout) {
    const bool plainToBlocked = fromLayout == Layout::Plain && toLayout == Layout::Blocked16;
    const bool blockedToPlain = fromLayout == Layout::Blocked16 && toLayout == Layout::Plain;
    const bool plainToLast = fromLayout == Layout::Plain && toLayout == Layout::ChannelsLast;
    const bool lastToPlain = fromLayout == Layout::ChannelsLast && toLayout == Layout::Plain;
    if (plainToLast || lastToPlain) {
        const int64_t image = a.channels * a.pixels;
        parallelFor(a.images, std::max<int64_t>(1, 32768 / image), [&](int64_t begin, int64_t end) {
            for (int64_t n = begin; n < end; ++n) {
                if (plainToLast)
                    transpose(from + n * image, a.pixels, a.channels, a.pixels, to + n * image, a.channels, a.channels);
                else
                    transpose(from + n * image, a.channels, a.pixels, a.channels, to + n * image, a.pixels, a.pixels);
            }
        });
        return true;
    }
    if (!plainToBlocked && !blockedToPlain) return false;
    const int64_t blocks = (a.channels + 15) / 16;
    parallelFor(a.images * blocks, std::max<int64_t>(1, 2048 / a.pixels), [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; ++unit) {
            const int64_t first = unit % blocks * 16, present = std::min<int64_t>(16, a.channels - first);
            const int64_t plain = (unit / blocks * a.channels + first) * a.pixels, blocked = unit * a.pixels * 16;
            if (plainToBlocked)
                transpose(from + plain, a.pixels, present, a.pixels, to + blocked, 16, 16);
            else
                unblock(from + blocked, a.pixels, present, to + plain);
        }
    });
    return true;
}

} // namespace

void relayout(const void* from, Layout fromLayout, void* to, Layout toLayout, const Shape& shape, DType dtype) {
    const size_t size = dtypeSize(dtype);
    if (fromLayout == toLayout) {
        std::memcpy(to, from, size_t(layoutElements(fromLayout, shape)) * size);
        return;
    }
    check(shape.rank() == 4, "only activations of rank 4 change their layout");
    const Activation a{shape[0], shape[1], shape[2] * shape[3]};
    if (a.images * a.channels * a.pixels == 0) return;
    const auto move = [&]<class Word>() { moveGeneric(a, static_cast<const Word*>(from), fromLayout, static_cast<Word*>(to), toLayout); };
    switch (size) {
    case 1: return move.template operator()<uint8_t>();
    case 2: return move.template operator()<uint16_t>();
    case 8: return move.template operator()<uint64_t>();
    default: break;
    }
    if (!moveFast(a, static_cast<const uint32_t*>(from), fromLayout, static_cast<uint32_t*>(to), toLayout))
        move.template operator()<uint32_t>();
}

} // namespace strata::cpu
