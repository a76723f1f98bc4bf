// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"
#include "core/cpu/onednn_conv.h"

#include <map>
#include <optional>
#include <string>

namespace strata::cpu {

/// What results depend on besides the inputs: a plan holds for equal facts only.
struct PlanFacts {
    int threads = 1;
    std::string isa;
    std::string oneDnn;
};

/// Algorithms chosen for convolutions, by ConvProblem::planKey().
class Plan {
public:
    bool exact() const { return exact_; }
    std::optional<ConvAlgorithm> find(const std::string& key) const;
    void record(const std::string& key, ConvAlgorithm algorithm) { choices_[key] = algorithm; }
    /// Forgets all choices.
    void reset(bool exact);
    /// {"threads": 2, "isa": ..., "onednn": "2.6.3", "exact": false, "choices": {key: "direct" | "winograd"}}
    Json toJson(const PlanFacts& facts) const;
    /// Throws Error(Unsupported) if the facts differ, Error(BadFile) if it is no plan; this plan is unchanged then.
    void adopt(const Json& json, const PlanFacts& facts);

private:
    bool exact_ = false;
    std::map<std::string, ConvAlgorithm> choices_;
};

} // namespace strata::cpu
