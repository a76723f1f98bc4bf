// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/sample_filter.h"
#include "core/base/text.h"

#include <algorithm>
#include <numeric>

namespace strata {
namespace {

/// Lower case for comparing: ASCII and everything UTF-8 keeps as it is.
bool contains(const std::string& text, const std::string& lowerWord) { return toLower(text).find(lowerWord) != std::string::npos; }

class Matcher {
public:
    Matcher(const SampleIndex& index, const SampleStates& states, const SamplePredictions* predictions, const SampleFilter& filter)
        : index_(index), states_(states), predictions_(predictions), filter_(filter), word_(toLower(trim(filter.text))) {
        if (predictions_ && int32_t(predictions_->predicted.size()) != index.size()) predictions_ = nullptr;
        for (const std::string& name : index.source().classes) classMatches_.push_back(!word_.empty() && contains(name, word_));
    }

    /// All filters but split and class.
    bool operator()(int32_t id) const {
        if (filter_.excluded == ExcludedFilter::Only && !states_.excluded(id)) return false;
        if (filter_.excluded == ExcludedFilter::Hide && states_.excluded(id)) return false;
        if (filter_.relabelled && !states_.relabelled(id)) return false;
        if (!filter_.tags.empty() && !taggedWith(id)) return false;
        if (filter_.predicted && (!predictions_ || predictions_->predicted[size_t(id)] != *filter_.predicted)) return false;
        if (filter_.wrongOnly && !wrong(id)) return false;
        return word_.empty() || matchesText(id);
    }

private:
    bool taggedWith(int32_t id) const {
        if (!states_.tagged(id)) return false;
        const auto& tags = states_.tags(id);
        return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) { return filter_.tags.contains(tag); });
    }
    bool wrong(int32_t id) const {
        const int32_t predicted = predictions_ ? predictions_->predicted[size_t(id)] : -1;
        return predicted >= 0 && predicted != states_.label(id);
    }
    bool matchesText(int32_t id) const {
        if (classMatches_[size_t(states_.label(id))] || contains(index_.origin(id), word_)) return true;
        if (!states_.tagged(id)) return false;
        const auto& tags = states_.tags(id);
        return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) { return contains(tag, word_); });
    }

    const SampleIndex& index_;
    const SampleStates& states_;
    const SamplePredictions* predictions_;
    const SampleFilter& filter_;
    std::string word_;
    std::vector<bool> classMatches_;
};

void sortOrder(std::vector<int32_t>& order, const SampleStates& states, const SamplePredictions* predictions, const SampleFilter& filter) {
    if (filter.sort == SampleSort::Class)
        std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return states.label(a) < states.label(b); });
    if (filter.sort == SampleSort::Loss && predictions && !predictions->loss.empty())
        std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
            const bool asked = predictions->predicted[size_t(a)] >= 0, other = predictions->predicted[size_t(b)] >= 0;
            if (asked != other) return asked;
            return predictions->loss[size_t(a)] < predictions->loss[size_t(b)];
        });
    if (filter.descending) std::reverse(order.begin(), order.end());
}

} // namespace

int SampleFilter::count() const {
    return int(classes.size()) + int(!trim(text).empty()) + int(tags.size()) + int(excluded != ExcludedFilter::Any) + int(relabelled) +
           int(predicted.has_value()) + int(wrongOnly) + int(samples.has_value());
}

void SampleFilter::clear() {
    SampleFilter empty;
    empty.split = split;
    empty.sort = sort;
    empty.descending = descending;
    *this = std::move(empty);
}

FilterResult applyFilter(const SampleIndex& index, const SampleStates& states, const SamplePredictions* predictions,
                         const SampleFilter& filter, std::stop_token stop) {
    const Matcher matches(index, states, predictions, filter);
    FilterResult result;
    result.classCounts.resize(index.source().classes.size());
    std::vector<int32_t> all;
    if (!filter.samples) {
        all.resize(size_t(index.size()));
        std::iota(all.begin(), all.end(), 0);
    }
    for (const int32_t id : filter.samples ? *filter.samples : all) {
        if (id % 4096 == 0 && stop.stop_requested()) fail(ErrorKind::Cancelled, "filter: cancelled");
        if (id < 0 || id >= index.size() || !matches(id)) continue;
        const bool inSplit = !filter.split || index.split(id) == *filter.split;
        const bool inClass = filter.classes.empty() || filter.classes.contains(states.label(id));
        if (inSplit) ++result.classCounts[size_t(states.label(id))];
        if (inClass) ++result.splitCounts[size_t(index.split(id))];
        if (inSplit && inClass) result.order.push_back(id);
    }
    sortOrder(result.order, states, predictions, filter);
    return result;
}

} // namespace strata
