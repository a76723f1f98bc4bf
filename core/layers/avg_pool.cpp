// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

namespace {

PoolParams poolParams(const ParamValues& params) {
    PoolParams pool;
    pool.kernel = pairOf(params, "kernel_size");
    pool.stride = pairOf(params, "stride");
    for (size_t i = 0; i < 2; ++i)
        if (pool.stride[i] == 0) pool.stride[i] = pool.kernel[i];
    pool.padding = pairOf(params, "padding");
    return pool;
}

ShapeOrProblem infer(const ShapeList& inputs, const ParamValues& params) {
    if (auto wrong = needPicture("AvgPool2d", inputs[0])) return *wrong;
    const PoolParams pool = poolParams(params);
    Shape output = inputs[0];
    for (int d = 0; d < 2; ++d) {
        const size_t i = size_t(d);
        if (pool.padding[i] * 2 > pool.kernel[i])
            return Problem{fmt::format("AvgPool2d: padding {} is more than half the kernel {}", pool.padding[i], pool.kernel[i]), "Set padding to 0", "padding", 0};
        const int64_t span = inputs[0][1 + d] + 2 * pool.padding[i] - pool.kernel[i];
        if (span < 0) {
            const int64_t fits = std::max<int64_t>(1, std::min(inputs[0][1], inputs[0][2]));
            return Problem{fmt::format("AvgPool2d: the {}x{} window is larger than the input {}", pool.kernel[0], pool.kernel[1], inputs[0].text('x')),
                           fmt::format("Set kernel size to {}", fits), "kernel_size", fits};
        }
        output[1 + d] = span / pool.stride[i] + 1;
    }
    return output;
}

} // namespace

const LayerDef avgPool = {
    .spec = {"avg_pool", "AvgPool2d", "Pooling", "Averages each window.", "avg_pool",
             {pairParam("kernel_size", "Kernel size", 2, 1, 255, "Height and width of the window."),
              pairParam("stride", "Stride", 0, 0, 255, "Step between windows; 0: the kernel size."),
              pairParam("padding", "Padding", 0, 0, 127, "Zeros beyond each edge, counted in the average.")}},
    .role = Role::Pooling,
    .infer = infer,
    .flops = [](const ShapeList&, const Shape& output, const ParamValues& params) {
        const PoolParams pool = poolParams(params);
        return double(output.elements()) * double(pool.kernel[0] * pool.kernel[1]);
    },
    .forward = [](const LayerContext& context, const std::vector<Tensor>& inputs) { return strata::avgPool2d(inputs[0], poolParams(context.params)); },
    .pytorch = {"torch.nn.AvgPool2d", {}},
    .onnx = {"AveragePool", {}},
    .examples = {{"2x2", {}, {{3, 4, 6}}}, {"overlapping, padded", {{"kernel_size", 3}, {"stride", 2}, {"padding", 1}}, {{2, 7, 7}}}, {"uneven", {{"kernel_size", {3, 2}}}, {{2, 7, 5}}}},
};

} // namespace strata::layer
