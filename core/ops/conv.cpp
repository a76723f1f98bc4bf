// SPDX-License-Identifier: Apache-2.0
#include "core/ops/internal.h"

namespace strata {

using namespace detail;

namespace {

int64_t outputSize(int64_t input, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
    const int64_t span = input + 2 * padding - dilation * (kernel - 1) - 1;
    return span < 0 ? 0 : span / stride + 1;
}

Shape checkedOutput(const Tensor& input, const Tensor& weight, const Tensor& bias, const ConvParams& p) {
    requireSameDevice("conv2d", {&input, &weight, &bias});
    requireFloat("conv2d", input);
    requireRank("conv2d", input, 4);
    requireRank("conv2d", weight, 4);
    if (input.dtype() != weight.dtype())
        fail(ErrorKind::BadInput, "conv2d: dtypes {} and {} differ", dtypeName(input.dtype()), dtypeName(weight.dtype()));
    const Shape &x = input.shape(), &w = weight.shape();
    if (p.groups < 1 || w[0] % p.groups != 0 || x[1] != w[1] * p.groups)
        fail(ErrorKind::BadInput, "conv2d: input {} does not fit weight {} with {} group{}", x.text(), w.text(), p.groups,
             p.groups == 1 ? "" : "s");
    if (bias.defined() && !(bias.shape() == Shape{w[0]}))
        fail(ErrorKind::BadInput, "conv2d: bias {} does not fit weight {}", bias.shape().text(), w.text());
    Shape out{x[0], w[0], 0, 0};
    for (int d = 0; d < 2; ++d) {
        const size_t i = size_t(d);
        if (p.stride[i] < 1 || p.dilation[i] < 1 || p.padding[i] < 0)
            fail(ErrorKind::BadInput, "conv2d: stride and dilation must be at least 1, padding at least 0");
        out[2 + d] = outputSize(x[2 + d], w[2 + d], p.stride[i], p.padding[i], p.dilation[i]);
        if (out[2 + d] < 1)
            fail(ErrorKind::BadInput, "conv2d: the kernel of weight {} is larger than the padded input {}", w.text(), x.text());
    }
    return out;
}

struct ConvLeaves {
    std::shared_ptr<AutogradMeta> weight, bias;
};

std::vector<Tensor> convGradients(const ConvParams& params, const ConvLayouts& layouts, const Tensor& x, const Tensor& w,
                                  int64_t outChannels, const ConvLeaves& leaves, const Tensor& g0, const std::vector<bool>& needs) {
    requireFirstOrder("conv2d");
    std::vector<Tensor> gradients(3);
    const Tensor g = inLayout(g0, layouts.output);
    Backend& device = backendOf(x);
    if (needs[1] || needs[2]) {
        const Tensor input = inLayout(x, layouts.input);
        gradients[1] = needs[1] ? gradientBuffer(leaves.weight, w) : Tensor::empty(w.shape(), w.dtype(), w.device());
        if (needs[2])
            gradients[2] = leaves.bias ? gradientBuffer(leaves.bias, Tensor::empty({outChannels}, w.dtype(), w.device())) : Tensor();
        launch("conv2d_backward_weights", device, &Backend::convBackwardWeights, params, input.view(), g.view(), gradients[1].out(),
               gradients[2].defined() ? gradients[2].out() : OutView());
        if (!needs[1]) gradients[1] = {};
    }
    if (needs[0]) {
        gradients[0] = Tensor::emptyInLayout(x.shape(), x.dtype(), x.device(), layouts.input);
        launch("conv2d_backward_data", device, &Backend::convBackwardData, params, g.view(), w.view(), gradients[0].out());
    }
    return gradients;
}

} // namespace

Tensor conv2d(const Tensor& input0, const Tensor& weight0, const Tensor& bias0, const ConvParams& params) {
    const Shape shape = checkedOutput(input0, weight0, bias0, params);
    const Tensor weight = weight0.contiguous(), bias = bias0.defined() ? bias0.contiguous() : Tensor();
    Backend& device = backendOf(input0);
    const ConvLayouts layouts = input0.dtype() == DType::F32 ? device.convLayouts(params, input0.shape(), weight.shape()) : ConvLayouts{};
    const Tensor input = inLayout(input0, layouts.input);
    Tensor result = Tensor::emptyInLayout(shape, input.dtype(), input.device(), layouts.output);
    launch("conv2d", device, &Backend::convForward, params, input.view(), weight.view(), bias.defined() ? bias.view() : TensorView(),
           result.out());
    if (!anyRequiresGrad({&input0, &weight, &bias})) return result;
    if (params.relu) fail(ErrorKind::BadInput, "conv2d: the fused ReLU is for inference and has no gradient");
    const ConvLeaves leaves{weight.requiresGrad() ? weight.autogradMeta() : nullptr,
                            bias.defined() && bias.requiresGrad() ? bias.autogradMeta() : nullptr};
    // The converted input is kept, so that the backward pass need not convert again.
    return record("conv2d", result, {input0, weight, bias},
                  [params, layouts, leaves, outChannels = shape[1], x = Saved(input, "conv2d"),
                   w = Saved(weight, "conv2d")](const Tensor& g, const std::vector<bool>& needs) {
                      return convGradients(params, layouts, x.get(), w.get(), outChannels, leaves, g, needs);
                  });
}

} // namespace strata
