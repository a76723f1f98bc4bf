// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef tanh = {
    .spec = {"tanh", "Tanh", "Activation", "Hyperbolic tangent: squeezes into (-1, 1).", "tanh", {}},
    .role = Role::Activation,
    .infer = sameShape,
    .flops = onePerElement,
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return strata::tanh(inputs[0]); },
    .pytorch = {"torch.nn.Tanh", {}},
    .onnx = {"Tanh", {}},
    .examples = {{"picture", {}, {{3, 4, 5}}}, {"vector", {}, {{6}}}},
};

} // namespace strata::layer
