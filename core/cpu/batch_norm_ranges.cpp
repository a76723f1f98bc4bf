// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/batch_norm_ranges.h"

#include "core/cpu/simd.h"

namespace strata::cpu {
namespace {

constexpr int64_t kPieceBytes = 64 << 10;          ///< fits the second-level cache, where a piece is read twice
constexpr int64_t kCacheBytes = int64_t(12) << 20; ///< of the last level that one call may count on

int64_t partsOf(int64_t count, int64_t size) { return (count + size - 1) / size; }

} // namespace

const BatchNormKernels& batchNormKernels() { return pickIsa(baseline::batchNormKernels, avx2::batchNormKernels, avx512::batchNormKernels); }

ChannelRanges::ChannelRanges(Layout layout, const Shape& shape) {
    channels_ = shape[1];
    images_ = shape[0];
    const int64_t area = shape.rank() == 4 ? shape[2] * shape[3] : 1;
    bytes_ = layoutElements(layout, shape) * int64_t(sizeof(float));
    rows_ = area;
    if (layout == Layout::Blocked16 || layout == Layout::Blocked8) {
        block_ = rowStride_ = layout == Layout::Blocked16 ? 16 : 8;
        groupStride_ = area * block_;
        imageStride_ = partsOf(channels_, block_) * groupStride_;
    } else if (layout == Layout::ChannelsLast || area == 1) {
        block_ = groupStride_ = kMaxLanes;
        rowStride_ = channels_;
        rows_ = images_ * area;
        images_ = 1;
    } else {
        plain_ = true;
        groupStride_ = area;
        imageStride_ = channels_ * area;
        rowStride_ = kMaxLanes;
        rows_ = area / kMaxLanes;
        tail_ = area % kMaxLanes;
    }
    groups_ = partsOf(channels_, block_);
    const int64_t rowBytes = (plain_ ? kMaxLanes : block_) * int64_t(sizeof(float));
    rowsPerPiece_ = std::clamp<int64_t>(kPieceBytes / rowBytes, 1, std::max<int64_t>(1, rows_));
    rowPieces_ = partsOf(rows_, rowsPerPiece_);
    imagesPerPiece_ = rowPieces_ > 1 ? 1 : std::clamp<int64_t>(kPieceBytes / std::max<int64_t>(1, rows_ * rowBytes), 1, images_);
    imagePieces_ = partsOf(images_, imagesPerPiece_);
    tailPieces_ = tail_ > 0 ? imagePieces_ : 0;
    pieces_ = imagePieces_ * rowPieces_ + tailPieces_;
    const int64_t pieceBytes = std::max<int64_t>(1, std::min(kPieceBytes, imagesPerPiece_ * rowsPerPiece_ * rowBytes));
    grain_ = std::max<int64_t>(1, kPieceBytes / 2 / pieceBytes);
}

int64_t ChannelRanges::groupsInCache(int64_t arrays) const {
    const int64_t groupBytes = std::max<int64_t>(1, bytes_ / groups_) * arrays;
    return std::clamp<int64_t>(kCacheBytes / groupBytes, 1, groups_);
}

RangePiece ChannelRanges::piece(int64_t group, int64_t index) const {
    const bool isTail = index >= imagePieces_ * rowPieces_;
    const int64_t image = (isTail ? index - imagePieces_ * rowPieces_ : index / rowPieces_) * imagesPerPiece_;
    const int64_t row = isTail ? rows_ : index % rowPieces_ * rowsPerPiece_;
    RangePiece result;
    result.offset = image * imageStride_ + group * groupStride_ + row * rowStride_;
    result.range.outer = std::min(imagesPerPiece_, images_ - image);
    result.range.outerStride = imageStride_;
    result.range.inner = isTail ? 1 : std::min(rowsPerPiece_, rows_ - row);
    result.range.innerStride = rowStride_;
    result.range.lanes = isTail ? tail_ : plain_ ? kMaxLanes : std::min(block_, rowStride_ == block_ ? block_ : channelsIn(group));
    return result;
}

} // namespace strata::cpu
