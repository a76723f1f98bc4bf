// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef concat = {
    .spec = {"concat", "Concat", "Combine", "Joins its inputs along the channels (or features).", "concat", {}},
    .role = Role::Concat,
    .minInputs = 2,
    .maxInputs = 16,
    .infer = [](const ShapeList& inputs, const ParamValues&) -> ShapeOrProblem {
        Shape output = inputs[0];
        for (size_t i = 1; i < inputs.size(); ++i) {
            const bool fits =
                inputs[i].rank() == output.rank() && (output.rank() == 1 || (inputs[i][1] == output[1] && inputs[i][2] == output[2]));
            if (!fits)
                return problem(
                    fmt::format("{} cannot be joined to {}: height and width must be equal", inputs[i].text('x'), inputs[0].text('x')));
            output[0] += inputs[i][0];
        }
        return output;
    },
    .flops = noFlops,
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return cat(inputs, 1); },
    .pytorch = {"torch.cat", {}},
    .onnx = {"Concat", {}},
    .examples = {{"two pictures", {}, {{3, 4, 5}, {2, 4, 5}}}, {"three vectors", {}, {{6}, {2}, {3}}}},
};

} // namespace strata::layer
