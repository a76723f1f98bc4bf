// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/spec_edit_internal.h"

#include <algorithm>
#include <set>

namespace strata::modeledit {

namespace {

const std::map<std::string, std::string> kStems = {{"conv2d", "conv"},   {"linear", "fc"},     {"batch_norm", "bn"},
                                                   {"max_pool", "pool"}, {"avg_pool", "pool"}, {"global_avg_pool", "pool"}};

bool contains(const Ids& ids, const std::string& id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

int64_t channelsFor(const ModelSpec& spec, size_t at) {
    int64_t channels = 0;
    bool pooled = false;
    for (size_t i = 0; i < std::min(at, spec.layers.size()); ++i) {
        const LayerSpec& layer = spec.layers[i];
        if (layer.type == "conv2d" && layer.params.contains("out_channels") && layer.params["out_channels"].is_number_integer()) {
            channels = layer.params["out_channels"].get<int64_t>();
            pooled = false;
        } else if (layer.type == "max_pool" || layer.type == "avg_pool")
            pooled = true;
    }
    if (channels < 1) return 32;
    return std::min<int64_t>(pooled ? channels * 2 : channels, 2048);
}

} // namespace

QString namesOf(const ModelSpec& spec, const Ids& ids) {
    if (ids.size() == 1)
        if (const int at = spec.find(ids.front()); at >= 0) return layerTitle(spec.layers[size_t(at)].type);
    return QCoreApplication::translate("ModelEdit", "%n layers", nullptr, int(ids.size()));
}

Place settled(const ModelSpec& spec, Place place) {
    place.at = std::min(place.at, spec.layers.size());
    const std::string over = place.at > 0 ? spec.layers[place.at - 1].block : "";
    const std::string under = place.at < spec.layers.size() ? spec.layers[place.at].block : "";
    if (!over.empty() && over == under)
        place.block = over;
    else if (place.block != over && place.block != under)
        place.block.clear(); // a block's layers stand together
    return place;
}

void tidyRepeats(ModelSpec& spec) {
    if (!spec.extra.contains("repeats") || !spec.extra["repeats"].is_object()) return;
    std::vector<std::string> gone;
    for (const auto& [block, times] : spec.extra["repeats"].items())
        if (blockMembers(spec, block).empty()) gone.push_back(block);
    for (const std::string& block : gone) setRepeats(spec, block, 1);
}

QString backwardsSentence(const Wire& wire) {
    const auto [reader, source] = wire.backwards();
    if (reader.empty()) return {};
    return say("%1 reads %2: the connection between them would point backwards.").arg(qt(reader), qt(source));
}

Ids inOrder(const ModelSpec& spec, const Ids& ids) {
    Ids result;
    for (const LayerSpec& layer : spec.layers)
        if (contains(ids, layer.id)) result.push_back(layer.id);
    return result;
}

Ids blockMembers(const ModelSpec& spec, const std::string& block) {
    Ids result;
    for (const LayerSpec& layer : spec.layers)
        if (!block.empty() && layer.block == block) result.push_back(layer.id);
    return result;
}

std::string freshId(const ModelSpec& spec, const std::string& type, const Ids& alsoTaken) {
    std::set<std::string> taken(alsoTaken.begin(), alsoTaken.end());
    taken.insert("input");
    for (const LayerSpec& layer : expandRepeats(spec).layers) taken.insert(layer.id);
    const auto stem = kStems.find(type);
    const std::string name = stem == kStems.end() ? type : stem->second;
    if (name == "flatten" && !taken.contains(name)) return name;
    for (int number = 1;; ++number)
        if (const std::string id = fmt::format("{}{}", name, number); !taken.contains(id)) return id;
}

std::string freshBlock(const ModelSpec& spec, const std::string& stem) {
    std::set<std::string> taken;
    for (const LayerSpec& layer : spec.layers) taken.insert(layer.block);
    for (int number = 1;; ++number)
        if (const std::string name = fmt::format("{}{}", stem, number); !taken.contains(name)) return name;
}

ParamValues usefulParams(const ModelSpec& spec, size_t at, const std::string& type, int64_t classes) {
    ParamValues params = ParamValues::object();
    if (type == "conv2d") {
        params = {{"out_channels", channelsFor(spec, at)}, {"kernel_size", 3}, {"padding", 1}};
    } else if (type == "linear") {
        bool last = true;
        for (size_t i = at; i < spec.layers.size(); ++i) last = last && spec.layers[i].type != "linear";
        params = {{"out_features", last ? std::max<int64_t>(classes, 1) : 128}};
    } else if (const LayerDef* def = findLayer(type)) {
        for (const ParamDef& param : def->spec.params)
            if (param.defaultValue.is_null()) params[param.id] = int64_t(param.minimum);
    }
    return params;
}

Edit insertLayer(const ModelSpec& spec, const Place& wanted, const std::string& type, int64_t classes) {
    const Place place = settled(spec, wanted);
    LayerSpec layer;
    layer.id = freshId(spec, type);
    layer.type = type;
    layer.params = usefulParams(spec, place.at, type, classes);
    layer.block = place.block;
    const std::string id = layer.id;
    Wire wire(spec);
    std::vector<Wire::Node> chain{makeNode(std::move(layer))};
    wire.insertChain(place.at, std::move(chain));
    return done(wire.finish(), say("Add %1").arg(layerTitle(type)), {id});
}

Edit removeLayers(const ModelSpec& spec, const Ids& given) {
    const Ids ids = inOrder(spec, given);
    if (ids.empty()) return refuse(spec, say("There is nothing to delete."));
    Wire wire(spec);
    size_t first = spec.layers.size();
    for (const std::string& id : ids) {
        const int at = wire.find(id);
        first = std::min(first, size_t(at));
        wire.remove(size_t(at));
    }
    wire.tidyCombines();
    ModelSpec result = wire.finish();
    tidyRepeats(result);
    Ids select;
    if (!result.layers.empty()) select = {result.layers[std::min(first, result.layers.size() - 1)].id};
    return done(std::move(result), say("Delete %1").arg(namesOf(spec, ids)), select);
}

namespace {

/// Where the run of layers that begins at `first` ends: they follow each other and all move.
size_t runOf(const Wire& wire, const Ids& ids, size_t first) {
    auto& nodes = const_cast<Wire&>(wire).nodes();
    size_t last = first;
    while (last + 1 < nodes.size() && contains(ids, nodes[last + 1].layer.id)) ++last;
    return last;
}

} // namespace

Edit moveLayers(const ModelSpec& spec, const Ids& given, const Place& wanted) {
    const Ids ids = inOrder(spec, given);
    if (ids.empty()) return refuse(spec, say("There is nothing to move."));
    const Place place = settled(spec, wanted);
    // Whole blocks keep their name, single layers take the place's.
    std::set<std::string> whole;
    for (const std::string& id : ids) {
        const std::string& block = spec.layers[size_t(spec.find(id))].block;
        const Ids members = blockMembers(spec, block);
        if (!members.empty() && std::all_of(members.begin(), members.end(), [&](const std::string& m) { return contains(ids, m); }))
            whole.insert(block);
    }
    if (!whole.empty() && !place.block.empty() && !whole.contains(place.block))
        return refuse(spec, say("A block cannot stand inside another block."));
    Wire wire(spec);
    std::string before; // the first layer that stays at or below the place
    for (size_t i = place.at; i < spec.layers.size() && before.empty(); ++i)
        if (!contains(ids, spec.layers[i].id)) before = spec.layers[i].id;
    std::vector<std::vector<Wire::Node>> runs;
    std::vector<bool> onLine;
    auto& nodes = wire.nodes();
    for (size_t i = 0; i < nodes.size();) {
        if (!contains(ids, nodes[i].layer.id)) {
            ++i;
            continue;
        }
        const size_t last = runOf(wire, ids, i);
        // A branch that starts elsewhere keeps its wiring; a piece of the line is cut out and set in again.
        const bool line = wire.readsAbove(i);
        if (line) wire.detach(i, last);
        onLine.push_back(line);
        if (line) {
            const std::string over = wire.above(i);
            auto& inputs = nodes[i].inputs;
            if (inputs.size() == 1)
                inputs.clear();
            else
                std::replace(inputs.begin(), inputs.end(), over, std::string("\n")); // filled in where it lands
        }
        runs.emplace_back(nodes.begin() + std::ptrdiff_t(i), nodes.begin() + std::ptrdiff_t(last) + 1);
        nodes.erase(nodes.begin() + std::ptrdiff_t(i), nodes.begin() + std::ptrdiff_t(last) + 1);
    }
    for (size_t r = 0; r < runs.size(); ++r) {
        const size_t at = before.empty() ? nodes.size() : size_t(wire.find(before));
        for (Wire::Node& node : runs[r]) {
            std::replace(node.inputs.begin(), node.inputs.end(), std::string("\n"), wire.above(at));
            if (!whole.contains(node.layer.block)) node.layer.block = place.block;
        }
        if (onLine[r])
            wire.insertChain(at, std::move(runs[r]));
        else
            nodes.insert(nodes.begin() + std::ptrdiff_t(at), runs[r].begin(), runs[r].end());
    }
    if (const QString sentence = backwardsSentence(wire); !sentence.isEmpty()) return refuse(spec, sentence);
    ModelSpec result = wire.finish();
    tidyRepeats(result);
    return done(std::move(result), say("Move %1").arg(namesOf(spec, ids)), ids);
}

Edit setBypassed(const ModelSpec& spec, const Ids& ids, bool bypassed) {
    ModelSpec result = spec;
    for (LayerSpec& layer : result.layers)
        if (contains(ids, layer.id)) layer.bypassed = bypassed;
    return done(std::move(result), (bypassed ? say("Bypass %1") : say("Use %1 again")).arg(namesOf(spec, ids)), inOrder(spec, ids));
}

Edit setFrozen(const ModelSpec& spec, const Ids& ids, bool frozen) {
    ModelSpec result = spec;
    const SpecCheck check = checkSpec(spec);
    for (size_t i = 0; i < result.layers.size(); ++i) {
        if (!contains(ids, result.layers[i].id)) continue;
        result.layers[i].frozen.clear();
        for (const WeightDef& weight : check.layers[i].weights)
            if (frozen && weight.trainable) result.layers[i].frozen.push_back(weight.name);
    }
    return done(std::move(result), (frozen ? say("Freeze %1") : say("Train %1")).arg(namesOf(spec, ids)), inOrder(spec, ids));
}

Edit setParam(const ModelSpec& spec, const Ids& ids, const std::string& param, const Json& value) {
    ModelSpec result = spec;
    QString title = qt(param);
    for (LayerSpec& layer : result.layers) {
        const LayerDef* def = contains(ids, layer.id) ? findLayer(layer.type) : nullptr;
        if (!def) continue;
        for (const ParamDef& known : def->spec.params)
            if (known.id == param) {
                layer.params[param] = value;
                title = qt(known.title).toLower();
            }
    }
    QString shown = value.is_string() ? qt(value.get<std::string>()) : qt(toText(value));
    if (value.is_array() && value.size() == 2)
        shown = value[0] == value[1] ? qt(toText(value[0])) : qt(toText(value[0]) + "x" + toText(value[1]));
    if (value.is_boolean()) shown = value.get<bool>() ? say("on") : say("off");
    Edit edit = done(std::move(result), say("Set %1 to %2").arg(title, shown), inOrder(spec, ids));
    edit.mergeKey = "model.param." + qt(param) + "." + qt(ids.empty() ? "" : ids.front());
    return edit;
}

Edit renameLayer(const ModelSpec& spec, const std::string& id, const std::string& name) {
    const int at = spec.find(id);
    if (at < 0) return refuse(spec, say("There is no layer %1.").arg(qt(id)));
    if (name.empty() || name == "input" || !std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
        }))
        return refuse(spec, say("A layer's name has letters, digits, _ and . only."));
    ModelSpec result = spec;
    result.layers[size_t(at)].id = name;
    for (const LayerSpec& layer : expandRepeats(spec).layers)
        if (layer.id == name && name != id) return refuse(spec, say("Another layer is called %1.").arg(qt(name)));
    for (LayerSpec& layer : result.layers) std::replace(layer.inputs.begin(), layer.inputs.end(), id, name);
    return done(std::move(result), say("Rename %1 to %2").arg(qt(id), qt(name)), {name});
}

Edit useTemplate(const ModelSpec& spec, const std::string& id, const Shape& input, int64_t classes) {
    try {
        ModelSpec made = makeTemplate(id, input, classes);
        QString title = qt(id);
        for (const TemplateDef& def : modelTemplates())
            if (def.id == id) title = qt(def.title);
        return done(std::move(made), say("Use the template %1").arg(title), {});
    } catch (const Error& error) { return refuse(spec, QString::fromUtf8(error.what())); }
}

Edit adaptTo(const ModelSpec& spec, const Shape& input, int64_t classes) {
    ModelSpec result = spec;
    result.input = input;
    for (size_t i = result.layers.size(); i-- > 0 && classes > 0;)
        if (result.layers[i].type == "linear") {
            result.layers[i].params["out_features"] = classes;
            break;
        }
    return done(std::move(result), say("Adapt the network to the data"), {});
}

} // namespace strata::modeledit
