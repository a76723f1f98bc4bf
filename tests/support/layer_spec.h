// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <string>
#include <vector>

namespace strata::test {

/// A layer by hand; without inputs it is fed by the layer before it.
inline LayerSpec layerOf(std::string id, std::string type, ParamValues params = ParamValues::object(),
                         std::vector<std::string> inputs = {}) {
    LayerSpec layer;
    layer.id = std::move(id);
    layer.type = std::move(type);
    layer.params = std::move(params);
    layer.inputs = std::move(inputs);
    return layer;
}

} // namespace strata::test
