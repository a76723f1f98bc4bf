// SPDX-License-Identifier: Apache-2.0
#include "core/model/network.h"

#include "core/autograd/autograd.h"
#include "core/base/philox.h"
#include "core/model/compile.h"

#include <cmath>

namespace strata {

struct Network::Step : ExecutionStep {};

namespace {

constexpr int64_t kAlign = 16; // floats: every parameter starts on a cache line

int64_t aligned(int64_t elements) { return (elements + kAlign - 1) / kAlign * kAlign; }

void initialise(const WeightDef& def, Philox stream, float* values) {
    const int64_t count = def.shape.elements();
    const float bound = float(1 / std::sqrt(double(std::max<int64_t>(def.fanIn, 1))));
    for (int64_t i = 0; i < count; ++i)
        values[i] = def.initializer == Initializer::Ones    ? 1.0f
                    : def.initializer == Initializer::Zeros ? 0.0f
                                                            : stream.uniform(-bound, bound);
}

Tensor sliceOf(const Tensor& flat, int64_t offset, const Shape& shape) { return flat.viewAs(shape, shape.contiguousStrides(), offset); }

enum class Kind { Parameter, Frozen, Buffer };

Kind kindOf(const LayerSpec& layer, const WeightDef& def) {
    if (!def.trainable) return Kind::Buffer;
    return std::find(layer.frozen.begin(), layer.frozen.end(), def.name) == layer.frozen.end() ? Kind::Parameter : Kind::Frozen;
}

} // namespace

Network::Network(ModelSpec spec, uint64_t seed, Device device) : device_(device) {
    requireValid(spec); // before the bypassed layers go: a problem is told where the person sees it
    spec_ = withoutBypassed(spec);
    facts_ = requireValid(spec_);
    int64_t sizes[3] = {0, 0, 0};
    for (size_t i = 0; i < spec_.layers.size(); ++i)
        for (const WeightDef& def : facts_.layers[i].weights) sizes[int(kindOf(spec_.layers[i], def))] += aligned(def.shape.elements());
    Tensor flats[3];
    float* values[3];
    for (int k = 0; k < 3; ++k) {
        flats[k] = Tensor::zeros({sizes[k]});
        values[k] = flats[k].mutableData<float>();
    }
    int64_t offsets[3] = {0, 0, 0};
    uint64_t index = 0;
    for (size_t i = 0; i < spec_.layers.size(); ++i)
        for (const WeightDef& def : facts_.layers[i].weights) {
            const int k = int(kindOf(spec_.layers[i], def));
            initialise(def, Philox(seed, Purpose::Init, 0, index++), values[k] + offsets[k]);
            offsets[k] += aligned(def.shape.elements());
        }
    flatParameters_ = flats[0].to(device);
    flatBuffers_ = flats[2].to(device);
    const Tensor flatFrozen = flats[1].to(device);
    flatGradients_ = Tensor::zeros({sizes[0]}, DType::F32, device);

    offsets[0] = offsets[1] = offsets[2] = 0;
    for (size_t i = 0; i < spec_.layers.size(); ++i) {
        const LayerSpec& layer = spec_.layers[i];
        const LayerDef& def = layerDef(layer.type);
        params_.push_back(completeParams(def.spec.params, layer.params, def.spec.title));
        weights_.emplace_back();
        for (const WeightDef& weight : facts_.layers[i].weights) {
            const Kind kind = kindOf(layer, weight);
            int64_t& offset = offsets[int(kind)];
            const Tensor& flat = kind == Kind::Parameter ? flatParameters_ : kind == Kind::Frozen ? flatFrozen : flatBuffers_;
            Tensor tensor = sliceOf(flat, offset, weight.shape);
            if (kind == Kind::Parameter) {
                tensor.setRequiresGrad(true);
                tensor.autogradMeta()->gradTarget = sliceOf(flatGradients_, offset, weight.shape);
            }
            auto& list = kind == Kind::Parameter ? parameters_ : kind == Kind::Frozen ? frozen_ : buffers_;
            list.push_back({layer.id + "." + weight.name, tensor});
            weights_.back().push_back(tensor);
            offset += aligned(weight.shape.elements());
        }
    }
    const auto steps = [this](bool inference) {
        auto list = std::make_shared<std::vector<Step>>();
        for (ExecutionStep& step : compileSteps(spec_, inference)) list->push_back(Step{std::move(step)});
        return list;
    };
    trainingSteps_ = steps(false);
    inferenceSteps_ = steps(true);
}

Tensor Network::forward(const Tensor& images, const ForwardOptions& options) const {
    Shape expected = spec_.input;
    expected.insert(0, images.rank() > 0 ? images.shape()[0] : 0);
    if (!(images.shape() == expected))
        fail(ErrorKind::BadInput, "the network takes {} for each sample, but the batch has shape {}", spec_.input.text('x'),
             images.shape().text());
    const auto& steps = options.training || gradEnabled() ? *trainingSteps_ : *inferenceSteps_;
    std::vector<Tensor> values(spec_.layers.size() + 1);
    values[0] = images;
    Tensor output;
    std::vector<Tensor> inputs;
    for (const Step& step : steps) {
        inputs.clear();
        for (size_t value : step.inputs) inputs.push_back(values[value]);
        const LayerContext context{params_[step.layer],
                                   weights_[step.layer],
                                   options.training,
                                   step.relu,
                                   step.residual >= 0 ? values[size_t(step.residual)] : Tensor(),
                                   options.seed,
                                   options.step,
                                   step.layer};
        output = layerDef(spec_.layers[step.layer].type).forward(context, inputs);
        if (options.replace)
            if (const Tensor other = options.replace(spec_.layers[step.last].id, output); other.defined()) output = other;
        values[step.last + 1] = output;
        if (options.observer) options.observer(spec_.layers[step.last].id, output);
        for (size_t value : step.unused) values[value] = Tensor();
    }
    return output;
}

void Network::zeroGradients() {
    device_.memory().zero(flatGradients_.storage()->data(), flatGradients_.storage()->bytes());
    for (NamedTensor& parameter : parameters_) parameter.tensor.autogradMeta()->grad = Tensor();
}

std::vector<NamedTensor> Network::stateDict() const {
    std::vector<NamedTensor> state;
    for (size_t i = 0; i < spec_.layers.size(); ++i)
        for (size_t w = 0; w < weights_[i].size(); ++w)
            state.push_back({spec_.layers[i].id + "." + facts_.layers[i].weights[w].name, weights_[i][w].detach()});
    return state;
}

void Network::loadStateDict(const std::vector<NamedTensor>& state) {
    std::map<std::string, Tensor> given;
    for (const NamedTensor& entry : state) given[entry.name] = entry.tensor;
    std::vector<NamedTensor> own = stateDict();
    for (const NamedTensor& entry : own) {
        const auto found = given.find(entry.name);
        if (found == given.end()) fail(ErrorKind::BadInput, "the weights lack {}", entry.name);
        if (!(found->second.shape() == entry.tensor.shape()))
            fail(ErrorKind::BadInput, "{} has shape {} in the weights, {} in the network", entry.name, found->second.shape().text(),
                 entry.tensor.shape().text());
        if (!isFloating(found->second.dtype()))
            fail(ErrorKind::BadInput, "{} holds {} in the weights, not floating-point numbers", entry.name,
                 dtypeName(found->second.dtype()));
    }
    for (const auto& [name, tensor] : given)
        if (std::none_of(own.begin(), own.end(), [&](const NamedTensor& entry) { return entry.name == name; }))
            fail(ErrorKind::BadInput, "the weights hold {}, which the network does not have", name);
    for (NamedTensor& entry : own) entry.tensor.copyFrom(given[entry.name]);
}

int64_t Network::parameterCount() const {
    int64_t count = 0;
    for (const LayerFacts& layer : facts_.layers) count += layer.parameters;
    return count;
}

} // namespace strata
