// SPDX-License-Identifier: Apache-2.0
#include "core/train/loss.h"

#include "core/ops/ops.h"
#include "core/train/components.h"

namespace strata {

namespace {

void requireLabels(std::string_view loss, const Tensor& outputs, const Tensor& targets) {
    if (outputs.rank() != 2 || targets.rank() != 1 || targets.dtype() != DType::I64 || targets.size(0) != outputs.size(0))
        fail(ErrorKind::BadInput, "{}: outputs {} and targets {} do not fit: outputs must be [N, classes] and targets i64 [N]", loss,
             outputs.shape().text(), targets.shape().text());
}

class CrossEntropy final : public Loss {
public:
    explicit CrossEntropy(const ParamValues& params) : smoothing_(params.at("label_smoothing").get<double>()) {}
    Tensor operator()(const Tensor& outputs, const Tensor& targets) const override {
        requireLabels("cross_entropy", outputs, targets);
        return crossEntropy(outputs, targets, smoothing_);
    }

private:
    double smoothing_;
};

class Mse final : public Loss {
public:
    Tensor operator()(const Tensor& outputs, const Tensor& targets) const override {
        if (targets.shape() == outputs.shape()) return mseLoss(outputs, targets);
        requireLabels("mse", outputs, targets);
        return mseLoss(outputs, oneHot(targets, outputs.size(1), outputs.dtype()));
    }
};

std::unique_ptr<Loss> makeCrossEntropy(const ParamValues& params) { return std::make_unique<CrossEntropy>(params); }
std::unique_ptr<Loss> makeMse(const ParamValues&) { return std::make_unique<Mse>(); }

} // namespace

Tensor oneHot(const Tensor& labels, int64_t classes, DType dtype) {
    if (labels.rank() != 1 || labels.dtype() != DType::I64)
        fail(ErrorKind::BadInput, "one-hot: labels must be i64 [N], not {} {}", dtypeName(labels.dtype()), labels.shape().text());
    const std::vector<int64_t> values = labels.toVector<int64_t>();
    std::vector<float> rows(size_t(checkedProduct(std::array<int64_t, 2>{int64_t(values.size()), classes}.data(), 2, "one-hot")), 0.0f);
    for (size_t i = 0; i < values.size(); ++i) {
        if (values[i] < 0 || values[i] >= classes)
            fail(ErrorKind::BadInput, "one-hot: label {} at position {} is outside the {} classes", values[i], i, classes);
        rows[i * size_t(classes) + size_t(values[i])] = 1.0f;
    }
    return Tensor::of(rows, {int64_t(values.size()), classes}).to(dtype).to(labels.device());
}

const std::vector<LossDef>& losses() {
    static const std::vector<LossDef> list = {
        {{"cross_entropy",
          "Cross-entropy",
          "Loss",
          "Softmax and negative log-likelihood of the true class, as torch.nn.CrossEntropyLoss. The usual loss of classification.",
          "",
          {realParam("label_smoothing", "Label smoothing", 0.0, 0, 0.999, "Share of the target spread evenly over all classes.")}},
         makeCrossEntropy},
        {{"mse",
          "Mean squared error",
          "Loss",
          "Mean of squared differences between outputs and one-hot targets, as torch.nn.MSELoss.",
          "",
          {}},
         makeMse},
    };
    return list;
}

const LossDef& lossDef(const std::string& id) { return findComponent(losses(), id, "loss"); }

std::unique_ptr<Loss> makeLoss(const std::string& id, const ParamValues& params) {
    const LossDef& def = lossDef(id);
    return def.make(completeParams(def.spec.params, params, id));
}

} // namespace strata
