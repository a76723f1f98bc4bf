// SPDX-License-Identifier: Apache-2.0
#include "core/ops/internal.h"

namespace strata {

using namespace detail;

namespace {

OutView outOrNone(const Tensor& tensor) { return tensor.defined() ? tensor.out() : OutView(); }
TensorView viewOrNone(const Tensor& tensor) { return tensor.defined() ? tensor.view() : TensorView(); }

struct NormSaved {
    Saved input, output, gamma, mean, invStd;
    std::shared_ptr<AutogradMeta> gammaLeaf, betaLeaf;
    bool hasResidual = false;
};

std::vector<Tensor> normGradients(const BatchNormParams& params, const NormSaved& saved, Layout layout, const Tensor& g0,
                                  const std::vector<bool>& needs) {
    requireFirstOrder("batch_norm");
    const Tensor x = inLayout(saved.input.get(), layout), g = inLayout(g0, layout);
    const Tensor y = params.relu ? inLayout(saved.output.get(), layout) : Tensor();
    const Tensor gamma = saved.gamma.get(), mean = saved.mean.get();
    std::vector<Tensor> gradients(4);
    gradients[0] = Tensor::emptyInLayout(x.shape(), x.dtype(), x.device(), layout);
    if (needs[1]) gradients[1] = gradientBuffer(saved.gammaLeaf, mean);
    if (needs[2]) gradients[2] = gradientBuffer(saved.betaLeaf, mean);
    // Without a ReLU the residual's gradient is the output's own.
    if (needs[3]) gradients[3] = params.relu ? Tensor::emptyInLayout(x.shape(), x.dtype(), x.device(), layout) : g;
    launch("batch_norm_backward", backendOf(x), &Backend::batchNormBackward, params, x.view(), viewOrNone(y), viewOrNone(gamma),
           mean.view(), saved.invStd.get().view(), g.view(), gradients[0].out(), needs[3] && params.relu ? gradients[3].out() : OutView(),
           outOrNone(gradients[1]), outOrNone(gradients[2]));
    return gradients;
}

} // namespace

Tensor batchNorm(const Tensor& input0, const Tensor& gamma, const Tensor& beta, const Tensor& runningMean, const Tensor& runningVar,
                 const BatchNormParams& params, const Tensor& residual0) {
    requireSameDevice("batch_norm", {&input0, &gamma, &beta, &runningMean, &runningVar, &residual0});
    requireFloat("batch_norm", input0);
    if (input0.rank() != 4 && input0.rank() != 2)
        fail(ErrorKind::BadInput, "batch_norm: needs [N, C, H, W] or [N, C], not {}", input0.shape().text());
    const Shape channels{input0.shape()[1]};
    for (const Tensor* tensor : {&gamma, &beta, &runningMean, &runningVar})
        if (tensor->defined() && !(tensor->shape() == channels))
            fail(ErrorKind::BadInput, "batch_norm: input {} has {} channels, a parameter has shape {}", input0.shape().text(), channels[0],
                 tensor->shape().text());
    if (residual0.defined() && !(residual0.shape() == input0.shape()))
        fail(ErrorKind::BadInput, "batch_norm: input {} and residual {} differ in shape", input0.shape().text(), residual0.shape().text());
    if (params.training && input0.elements() / std::max<int64_t>(channels[0], 1) < 2)
        fail(ErrorKind::BadInput, "batch_norm: needs more than one value per channel when training, got input {}", input0.shape().text());
    const Layout layout = residual0.defined() ? commonLayout(input0, residual0) : input0.view().layout;
    const Tensor input = inLayout(input0, layout), residual = residual0.defined() ? inLayout(residual0, layout) : Tensor();
    Tensor mean = Tensor::empty(channels, input.dtype(), input.device()), invStd = Tensor::empty(channels, input.dtype(), input.device());
    Tensor result = Tensor::emptyInLayout(input.shape(), input.dtype(), input.device(), layout);
    const bool needed = anyRequiresGrad({&input0, &gamma, &beta, &residual0});
    // In inference the running statistics serve; their inverse deviation is made here, for the gradient alone.
    launch("batch_norm", backendOf(input), &Backend::batchNorm, params, input.view(), viewOrNone(residual), viewOrNone(gamma),
           viewOrNone(beta), params.training ? runningMean.out() : OutView(runningMean.view()),
           params.training ? runningVar.out() : OutView(runningVar.view()), params.training ? mean.out() : OutView(),
           params.training ? invStd.out() : OutView(), result.out());
    if (!needed) return result;
    if (!params.training) {
        NoGrad guard;
        mean = runningMean.clone();
        invStd = unary(UnaryOp::Rsqrt, runningVar.detach() + params.eps);
    }
    NormSaved saved{Saved(input, "batch_norm"),
                    params.relu ? Saved(result, "batch_norm") : Saved(),
                    gamma.defined() ? Saved(gamma, "batch_norm") : Saved(),
                    Saved(mean, "batch_norm"),
                    Saved(invStd, "batch_norm"),
                    gamma.defined() ? gamma.autogradMeta() : nullptr,
                    beta.defined() ? beta.autogradMeta() : nullptr,
                    residual.defined()};
    return record("batch_norm", result, {input0, gamma, beta, residual0},
                  [params, saved = std::move(saved), layout](const Tensor& g, const std::vector<bool>& needs) {
                      return normGradients(params, saved, layout, g, needs);
                  });
}

Tensor dropout(const Tensor& x, double p, DropoutKey key) {
    requireFloat("dropout", x);
    if (p < 0 || p >= 1) fail(ErrorKind::BadInput, "dropout: the probability {} is not in [0, 1)", p);
    if (p == 0) return x;
    const Tensor input = plainContiguous(x);
    Tensor mask = Tensor::empty(x.shape(), DType::U8, x.device()), result = Tensor::empty(x.shape(), x.dtype(), x.device());
    launch("dropout", backendOf(x), &Backend::dropout, p, key, input.view(), mask.out(), result.out());
    return record("dropout", result, {x}, [p, kept = Saved(mask, "dropout")](const Tensor& g, const std::vector<bool>&) {
        return std::vector<Tensor>{g * (kept.get().to(g.dtype()) / (1 - p))};
    });
}

} // namespace strata
