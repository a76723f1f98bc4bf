// SPDX-License-Identifier: Apache-2.0
#include "core/train/optimizer.h"

#include "core/backend/dispatch.h"
#include "core/train/components.h"

#include <algorithm>

namespace strata {

namespace {

constexpr const char* kRateHelp = "Base learning rate; the schedule multiplies it with its factor at each step.";
constexpr const char* kDecayHelp = "How strongly weights are pulled towards zero (L2).";

double number(const ParamValues& params, const char* id) { return params.at(id).get<double>(); }

class Sgd final : public Optimizer {
public:
    Sgd(const ParamValues& params, const Tensor& like)
        : momentum_(number(params, "momentum")), weightDecay_(number(params, "weight_decay")),
          nesterov_(params.at("nesterov").get<bool>()) {
        if (nesterov_ && momentum_ == 0) fail(ErrorKind::BadInput, "sgd: nesterov needs a momentum above 0");
        if (momentum_ != 0) velocity_ = Tensor::zeros(like.shape(), like.dtype(), like.device());
    }

    void step(const Tensor& parameters, const Tensor& gradients, double learningRate) override {
        const SgdParams params{learningRate, momentum_, weightDecay_, nesterov_, steps_ == 0};
        launch("sgd", backendOf(parameters), &Backend::sgdStep, params, parameters.out(), gradients.view(),
               velocity_.defined() ? velocity_.out() : OutView());
        ++steps_;
    }

    std::vector<NamedTensor> state() const override {
        if (!velocity_.defined()) return {};
        return {{"momentum", velocity_}};
    }

private:
    double momentum_, weightDecay_;
    bool nesterov_;
    Tensor velocity_;
};

class Adam final : public Optimizer {
public:
    Adam(const ParamValues& params, const Tensor& like, bool decoupled)
        : first_(Tensor::zeros(like.shape(), like.dtype(), like.device())),
          second_(Tensor::zeros(like.shape(), like.dtype(), like.device())) {
        params_.beta1 = number(params, "beta1");
        params_.beta2 = number(params, "beta2");
        params_.eps = number(params, "eps");
        params_.weightDecay = number(params, "weight_decay");
        params_.decoupled = decoupled;
    }

    void step(const Tensor& parameters, const Tensor& gradients, double learningRate) override {
        params_.learningRate = learningRate;
        params_.step = steps_ + 1;
        launch("adam", backendOf(parameters), &Backend::adamStep, params_, parameters.out(), gradients.view(), first_.out(), second_.out());
        ++steps_;
    }

    std::vector<NamedTensor> state() const override { return {{"first_moment", first_}, {"second_moment", second_}}; }

private:
    AdamParams params_;
    Tensor first_, second_;
};

std::unique_ptr<Optimizer> makeSgd(const ParamValues& params, const Tensor& like) { return std::make_unique<Sgd>(params, like); }
std::unique_ptr<Optimizer> makeAdam(const ParamValues& params, const Tensor& like) { return std::make_unique<Adam>(params, like, false); }
std::unique_ptr<Optimizer> makeAdamW(const ParamValues& params, const Tensor& like) { return std::make_unique<Adam>(params, like, true); }

std::vector<ParamDef> adamParams(double weightDecay, std::string decayHelp) {
    return {realParam("lr", "Learning rate", 0.001, 0, 1000, kRateHelp),
            realParam("beta1", "Beta 1", 0.9, 0, 0.999999, "Memory of the mean of gradients."),
            realParam("beta2", "Beta 2", 0.999, 0, 0.9999999, "Memory of the mean of squared gradients."),
            realParam("eps", "Epsilon", 1e-8, 1e-16, 1, "Added to the root of the second moment, against division by zero."),
            realParam("weight_decay", "Weight decay", weightDecay, 0, 100, std::move(decayHelp))};
}

std::vector<OptimizerDef> makeList() {
    std::vector<OptimizerDef> list;
    list.push_back(
        {{"sgd",
          "SGD",
          "Optimizer",
          "Stochastic gradient descent with momentum, as torch.optim.SGD. The first choice for convolutional networks on pictures.",
          "",
          {realParam("lr", "Learning rate", 0.05, 0, 1000, kRateHelp),
           realParam("momentum", "Momentum", 0.9, 0, 0.999999, "How much of the last step is kept in the next."),
           booleanParam("nesterov", "Nesterov", false, "Look ahead along the momentum before stepping."),
           realParam("weight_decay", "Weight decay", 0.0005, 0, 100, kDecayHelp)}},
         makeSgd});
    list.push_back(
        {{"adam", "Adam", "Optimizer",
          "Step sizes of its own for each weight (Kingma and Ba, arXiv 1412.6980), as torch.optim.Adam. Forgiving about the learning rate.",
          "", adamParams(0, kDecayHelp)},
         makeAdam});
    list.push_back({{"adamw", "AdamW", "Optimizer",
                     "Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), as torch.optim.AdamW.", "",
                     adamParams(0.01, "Share of each weight, times the learning rate, taken off in each step.")},
                    makeAdamW});
    return list;
}

} // namespace

void Optimizer::load(const std::vector<NamedTensor>& saved, int64_t steps) {
    const std::vector<NamedTensor> own = state();
    for (const NamedTensor& item : own) {
        const auto found = std::find_if(saved.begin(), saved.end(), [&](const NamedTensor& s) { return s.name == item.name; });
        if (found == saved.end()) fail(ErrorKind::BadFile, "the optimizer's state lacks {}", item.name);
        if (found->tensor.shape() != item.tensor.shape() || found->tensor.dtype() != item.tensor.dtype())
            fail(ErrorKind::BadFile, "the optimizer's {} has shape {} where {} is needed", item.name, found->tensor.shape().text(),
                 item.tensor.shape().text());
    }
    for (const NamedTensor& item : saved)
        if (std::none_of(own.begin(), own.end(), [&](const NamedTensor& o) { return o.name == item.name; }))
            fail(ErrorKind::BadFile, "the optimizer's state holds {}, which this optimizer does not have", item.name);
    if (steps < 0) fail(ErrorKind::BadFile, "the optimizer's step counter is {}", steps);
    for (const NamedTensor& item : own) {
        Tensor target = item.tensor;
        target.copyFrom(std::find_if(saved.begin(), saved.end(), [&](const NamedTensor& s) { return s.name == item.name; })->tensor);
    }
    steps_ = steps;
}

const std::vector<OptimizerDef>& optimizers() {
    static const std::vector<OptimizerDef> list = makeList();
    return list;
}

const OptimizerDef& optimizerDef(const std::string& id) { return findComponent(optimizers(), id, "optimizer"); }

std::unique_ptr<Optimizer> makeOptimizer(const std::string& id, const ParamValues& params, const Tensor& like) {
    const OptimizerDef& def = optimizerDef(id);
    return def.make(completeParams(def.spec.params, params, id), like);
}

} // namespace strata
