// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/rows.h"

namespace strata::cpu {

/// Loops of a reduction, strides in bytes. Kept dimensions: `outer` times, if the input's densest dimension is kept, a run of
/// `tileLength` outputs that are summed side by side (else 1). Reduced cells: rows of `rowLength`, `rowStride` apart, inside
/// the other reduced dimensions.
struct ReducePlan {
    bool innerReduced = true;
    int64_t outputs = 1, outerOutputs = 1, reduced = 1;
    int64_t tileLength = 1, tileStride = 0, outputTileStride = 0;
    int64_t rowLength = 1, rowStride = 0;

    struct Dimension {
        int64_t size, inputStride, outputStride;
    };
    std::array<Dimension, kMaxRank> outer{};        ///< kept, without the tile
    std::array<Dimension, kMaxRank> outerReduced{}; ///< reduced, without the row
    int outerRank = 0, outerReducedRank = 0;

    /// Where the outer output `i` (row-major over `outer`) starts.
    int64_t inputOffset(int64_t i) const;
    int64_t outputOffset(int64_t i) const;

    /// A reduced cell: its number, the start of its row and its column in it.
    struct Cursor {
        int64_t index, row, offset, column;
    };
    Cursor cursor(int64_t index) const;
    /// Moves on by `length` cells, at most to the end of the row.
    void advance(Cursor& cursor, int64_t length) const;
};

/// Bit d of `dims` marks dimension d as reduced; out has size 1 there.
ReducePlan makeReducePlan(uint32_t dims, const TensorView& in, const TensorView& out);

} // namespace strata::cpu
