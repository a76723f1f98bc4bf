// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks, copies, and layers as text.
#include "widgets/model/spec_edit_internal.h"

#include <algorithm>
#include <set>

namespace strata::modeledit {

namespace {

constexpr size_t kMostPasted = 10000;

/// A chain of copies with fresh ids; wiring among them follows, the first one's main input is left to the place.
std::vector<Wire::Node> copiesFor(const ModelSpec& target, const std::vector<LayerSpec>& layers,
                                  const std::vector<std::vector<std::string>>& inputs, const std::string& over, size_t at) {
    std::map<std::string, std::string> names, blocks;
    Ids taken;
    ModelSpec known = target;
    std::vector<Wire::Node> chain;
    std::set<std::string> earlier{"input"};
    for (size_t i = 0; i < at; ++i) earlier.insert(target.layers[i].id);
    const std::string entry = inputs.empty() || inputs[0].empty() ? std::string() : inputs[0][0]; // what the originals start from
    for (size_t i = 0; i < layers.size(); ++i) {
        LayerSpec layer = layers[i];
        const bool free = target.find(layer.id) < 0 && std::find(taken.begin(), taken.end(), layer.id) == taken.end() && !layer.id.empty();
        const std::string id = free ? layer.id : freshId(target, layer.type, taken);
        taken.push_back(id);
        Wire::Node node;
        for (size_t k = 0; k < inputs[i].size(); ++k) {
            const std::string& from = inputs[i][k];
            if (const auto found = names.find(from); found != names.end())
                node.inputs.push_back(found->second);
            else
                node.inputs.push_back(from != entry && k > 0 && earlier.contains(from) ? from : over);
        }
        names[layer.id] = id;
        if (!layer.block.empty() && !blocks.contains(layer.block)) {
            const bool used = !blockMembers(known, layer.block).empty();
            blocks[layer.block] = used ? freshBlock(known) : layer.block;
            LayerSpec marker;
            marker.block = blocks[layer.block];
            known.layers.push_back(marker);
        }
        if (!layer.block.empty()) layer.block = blocks[layer.block];
        layer.id = id;
        layer.inputs.clear();
        node.layer = std::move(layer);
        chain.push_back(std::move(node));
    }
    return chain;
}

Ids idsOf(const std::vector<Wire::Node>& chain) {
    Ids ids;
    for (const Wire::Node& node : chain) ids.push_back(node.layer.id);
    return ids;
}

/// Blocks all of whose layers are in `ids`.
std::set<std::string> wholeBlocks(const ModelSpec& spec, const Ids& ids) {
    std::set<std::string> whole;
    for (const LayerSpec& layer : spec.layers) {
        const Ids members = blockMembers(spec, layer.block);
        if (!members.empty() && inOrder(spec, ids).size() >= members.size() &&
            std::all_of(members.begin(), members.end(),
                        [&](const std::string& m) { return std::find(ids.begin(), ids.end(), m) != ids.end(); }))
            whole.insert(layer.block);
    }
    return whole;
}

} // namespace

Edit duplicateLayers(const ModelSpec& spec, const Ids& given) {
    const Ids ids = inOrder(spec, given);
    if (ids.empty()) return refuse(spec, say("There is nothing to duplicate."));
    const size_t at = size_t(spec.find(ids.back())) + 1;
    const std::set<std::string> whole = wholeBlocks(spec, ids);
    const std::string inside = whole.contains(spec.layers[at - 1].block) ? "" : spec.layers[at - 1].block;
    std::vector<LayerSpec> layers;
    std::vector<std::vector<std::string>> inputs;
    for (const std::string& id : ids) {
        layers.push_back(spec.layers[size_t(spec.find(id))]);
        if (!whole.contains(layers.back().block)) layers.back().block.clear();
        inputs.push_back(spec.inputsOf(size_t(spec.find(id))));
    }
    Wire wire(spec);
    std::vector<Wire::Node> chain = copiesFor(spec, layers, inputs, wire.above(at), at);
    for (Wire::Node& node : chain)
        if (node.layer.block.empty()) node.layer.block = inside;
    const Ids made = idsOf(chain);
    std::map<std::string, std::string> blocks; // a copy of a repeated block repeats as often
    for (size_t i = 0; i < chain.size(); ++i) blocks[layers[i].block] = chain[i].layer.block;
    wire.insertChain(at, std::move(chain));
    ModelSpec result = wire.finish();
    for (const auto& [from, to] : blocks)
        if (!from.empty() && repeatsOf(spec, from) > 1) setRepeats(result, to, repeatsOf(spec, from));
    return done(std::move(result), say("Duplicate %1").arg(namesOf(spec, ids)), made);
}

Edit groupLayers(const ModelSpec& spec, const Ids& given) {
    const Ids ids = inOrder(spec, given);
    if (ids.empty()) return refuse(spec, say("There is nothing to group."));
    const size_t first = size_t(spec.find(ids.front()));
    for (size_t i = 0; i < ids.size(); ++i)
        if (spec.layers[first + i].id != ids[i]) return refuse(spec, say("Only layers that follow each other can be grouped."));
    const std::set<std::string> whole = wholeBlocks(spec, ids);
    for (const std::string& id : ids) {
        const std::string& block = spec.layers[size_t(spec.find(id))].block;
        if (!block.empty() && !whole.contains(block))
            return refuse(spec, say("%1 belongs to %2; ungroup that first.").arg(qt(id), qt(block)));
        if (repeatsOf(spec, block) > 1) return refuse(spec, say("%1 is repeated; ungroup it first.").arg(qt(block)));
    }
    ModelSpec result = spec;
    const std::string name = freshBlock(spec);
    for (size_t i = 0; i < ids.size(); ++i) result.layers[first + i].block = name;
    return done(std::move(result), say("Group %1").arg(namesOf(spec, ids)), ids);
}

Edit ungroupBlock(const ModelSpec& spec, const std::string& block) {
    if (blockMembers(spec, block).empty()) return refuse(spec, say("There is no block to ungroup."));
    ModelSpec result = materialise(spec, block);
    const Ids members = blockMembers(result, block);
    for (LayerSpec& layer : result.layers)
        if (layer.block == block) layer.block.clear();
    return done(std::move(result), say("Ungroup %1").arg(qt(block)), members);
}

Edit renameBlock(const ModelSpec& spec, const std::string& block, const std::string& name) {
    if (name.empty()) return refuse(spec, say("A block needs a name."));
    if (name != block && !blockMembers(spec, name).empty()) return refuse(spec, say("Another block is called %1.").arg(qt(name)));
    ModelSpec result = spec;
    for (LayerSpec& layer : result.layers)
        if (layer.block == block) layer.block = name;
    const int times = repeatsOf(spec, block);
    setRepeats(result, block, 1);
    setRepeats(result, name, times);
    return done(std::move(result), say("Rename %1 to %2").arg(qt(block), qt(name)), blockMembers(result, name));
}

Edit repeatBlock(const ModelSpec& spec, const std::string& block, int times) {
    const Ids members = blockMembers(spec, block);
    if (members.empty()) return refuse(spec, say("There is no block to repeat."));
    if (times < 1 || times > 100) return refuse(spec, say("A block is repeated 1 to 100 times."));
    ModelSpec result = spec;
    setRepeats(result, block, times);
    std::set<std::string> ids;
    for (const LayerSpec& layer : expandRepeats(result).layers)
        if (!ids.insert(layer.id).second) return refuse(spec, say("The copies would need the name %1, which is taken.").arg(qt(layer.id)));
    Edit edit = done(std::move(result), say("Repeat %1 %2 times").arg(qt(block)).arg(times), members);
    edit.mergeKey = "model.repeat." + qt(block);
    return edit;
}

QString copyText(const ModelSpec& spec, const Ids& given) {
    Json layers = Json::array();
    ModelSpec part;
    part.input = {1};
    for (const std::string& id : inOrder(spec, given)) {
        LayerSpec layer = spec.layers[size_t(spec.find(id))];
        layer.inputs = spec.inputsOf(size_t(spec.find(id)));
        part.layers.push_back(std::move(layer));
    }
    Json json{{"strata", "layers"}, {"version", 1}, {"layers", part.toJson()["layers"]}};
    Json repeats = Json::object();
    for (const std::string& block : wholeBlocks(spec, given))
        if (repeatsOf(spec, block) > 1) repeats[block] = repeatsOf(spec, block);
    if (!repeats.empty()) json["repeats"] = repeats;
    return qt(toText(json, 2));
}

Edit pasteText(const ModelSpec& spec, const Place& wanted, const QString& text) {
    try {
        Json json = parseJson(text.toStdString(), "the clipboard");
        if (json.is_object() && json.contains("type") && !json.contains("layers")) json = Json{{"layers", Json::array({json})}};
        if (!json.is_object() || !json.contains("layers") || !json["layers"].is_array() || json["layers"].empty())
            return refuse(spec, say("The clipboard holds no layers."));
        if (json["layers"].size() > kMostPasted) return refuse(spec, say("The clipboard holds too many layers."));
        for (Json& layer : json["layers"]) // a name is not needed where one writes a layer by hand
            if (layer.is_object() && !layer.contains("id") && layer.contains("type")) layer["id"] = "";
        json["version"] = 1;
        json["input"] = Json::array({1});
        const ModelSpec part = collapseRepeats(ModelSpec::fromJson(json, "the clipboard"));
        const Place place = settled(spec, wanted);
        std::vector<std::vector<std::string>> inputs;
        for (size_t i = 0; i < part.layers.size(); ++i) inputs.push_back(part.inputsOf(i));
        Wire wire(spec);
        std::vector<LayerSpec> layers = part.layers;
        if (!place.block.empty())
            for (LayerSpec& layer : layers) layer.block.clear();
        std::vector<Wire::Node> chain = copiesFor(spec, layers, inputs, wire.above(place.at), place.at);
        for (Wire::Node& node : chain)
            if (!place.block.empty()) node.layer.block = place.block;
        const Ids made = idsOf(chain);
        std::map<std::string, int> times;
        for (size_t i = 0; i < chain.size(); ++i)
            if (const int n = repeatsOf(part, layers[i].block); n > 1 && place.block.empty()) times[chain[i].layer.block] = n;
        wire.insertChain(place.at, std::move(chain));
        ModelSpec result = wire.finish();
        for (const auto& [block, n] : times) setRepeats(result, block, n);
        return done(std::move(result), say("Paste %1").arg(namesOf(result, made)), made);
    } catch (const Error& error) { return refuse(spec, say("The clipboard holds no layers: %1").arg(QString::fromUtf8(error.what()))); }
}

} // namespace strata::modeledit
