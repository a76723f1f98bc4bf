// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/reduce_plan.h"

#include "core/cpu/kernels.h"
#include "core/cpu/reduce_ops.h"
#include "core/cpu/simd/reduce.h"

#include <atomic>
#include <vector>

namespace strata::cpu {
namespace {

constexpr int64_t kPieceElements = 1 << 16; ///< what one partial result covers: fixed, so that sums do not depend on threads

/// Folds the reduced cells [begin, end) of the plan for the tile of outputs at (outer, first .. first + width).
template <class Op>
void foldTile(const ReducePlan& plan, const char* base, int64_t begin, int64_t end, int64_t width, typename Op::Accumulator* sums) {
    ReducePlan::Cursor cursor = plan.cursor(begin);
    if (plan.innerReduced) {
        while (cursor.index < end) {
            const int64_t length = std::min(plan.rowLength - cursor.column, end - cursor.index);
            Op::foldRow(sums[0], base + cursor.offset + cursor.column * plan.rowStride, plan.rowStride, length);
            plan.advance(cursor, length);
        }
        return;
    }
    for (; cursor.index < end; plan.advance(cursor, 1)) {
        const char* row = base + cursor.offset + cursor.column * plan.rowStride;
        Op::foldColumns(sums, row, plan.tileStride, width);
    }
}

template <class Op> bool reduceWith(uint32_t dims, const TensorView& in, const OutView& out) {
    using Accumulator = typename Op::Accumulator;
    constexpr int64_t kTile = 256;
    const ReducePlan plan = makeReducePlan(dims, in, out);
    if (plan.outputs == 0) return true;
    const int64_t tile = plan.innerReduced ? 1 : std::min(kTile, plan.tileLength);
    const int64_t tilesInRow = (plan.tileLength + tile - 1) / tile;
    const int64_t tiles = plan.outerOutputs * tilesInRow;
    // Few outputs over much data: the reduced cells are cut into pieces, too.
    const int64_t wanted = tiles >= 64 ? 1 : plan.reduced * tile / kPieceElements;
    const int64_t pieces = std::clamp<int64_t>(wanted, 1, 64);
    const int64_t pieceLength = (plan.reduced + pieces - 1) / pieces;
    static thread_local std::vector<Accumulator> kept;
    std::vector<Accumulator>& partial = kept;
    partial.assign(size_t(tiles * pieces * tile), Op::identity());
    const int64_t work = std::max<int64_t>(1, pieceLength * tile);
    parallelFor(tiles * pieces, std::max<int64_t>(1, kGrain / work), [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; ++unit) {
            const int64_t t = unit / pieces, piece = unit % pieces, first = t % tilesInRow * tile;
            const char* base = in.as<char>() + plan.inputOffset(t / tilesInRow) + first * plan.tileStride;
            foldTile<Op>(plan, base, piece * pieceLength, std::min(plan.reduced, (piece + 1) * pieceLength),
                         std::min(tile, plan.tileLength - first), partial.data() + unit * tile);
        }
    });
    parallelFor(tiles, std::max<int64_t>(1, kGrain / (pieces * tile)), [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t) {
            const int64_t first = t % tilesInRow * tile, width = std::min(tile, plan.tileLength - first);
            char* to = out.as<char>() + plan.outputOffset(t / tilesInRow) + first * plan.outputTileStride;
            const Accumulator* parts = partial.data() + t * pieces * tile;
            for (int64_t i = 0; i < width; ++i) {
                Accumulator result = parts[i];
                for (int64_t piece = 1; piece < pieces; ++piece) result = Op::combine(result, parts[piece * tile + i]);
                at<typename Op::Output>(to, plan.outputTileStride, i) = Op::finish(result, plan.reduced);
            }
        }
    });
    return true;
}

template <class T> bool argReduce(bool greatest, uint32_t dims, const TensorView& in, const OutView& out) {
    const ReducePlan plan = makeReducePlan(dims, in, out);
    const int64_t perRow = plan.innerReduced ? 1 : plan.tileLength;
    parallelFor(plan.outputs, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, plan.reduced)), [&](int64_t begin, int64_t end) {
        for (int64_t o = begin; o < end; ++o) {
            const char* p = in.as<char>() + plan.inputOffset(o / perRow) + o % perRow * plan.tileStride;
            T best{};
            int64_t place = 0;
            for (int64_t i = 0; i < plan.reduced; ++i) {
                const T value = *reinterpret_cast<const T*>(p + i * plan.rowStride);
                const bool better = greatest ? value > best : value < best;
                if (i > 0 && (best != best || !(better || value != value))) continue;
                best = value;
                place = i;
            }
            *reinterpret_cast<int64_t*>(out.as<char>() + plan.outputOffset(o / perRow) + o % perRow * plan.outputTileStride) = place;
        }
    });
    return true;
}

template <class T> bool reduceTyped(ReduceOp op, uint32_t dims, const TensorView& in, const OutView& out) {
    constexpr bool kSums = std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, int64_t>;
    if (op == ReduceOp::ArgMax || op == ReduceOp::ArgMin)
        return out.dtype == DType::I64 && argReduce<T>(op == ReduceOp::ArgMax, dims, in, out);
    if (op == ReduceOp::Any) return out.dtype == DType::Bool && reduceWith<AnyOp<T>>(dims, in, out);
    if (op == ReduceOp::All) return out.dtype == DType::Bool && reduceWith<AllOp<T>>(dims, in, out);
    if (out.dtype != in.dtype) return false;
    if (op == ReduceOp::Max) return reduceWith<MaxOp<T>>(dims, in, out);
    if (op == ReduceOp::Min) return reduceWith<MinOp<T>>(dims, in, out);
    if constexpr (kSums) {
        if (op == ReduceOp::Sum) return reduceWith<SumOp<T, false>>(dims, in, out);
        if (op == ReduceOp::Mean) return reduceWith<SumOp<T, true>>(dims, in, out);
        if (op == ReduceOp::Prod) return reduceWith<ProdOp<T>>(dims, in, out);
    }
    return false;
}

} // namespace

bool reduce(ReduceOp op, uint32_t dims, const TensorView& in, const OutView& out) {
    switch (in.dtype) {
    case DType::F32: return reduceTyped<float>(op, dims, in, out);
    case DType::F64: return reduceTyped<double>(op, dims, in, out);
    case DType::I64: return reduceTyped<int64_t>(op, dims, in, out);
    case DType::I32: return reduceTyped<int32_t>(op, dims, in, out);
    case DType::U8:
    case DType::Bool: return reduceTyped<uint8_t>(op, dims, in, out);
    default: return false;
    }
}

bool countNonFinite(const TensorView& in, const OutView& out) {
    if (out.dtype != DType::I64 || (in.dtype != DType::F32 && in.dtype != DType::F64)) return false;
    const ReduceSimd& simd = reduceSimd();
    std::atomic<int64_t> total{0};
    forEachRow(makeLoop<1>({&in}), kGrain, [&](const auto& p, const auto& s, int64_t count) {
        int64_t found = 0;
        const bool single = in.dtype == DType::F32;
        if (s[0] == int64_t(dtypeSize(in.dtype))) {
            found = single ? simd.countNonFiniteF32(reinterpret_cast<float*>(p[0]), count)
                           : simd.countNonFiniteF64(reinterpret_cast<double*>(p[0]), count);
        } else {
            for (int64_t i = 0; i < count; ++i)
                found += std::isfinite(single ? double(at<float>(p[0], s[0], i)) : at<double>(p[0], s[0], i)) ? 0 : 1;
        }
        total.fetch_add(found, std::memory_order_relaxed);
    });
    *out.as<int64_t>() = total.load();
    return true;
}

} // namespace strata::cpu
