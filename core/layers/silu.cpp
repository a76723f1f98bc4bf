// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef silu = {
    .spec = {"silu", "SiLU", "Activation", "x times sigmoid(x), also called swish.", "silu", {}},
    .role = Role::Activation,
    .infer = sameShape,
    .flops = onePerElement,
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return strata::silu(inputs[0]); },
    .pytorch = {"torch.nn.SiLU", {}},
    .onnx = {{}, "SiLU is written as Sigmoid and Mul"},
    .examples = {{"picture", {}, {{3, 4, 5}}}, {"vector", {}, {{6}}}},
};

} // namespace strata::layer
