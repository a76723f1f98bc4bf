// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/model_spec.h"

#include <map>
#include <string>
#include <vector>

namespace strata::modeledit {

/// A block that is repeated stands in the file as its copies one after the other, so that the engine, the command line and every
/// format see plain layers; the model's field "repeats" ({"block2": 3}) binds them. The Studio shows and edits one body: copy j
/// of layer "conv1" is "conv1_rj"; the first layer of a copy reads the end of the copy before.

/// The spec with one body for each repeated block. Where the copies do not match (edited by hand) they are shown as they are.
ModelSpec collapseRepeats(const ModelSpec& full);
/// The reverse: what the file holds and what runs.
ModelSpec expandRepeats(const ModelSpec& shown);

/// How often a block is repeated, 1 if it is not.
int repeatsOf(const ModelSpec& spec, const std::string& block);
void setRepeats(ModelSpec& spec, const std::string& block, int times);
/// For each layer of `shown` its positions in `expandRepeats(shown)`, first copy first.
std::vector<std::vector<size_t>> copiesOf(const ModelSpec& shown);
/// Copies of one block as layers of their own, the others untouched.
ModelSpec materialise(const ModelSpec& shown, const std::string& block);

} // namespace strata::modeledit
