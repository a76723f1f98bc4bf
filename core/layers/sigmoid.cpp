// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef sigmoid = {
    .spec = {"sigmoid", "Sigmoid", "Activation", "1 / (1 + exp(-x)): squeezes into (0, 1).", "sigmoid", {}},
    .role = Role::Activation,
    .infer = sameShape,
    .flops = onePerElement,
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return strata::sigmoid(inputs[0]); },
    .pytorch = {"torch.nn.Sigmoid", {}},
    .onnx = {"Sigmoid", {}},
    .examples = {{"picture", {}, {{3, 4, 5}}}, {"vector", {}, {{6}}}},
};

} // namespace strata::layer
