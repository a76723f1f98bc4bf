// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/model/model_facts.h"

namespace strata {

/// Looks for the edit that mends a problem of layer `at`; sets fixTitle and fix where there is one. `inputs` are the shapes that
/// reach the layer as far as they are known.
void findFix(CardProblem& card, const Problem& problem, const ModelSpec& shown, size_t at, const ShapeList& inputs, const DataFacts& data);
/// What is wrong at the ends although each layer is fine: the input is not the data's, the output not one score a class.
void findEndProblems(ModelFacts& facts);

} // namespace strata
