// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef dropout = {
    .spec = {"dropout",
             "Dropout",
             "Dropout",
             "In training sets each value to zero with probability p and scales the rest by 1 / (1 - p); otherwise does nothing.",
             "dropout",
             {realParam("p", "Probability", 0.5, 0, 0.999, "Share of values set to zero.")}},
    .role = Role::Dropout,
    .infer = sameShape,
    .flops = onePerElement,
    .forward =
        [](const LayerContext& context, const std::vector<Tensor>& inputs) {
            if (!context.training) return inputs[0];
            return strata::dropout(inputs[0], realOf(context.params, "p"), {context.seed, context.step, context.key});
        },
    .pytorch = {"torch.nn.Dropout", {}},
    .onnx = {"Dropout", {}},
    .examples = {{"vector", {}, {{12}}}, {"picture", {{"p", 0.2}}, {{3, 4, 5}}}},
};

} // namespace strata::layer
