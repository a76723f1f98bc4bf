// SPDX-License-Identifier: Apache-2.0
#include "core/model/compile.h"

#include <algorithm>

namespace strata {

namespace {

/// Who reads what, by position.
struct Wiring {
    explicit Wiring(const ModelSpec& spec) : inputs(spec.layers.size()), readers(spec.layers.size() + 1) {
        for (size_t i = 0; i < spec.layers.size(); ++i)
            for (const std::string& id : spec.inputsOf(i)) {
                const size_t value = id == "input" ? 0 : size_t(spec.find(id)) + 1;
                inputs[i].push_back(value);
                readers[value].push_back(i);
            }
    }
    /// The only reader of a layer's output, or -1. The network's own output has a reader outside.
    int onlyReader(size_t layer) const { return readers[layer + 1].size() == 1 ? int(readers[layer + 1][0]) : -1; }
    std::vector<std::vector<size_t>> inputs;
    std::vector<std::vector<size_t>> readers;
};

/// Folds the ReLU that alone reads `step.last` into the step.
void foldRelu(const ModelSpec& spec, const Wiring& wiring, ExecutionStep& step, std::vector<bool>& done) {
    const int reader = wiring.onlyReader(step.last);
    if (reader < 0 || !layerDef(spec.layers[size_t(reader)].type).isRelu) return;
    step.relu = true;
    step.last = size_t(reader);
    done[step.last] = true;
}

/// Position of a normalisation that only this two-input add reads and that may take the other input as residual, or -1.
int normalisationBefore(const ModelSpec& spec, const Wiring& wiring, size_t add) {
    if (wiring.inputs[add].size() != 2 || wiring.inputs[add][0] == wiring.inputs[add][1]) return -1;
    for (size_t side = 0; side < 2; ++side) {
        const size_t value = wiring.inputs[add][side];
        if (value == 0) continue;
        if (layerDef(spec.layers[value - 1].type).role == Role::Normalisation && wiring.onlyReader(value - 1) == int(add))
            return int(value - 1);
    }
    return -1;
}

void findUnused(std::vector<ExecutionStep>& steps, size_t values) {
    std::vector<int> lastUse(values, -1);
    for (size_t s = 0; s < steps.size(); ++s) {
        for (size_t value : steps[s].inputs) lastUse[value] = int(s);
        if (steps[s].residual >= 0) lastUse[size_t(steps[s].residual)] = int(s);
    }
    for (size_t value = 0; value < values; ++value)
        if (lastUse[value] >= 0) steps[size_t(lastUse[value])].unused.push_back(value);
}

} // namespace

std::vector<ExecutionStep> compileSteps(const ModelSpec& spec, bool inference) {
    const Wiring wiring(spec);
    const size_t count = spec.layers.size();
    std::vector<bool> done(count, false);
    std::vector<bool> deferred(count, false); // normalisations that run where their add stands
    for (size_t i = 0; i < count; ++i)
        if (layerDef(spec.layers[i].type).role == Role::Add)
            if (const int norm = normalisationBefore(spec, wiring, i); norm >= 0) deferred[size_t(norm)] = true;

    std::vector<ExecutionStep> steps;
    for (size_t i = 0; i < count; ++i) {
        if (done[i] || deferred[i]) continue;
        const LayerDef& def = layerDef(spec.layers[i].type);
        ExecutionStep step{i, i, wiring.inputs[i], -1, false, {}};
        const int norm = def.role == Role::Add ? normalisationBefore(spec, wiring, i) : -1;
        if (norm >= 0) {
            const auto& sides = wiring.inputs[i];
            step.layer = size_t(norm);
            step.residual = int(sides[0] == size_t(norm) + 1 ? sides[1] : sides[0]);
            step.inputs = wiring.inputs[size_t(norm)];
        }
        const LayerDef& runs = layerDef(spec.layers[step.layer].type);
        if (runs.canFuseRelu && (runs.role == Role::Normalisation || (inference && runs.role == Role::Convolution)))
            foldRelu(spec, wiring, step, done);
        steps.push_back(std::move(step));
    }
    findUnused(steps, count + 1);
    return steps;
}

} // namespace strata
