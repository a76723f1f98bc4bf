// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/model_spec.h"

#include <QString>
#include <optional>
#include <string>
#include <vector>

/// Edits of a network as functions over values, without widgets. They work on the spec as the stack shows it (a repeated block
/// once, see spec_repeat.h); wiring the person did not touch comes out as it went in, so undo and files stay exact.
namespace strata::modeledit {

/// What an edit gives. Refused: a sentence says why, and the spec is the old one.
struct Edit {
    ModelSpec spec;
    QString text;                    ///< of the undo step, "Add Conv2d"
    std::vector<std::string> select; ///< what is selected afterwards
    QString refused;
    QString mergeKey; ///< steps with the same key in a row become one
    bool ok() const { return refused.isEmpty(); }
};
using Ids = std::vector<std::string>;

/// Where layers go: before position `at`, as members of `block` ("": of none). Between two layers of one block they join it.
struct Place {
    size_t at = 0;
    std::string block;
};

/// A name like those of the templates ("conv3", "bn1", "fc") that no layer has.
std::string freshId(const ModelSpec& spec, const std::string& type, const Ids& alsoTaken = {});
std::string freshBlock(const ModelSpec& spec, const std::string& stem = "block");
/// Useful values for a new layer there: channels as the convolution before (twice after a pool), kernel 3 padded to keep the
/// size, as many features as classes where it is the last linear layer.
ParamValues usefulParams(const ModelSpec& spec, size_t at, const std::string& type, int64_t classes);

Edit insertLayer(const ModelSpec& spec, const Place& place, const std::string& type, int64_t classes);
/// Readers of a removed layer read what it read. An add or concat that loses its second input goes too.
Edit removeLayers(const ModelSpec& spec, const Ids& ids);
/// Refused where a connection would point backwards. Connections stay with their layers, the line through the stack closes.
Edit moveLayers(const ModelSpec& spec, const Ids& ids, const Place& place);
Edit duplicateLayers(const ModelSpec& spec, const Ids& ids);
Edit setBypassed(const ModelSpec& spec, const Ids& ids, bool bypassed);
/// Training leaves all weights of these layers alone, or none.
Edit setFrozen(const ModelSpec& spec, const Ids& ids, bool frozen);
Edit setParam(const ModelSpec& spec, const Ids& ids, const std::string& param, const Json& value);
Edit renameLayer(const ModelSpec& spec, const std::string& id, const std::string& name);

/// "" where `from` (a layer or "input") may be connected to `to` (a layer or "output"), else the reason.
QString whyNotConnect(const ModelSpec& spec, const std::string& from, const std::string& to);
/// Joins an add or concat; before any other target inserts one of `type` ("add", "concat").
Edit connectLayers(const ModelSpec& spec, const std::string& from, const std::string& to, const std::string& type);
/// Another source for one input of a layer.
Edit setInput(const ModelSpec& spec, const std::string& layer, size_t input, const std::string& source);
/// An add or concat that keeps one input only goes too. Refused for the only input of any other layer.
Edit removeInput(const ModelSpec& spec, const std::string& layer, size_t input);
/// Moves the end of a connection to another target.
Edit rerouteTarget(const ModelSpec& spec, const std::string& layer, size_t input, const std::string& to, const std::string& type);

Edit groupLayers(const ModelSpec& spec, const Ids& ids);
/// Copies of a repeated block stay as layers of their own.
Edit ungroupBlock(const ModelSpec& spec, const std::string& block);
Edit renameBlock(const ModelSpec& spec, const std::string& block, const std::string& name);
Edit repeatBlock(const ModelSpec& spec, const std::string& block, int times);

/// Layers as JSON text; wiring between them is kept.
QString copyText(const ModelSpec& spec, const Ids& ids);
/// Accepts what copyText() wrote, a whole model, and one layer. Fresh ids where they are taken.
Edit pasteText(const ModelSpec& spec, const Place& place, const QString& text);

Edit useTemplate(const ModelSpec& spec, const std::string& id, const Shape& input, int64_t classes);
/// The input's size, and the classes of the last linear layer.
Edit adaptTo(const ModelSpec& spec, const Shape& input, int64_t classes);

/// Ids of a block's layers in order.
Ids blockMembers(const ModelSpec& spec, const std::string& block);
/// `ids` in the order of the stack, without what is not there.
Ids inOrder(const ModelSpec& spec, const Ids& ids);

} // namespace strata::modeledit
