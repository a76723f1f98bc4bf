// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef flatten = {
    .spec = {"flatten", "Flatten", "Shape", "Lays a picture out as one vector, channel by channel.", "flatten", {}},
    .role = Role::Shape,
    .infer = [](const ShapeList& inputs, const ParamValues&) -> ShapeOrProblem { return Shape{inputs[0].elements()}; },
    .flops = noFlops,
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return inputs[0].flatten(1); },
    .pytorch = {"torch.nn.Flatten", {}},
    .onnx = {"Flatten", {}},
    .examples = {{"picture", {}, {{3, 4, 5}}}, {"vector", {}, {{6}}}},
};

} // namespace strata::layer
