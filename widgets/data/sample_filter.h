// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/data/sample_index.h"

#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace strata {

enum class SampleSort { Index, Class, Loss };
enum class ExcludedFilter { Any, Only, Hide };

/// Which samples the grid shows, and in which order. A value.
struct SampleFilter {
    std::optional<Split> split; ///< none: all
    std::set<int32_t> classes;  ///< empty: all; the class after relabelling
    std::string text;           ///< in the class name, the origin or a tag; case does not matter
    std::set<std::string> tags; ///< at least one of them
    ExcludedFilter excluded = ExcludedFilter::Any;
    bool relabelled = false;                     ///< only relabelled ones
    std::optional<int32_t> predicted;            ///< only those predicted as this class
    bool wrongOnly = false;                      ///< only those predicted as another class than theirs
    std::optional<std::vector<int32_t>> samples; ///< only these, in this order (a cell of the confusion matrix)
    std::string samplesText;                     ///< what the chip calls them
    SampleSort sort = SampleSort::Index;
    bool descending = false;

    /// Filters in force besides split and order: what chips show.
    int count() const;
    /// Split and order stay.
    void clear();
    bool operator==(const SampleFilter&) const = default;
};

/// What a filter gives.
struct FilterResult {
    std::vector<int32_t> order;                 ///< sample numbers
    std::vector<int32_t> classCounts;           ///< of the samples that every filter but that on classes lets through
    std::array<int32_t, kSplits> splitCounts{}; ///< of the samples that every filter but that on the split lets through
};

/// Applies a filter. Any thread; `predictions` may be null. A text filter asks each sample for its origin, which takes a while
/// for a million. Throws Error(Cancelled).
FilterResult applyFilter(const SampleIndex& index, const SampleStates& states, const SamplePredictions* predictions,
                         const SampleFilter& filter, std::stop_token stop = {});

} // namespace strata
