// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

namespace {

int64_t outputSize(int64_t size, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
    const int64_t span = size + 2 * padding - dilation * (kernel - 1) - 1;
    return span < 0 ? 0 : span / stride + 1;
}

ShapeOrProblem infer(const ShapeList& inputs, const ParamValues& params) {
    if (auto wrong = needPicture("Conv2d", inputs[0])) return *wrong;
    const auto kernel = pairOf(params, "kernel_size"), stride = pairOf(params, "stride"), padding = pairOf(params, "padding"),
               dilation = pairOf(params, "dilation");
    const int64_t groups = integerOf(params, "groups"), in = inputs[0][0], out = integerOf(params, "out_channels");
    if (in % groups != 0 || out % groups != 0)
        return Problem{
            fmt::format("Conv2d: {} groups divide neither evenly the {} input channels and the {} output channels", groups, in, out),
            "Set groups to 1", "groups", 1};
    const int64_t height = outputSize(inputs[0][1], kernel[0], stride[0], padding[0], dilation[0]);
    const int64_t width = outputSize(inputs[0][2], kernel[1], stride[1], padding[1], dilation[1]);
    if (height < 1 || width < 1) {
        const int64_t needed = std::max(dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1)) / 2;
        return Problem{
            fmt::format("Conv2d: the {}x{} kernel is larger than the padded input {}", kernel[0], kernel[1], inputs[0].text('x')),
            fmt::format("Set padding to {}", needed), "padding", needed};
    }
    return Shape{out, height, width};
}

Tensor forward(const LayerContext& context, const std::vector<Tensor>& inputs) {
    ConvParams params;
    params.stride = pairOf(context.params, "stride");
    params.padding = pairOf(context.params, "padding");
    params.dilation = pairOf(context.params, "dilation");
    params.groups = integerOf(context.params, "groups");
    params.training = context.training;
    params.relu = context.fuseRelu;
    return strata::conv2d(inputs[0], context.weights[0], context.weights.size() > 1 ? context.weights[1] : Tensor(), params);
}

} // namespace

const LayerDef conv2d = {
    .spec = {"conv2d",
             "Conv2d",
             "Convolution",
             "Slides learned filters over the picture; each output channel is one filter's response.",
             "conv2d",
             {integerParam("out_channels", "Out channels", nullptr, 1, 65536, "Number of filters."),
              pairParam("kernel_size", "Kernel size", 3, 1, 255, "Height and width of a filter."),
              pairParam("stride", "Stride", 1, 1, 255, "Step between positions."),
              pairParam("padding", "Padding", 0, 0, 255, "Zeros added at each edge."),
              pairParam("dilation", "Dilation", 1, 1, 255, "Distance between the cells of a filter."),
              integerParam("groups", "Groups", 1, 1, 65536, "Splits the channels into groups that do not mix."),
              booleanParam("bias", "Bias", true, "Adds a learned constant to each output channel.")}},
    .role = Role::Convolution,
    .infer = infer,
    .weights =
        [](const ShapeList& inputs, const ParamValues& params) {
            const auto kernel = pairOf(params, "kernel_size");
            const int64_t in = inputs[0][0] / integerOf(params, "groups"), out = integerOf(params, "out_channels"),
                          fanIn = in * kernel[0] * kernel[1];
            std::vector<WeightDef> weights{{"weight", {out, in, kernel[0], kernel[1]}, Initializer::UniformFanIn, fanIn, true}};
            if (booleanOf(params, "bias")) weights.push_back({"bias", {out}, Initializer::UniformFanIn, fanIn, true});
            return weights;
        },
    .flops =
        [](const ShapeList& inputs, const Shape& output, const ParamValues& params) {
            const auto kernel = pairOf(params, "kernel_size");
            return double(output.elements()) * double(inputs[0][0] / integerOf(params, "groups") * kernel[0] * kernel[1]);
        },
    .forward = forward,
    .canFuseRelu = true,
    .pytorch = {"torch.nn.Conv2d", {}},
    .onnx = {"Conv", {}},
    .examples = {{"3x3", {{"out_channels", 4}, {"padding", 1}}, {{3, 6, 6}}},
                 {"stride 2, no bias", {{"out_channels", 5}, {"stride", 2}, {"bias", false}}, {{2, 7, 9}}},
                 {"dilated", {{"out_channels", 3}, {"dilation", 2}, {"padding", 2}}, {{2, 8, 8}}},
                 {"depthwise", {{"out_channels", 4}, {"groups", 4}, {"padding", 1}}, {{4, 5, 5}}},
                 {"grouped, 1x5",
                  {{"out_channels", 6}, {"groups", 2}, {"kernel_size", {1, 5}}, {"padding", {0, 2}}, {"stride", {2, 1}}},
                  {{4, 6, 7}}}},
};

} // namespace strata::layer
