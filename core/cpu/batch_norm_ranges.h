// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/parallel.h"
#include "core/cpu/nn_simd.h"
#include "core/tensor/storage.h"

#include <algorithm>

namespace strata::cpu {

const BatchNormKernels& batchNormKernels();

/// Activations larger than this are written past the cache.
constexpr int64_t kStreamedBytes = int64_t(24) << 20;

/// A part of the elements of one channel group, and where it starts.
struct RangePiece {
    int64_t offset = 0;
    LaneRange range;
};

/// Cuts an activation into channel groups (16 or 8 channels of a blocked layout, 16 of channels-last, one of a plain one) and
/// each group into pieces of about 64 KB. The cut depends on shape and layout only, so that sums repeat bit for bit.
class ChannelRanges {
public:
    ChannelRanges(Layout layout, const Shape& shape); ///< [N, C, H, W], or plain [N, C]

    int64_t groups() const { return groups_; }
    int64_t bytes() const { return bytes_; }
    /// Channels of a group.
    int64_t channelsIn(int64_t group) const { return plain_ ? 1 : std::min(block_, channels_ - group * block_); }
    /// Channel that a lane belongs to, or -1.
    int64_t channelOf(int64_t group, int64_t lane) const {
        if (plain_) return group;
        return lane < channelsIn(group) ? group * block_ + lane : -1;
    }
    /// As many groups as keep `arrays` activations in the last-level cache; at least 1.
    int64_t groupsInCache(int64_t arrays) const;

    /// Runs body(group, index of the piece, piece) for the pieces of groups [first, last), in parallel.
    template <class Body> void forEachPiece(int64_t first, int64_t last, Body&& body) const {
        parallelFor((last - first) * pieces_, grain_, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                const int64_t group = first + i / pieces_, index = i % pieces_;
                const RangePiece part = piece(group, index);
                if (part.range.lanes > 0) body(group, index, part);
            }
        });
    }

    /// Two results of up to 16 lanes for each piece.
    size_t momentBytes() const { return size_t(groups_ * pieces_ * 2 * kMaxLanes) * sizeof(float); }
    float* momentsOf(float* moments, int64_t group, int64_t index) const { return moments + (group * pieces_ + index) * 2 * kMaxLanes; }
    /// Calls body(number of elements, first, second) for the results of channel i of a group; `pieces` is its first piece's.
    template <class Body> void forEachMoment(int64_t i, const float* pieces, Body&& body) const {
        for (int64_t index = 0; index < pieces_; ++index) {
            const LaneRange range = piece(0, index).range;
            const double count = double(range.outer * range.inner);
            const float* const values = pieces + index * 2 * kMaxLanes;
            if (!plain_)
                body(count, values[i], values[kMaxLanes + i]);
            else
                for (int64_t lane = 0; lane < range.lanes; ++lane) body(count, values[lane], values[kMaxLanes + lane]);
        }
    }

private:
    RangePiece piece(int64_t group, int64_t index) const;

    bool plain_ = false;
    int64_t channels_ = 0, block_ = 1, groups_ = 1, images_ = 1, rows_ = 1;
    int64_t imageStride_ = 0, groupStride_ = 0, rowStride_ = 1;
    int64_t tail_ = 0; ///< plain: elements of a plane beyond the last 16
    int64_t imagesPerPiece_ = 1, rowsPerPiece_ = 1, imagePieces_ = 1, rowPieces_ = 1, tailPieces_ = 0, pieces_ = 1, grain_ = 1, bytes_ = 0;
};

} // namespace strata::cpu
