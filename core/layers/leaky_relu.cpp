// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef leakyRelu = {
    .spec = {"leaky_relu",
             "LeakyReLU",
             "Activation",
             "x where positive, a small slope times x elsewhere.",
             "leaky_relu",
             {realParam("negative_slope", "Negative slope", 0.01, 0, 1, "Slope for negative values.")}},
    .role = Role::Activation,
    .infer = sameShape,
    .flops = onePerElement,
    .forward = [](const LayerContext& context,
                  const std::vector<Tensor>& inputs) { return strata::leakyRelu(inputs[0], realOf(context.params, "negative_slope")); },
    .pytorch = {"torch.nn.LeakyReLU", {}},
    .onnx = {"LeakyRelu", {}},
    .examples = {{"picture", {}, {{3, 4, 5}}}, {"steep", {{"negative_slope", 0.3}}, {{6}}}},
};

} // namespace strata::layer
