// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace strata {

struct NamedTensor {
    std::string name; ///< "conv1.weight"
    Tensor tensor;
};

struct ForwardOptions {
    bool training = false;
    uint64_t seed = 0;
    uint32_t step = 0;
    /// Called after each layer that really ran (fused ones report once, under the last layer's id).
    std::function<void(const std::string& layer, const Tensor& output)> observer;
    /// Gives what goes on in place of a layer's output, under the same ids; undefined: the output itself.
    std::function<Tensor(const std::string& layer, const Tensor& output)> replace;
};

/// A spec with its weights on a device. Trainable parameters, their gradients and the buffers are slices of one flat f32
/// tensor each, in the order of parameters(). Use from one thread.
class Network {
public:
    /// Weights initialised on the CPU from `seed` (Philox, Purpose::Init). Throws Error(BadInput) on a spec with problems.
    Network(ModelSpec spec, uint64_t seed, Device device = cpuDevice());

    const ModelSpec& spec() const { return spec_; } ///< what runs: withoutBypassed() of what was given
    const SpecCheck& facts() const { return facts_; }
    Device device() const { return device_; }
    int64_t classes() const { return facts_.output[0]; }

    /// images f32 [N, C, H, W] -> logits [N, classes].
    Tensor forward(const Tensor& images, const ForwardOptions& options = {}) const;

    const std::vector<NamedTensor>& parameters() const { return parameters_; } ///< trained
    const std::vector<NamedTensor>& frozen() const { return frozen_; }
    const std::vector<NamedTensor>& buffers() const { return buffers_; } ///< running statistics
    Tensor flatParameters() const { return flatParameters_; }
    Tensor flatGradients() const { return flatGradients_; } ///< parameters' grad() live here
    Tensor flatBuffers() const { return flatBuffers_; }
    void zeroGradients();

    /// Everything saved: parameters, frozen, buffers, in layer order.
    std::vector<NamedTensor> stateDict() const;
    /// Copies values in (any floating dtype). Throws Error(BadInput) naming the first missing, unexpected or misshapen one.
    void loadStateDict(const std::vector<NamedTensor>& state);
    int64_t parameterCount() const;

private:
    struct Step;
    ModelSpec spec_;
    SpecCheck facts_;
    Device device_;
    std::vector<std::vector<Tensor>> weights_; ///< per layer
    std::vector<ParamValues> params_;          ///< per layer, complete
    std::vector<NamedTensor> parameters_, frozen_, buffers_;
    Tensor flatParameters_, flatGradients_, flatBuffers_;
    std::shared_ptr<const std::vector<Step>> trainingSteps_, inferenceSteps_;
};

/// A network for prediction only: normalisation folded into the convolution or linear layer before it, ReLU fused. Holds its
/// own copy of the weights; forward() gives what Network::forward(training = false) gives, up to rounding.
std::unique_ptr<Network> foldForInference(const Network& network);

} // namespace strata
