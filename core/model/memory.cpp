// SPDX-License-Identifier: Apache-2.0
#include "core/model/memory.h"

#include "core/model/compile.h"

#include <algorithm>
#include <climits>

namespace strata {

namespace {

constexpr uint64_t kFloat = 4;
constexpr uint64_t kLoaderBatches = 5; ///< LoaderOptions::prefetch + the one in use

/// Floats of one sample's output: pictures lie in blocks of 16 channels.
uint64_t floatsOf(const Shape& output) {
    if (output.rank() != 3) return uint64_t(output.elements());
    return uint64_t((output[0] + 15) / 16 * 16 * output[1] * output[2]);
}

/// One training step as values with lifetimes: 0 is the batch, i + 1 the output of layer i.
class Lifetimes {
public:
    Lifetimes(const ModelSpec& spec, const SpecCheck& facts) : steps_(compileSteps(spec, false)) {
        const size_t values = spec.layers.size() + 1;
        floats_.assign(values, 0);
        root_.resize(values);
        for (size_t v = 0; v < values; ++v) root_[v] = v;
        producer_.assign(values, -1);
        lastReader_.assign(values, -1);
        lastKeeper_.assign(values, INT_MAX);
        for (size_t s = 0; s < steps_.size(); ++s) enter(int(s), spec, facts);
    }

    /// Floats kept from the way forward for the way back, a sample.
    uint64_t kept() const {
        uint64_t sum = extra_;
        for (size_t v = 1; v < floats_.size(); ++v)
            if (lastKeeper_[v] != INT_MAX) sum += floats_[v];
        return sum;
    }

    /// Most floats alive at once in either direction, a sample.
    uint64_t peak() const {
        uint64_t most = 0;
        for (int s = 0; s < int(steps_.size()); ++s) most = std::max({most, forwardAt(s), backwardAt(s)});
        return most;
    }

private:
    void enter(int s, const ModelSpec& spec, const SpecCheck& facts) {
        const ExecutionStep& step = steps_[size_t(s)];
        const LayerDef& def = layerDef(spec.layers[step.layer].type);
        const size_t out = step.last + 1;
        if (def.role == Role::Shape || def.role == Role::Identity) { // a view
            root_[out] = root_[step.inputs[0]];
            return;
        }
        floats_[out] = floatsOf(facts.layers[step.last].output);
        producer_[out] = s;
        for (size_t value : step.inputs) read(root_[value], s);
        if (step.residual >= 0) read(root_[size_t(step.residual)], s);
        const bool keepsInput = def.role == Role::Convolution || def.role == Role::Linear || def.role == Role::Normalisation ||
                                (def.role == Role::Activation && !def.isRelu);
        if (keepsInput)
            for (size_t value : step.inputs) keep(root_[value], s);
        if (step.relu || def.isRelu) keep(out, s);
        // Positions of a pooling and a dropout's mask are a byte each.
        if (def.role == Role::Pooling || def.role == Role::Dropout) extra_ += floats_[out] / 4;
    }
    void read(size_t value, int s) { lastReader_[value] = std::max(lastReader_[value], s); }
    void keep(size_t value, int s) { lastKeeper_[value] = std::min(lastKeeper_[value], s); }

    /// While step s runs forward: what is kept or still read, and its output.
    uint64_t forwardAt(int s) const {
        uint64_t sum = 0;
        for (size_t v = 1; v < floats_.size(); ++v)
            if (producer_[v] >= 0 && producer_[v] <= s && (lastKeeper_[v] != INT_MAX || lastReader_[v] >= s)) sum += floats_[v];
        return sum;
    }
    /// While step s runs back: what an earlier step still needs, and the gradients between steps done and steps to do.
    uint64_t backwardAt(int s) const {
        uint64_t sum = extra_;
        for (size_t v = 1; v < floats_.size(); ++v) {
            if (lastKeeper_[v] <= s) sum += floats_[v];
            if (producer_[v] >= 0 && producer_[v] <= s && lastReader_[v] >= s) sum += floats_[v];
            if (producer_[v] == s && lastReader_[v] < s) sum += floats_[v]; // the network's output
        }
        return sum;
    }

    std::vector<ExecutionStep> steps_;
    std::vector<uint64_t> floats_;
    std::vector<size_t> root_; ///< whose memory a view shows
    std::vector<int> producer_, lastReader_;
    std::vector<int> lastKeeper_; ///< on the way back: the lowest step
    uint64_t extra_ = 0;
};

/// Whether Winograd's algorithm is tried on it: 3x3, stride 1, more than 4 channels.
bool winogradPossible(const LayerFacts& layer) {
    const Shape& weight = layer.weights[0].shape;
    const Shape &in = layer.inputs[0], &out = layer.output;
    return weight[2] == 3 && weight[3] == 3 && weight[1] > 4 && out[1] >= in[1] - 2 && out[2] >= in[2] - 2;
}

/// Bytes of the one workspace that convolutions share: the largest decides. Direct: weights, input and output rewritten.
/// Winograd F(2x2, 3x3): every 2x2 cells become 4x4, and 3x3 weights 4x4.
uint64_t workspaceOf(const ModelSpec& spec, const SpecCheck& facts, uint64_t batch) {
    uint64_t most = 0;
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        if (layerDef(spec.layers[i].type).role != Role::Convolution) continue;
        const LayerFacts& layer = facts.layers[i];
        const auto weights = uint64_t(layer.weights[0].shape.elements());
        const auto in = uint64_t(layer.inputs[0].elements()), out = uint64_t(layer.output.elements());
        most = std::max(most, 2 * weights + batch * std::max(in, out));
        if (winogradPossible(layer)) most = std::max(most, weights * 16 / 9 + 4 * batch * (in + out));
    }
    return most * kFloat;
}

} // namespace

Json MemoryForecast::toJson() const {
    return {{"parameters", parameters},   {"gradients", gradients},
            {"optimizer", optimizer},     {"batch", batch},
            {"activations", activations}, {"activation_gradients", activationGradients},
            {"workspace", workspace},     {"total", total()}};
}

MemoryForecast memoryForecast(const ModelSpec& given, int64_t batch, int moments) {
    requireValid(given);
    const ModelSpec spec = withoutBypassed(given);
    const SpecCheck facts = requireValid(spec);
    if (batch < 1 || moments < 0) fail(ErrorKind::BadInput, "a forecast needs a batch of at least 1, not {}", batch);
    const auto count = uint64_t(batch);
    MemoryForecast forecast;
    uint64_t trained = 0;
    for (size_t i = 0; i < spec.layers.size(); ++i)
        for (const WeightDef& weight : facts.layers[i].weights) {
            const auto elements = uint64_t(weight.shape.elements());
            const std::vector<std::string>& frozen = spec.layers[i].frozen;
            forecast.parameters += elements * kFloat;
            if (weight.trainable && std::find(frozen.begin(), frozen.end(), weight.name) == frozen.end()) trained += elements;
        }
    const Lifetimes lifetimes(spec, facts);
    forecast.gradients = trained * kFloat;
    forecast.optimizer = trained * kFloat * uint64_t(moments);
    forecast.batch = kLoaderBatches * count * uint64_t(spec.input.elements()) * kFloat;
    forecast.activations = lifetimes.kept() * count * kFloat;
    const uint64_t peak = lifetimes.peak() * count * kFloat;
    forecast.activationGradients = peak > forecast.activations ? peak - forecast.activations : 0;
    forecast.workspace = workspaceOf(spec, facts, count);
    return forecast;
}

int64_t largestBatch(const ModelSpec& spec, uint64_t bytes, int moments) {
    const auto fits = [&](int64_t batch) { return memoryForecast(spec, batch, moments).total() <= bytes; };
    if (!fits(1)) return 0;
    int64_t low = 1, high = int64_t(1) << 20;
    while (low < high) {
        const int64_t middle = (low + high + 1) / 2;
        if (fits(middle))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

} // namespace strata
