// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef gelu = {
    .spec = {"gelu", "GELU", "Activation", "x times the normal distribution function of x (exact, with erf): a smooth ReLU.", "gelu", {}},
    .role = Role::Activation,
    .infer = sameShape,
    .flops = onePerElement,
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return strata::gelu(inputs[0]); },
    .pytorch = {"torch.nn.GELU", {}},
    .onnx = {{}, "GELU is written as Div, Erf, Add and Mul"},
    .examples = {{"picture", {}, {{3, 4, 5}}}, {"vector", {}, {{6}}}},
};

} // namespace strata::layer
