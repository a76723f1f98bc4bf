// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

namespace {

Tensor forward(const LayerContext& context, const std::vector<Tensor>& inputs) {
    BatchNormParams params;
    params.eps = realOf(context.params, "eps");
    params.momentum = realOf(context.params, "momentum");
    params.training = context.training;
    params.relu = context.fuseRelu;
    const bool affine = booleanOf(context.params, "affine");
    const size_t running = affine ? 2 : 0;
    return strata::batchNorm(inputs[0], affine ? context.weights[0] : Tensor(), affine ? context.weights[1] : Tensor(),
                             context.weights[running], context.weights[running + 1], params, context.residual);
}

} // namespace

const LayerDef batchNorm = {
    .spec = {"batch_norm",
             "BatchNorm2d",
             "Normalisation",
             "Normalises each channel over the batch to mean 0 and deviation 1, then scales and shifts it; uses running averages outside "
             "training.",
             "batch_norm",
             {realParam("eps", "Epsilon", 1e-5, 1e-12, 1, "Added to the variance."),
              realParam("momentum", "Momentum", 0.1, 0, 1, "Weight of the newest batch in the running averages."),
              booleanParam("affine", "Affine", true, "Learns a scale and a shift for each channel.")}},
    .role = Role::Normalisation,
    .infer = [](const ShapeList& inputs, const ParamValues&) -> ShapeOrProblem {
        if (inputs[0].rank() == 3 || inputs[0].rank() == 1) return inputs[0];
        return problem(fmt::format("BatchNorm2d needs a picture or a vector, but its input is {}", inputs[0].text('x')));
    },
    .weights =
        [](const ShapeList& inputs, const ParamValues& params) {
            const Shape channels{inputs[0][0]};
            std::vector<WeightDef> weights;
            if (booleanOf(params, "affine"))
                weights = {{"weight", channels, Initializer::Ones, 1, true}, {"bias", channels, Initializer::Zeros, 1, true}};
            weights.push_back({"running_mean", channels, Initializer::Zeros, 1, false});
            weights.push_back({"running_var", channels, Initializer::Ones, 1, false});
            return weights;
        },
    .flops = [](const ShapeList&, const Shape& output, const ParamValues&) { return 2.0 * double(output.elements()); },
    .forward = forward,
    .canFuseRelu = true,
    .pytorch = {"torch.nn.BatchNorm2d", {}},
    .onnx = {"BatchNormalization", {}},
    .examples = {{"picture", {}, {{3, 4, 5}}},
                 {"vector", {}, {{6}}},
                 {"no affine", {{"affine", false}, {"momentum", 0.4}, {"eps", 1e-3}}, {{2, 3, 3}}}},
};

} // namespace strata::layer
