// SPDX-License-Identifier: Apache-2.0
// Folding of normalisation for inference: w' = w * gamma / sqrt(var + eps), b' = (b - mean) * gamma / sqrt(var + eps) + beta.
#include "core/autograd/autograd.h"
#include "core/model/network.h"
#include "core/ops/ops.h"

#include <set>

namespace strata {

namespace {

struct Fold {
    size_t norm;
    size_t into;
};

/// Normalisations whose only input is a convolution or linear layer that nobody else reads.
std::vector<Fold> findFolds(const ModelSpec& spec) {
    std::map<std::string, int> readers;
    for (size_t i = 0; i < spec.layers.size(); ++i)
        for (const std::string& id : spec.inputsOf(i)) ++readers[id];
    std::vector<Fold> folds;
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        if (layerDef(spec.layers[i].type).role != Role::Normalisation) continue;
        const int from = spec.find(spec.inputsOf(i)[0]);
        if (from < 0 || readers[spec.layers[size_t(from)].id] != 1) continue;
        const Role role = layerDef(spec.layers[size_t(from)].type).role;
        if (role == Role::Convolution || role == Role::Linear) folds.push_back({i, size_t(from)});
    }
    return folds;
}

Tensor valueOf(const std::map<std::string, Tensor>& state, const std::string& name, const Tensor& otherwise) {
    const auto found = state.find(name);
    return found == state.end() ? otherwise : found->second;
}

void foldWeights(std::map<std::string, Tensor>& state, const std::string& norm, const std::string& into, double eps) {
    const Tensor mean = state.at(norm + ".running_mean"), variance = state.at(norm + ".running_var");
    const Tensor one = Tensor::ones(mean.shape(), mean.dtype(), mean.device()),
                 zero = Tensor::zeros(mean.shape(), mean.dtype(), mean.device());
    const Tensor scale = valueOf(state, norm + ".weight", one) * unary(UnaryOp::Rsqrt, variance + eps);
    const Tensor weight = state.at(into + ".weight");
    Shape column = weight.shape();
    for (int d = 1; d < column.rank(); ++d) column[d] = 1;
    state[into + ".weight"] = weight * scale.reshape(column);
    state[into + ".bias"] = (valueOf(state, into + ".bias", zero) - mean) * scale + valueOf(state, norm + ".bias", zero);
    for (const char* name : {".weight", ".bias", ".running_mean", ".running_var"}) state.erase(norm + name);
}

} // namespace

std::unique_ptr<Network> foldForInference(const Network& network) {
    NoGrad guard;
    ModelSpec spec = network.spec();
    std::map<std::string, Tensor> state;
    for (const NamedTensor& entry : network.stateDict()) state[entry.name] = entry.tensor;
    // Inputs are written out first: "the layer before" changes its meaning when layers go.
    for (size_t i = 0; i < spec.layers.size(); ++i) spec.layers[i].inputs = network.spec().inputsOf(i);
    std::set<size_t> gone;
    for (const Fold& fold : findFolds(network.spec())) {
        const LayerSpec norm = spec.layers[fold.norm];
        LayerSpec& into = spec.layers[fold.into];
        const LayerDef& def = layerDef(norm.type);
        foldWeights(state, norm.id, into.id, completeParams(def.spec.params, norm.params, def.spec.title).at("eps").get<double>());
        into.params["bias"] = true;
        into.frozen.clear();
        gone.insert(fold.norm);
        for (LayerSpec& layer : spec.layers)
            for (std::string& id : layer.inputs)
                if (id == norm.id) id = into.id;
    }
    ModelSpec folded = spec;
    folded.layers.clear();
    for (size_t i = 0; i < spec.layers.size(); ++i)
        if (!gone.contains(i)) folded.layers.push_back(spec.layers[i]);
    auto result = std::make_unique<Network>(std::move(folded), 0, network.device());
    std::vector<NamedTensor> list;
    for (const auto& [name, tensor] : state) list.push_back({name, tensor});
    result->loadStateDict(list);
    return result;
}

} // namespace strata
