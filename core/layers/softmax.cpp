// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef softmax = {
    .spec = {"softmax",
             "Softmax",
             "Activation",
             "Turns scores into probabilities that add to 1, over the features or channels. Cross-entropy already contains it.",
             "softmax",
             {}},
    .role = Role::Activation,
    .infer = sameShape,
    .flops = [](const ShapeList&, const Shape& output, const ParamValues&) { return 3.0 * double(output.elements()); },
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return strata::softmax(inputs[0], 1); },
    .pytorch = {"torch.nn.Softmax", {}},
    .onnx = {"Softmax", {}},
    .examples = {{"vector", {}, {{6}}}, {"picture", {}, {{3, 2, 2}}}},
};

} // namespace strata::layer
