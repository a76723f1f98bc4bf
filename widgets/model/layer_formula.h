// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/model_spec.h"

#include <QString>

namespace strata {

/// What a layer computes, as one or two lines with the numbers of this layer where the shapes are known: "height = (32 + 2*1 -
/// 3) / 1 + 1 = 32". Formulas as in PyTorch's documentation. Empty for a layer that needs none.
QString layerFormula(const LayerSpec& layer, const LayerFacts& facts);

} // namespace strata
