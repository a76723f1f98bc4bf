// SPDX-License-Identifier: GPL-3.0-or-later
// Connections: made, moved and removed.
#include "widgets/model/spec_edit_internal.h"

#include <algorithm>

namespace strata::modeledit {

namespace {

QString shownName(const std::string& id) {
    if (id == "input") return say("Input");
    return id == "output" ? say("Output") : qt(id);
}

/// The connection itself, without its undo text. Assumes whyNotConnect() had nothing to say.
ModelSpec connected(const ModelSpec& spec, const std::string& from, const std::string& to, const std::string& type, std::string& made) {
    Wire wire(spec);
    const int target = to == "output" ? int(spec.layers.size()) : wire.find(to);
    if (size_t(target) < spec.layers.size() && isCombine(spec.layers[size_t(target)].type)) {
        wire.nodes()[size_t(target)].inputs.push_back(from);
        made = to;
        return wire.finish();
    }
    LayerSpec combine;
    combine.id = made = freshId(spec, type);
    combine.type = type;
    const std::string over = target > 0 ? spec.layers[size_t(target) - 1].block : "";
    const std::string under = size_t(target) < spec.layers.size() ? spec.layers[size_t(target)].block : "";
    const int source = spec.find(from);
    const bool inside = !over.empty() && source >= 0 && spec.layers[size_t(source)].block == over;
    if (over == under || inside) combine.block = over;
    const std::string main = size_t(target) < spec.layers.size() ? wire.mainInput(size_t(target)) : wire.above(size_t(target));
    combine.inputs = {main, from};
    if (size_t(target) < spec.layers.size()) {
        auto& inputs = wire.nodes()[size_t(target)].inputs;
        std::replace(inputs.begin(), inputs.end(), main, combine.id);
    }
    wire.nodes().insert(wire.nodes().begin() + target, makeNode(std::move(combine)));
    return wire.finish();
}

} // namespace

QString whyNotConnect(const ModelSpec& spec, const std::string& from, const std::string& to) {
    const int source = from == "input" ? -1 : spec.find(from);
    if (source < 0 && from != "input") return say("There is no layer %1.").arg(qt(from));
    if (to == "input") return say("Nothing can go into the input.");
    if (to == from) return say("A layer cannot read itself.");
    const int target = to == "output" ? int(spec.layers.size()) : spec.find(to);
    if (target < 0) return say("There is no layer %1.").arg(qt(to));
    if (target <= source) return say("%1 comes before %2: the connection would point backwards.").arg(shownName(to), shownName(from));
    if (to == "output") return target - 1 == source ? say("%1 already leads to the output.").arg(shownName(from)) : QString();
    const std::vector<std::string> inputs = spec.inputsOf(size_t(target));
    if (std::find(inputs.begin(), inputs.end(), from) != inputs.end())
        return say("%1 already reads %2.").arg(shownName(to), shownName(from));
    if (isCombine(spec.layers[size_t(target)].type) && inputs.size() >= 16) return say("%1 has 16 inputs, more do not fit.").arg(qt(to));
    return {};
}

Edit connectLayers(const ModelSpec& spec, const std::string& from, const std::string& to, const std::string& type) {
    if (const QString why = whyNotConnect(spec, from, to); !why.isEmpty()) return refuse(spec, why);
    std::string made;
    ModelSpec result = connected(spec, from, to, type, made);
    return done(std::move(result), say("Connect %1 to %2").arg(shownName(from), shownName(to)), {made});
}

Edit setInput(const ModelSpec& spec, const std::string& layer, size_t input, const std::string& source) {
    const int at = spec.find(layer);
    if (at < 0) return refuse(spec, say("There is no layer %1.").arg(qt(layer)));
    const int from = spec.find(source);
    if (source != "input" && (from < 0 || from >= at))
        return refuse(spec, say("%1 comes after %2: the connection would point backwards.").arg(qt(source), qt(layer)));
    Wire wire(spec);
    auto& inputs = wire.nodes()[size_t(at)].inputs;
    if (input >= inputs.size()) return refuse(spec, say("%1 has no input %2.").arg(qt(layer)).arg(input + 1));
    inputs[input] = source;
    return done(wire.finish(), say("Let %1 read %2").arg(qt(layer), shownName(source)), {layer});
}

Edit removeInput(const ModelSpec& spec, const std::string& layer, size_t input) {
    const int at = spec.find(layer);
    if (at < 0) return refuse(spec, say("There is no layer %1.").arg(qt(layer)));
    Wire wire(spec);
    auto& inputs = wire.nodes()[size_t(at)].inputs;
    if (input >= inputs.size()) return refuse(spec, say("%1 has no input %2.").arg(qt(layer)).arg(input + 1));
    if (inputs.size() < 2) return refuse(spec, say("%1 needs its only input.").arg(qt(layer)));
    inputs.erase(inputs.begin() + std::ptrdiff_t(input));
    Ids select{layer};
    if (inputs.size() == 1 && isCombine(spec.layers[size_t(at)].type)) {
        wire.remove(size_t(at));
        wire.tidyCombines();
        select.clear();
        if (!wire.nodes().empty()) select = {wire.nodes()[std::min(size_t(at), wire.nodes().size() - 1)].layer.id};
    }
    ModelSpec result = wire.finish();
    tidyRepeats(result);
    return done(std::move(result), say("Remove a connection of %1").arg(qt(layer)), select);
}

Edit rerouteTarget(const ModelSpec& spec, const std::string& layer, size_t input, const std::string& to, const std::string& type) {
    const int at = spec.find(layer);
    if (at < 0) return refuse(spec, say("There is no layer %1.").arg(qt(layer)));
    const std::vector<std::string> inputs = spec.inputsOf(size_t(at));
    if (input >= inputs.size() || to == layer) return refuse(spec, say("The connection stays as it is."));
    const std::string from = inputs[input];
    const Edit removed = removeInput(spec, layer, input);
    if (!removed.ok()) return refuse(spec, removed.refused);
    if (const QString why = whyNotConnect(removed.spec, from, to); !why.isEmpty()) return refuse(spec, why);
    std::string made;
    ModelSpec result = connected(removed.spec, from, to, type, made);
    return done(std::move(result), say("Move a connection to %1").arg(shownName(to)), {made});
}

} // namespace strata::modeledit
