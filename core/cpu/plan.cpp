// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/plan.h"

#include "core/base/error.h"

namespace strata::cpu {
namespace {

template <class T> T field(const Json& json, const char* name) {
    const auto found = json.is_object() ? json.find(name) : json.end();
    if (found == json.end()) fail(ErrorKind::BadFile, "the plan of the CPU has no \"{}\"", name);
    try {
        return found->template get<T>();
    } catch (const Json::exception&) { fail(ErrorKind::BadFile, "\"{}\" in the plan of the CPU has the wrong type", name); }
}

std::string threadText(int threads) { return fmt::format("{} thread{}", threads, threads == 1 ? "" : "s"); }

} // namespace

std::optional<ConvAlgorithm> Plan::find(const std::string& key) const {
    if (exact_) return ConvAlgorithm::Direct;
    const auto found = choices_.find(key);
    if (found == choices_.end()) return std::nullopt;
    return found->second;
}

void Plan::reset(bool exact) {
    exact_ = exact;
    choices_.clear();
}

Json Plan::toJson(const PlanFacts& facts) const {
    Json choices = Json::object();
    for (const auto& [key, algorithm] : choices_) choices[key] = std::string(algorithmName(algorithm));
    return {{"threads", facts.threads}, {"isa", facts.isa}, {"onednn", facts.oneDnn}, {"exact", exact_}, {"choices", std::move(choices)}};
}

void Plan::adopt(const Json& json, const PlanFacts& facts) {
    const int threads = field<int>(json, "threads");
    const auto isa = field<std::string>(json, "isa");
    const auto oneDnn = field<std::string>(json, "onednn");
    if (threads != facts.threads || isa != facts.isa)
        fail(ErrorKind::Unsupported, "the run was planned for {} and {}; this process has {} and {}", threadText(threads), isa,
             threadText(facts.threads), facts.isa);
    if (oneDnn != facts.oneDnn)
        fail(ErrorKind::Unsupported, "the run was planned with oneDNN {}; this machine has oneDNN {}", oneDnn, facts.oneDnn);
    Plan adopted;
    adopted.exact_ = field<bool>(json, "exact");
    const auto choices = field<Json>(json, "choices");
    for (const auto& [key, value] : choices.items()) {
        const bool winograd = value == "winograd";
        if (!winograd && value != "direct") fail(ErrorKind::BadFile, "the plan of the CPU has an unknown algorithm for \"{}\"", key);
        adopted.record(key, winograd ? ConvAlgorithm::Winograd : ConvAlgorithm::Direct);
    }
    *this = std::move(adopted);
}

} // namespace strata::cpu
