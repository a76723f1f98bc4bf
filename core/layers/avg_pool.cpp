// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef avgPool = {
    .spec = {"avg_pool",
             "AvgPool2d",
             "Pooling",
             "Averages each window.",
             "avg_pool",
             {pairParam("kernel_size", "Kernel size", 2, 1, 255, "Height and width of the window."),
              pairParam("stride", "Stride", 0, 0, 255, "Step between windows; 0: the kernel size."),
              pairParam("padding", "Padding", 0, 0, 127, "Zeros beyond each edge, counted in the average.")}},
    .role = Role::Pooling,
    .infer = [](const ShapeList& inputs, const ParamValues& params) { return inferPool("AvgPool2d", inputs, params); },
    .flops = poolFlops,
    .forward = [](const LayerContext& context,
                  const std::vector<Tensor>& inputs) { return strata::avgPool2d(inputs[0], poolParams(context.params)); },
    .pytorch = {"torch.nn.AvgPool2d", {}},
    .onnx = {"AveragePool", {}},
    .examples = {{"2x2", {}, {{3, 4, 6}}},
                 {"overlapping, padded", {{"kernel_size", 3}, {"stride", 2}, {"padding", 1}}, {{2, 7, 7}}},
                 {"uneven", {{"kernel_size", {3, 2}}}, {{2, 7, 5}}}},
};

} // namespace strata::layer
