// SPDX-License-Identifier: Apache-2.0
// Softmax, log-softmax and the losses.
#include "core/ops/internal.h"

namespace strata {

using namespace detail;

namespace {

Tensor softmaxAlong(const Tensor& x, int dim, bool logarithm) {
    const char* name = logarithm ? "log_softmax" : "softmax";
    requireFloat(name, x);
    const int d = normalizeDim(dim, x.rank(), name);
    if (d != x.rank() - 1) return softmaxAlong(x.transpose(d, -1), -1, logarithm).transpose(d, -1);
    const Tensor input = plainContiguous(x);
    Tensor result = Tensor::empty(x.shape(), x.dtype(), x.device());
    launch(name, backendOf(x), &Backend::softmax, logarithm, input.view(), result.out());
    return record(name, result, {x}, [name, logarithm, kept = Saved(result, name)](const Tensor& g, const std::vector<bool>&) {
        requireFirstOrder(name);
        const Tensor flat = plainContiguous(g);
        Tensor gradient = Tensor::empty(g.shape(), g.dtype(), g.device());
        launch(name, backendOf(g), &Backend::softmaxBackward, logarithm, kept.get().plainView(), flat.view(), gradient.out());
        return std::vector<Tensor>{gradient};
    });
}

} // namespace

Tensor softmax(const Tensor& x, int dim) { return softmaxAlong(x, dim, false); }
Tensor logSoftmax(const Tensor& x, int dim) { return softmaxAlong(x, dim, true); }

Tensor crossEntropy(const Tensor& logits, const Tensor& target, double labelSmoothing, bool average) {
    requireSameDevice("cross_entropy", {&logits, &target});
    requireFloat("cross_entropy", logits);
    if (logits.rank() != 2 || target.rank() != 1 || logits.shape()[0] != target.shape()[0])
        fail(ErrorKind::BadInput, "cross_entropy: logits {} and targets {} do not fit; expected [N, C] and [N]", logits.shape().text(),
             target.shape().text());
    if (target.dtype() != DType::I64) fail(ErrorKind::BadInput, "cross_entropy: the targets are {}, not i64", dtypeName(target.dtype()));
    if (labelSmoothing < 0 || labelSmoothing > 1)
        fail(ErrorKind::BadInput, "cross_entropy: label smoothing {} is not in [0, 1]", labelSmoothing);
    const Tensor input = plainContiguous(logits), classes = plainContiguous(target);
    Tensor losses = Tensor::empty({logits.shape()[0]}, logits.dtype(), logits.device());
    Tensor probabilities = Tensor::empty(logits.shape(), logits.dtype(), logits.device());
    launch("cross_entropy", backendOf(logits), &Backend::crossEntropy, labelSmoothing, input.view(), classes.view(), losses.out(),
           probabilities.out());
    const Tensor result = record("cross_entropy", losses, {logits},
                                 [labelSmoothing, p = Saved(probabilities, "cross_entropy"),
                                  t = Saved(classes, "cross_entropy")](const Tensor& g, const std::vector<bool>&) {
                                     requireFirstOrder("cross_entropy");
                                     const Tensor probability = p.get(), flat = plainContiguous(g);
                                     Tensor gradient = Tensor::empty(probability.shape(), g.dtype(), g.device());
                                     launch("cross_entropy", backendOf(g), &Backend::crossEntropyBackward, labelSmoothing,
                                            probability.view(), t.get().view(), flat.view(), gradient.out());
                                     return std::vector<Tensor>{gradient};
                                 });
    return average ? mean(result) : result;
}

Tensor mseLoss(const Tensor& prediction, const Tensor& target) {
    if (!(prediction.shape() == target.shape()))
        fail(ErrorKind::BadInput, "mse_loss: prediction {} and target {} differ in shape", prediction.shape().text(),
             target.shape().text());
    return mean(square(prediction - target));
}

} // namespace strata
