// SPDX-License-Identifier: Apache-2.0
// What the layers with a pooling window share.
#include "core/layers/internal.h"

namespace strata::detail {

PoolParams poolParams(const ParamValues& params) {
    PoolParams pool;
    pool.kernel = pairOf(params, "kernel_size");
    pool.stride = pairOf(params, "stride");
    for (size_t i = 0; i < 2; ++i)
        if (pool.stride[i] == 0) pool.stride[i] = pool.kernel[i];
    pool.padding = pairOf(params, "padding");
    return pool;
}

ShapeOrProblem inferPool(const char* title, const ShapeList& inputs, const ParamValues& params) {
    if (auto wrong = needPicture(title, inputs[0])) return *wrong;
    const PoolParams pool = poolParams(params);
    Shape output = inputs[0];
    for (int d = 0; d < 2; ++d) {
        const size_t i = size_t(d);
        if (pool.padding[i] * 2 > pool.kernel[i])
            return Problem{fmt::format("{}: padding {} is more than half the kernel {}", title, pool.padding[i], pool.kernel[i]),
                           "Set padding to 0", "padding", 0};
        const int64_t span = inputs[0][1 + d] + 2 * pool.padding[i] - pool.kernel[i];
        if (span < 0) {
            const int64_t fits = std::max<int64_t>(1, std::min(inputs[0][1], inputs[0][2]));
            return Problem{
                fmt::format("{}: the {}x{} window is larger than the input {}", title, pool.kernel[0], pool.kernel[1], inputs[0].text('x')),
                fmt::format("Set kernel size to {}", fits), "kernel_size", fits};
        }
        output[1 + d] = span / pool.stride[i] + 1;
    }
    return output;
}

double poolFlops(const ShapeList&, const Shape& output, const ParamValues& params) {
    const PoolParams pool = poolParams(params);
    return double(output.elements()) * double(pool.kernel[0] * pool.kernel[1]);
}

} // namespace strata::detail
