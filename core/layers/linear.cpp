// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef linear = {
    .spec = {"linear",
             "Linear",
             "Linear",
             "Every output is a weighted sum of all inputs plus a bias: y = x W^T + b.",
             "linear",
             {integerParam("out_features", "Out features", nullptr, 1, 1 << 24, "Length of the output."),
              booleanParam("bias", "Bias", true, "Adds a learned constant to each output.")}},
    .role = Role::Linear,
    .infer = [](const ShapeList& inputs, const ParamValues& params) -> ShapeOrProblem {
        if (inputs[0].rank() != 1)
            return problem(fmt::format("Linear needs a vector, but its input is {}; put a Flatten before it", inputs[0].text('x')));
        return Shape{integerOf(params, "out_features")};
    },
    .weights =
        [](const ShapeList& inputs, const ParamValues& params) {
            const int64_t in = inputs[0][0], out = integerOf(params, "out_features");
            std::vector<WeightDef> weights{{"weight", {out, in}, Initializer::UniformFanIn, in, true}};
            if (booleanOf(params, "bias")) weights.push_back({"bias", {out}, Initializer::UniformFanIn, in, true});
            return weights;
        },
    .flops = [](const ShapeList& inputs, const Shape& output, const ParamValues&) { return double(inputs[0][0]) * double(output[0]); },
    .forward =
        [](const LayerContext& context, const std::vector<Tensor>& inputs) {
            return strata::linear(inputs[0], context.weights[0], context.weights.size() > 1 ? context.weights[1] : Tensor());
        },
    .pytorch = {"torch.nn.Linear", {}},
    .onnx = {"Gemm", {}},
    .examples = {{"with bias", {{"out_features", 5}}, {{7}}}, {"without bias", {{"out_features", 3}, {"bias", false}}, {{4}}}},
};

} // namespace strata::layer
