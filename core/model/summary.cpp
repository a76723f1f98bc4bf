// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/model/memory.h"
#include "core/model/model_spec.h"

namespace strata {

namespace {

struct Totals {
    int64_t parameters = 0, trainable = 0, activationBytes = 0;
    double flops = 0;
};

int64_t frozenCount(const LayerSpec& layer, const LayerFacts& facts) {
    int64_t count = 0;
    for (const WeightDef& weight : facts.weights)
        for (const std::string& name : layer.frozen)
            if (weight.name == name) count += weight.shape.elements();
    return count;
}

std::string titleOf(const LayerSpec& layer) {
    const LayerDef* def = findLayer(layer.type); // a bypassed layer may be one that nobody knows
    const std::string title = def ? def->spec.title : layer.type;
    return layer.bypassed ? title + " (bypassed)" : title;
}

Totals totalsOf(const ModelSpec& spec, const SpecCheck& check, int64_t batch) {
    Totals totals;
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        const LayerFacts& facts = check.layers[i];
        totals.parameters += facts.parameters;
        totals.trainable += facts.parameters - frozenCount(spec.layers[i], facts);
        totals.flops += facts.flops;
        totals.activationBytes += batch * facts.output.elements() * 4;
    }
    return totals;
}

} // namespace

std::string summaryText(const ModelSpec& spec, int64_t batch) {
    const SpecCheck check = requireValid(spec);
    std::string text = fmt::format("{}: input {}, batch {}\n", spec.name.empty() ? "model" : spec.name, spec.input.text('x'), batch);
    size_t idWidth = 5;
    for (const LayerSpec& layer : spec.layers) idWidth = std::max(idWidth, layer.id.size());
    const auto row = [&](const std::string& id, const std::string& type, const std::string& shape, const std::string& parameters,
                         const std::string& flops, const std::string& memory) {
        text += fmt::format("{:<{}}  {:<16}  {:>12}  {:>12}  {:>9}  {:>10}\n", id, idWidth, type, shape, parameters, flops, memory);
    };
    row("Layer", "Type", "Output", "Parameters", "FLOPs", "Memory");
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        const LayerFacts& facts = check.layers[i];
        row(spec.layers[i].id, titleOf(spec.layers[i]), facts.output.text('x'),
            facts.parameters ? fmt::format("{}", facts.parameters) : "-", facts.flops > 0 ? formatCount(facts.flops) : "-",
            formatBytes(uint64_t(batch * facts.output.elements() * 4)));
    }
    const Totals totals = totalsOf(spec, check, batch);
    text += fmt::format("{} parameters ({} trained), {} multiply-adds for one sample\n", totals.parameters, totals.trainable,
                        formatCount(totals.flops));
    text += fmt::format("{} of parameters, {} of activations at batch {}\n", formatBytes(uint64_t(totals.parameters * 4)),
                        formatBytes(uint64_t(totals.activationBytes)), batch);
    const MemoryForecast forecast = memoryForecast(spec, batch);
    text += fmt::format("training with momentum takes about {}: {} kept for the way back, {} of their gradients, {} of workspace\n",
                        formatBytes(forecast.total()), formatBytes(forecast.activations), formatBytes(forecast.activationGradients),
                        formatBytes(forecast.workspace));
    return text;
}

Json summaryJson(const ModelSpec& spec, int64_t batch) {
    const SpecCheck check = requireValid(spec);
    Json layersJson = Json::array();
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        const LayerFacts& facts = check.layers[i];
        layersJson.push_back({{"id", spec.layers[i].id},
                              {"type", spec.layers[i].type},
                              {"inputs", spec.inputsOf(i)},
                              {"output", facts.output.toVector()},
                              {"parameters", facts.parameters},
                              {"flops", facts.flops},
                              {"activationBytes", batch * facts.output.elements() * 4}});
    }
    const Totals totals = totalsOf(spec, check, batch);
    return {{"name", spec.name},
            {"input", spec.input.toVector()},
            {"output", check.output.toVector()},
            {"batch", batch},
            {"layers", layersJson},
            {"parameters", totals.parameters},
            {"trainable", totals.trainable},
            {"flops", totals.flops},
            {"parameterBytes", totals.parameters * 4},
            {"activationBytes", totals.activationBytes},
            {"training_memory", memoryForecast(spec, batch).toJson()}};
}

} // namespace strata
