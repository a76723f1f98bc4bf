// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.h"
#include "core/cpu/onednn_state.h"
#include "core/cpu/reference.h"

#include <algorithm>

namespace strata::cpu {
namespace {

struct Matrices {
    const float* data;
    std::array<int64_t, 3> strides; ///< batch, row, column
};

/// Strides of dimensions of size 1 mean nothing; oneDNN wants them plausible.
std::array<int64_t, 3> tidyStrides(const TensorView& view) {
    std::array<int64_t, 3> strides{view.strides[0], view.strides[1], view.strides[2]};
    const int64_t rows = view.shape[1], columns = view.shape[2];
    if (columns == 1 && rows == 1)
        strides[1] = strides[2] = 1;
    else if (columns == 1)
        strides[2] = strides[1] == 1 ? rows : 1;
    else if (rows == 1)
        strides[1] = strides[2] == 1 ? columns : 1;
    return strides;
}

/// What gemm takes as it is: one of the two inner strides is 1 and the other spans it.
bool gemmStrides(const std::array<int64_t, 3>& strides, int64_t rows, int64_t columns) {
    return (strides[2] == 1 && strides[1] >= columns) || (strides[1] == 1 && strides[2] >= rows);
}

/// Row-major copy of the view in `to`; a repeated batch is copied once.
Matrices compact(const TensorView& view, char* to) {
    float* target = reinterpret_cast<float*>(to);
    const int64_t rows = view.shape[1], columns = view.shape[2];
    const int64_t batch = view.strides[0] == 0 ? 1 : view.shape[0];
    const float* source = view.as<const float>();
    parallelFor(batch * rows, std::max<int64_t>(1, 16384 / std::max<int64_t>(1, columns)), [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const float* from = source + (row / rows) * view.strides[0] + (row % rows) * view.strides[1];
            for (int64_t column = 0; column < columns; ++column) target[row * columns + column] = from[column * view.strides[2]];
        }
    });
    return {target, {view.strides[0] == 0 ? 0 : rows * columns, columns, 1}};
}

size_t compactBytes(const TensorView& view) {
    const size_t bytes = size_t(view.elements()) * sizeof(float);
    return (bytes + 63) & ~size_t(63);
}

void multiply(CpuContext& context, const MatmulProblem& problem, const float* a, const float* b, const float* bias, float* out) {
    NnState& nn = *context.nn;
    auto& primitive = nn.matmuls[problem];
    if (!primitive) primitive = std::make_unique<MatmulPrimitive>(nn.engine, problem);
    char* workspace = nn.workspace.reserve(context.allocator, primitive->workspaceBytes());
    primitive->run(nn.stream, a, b, bias, out, workspace);
}

/// One product with batch * m rows, if both sides still have strides that gemm takes. A single column's stride means nothing.
void mergeBatch(MatmulProblem& problem, std::array<int64_t, 3>& left) {
    const int64_t rows = problem.m * problem.batch;
    std::array<int64_t, 3> a = left, out = problem.out;
    if (problem.k == 1 && a[1] == 1) a[2] = rows;
    if (problem.n == 1 && out[1] == 1) out[2] = rows;
    if (!gemmStrides(a, rows, problem.k) || !gemmStrides(out, rows, problem.n)) return;
    left = a;
    problem.out = out;
    problem.m = rows;
    problem.batch = 1;
}

void matmulFloat(CpuContext& context, const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out) {
    MatmulProblem problem;
    problem.threads = computeThreads();
    problem.batch = out.shape[0];
    problem.m = out.shape[1];
    problem.n = out.shape[2];
    problem.k = a.shape[2];
    problem.bias = bias ? 1 : 0;
    Matrices left{a.as<const float>(), tidyStrides(a)}, right{b.as<const float>(), tidyStrides(b)};
    const bool copyLeft = !gemmStrides(left.strides, problem.m, problem.k), copyRight = !gemmStrides(right.strides, problem.k, problem.n);
    const size_t used = (copyLeft ? compactBytes(a) : 0) + (copyRight ? compactBytes(b) : 0);
    const Scratch copies(context.allocator, used);
    if (copyLeft) left = compact(a, copies.as<char>());
    if (copyRight) right = compact(b, copies.as<char>() + (copyLeft ? compactBytes(a) : 0));
    problem.out = tidyStrides(out);
    if (problem.batch > 1 && right.strides[0] == 0 && left.strides[0] == problem.m * left.strides[1] &&
        problem.out[0] == problem.m * problem.out[1])
        mergeBatch(problem, left.strides);
    const bool oneCall = problem.batch == 1 || (left.strides[0] != 0 && right.strides[0] != 0);
    const int64_t calls = oneCall ? 1 : problem.batch;
    if (!oneCall) problem.batch = 1;
    const std::array<int64_t, 3> steps{left.strides[0], right.strides[0], problem.out[0]};
    problem.a = left.strides;
    problem.b = right.strides;
    if (problem.batch == 1) problem.a[0] = problem.b[0] = problem.out[0] = 0;
    for (int64_t i = 0; i < calls; ++i)
        multiply(context, problem, left.data + i * steps[0], right.data + i * steps[1], bias.as<const float>(),
                 out.as<float>() + i * steps[2]);
}

} // namespace

bool matmul(CpuContext& context, const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out) {
    if (a.dtype == DType::F64) return reference::matmul<double>(a, b, bias, out), true;
    if (a.dtype != DType::F32) return false;
    const bool odd = out.elements() == 0 || a.shape[2] == 0 || !gemmStrides(tidyStrides(out), out.shape[1], out.shape[2]) ||
                     (bias && bias.shape.back() > 1 && bias.strides[bias.shape.rank() - 1] != 1);
    if (odd) return reference::matmul<float>(a, b, bias, out), true;
    guarded("matrix product", [&] { matmulFloat(context, a, b, bias, out); });
    return true;
}

} // namespace strata::cpu
