// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/edits.h"

#include <string>
#include <vector>

namespace strata::test {

/// What a person did to one picture: left it out, or gave it another class and tags.
inline SampleEdit excluded() {
    SampleEdit edit;
    edit.exclude = true;
    return edit;
}

inline SampleEdit labelled(const std::string& label, const std::vector<std::string>& tags = {}) {
    SampleEdit edit;
    edit.label = label;
    edit.tags = tags;
    return edit;
}

} // namespace strata::test
