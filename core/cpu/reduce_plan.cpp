// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/reduce_plan.h"

#include <cstdlib>

namespace strata::cpu {
namespace {

using Dimension = ReducePlan::Dimension;

int64_t offsetOf(const std::array<Dimension, kMaxRank>& dims, int rank, int64_t i, bool output) {
    int64_t offset = 0;
    for (int d = rank - 1; d >= 0; --d) {
        const Dimension& dim = dims[size_t(d)];
        offset += i % dim.size * (output ? dim.outputStride : dim.inputStride);
        i /= dim.size;
    }
    return offset;
}

/// Appends a dimension, or merges it with the one before where strides run on.
void append(std::array<Dimension, kMaxRank>& dims, int& rank, const Dimension& next) {
    if (rank > 0) {
        Dimension& last = dims[size_t(rank - 1)];
        if (last.inputStride == next.inputStride * next.size && last.outputStride == next.outputStride * next.size) {
            last = {last.size * next.size, next.inputStride, next.outputStride};
            return;
        }
    }
    dims[size_t(rank++)] = next;
}

} // namespace

int64_t ReducePlan::inputOffset(int64_t i) const { return offsetOf(outer, outerRank, i, false); }
int64_t ReducePlan::outputOffset(int64_t i) const { return offsetOf(outer, outerRank, i, true); }

ReducePlan::Cursor ReducePlan::cursor(int64_t index) const {
    const int64_t length = std::max<int64_t>(1, rowLength);
    return {index, index / length, offsetOf(outerReduced, outerReducedRank, index / length, false), index % length};
}

void ReducePlan::advance(Cursor& cursor, int64_t length) const {
    cursor.index += length;
    cursor.column += length;
    if (cursor.column < rowLength) return;
    cursor.column = 0;
    cursor.offset = offsetOf(outerReduced, outerReducedRank, ++cursor.row, false);
}

ReducePlan makeReducePlan(uint32_t dims, const TensorView& in, const TensorView& out) {
    check(in.layout == Layout::Plain && out.layout == Layout::Plain, "reductions take plain operands");
    ReducePlan plan;
    const auto inSize = int64_t(dtypeSize(in.dtype)), outSize = int64_t(dtypeSize(out.dtype));
    for (int d = 0; d < in.shape.rank(); ++d) {
        if (dims >> d & 1u) {
            plan.reduced *= in.shape[d];
            if (in.shape[d] != 1) append(plan.outerReduced, plan.outerReducedRank, {in.shape[d], in.strides[d] * inSize, 0});
        } else {
            plan.outputs *= in.shape[d];
            if (in.shape[d] != 1) append(plan.outer, plan.outerRank, {in.shape[d], in.strides[d] * inSize, out.strides[d] * outSize});
        }
    }
    if (plan.outerReducedRank > 0) {
        const Dimension row = plan.outerReduced[size_t(--plan.outerReducedRank)];
        plan.rowLength = row.size;
        plan.rowStride = row.inputStride;
    }
    if (plan.outerRank > 0) {
        const Dimension& tile = plan.outer[size_t(plan.outerRank - 1)];
        plan.innerReduced =
            plan.outerReducedRank + (plan.rowStride != 0 ? 1 : 0) > 0 && std::abs(plan.rowStride) < std::abs(tile.inputStride);
        if (!plan.innerReduced) {
            --plan.outerRank;
            plan.tileLength = tile.size;
            plan.tileStride = tile.inputStride;
            plan.outputTileStride = tile.outputStride;
        }
    }
    plan.outerOutputs = plan.tileLength ? plan.outputs / plan.tileLength : 0;
    return plan;
}

} // namespace strata::cpu
