// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"
#include "core/base/param.h"

#include <string>
#include <vector>

namespace strata {

/// The definition with this id in a list of described components. Throws Error(BadInput): "there is no optimizer 'sgdd'; did
/// you mean sgd?", or with all ids where none is near.
template <class Def> const Def& findComponent(const std::vector<Def>& list, const std::string& id, std::string_view what) {
    std::vector<std::string> ids;
    for (const Def& def : list) {
        if (def.spec.id == id) return def;
        ids.push_back(def.spec.id);
    }
    if (const std::string near = nearestName(id, ids); !near.empty())
        fail(ErrorKind::BadInput, "there is no {} '{}'; did you mean {}?", what, id, near);
    std::string all;
    for (const std::string& known : ids) all += (all.empty() ? "" : ", ") + known;
    fail(ErrorKind::BadInput, "there is no {} '{}'; there are {}", what, id, all);
}

} // namespace strata
