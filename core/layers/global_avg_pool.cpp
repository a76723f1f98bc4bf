// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef globalAvgPool = {
    .spec = {"global_avg_pool",
             "GlobalAvgPool2d",
             "Pooling",
             "Averages each channel over the whole picture; the result is a vector with one value a channel.",
             "global_avg_pool",
             {}},
    .role = Role::Pooling,
    .infer = [](const ShapeList& inputs, const ParamValues&) -> ShapeOrProblem {
        if (auto wrong = needPicture("GlobalAvgPool2d", inputs[0])) return *wrong;
        return Shape{inputs[0][0]};
    },
    .flops = [](const ShapeList& inputs, const Shape&, const ParamValues&) { return double(inputs[0].elements()); },
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return strata::globalAvgPool2d(inputs[0]).flatten(1); },
    .pytorch = {"torch.nn.AdaptiveAvgPool2d", {}},
    .onnx = {"GlobalAveragePool", {}},
    .examples = {{"picture", {}, {{3, 4, 5}}}},
};

} // namespace strata::layer
