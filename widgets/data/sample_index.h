// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset.h"
#include "core/data/edits.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace strata {

/// Parts of a source in the order in which the grid shows them.
enum class Split : uint8_t { Train, Validation, Test };
constexpr int kSplits = 3;
const char* splitId(Split split); ///< "train", "validation", "test"

/// All samples of a source in one list, numbered from 0: train, then validation, then test. Immutable; several threads.
class SampleIndex {
public:
    explicit SampleIndex(DataSource source);

    const DataSource& source() const { return source_; }
    int32_t size() const { return int32_t(labels_.size()); }
    int32_t size(Split split) const { return begin_[size_t(split) + 1] - begin_[size_t(split)]; }
    Split split(int32_t id) const;
    int64_t index(int32_t id) const { return id - begin_[size_t(split(id))]; } ///< within its split
    /// -1 if there is none.
    int32_t find(Split split, int64_t index) const;
    int32_t find(const SampleKey& key) const;
    SampleKey key(int32_t id) const;
    int32_t label(int32_t id) const { return labels_[size_t(id)]; } ///< as the data say
    const Dataset& dataset(int32_t id) const { return *sets_[size_t(split(id))]; }
    std::string origin(int32_t id) const { return dataset(id).origin(index(id)); }
    Sample sample(int32_t id) const { return dataset(id).get(index(id)); } ///< may decode; throws Error(BadFile)

private:
    DataSource source_;
    std::array<DatasetPtr, kSplits> sets_;
    std::array<int32_t, kSplits + 1> begin_{};
    std::vector<int32_t> labels_;
    std::array<std::vector<int32_t>, kSplits> byKey_; ///< by the key's split and index: the sample's number, -1 for none
};

using SampleIndexPtr = std::shared_ptr<const SampleIndex>;

/// What the project's edits say about each sample of an index. Immutable.
class SampleStates {
public:
    SampleStates(const SampleIndex& index, const EditList& edits);

    int32_t label(int32_t id) const; ///< the new class where relabelled
    bool excluded(int32_t id) const { return flags_[size_t(id)] & kExcluded; }
    bool relabelled(int32_t id) const { return flags_[size_t(id)] & kRelabelled; }
    bool tagged(int32_t id) const { return flags_[size_t(id)] & kTagged; }
    const std::vector<std::string>& tags(int32_t id) const;
    const std::map<std::string, int>& tagCounts() const { return tagCounts_; }
    int excludedCount() const { return excluded_; }
    int relabelledCount() const { return relabelled_; }
    int taggedCount() const { return int(tags_.size()); }

private:
    static constexpr uint8_t kExcluded = 1, kRelabelled = 2, kTagged = 4;
    std::vector<int32_t> labels_;
    std::vector<uint8_t> flags_;
    std::unordered_map<int32_t, std::vector<std::string>> tags_;
    std::map<std::string, int> tagCounts_;
    int excluded_ = 0, relabelled_ = 0;
};

using SampleStatesPtr = std::shared_ptr<const SampleStates>;

/// What a network said about each sample of an index; class -1 where it was not asked.
struct SamplePredictions {
    std::string network;            ///< "Run 3, best"
    std::vector<int32_t> predicted; ///< by sample number
    std::vector<float> loss;
};

using SamplePredictionsPtr = std::shared_ptr<const SamplePredictions>;

} // namespace strata
