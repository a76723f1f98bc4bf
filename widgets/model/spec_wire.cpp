// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/spec_wire.h"

#include <algorithm>
#include <set>

namespace strata::modeledit {

bool isCombine(const std::string& type) {
    const LayerDef* def = findLayer(type);
    return def && (def->role == Role::Add || def->role == Role::Concat);
}

Wire::Node makeNode(LayerSpec layer) {
    Wire::Node node;
    node.inputs = layer.inputs;
    node.layer = std::move(layer);
    return node;
}

Wire::Wire(const ModelSpec& spec) : spec_(spec) {
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        Node node;
        node.layer = spec.layers[i];
        node.inputs = node.original = spec.inputsOf(i);
        node.implicit = spec.layers[i].inputs.empty();
        nodes_.push_back(std::move(node));
    }
}

ModelSpec Wire::finish() const {
    ModelSpec spec = spec_;
    spec.layers.clear();
    std::string previous = "input";
    for (const Node& node : nodes_) {
        LayerSpec layer = node.layer;
        const bool touched = node.implicit || node.inputs != node.original;
        if (touched) layer.inputs = node.inputs.size() == 1 && node.inputs[0] == previous ? std::vector<std::string>() : node.inputs;
        previous = layer.id;
        spec.layers.push_back(std::move(layer));
    }
    return spec;
}

int Wire::find(const std::string& id) const {
    for (size_t i = 0; i < nodes_.size(); ++i)
        if (nodes_[i].layer.id == id) return int(i);
    return -1;
}

std::string Wire::above(size_t at) const { return at == 0 ? std::string("input") : nodes_[at - 1].layer.id; }

bool Wire::readsAbove(size_t at) const {
    const auto& inputs = nodes_[at].inputs;
    return std::find(inputs.begin(), inputs.end(), above(at)) != inputs.end();
}

bool Wire::startsBlock(size_t at, const std::string& over) const {
    const std::string& block = nodes_[at].layer.block;
    return !block.empty() && block != over;
}

bool Wire::inBlockOf(size_t at, size_t other) const { return nodes_[other].layer.block == nodes_[at].layer.block; }

std::string Wire::mainInput(size_t at) const {
    if (nodes_[at].inputs.empty() || readsAbove(at)) return above(at);
    return nodes_[at].inputs.front();
}

void Wire::insertChain(size_t at, std::vector<Node> chain) {
    const std::string over = above(at), last = chain.back().layer.id;
    const auto swap = [&](Node& reader) {
        const auto found = std::find(reader.inputs.begin(), reader.inputs.end(), over);
        if (found == reader.inputs.end()) return false;
        *found = last;
        return true;
    };
    // The line goes on in the layer below; where that starts a branch of its own, in whoever reads the value further down.
    if (at < nodes_.size()) {
        if (!swap(nodes_[at]))
            for (size_t i = at + 1; i < nodes_.size(); ++i) swap(nodes_[i]);
        else // before a block: all of it starts from the new value, its skip connection too
            for (size_t i = at + 1; i < nodes_.size() && startsBlock(at, chain.back().layer.block) && inBlockOf(at, i); ++i)
                swap(nodes_[i]);
    }
    for (size_t i = 0; i < chain.size(); ++i)
        if (chain[i].inputs.empty()) chain[i].inputs = {i == 0 ? over : chain[i - 1].layer.id};
    nodes_.insert(nodes_.begin() + std::ptrdiff_t(at), std::make_move_iterator(chain.begin()), std::make_move_iterator(chain.end()));
}

void Wire::detach(size_t first, size_t last) {
    const std::string through = mainInput(first), id = nodes_[last].layer.id;
    const auto swap = [&](Node& reader) { std::replace(reader.inputs.begin(), reader.inputs.end(), id, through); };
    if (last + 1 < nodes_.size() && readsAbove(last + 1)) {
        swap(nodes_[last + 1]);
        for (size_t i = last + 2; i < nodes_.size() && startsBlock(last + 1, nodes_[last].layer.block) && inBlockOf(last + 1, i); ++i)
            swap(nodes_[i]);
        return;
    }
    for (size_t i = last + 1; i < nodes_.size(); ++i) swap(nodes_[i]);
}

void Wire::remove(size_t at) {
    const std::string through = mainInput(at), id = nodes_[at].layer.id;
    nodes_.erase(nodes_.begin() + std::ptrdiff_t(at));
    for (Node& reader : nodes_) std::replace(reader.inputs.begin(), reader.inputs.end(), id, through);
}

void Wire::tidyCombines() {
    for (size_t i = 0; i < nodes_.size();) {
        Node& node = nodes_[i];
        if (!isCombine(node.layer.type) || node.inputs == node.original) {
            ++i;
            continue;
        }
        std::set<std::string> before(node.original.begin(), node.original.end());
        if (before.size() == node.original.size()) { // there were no copies before
            std::vector<std::string> unique;
            for (const std::string& id : node.inputs)
                if (std::find(unique.begin(), unique.end(), id) == unique.end()) unique.push_back(id);
            node.inputs = unique;
        }
        if (node.inputs.size() >= 2) {
            ++i;
            continue;
        }
        remove(i);
        i = 0; // others may have become single
    }
}

std::pair<std::string, std::string> Wire::backwards() const {
    std::set<std::string> known{"input"}, all;
    for (const Node& node : nodes_) all.insert(node.layer.id);
    for (const Node& node : nodes_) {
        for (const std::string& id : node.inputs)
            if (!known.contains(id) && all.contains(id)) return {node.layer.id, id};
        known.insert(node.layer.id);
    }
    return {};
}

} // namespace strata::modeledit
