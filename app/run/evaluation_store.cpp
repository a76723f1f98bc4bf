// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/evaluation_store.h"

#include <algorithm>

namespace strata::studio {

void EvaluationStore::add(const Result& result) {
    std::erase_if(results_, [&](const Result& old) { return old->modelId == result->modelId && old->split == result->split; });
    results_.push_back(result);
    emit changed();
}

EvaluationStore::Result EvaluationStore::find(const QString& modelId, const QString& split) const {
    for (const Result& result : results_)
        if (result->modelId == modelId && result->split == split) return result;
    return nullptr;
}

EvaluationStore::Result EvaluationStore::newest(const QString& split) const {
    const auto it = std::find_if(results_.rbegin(), results_.rend(), [&](const Result& result) { return result->split == split; });
    return it == results_.rend() ? nullptr : *it;
}

void EvaluationStore::clear() {
    if (results_.empty()) return;
    results_.clear();
    emit changed();
}

} // namespace strata::studio
