// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef add = {
    .spec = {"add", "Add", "Combine", "Adds its inputs element by element: the end of a skip connection.", "add", {}},
    .role = Role::Add,
    .minInputs = 2,
    .maxInputs = 16,
    .infer = [](const ShapeList& inputs, const ParamValues&) -> ShapeOrProblem {
        for (const Shape& shape : inputs)
            if (!(shape == inputs[0])) return problem(fmt::format("{} does not fit {}", shape.text('x'), inputs[0].text('x')));
        return inputs[0];
    },
    .flops = [](const ShapeList& inputs, const Shape& output,
                const ParamValues&) { return double(inputs.size() - 1) * double(output.elements()); },
    .forward =
        [](const LayerContext&, const std::vector<Tensor>& inputs) {
            Tensor total = inputs[0] + inputs[1];
            for (size_t i = 2; i < inputs.size(); ++i) total = total + inputs[i];
            return total;
        },
    .pytorch = {"torch.add", {}},
    .onnx = {"Add", {}},
    .examples = {{"two pictures", {}, {{3, 4, 5}, {3, 4, 5}}}, {"three vectors", {}, {{6}, {6}, {6}}}},
};

} // namespace strata::layer
