// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/strided.h"

namespace strata::cpu {

/// out[c * outStride + r] = in[r * inStride + c] for `rows` x `columns` words of 4 bytes, in tiles of 16 x 16; rows from `rows`
/// up to `paddedRows` are written as zero.
void transpose(const uint32_t* in, int64_t inStride, int64_t rows, int64_t columns, uint32_t* out, int64_t outStride, int64_t paddedRows);

/// Copies 4-byte elements whose densest dimension differs between input (operand 1) and output (operand 0) tile by tile;
/// false, with nothing done, for other loops.
bool copyTransposed(const StridedLoop<2>& loop);

} // namespace strata::cpu
