// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/model_fix.h"
#include "widgets/model/spec_edit_internal.h"

#include <algorithm>

namespace strata {
namespace {

using namespace modeledit;

Edit withLayers(const ModelSpec& spec, const QString& text, Ids select, const std::function<void(ModelSpec&)>& change) {
    ModelSpec result = spec;
    change(result);
    return done(std::move(result), text, std::move(select));
}

/// A new layer on one input of layer `at`, directly before it.
Edit insertOnInput(const ModelSpec& spec, const std::string& reader, size_t input, LayerSpec layer) {
    Wire wire(spec);
    const int at = wire.find(reader);
    if (at < 0 || input >= wire.nodes()[size_t(at)].inputs.size()) return refuse(spec, say("The layer is gone."));
    layer.id = freshId(spec, layer.type);
    layer.block = wire.nodes()[size_t(at)].layer.block;
    const std::string id = layer.id, title = layer.type;
    Wire::Node node = makeNode(std::move(layer));
    std::string& source = wire.nodes()[size_t(at)].inputs[input];
    node.inputs = {source};
    source = id;
    wire.nodes().insert(wire.nodes().begin() + at, std::move(node));
    return done(wire.finish(), say("Insert %1").arg(layerTitle(title)), {id});
}

void offerParam(CardProblem& card, const std::string& id, const ParamDef& def, const Json& value) {
    card.param = qt(def.id);
    card.fixTitle = say("Set %1 to %2").arg(qt(def.title).toLower(), qt(toText(value)));
    card.fix = [id, param = def.id, value](const ModelSpec& spec) { return setParam(spec, {id}, param, value); };
}

/// Missing, wrong or unknown parameters get a useful value or go.
bool fixParams(CardProblem& card, const ModelSpec& shown, size_t at, const LayerDef& def, const DataFacts& data) {
    const LayerSpec& layer = shown.layers[at];
    const ParamValues useful = usefulParams(shown, at, layer.type, data.classes > 0 ? data.classes : 10);
    for (const ParamDef& param : def.spec.params) {
        const bool given = layer.params.contains(param.id);
        const bool wrong = given ? checkParam(param, layer.params[param.id]).has_value() : param.defaultValue.is_null();
        if (!wrong) continue;
        offerParam(card, layer.id, param, useful.contains(param.id) ? useful[param.id] : param.defaultValue);
        return true;
    }
    for (const auto& [name, value] : layer.params.items()) {
        if (std::any_of(def.spec.params.begin(), def.spec.params.end(), [&](const ParamDef& p) { return p.id == name; })) continue;
        card.fixTitle = say("Remove the parameter %1").arg(qt(name));
        card.fix = [id = layer.id, name](const ModelSpec& spec) {
            return withLayers(spec, say("Remove the parameter %1").arg(qt(name)), {id}, [&](ModelSpec& s) {
                if (const int i = s.find(id); i >= 0) s.layers[size_t(i)].params.erase(name);
            });
        };
        return true;
    }
    return false;
}

/// An id that is taken, malformed or unknown.
bool fixNames(CardProblem& card, const ModelSpec& shown, size_t at) {
    const LayerSpec& layer = shown.layers[at];
    const bool twice = shown.find(layer.id) != int(at);
    const bool valid = !layer.id.empty() && renameLayer(shown, layer.id, layer.id).ok();
    if (twice || !valid) {
        const std::string name = freshId(shown, layer.type);
        card.fixTitle = say("Rename it to %1").arg(qt(name));
        card.fix = [at, name, title = card.fixTitle](const ModelSpec& spec) {
            return withLayers(spec, title, {name}, [&](ModelSpec& s) { s.layers[at].id = name; });
        };
        return true;
    }
    if (findLayer(layer.type)) return false;
    std::vector<std::string> known;
    for (const LayerDef* def : layers()) known.push_back(def->spec.id);
    const std::string near = nearestName(layer.type, known);
    card.fixTitle = near.empty() ? say("Bypass it") : say("Change it to %1").arg(layerTitle(near));
    card.fix = [id = layer.id, near, title = card.fixTitle](const ModelSpec& spec) {
        if (near.empty()) return setBypassed(spec, {id}, true);
        return withLayers(spec, title, {id}, [&](ModelSpec& s) {
            LayerSpec& changed = s.layers[size_t(s.find(id))];
            changed.type = near;
            const ParamValues useful = usefulParams(s, size_t(s.find(id)), near, 10); // items() refers to it
            for (const auto& [name, value] : useful.items())
                if (!changed.params.contains(name)) changed.params[name] = value;
        });
    };
    return true;
}

/// Inputs that do not exist, come later, or are too few or too many.
bool fixInputs(CardProblem& card, const ModelSpec& shown, size_t at, const LayerDef& def) {
    const std::string id = shown.layers[at].id;
    const std::vector<std::string> inputs = shown.inputsOf(at);
    for (size_t k = 0; k < inputs.size(); ++k) {
        const int from = shown.find(inputs[k]);
        if (inputs[k] == "input" || (from >= 0 && size_t(from) < at)) continue;
        const std::string over = at > 0 ? shown.layers[at - 1].id : "input";
        card.fixTitle = say("Read %1 instead").arg(over == "input" ? say("the input") : qt(over));
        card.fix = [id, k, over](const ModelSpec& spec) { return setInput(spec, id, k, over); };
        return true;
    }
    if (int(inputs.size()) > def.maxInputs) {
        card.fixTitle = say("Keep the first input only");
        card.fix = [id, first = inputs.front(), title = card.fixTitle](const ModelSpec& spec) {
            return withLayers(spec, title, {id}, [&](ModelSpec& s) { s.layers[size_t(s.find(id))].inputs = {first}; });
        };
        return true;
    }
    if (int(inputs.size()) < def.minInputs) {
        card.fixTitle = say("Delete %1").arg(qt(def.spec.title));
        card.fix = [id](const ModelSpec& spec) { return removeLayers(spec, {id}); };
        return true;
    }
    return false;
}

/// Stride with which a 1x1 convolution takes side `from` to `to`, or 0.
int64_t strideFor(const Shape& from, const Shape& to) {
    for (int64_t stride = 1; stride <= 16; ++stride)
        if ((from[1] - 1) / stride + 1 == to[1] && (from[2] - 1) / stride + 1 == to[2]) return stride;
    return 0;
}

/// Shapes that an add or concat cannot join: the larger one is projected.
void fixShapes(CardProblem& card, const ModelSpec& shown, size_t at, const LayerDef& def, const ShapeList& inputs) {
    const std::string id = shown.layers[at].id;
    for (size_t k = 1; k < inputs.size(); ++k) {
        if (inputs[k].empty() || inputs[0].empty() || inputs[k] == inputs[0]) continue;
        const bool pictures = inputs[k].rank() == 3 && inputs[0].rank() == 3;
        LayerSpec layer;
        size_t input = k;
        if (pictures) {
            int64_t stride = strideFor(inputs[k], inputs[0]);
            if (stride == 0) {
                stride = strideFor(inputs[0], inputs[k]);
                input = 0;
            }
            if (stride == 0) return;
            const Shape& wanted = inputs[input == 0 ? k : 0];
            const int64_t channels = def.role == Role::Concat ? inputs[input][0] : wanted[0];
            layer.type = "conv2d";
            layer.params = {{"out_channels", channels}, {"kernel_size", 1}, {"bias", false}};
            if (stride > 1) layer.params["stride"] = stride;
            card.fixTitle =
                stride > 1 ? say("Insert 1%1 Conv2d, stride %2").arg("\u00d71").arg(stride) : say("Insert 1%1 Conv2d").arg("\u00d71");
        } else if (inputs[k].rank() == 1 && inputs[0].rank() == 1) {
            layer.type = "linear";
            layer.params = {{"out_features", inputs[0][0]}};
            card.fixTitle = say("Insert Linear with %1 features").arg(inputs[0][0]);
        } else {
            input = inputs[k].rank() == 3 ? k : 0;
            layer.type = "flatten";
            card.fixTitle = say("Insert Flatten");
            const Shape& vector = inputs[input == 0 ? k : 0];
            if (def.role == Role::Add && vector.rank() == 1 && inputs[input].rank() == 3 && inputs[input].elements() != vector[0]) {
                card.fixTitle = say("Insert Flatten and Linear with %1 features").arg(vector[0]);
                LayerSpec linear;
                linear.type = "linear";
                linear.params = {{"out_features", vector[0]}};
                card.fix = [id, input, layer, linear](const ModelSpec& spec) {
                    return insertOnInput(insertOnInput(spec, id, input, layer).spec, id, input, linear);
                };
                return;
            }
        }
        card.fix = [id, input, layer](const ModelSpec& spec) { return insertOnInput(spec, id, input, layer); };
        return;
    }
}

/// A picture layer that stands below a Flatten goes above it.
void fixOrder(CardProblem& card, const ModelSpec& shown, size_t at) {
    for (size_t i = at; i-- > 0;)
        if (shown.layers[i].type == "flatten" || shown.layers[i].type == "global_avg_pool") {
            card.fixTitle = say("Move it before %1").arg(qt(shown.layers[i].id));
            card.fix = [id = shown.layers[at].id, i, block = shown.layers[i].block](const ModelSpec& spec) {
                return moveLayers(spec, {id}, {i, block});
            };
            return;
        }
}

} // namespace

void findFix(CardProblem& card, const Problem& problem, const ModelSpec& shown, size_t at, const ShapeList& inputs, const DataFacts& data) {
    const LayerSpec& layer = shown.layers[at];
    if (fixNames(card, shown, at)) return;
    const LayerDef& def = layerDef(layer.type);
    if (fixParams(card, shown, at, def, data)) return;
    if (fixInputs(card, shown, at, def)) return;
    if (shown.input.empty()) {
        const Shape size = data.input.empty() ? Shape{3, 32, 32} : data.input;
        card.fixTitle = say("Use pictures of %1").arg(shapeText(size));
        card.fix = [size](const ModelSpec& spec) { return adaptTo(spec, size, 0); };
        return;
    }
    if (!problem.fixParam.empty()) {
        card.param = qt(problem.fixParam);
        card.fixTitle = qt(problem.fixTitle);
        card.fix = [id = layer.id, param = problem.fixParam, value = problem.fixValue](const ModelSpec& spec) {
            return setParam(spec, {id}, param, value);
        };
        return;
    }
    if (isCombine(layer.type)) return fixShapes(card, shown, at, def, inputs);
    if (def.role == Role::Linear && !inputs.empty() && inputs[0].rank() == 3) {
        LayerSpec flatten;
        flatten.type = "flatten";
        card.fixTitle = say("Insert Flatten");
        card.fix = [id = layer.id, flatten](const ModelSpec& spec) { return insertOnInput(spec, id, 0, flatten); };
        return;
    }
    if (!inputs.empty() && inputs[0].rank() == 1) return fixOrder(card, shown, at);
    if (!layer.frozen.empty()) {
        card.fixTitle = say("Train all its weights");
        card.fix = [id = layer.id, title = card.fixTitle](const ModelSpec& spec) {
            return withLayers(spec, title, {id}, [&](ModelSpec& s) { s.layers[size_t(s.find(id))].frozen.clear(); });
        };
    }
}

void findEndProblems(ModelFacts& facts) {
    const ModelSpec& spec = facts.spec;
    const Shape& wanted = facts.data.input;
    if (!wanted.empty() && !spec.input.empty() && !(spec.input == wanted)) {
        CardProblem card;
        card.card = kInputCard;
        card.sentence = say("The network takes %1, but the data give %2.").arg(shapeText(spec.input), shapeText(wanted));
        card.fixTitle = say("Adapt to the data");
        card.fix = [wanted, classes = facts.data.classes](const ModelSpec& s) { return adaptTo(s, wanted, classes); };
        facts.problems.insert(facts.problems.begin(), std::move(card));
    }
    if (facts.output.empty()) return;
    const int64_t classes = facts.data.classes > 0 ? facts.data.classes : 10;
    CardProblem card;
    card.card = kOutputCard;
    const auto append = [classes](bool flatten) {
        return [classes, flatten](const ModelSpec& s) {
            Edit edit = flatten ? insertLayer(s, {s.layers.size(), {}}, "flatten", classes) : done(s, {}, {});
            edit = insertLayer(edit.spec, {edit.spec.layers.size(), {}}, "linear", classes);
            const Json features = classes;
            edit.spec.layers.back().params["out_features"] = features;
            return edit;
        };
    };
    if (facts.output.rank() != 1) {
        card.sentence = say("The network ends in %1, not in one score for each class.").arg(shapeText(facts.output));
        card.fixTitle = say("Add Flatten and Linear");
        card.fix = append(true);
    } else if (facts.data.classes > 0 && facts.output[0] != classes) {
        card.sentence = say("The network gives %1 scores, but the data have %2 classes.").arg(facts.output[0]).arg(classes);
        const LayerSpec& last = spec.layers.back();
        if (last.type == "linear" && !last.bypassed) {
            card.fixTitle = say("Set out features to %1").arg(classes);
            card.fix = [id = last.id, classes](const ModelSpec& s) { return setParam(s, {id}, "out_features", classes); };
        } else {
            card.fixTitle = say("Add Linear with %1 features").arg(classes);
            card.fix = append(false);
        }
    } else
        return;
    facts.problems.push_back(std::move(card));
}

} // namespace strata
