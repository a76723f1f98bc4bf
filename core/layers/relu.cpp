// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef relu = {
    .spec = {"relu", "ReLU", "Activation", "max(0, x): lets positive values pass.", "relu", {}},
    .role = Role::Activation,
    .infer = sameShape,
    .flops = onePerElement,
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return strata::relu(inputs[0]); },
    .isRelu = true,
    .pytorch = {"torch.nn.ReLU", {}},
    .onnx = {"Relu", {}},
    .examples = {{"picture", {}, {{3, 4, 5}}}, {"vector", {}, {{6}}}},
};

} // namespace strata::layer
