// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_spec.h"

#include <algorithm>
#include <map>
#include <set>

namespace strata {

namespace {

constexpr int kSpecVersion = 1;

std::vector<std::string> textList(const Json& json, const char* key, const std::string& where) {
    std::vector<std::string> result;
    if (!json.contains(key)) return result;
    if (!json[key].is_array()) fail(ErrorKind::BadFile, "{}: \"{}\" of a layer is not a list", where, key);
    for (const Json& item : json[key]) {
        if (!item.is_string()) fail(ErrorKind::BadFile, "{}: \"{}\" of a layer holds something that is not text", where, key);
        result.push_back(item.get<std::string>());
    }
    return result;
}

std::string textField(const Json& json, const char* key, const std::string& where, bool required) {
    if (!json.contains(key)) {
        if (required) fail(ErrorKind::BadFile, "{}: a layer has no \"{}\"", where, key);
        return {};
    }
    if (!json[key].is_string()) fail(ErrorKind::BadFile, "{}: \"{}\" of a layer is not text", where, key);
    return json[key].get<std::string>();
}

Json without(const Json& json, std::initializer_list<const char*> keys) {
    Json rest = json;
    for (const char* key : keys) rest.erase(key);
    return rest;
}

LayerSpec layerFromJson(const Json& json, const std::string& where) {
    if (!json.is_object()) fail(ErrorKind::BadFile, "{}: an entry of \"layers\" is not an object", where);
    LayerSpec layer;
    layer.id = textField(json, "id", where, true);
    layer.type = textField(json, "type", where, true);
    layer.block = textField(json, "block", where, false);
    layer.inputs = textList(json, "inputs", where);
    layer.frozen = textList(json, "frozen", where);
    if (json.contains("params")) {
        if (!json["params"].is_object()) fail(ErrorKind::BadFile, "{}: \"params\" of layer {} is not an object", where, layer.id);
        layer.params = json["params"];
    }
    layer.extra = without(json, {"id", "type", "params", "inputs", "frozen", "block"});
    if (json.contains("bypassed")) {
        if (!json["bypassed"].is_boolean()) fail(ErrorKind::BadFile, "{}: \"bypassed\" of layer {} is not true or false", where, layer.id);
        layer.bypassed = json["bypassed"].get<bool>();
        if (layer.bypassed) layer.extra.erase("bypassed"); // a written-out false is kept as it stands
    }
    return layer;
}

Json layerToJson(const LayerSpec& layer) {
    Json json = {{"id", layer.id}, {"type", layer.type}};
    if (!layer.params.empty()) json["params"] = layer.params;
    if (!layer.inputs.empty()) json["inputs"] = layer.inputs;
    if (!layer.frozen.empty()) json["frozen"] = layer.frozen;
    if (!layer.block.empty()) json["block"] = layer.block;
    if (layer.bypassed) json["bypassed"] = true;
    for (const auto& [key, value] : layer.extra.items())
        if (key != "bypassed" || !layer.bypassed) json[key] = value;
    return json;
}

bool validId(const std::string& id) {
    return !id.empty() && id.size() <= 200 && id != "input" && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    });
}

} // namespace

Json ModelSpec::toJson() const {
    Json json = {{"version", kSpecVersion}, {"name", name}, {"input", input.toVector()}};
    json["layers"] = Json::array();
    for (const LayerSpec& layer : layers) json["layers"].push_back(layerToJson(layer));
    for (const auto& [key, value] : extra.items()) json[key] = value;
    return json;
}

ModelSpec ModelSpec::fromJson(const Json& json, const std::string& where) {
    if (!json.is_object() || !json.contains("layers")) fail(ErrorKind::BadFile, "{}: is not a model (no \"layers\")", where);
    if (!json.contains("version") || !json["version"].is_number_integer())
        fail(ErrorKind::BadFile, "{}: the model has no \"version\"", where);
    if (json["version"].get<int64_t>() > kSpecVersion)
        fail(ErrorKind::Unsupported, "{}: the model has version {}, this program knows {}", where, json["version"].get<int64_t>(),
             kSpecVersion);
    if (!json["layers"].is_array() || json["layers"].size() > 10000)
        fail(ErrorKind::BadFile, "{}: \"layers\" is not a list of at most 10,000 layers", where);
    ModelSpec spec;
    spec.name = json.contains("name") && json["name"].is_string() ? json["name"].get<std::string>() : std::string();
    if (!json.contains("input") || !json["input"].is_array() || json["input"].size() > 3)
        fail(ErrorKind::BadFile, "{}: \"input\" is not a shape like [3, 32, 32]", where);
    for (const Json& size : json["input"]) {
        if (!size.is_number_integer() || size.get<int64_t>() < 1 || size.get<int64_t>() > 65536)
            fail(ErrorKind::BadFile, "{}: \"input\" holds a size that is not in 1 to 65536", where);
        spec.input.push(size.get<int64_t>());
    }
    for (const Json& layer : json["layers"]) spec.layers.push_back(layerFromJson(layer, where));
    spec.extra = without(json, {"version", "name", "input", "layers"});
    return spec;
}

int ModelSpec::find(const std::string& id) const {
    for (size_t i = 0; i < layers.size(); ++i)
        if (layers[i].id == id) return int(i);
    return -1;
}

std::vector<std::string> ModelSpec::inputsOf(size_t layer) const {
    if (!layers[layer].inputs.empty()) return layers[layer].inputs;
    return {layer == 0 ? std::string("input") : layers[layer - 1].id};
}

namespace {

/// Structure of one layer (type, id, inputs, parameters); its input shapes go into `facts` where they are known.
std::optional<Problem> checkStructure(const ModelSpec& spec, size_t at, const SpecCheck& sofar, LayerFacts& facts, bool& silent) {
    const LayerSpec& layer = spec.layers[at];
    if (!validId(layer.id))
        return Problem{
            fmt::format("'{}' cannot be the id of a layer: letters, digits, _ and . only, and not 'input'", layer.id), {}, {}, {}};
    if (spec.find(layer.id) != int(at)) return Problem{fmt::format("the id {} is used twice", layer.id), {}, {}, {}};
    const LayerDef* def = layer.bypassed ? nullptr : findLayer(layer.type);
    if (!def && !layer.bypassed) {
        try {
            layerDef(layer.type);
        } catch (const Error& error) { return Problem{error.what(), {}, {}, {}}; }
    }
    if (def)
        if (auto wrong = checkParams(def->spec.params, layer.params, def->spec.title)) return wrong;
    const std::vector<std::string> inputs = spec.inputsOf(at);
    if (def && (int(inputs.size()) < def->minInputs || int(inputs.size()) > def->maxInputs))
        return Problem{fmt::format("{} takes {} input{}, not {}", def->spec.title,
                                   def->minInputs == def->maxInputs ? fmt::format("{}", def->minInputs)
                                                                    : fmt::format("{} to {}", def->minInputs, def->maxInputs),
                                   def->maxInputs == 1 ? "" : "s", inputs.size()),
                       {},
                       {},
                       {}};
    for (const std::string& id : inputs) {
        if (id == "input") {
            if (spec.input.empty()) return Problem{"the size of the input is not known: open a dataset", {}, {}, {}};
            facts.inputs.push_back(spec.input);
            continue;
        }
        const int from = spec.find(id);
        if (from < 0) return Problem{fmt::format("its input '{}' does not exist", id), {}, {}, {}};
        if (size_t(from) >= at) return Problem{fmt::format("its input '{}' comes after it", id), {}, {}, {}};
        if (!sofar.layers[size_t(from)].known) silent = true;
        facts.inputs.push_back(sofar.layers[size_t(from)].output);
    }
    return std::nullopt;
}

std::optional<Problem> inferLayer(const LayerSpec& layer, LayerFacts& facts) {
    if (layer.bypassed) {
        facts.output = facts.inputs[0];
        facts.known = true;
        return std::nullopt;
    }
    const LayerDef& def = layerDef(layer.type);
    const ParamValues params = completeParams(def.spec.params, layer.params, def.spec.title);
    const ShapeOrProblem result = def.infer(facts.inputs, params);
    if (const Problem* problem = std::get_if<Problem>(&result)) return *problem;
    facts.output = std::get<Shape>(result);
    double size = 1;
    for (int64_t d : facts.output) size *= double(d);
    if (size > 1e10) return Problem{fmt::format("the output {} is too large to compute", facts.output.text('x')), {}, {}, {}};
    if (def.weights) facts.weights = def.weights(facts.inputs, params);
    for (const WeightDef& weight : facts.weights) {
        double count = 1;
        for (int64_t d : weight.shape) count *= double(d);
        if (count > 2e9)
            return Problem{fmt::format("its {} would hold {:.1f} thousand million numbers", weight.name, count / 1e9), {}, {}, {}};
        if (weight.trainable) facts.parameters += weight.shape.elements();
    }
    for (const std::string& name : layer.frozen)
        if (std::none_of(facts.weights.begin(), facts.weights.end(), [&](const WeightDef& w) { return w.name == name; }))
            return Problem{fmt::format("it has no weight '{}' to freeze", name), {}, {}, {}};
    facts.flops = def.flops ? def.flops(facts.inputs, facts.output, params) : 0;
    facts.known = true;
    return std::nullopt;
}

} // namespace

ModelSpec withoutBypassed(const ModelSpec& spec) {
    if (std::none_of(spec.layers.begin(), spec.layers.end(), [](const LayerSpec& layer) { return layer.bypassed; })) return spec;
    std::map<std::string, std::string> source; // of a bypassed layer: the id whose value passes
    const auto resolve = [&source](const std::string& id) {
        const auto found = source.find(id);
        return found == source.end() ? id : found->second;
    };
    ModelSpec plain = spec;
    plain.layers.clear();
    std::string previous = "input";
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        LayerSpec layer = spec.layers[i];
        std::vector<std::string> inputs = spec.inputsOf(i);
        for (std::string& id : inputs) id = resolve(id);
        if (layer.bypassed) {
            source[layer.id] = inputs[0];
            continue;
        }
        if (!layer.inputs.empty() || inputs[0] != previous) layer.inputs = inputs;
        previous = layer.id;
        plain.layers.push_back(std::move(layer));
    }
    const std::string output = spec.layers.back().bypassed ? resolve(spec.layers.back().id) : spec.layers.back().id;
    if (const int last = plain.find(output); last >= 0)
        plain.layers.resize(size_t(last) + 1);
    else {
        LayerSpec through;
        through.id = spec.layers.back().id;
        through.type = "identity";
        plain.layers.assign(1, through);
    }
    return plain;
}

SpecCheck checkSpec(const ModelSpec& spec) {
    SpecCheck check;
    if (spec.layers.empty()) check.problems.push_back({0, {"the network has no layers", {}, {}, {}}});
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        LayerFacts facts;
        bool silent = false; // behind another problem: no error of its own
        std::optional<Problem> problem = checkStructure(spec, i, check, facts, silent);
        if (!problem && !silent) problem = inferLayer(spec.layers[i], facts);
        if (problem) {
            facts.known = false;
            check.problems.push_back({i, *problem});
        }
        check.layers.push_back(std::move(facts));
    }
    if (!check.layers.empty() && check.layers.back().known) check.output = check.layers.back().output;
    return check;
}

SpecCheck requireValid(const ModelSpec& spec) {
    SpecCheck check = checkSpec(spec);
    if (!check.problems.empty()) {
        const SpecProblem& first = check.problems.front();
        if (spec.layers.empty()) fail(ErrorKind::BadInput, "{}", first.problem.sentence);
        fail(ErrorKind::BadInput, "layer {} ({}): {}", spec.layers[first.layer].id, spec.layers[first.layer].type, first.problem.sentence);
    }
    if (check.output.rank() != 1)
        fail(ErrorKind::BadInput, "the network ends in {}, not in one score for each class; end it with a Flatten and a Linear layer",
             check.output.text('x'));
    return check;
}

} // namespace strata
