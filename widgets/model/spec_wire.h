// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/model_spec.h"

#include <string>
#include <vector>

namespace strata::modeledit {

/// A spec with its wiring written out while it is edited. finish() leaves "the layer before" out again where it was left out
/// before or where an edit changed the wiring; what was written out and not touched stays written out.
class Wire {
public:
    struct Node {
        LayerSpec layer;
        std::vector<std::string> inputs;   ///< resolved
        std::vector<std::string> original; ///< as they came; empty for new nodes
        bool implicit = true;
    };
    explicit Wire(const ModelSpec& spec);
    ModelSpec finish() const;

    std::vector<Node>& nodes() { return nodes_; }
    int find(const std::string& id) const;
    /// The value that stands above position `at`: a layer's id or "input".
    std::string above(size_t at) const;
    /// Does the node read the one directly before it?
    bool readsAbove(size_t at) const;

    /// Puts a chain of nodes before `at`: the first one reads what stands above, and what read that there reads the last one.
    void insertChain(size_t at, std::vector<Node> chain);
    /// Takes nodes [first, last] out of the line: what read the last one on the line reads what the first one read.
    void detach(size_t first, size_t last);
    /// Removes one node; all its readers read its main input.
    void remove(size_t at);
    /// Drops second copies of one input and then combining layers with a single input, where that was not so before.
    void tidyCombines();
    /// Ids of a connection that points backwards (reader, source), or two empty texts.
    std::pair<std::string, std::string> backwards() const;
    std::string mainInput(size_t at) const;

private:
    /// Is the node the first of its block, seen from a layer of block `over` above it?
    bool startsBlock(size_t at, const std::string& over) const;
    bool inBlockOf(size_t at, size_t other) const;
    ModelSpec spec_;
    std::vector<Node> nodes_;
};

Wire::Node makeNode(LayerSpec layer);
bool isCombine(const std::string& type);

} // namespace strata::modeledit
