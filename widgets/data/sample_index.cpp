// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/sample_index.h"

#include <algorithm>
#include <limits>

namespace strata {
namespace {

size_t splitNumber(const std::string& split) {
    for (size_t i = 0; i < kSplits; ++i)
        if (split == splitId(Split(i))) return i;
    return kSplits;
}

} // namespace

const char* splitId(Split split) {
    constexpr const char* ids[] = {"train", "validation", "test"};
    return ids[size_t(split)];
}

SampleIndex::SampleIndex(DataSource source) : source_(std::move(source)), sets_{source_.train, source_.validation, source_.test} {
    int64_t total = 0;
    for (size_t s = 0; s < kSplits; ++s) {
        total += sets_[s] ? sets_[s]->size() : 0;
        if (total > std::numeric_limits<int32_t>::max())
            fail(ErrorKind::Unsupported, "{}: more samples than the window can show", source_.title);
        begin_[s + 1] = int32_t(total);
    }
    labels_.reserve(size_t(total));
    for (size_t s = 0; s < kSplits; ++s) {
        for (int64_t i = 0; sets_[s] && i < sets_[s]->size(); ++i) {
            const auto id = int32_t(labels_.size());
            labels_.push_back(int32_t(sets_[s]->label(i)));
            const SampleKey key = sampleKey(source_, splitId(Split(s)), i);
            const size_t place = splitNumber(key.split);
            if (place == kSplits || key.index < 0) fail(ErrorKind::Internal, "sample {} of {} has no key", i, source_.title);
            if (byKey_[place].size() <= size_t(key.index)) byKey_[place].resize(size_t(key.index) + 1, -1);
            byKey_[place][size_t(key.index)] = id;
        }
    }
}

Split SampleIndex::split(int32_t id) const { return id < begin_[1] ? Split::Train : id < begin_[2] ? Split::Validation : Split::Test; }

int32_t SampleIndex::find(Split split, int64_t index) const {
    return index >= 0 && index < size(split) ? begin_[size_t(split)] + int32_t(index) : -1;
}

int32_t SampleIndex::find(const SampleKey& key) const {
    const size_t place = splitNumber(key.split);
    if (place == kSplits || key.index < 0 || size_t(key.index) >= byKey_[place].size()) return -1;
    return byKey_[place][size_t(key.index)];
}

SampleKey SampleIndex::key(int32_t id) const { return sampleKey(source_, splitId(split(id)), index(id)); }

SampleStates::SampleStates(const SampleIndex& index, const EditList& edits) : flags_(size_t(index.size()), 0) {
    labels_.reserve(size_t(index.size()));
    for (int32_t id = 0; id < index.size(); ++id) labels_.push_back(index.label(id));
    const std::vector<std::string>& classes = index.source().classes;
    for (const auto& [key, edit] : edits.edits) {
        const int32_t id = index.find(key);
        if (id < 0) continue;
        const auto place = size_t(id);
        const auto label = std::find(classes.begin(), classes.end(), edit.label);
        if (!edit.label.empty() && label != classes.end() && label - classes.begin() != labels_[place]) {
            labels_[place] = int32_t(label - classes.begin());
            flags_[place] |= kRelabelled;
            ++relabelled_;
        }
        if (edit.exclude) {
            flags_[place] |= kExcluded;
            ++excluded_;
        }
        if (!edit.tags.empty()) {
            flags_[place] |= kTagged;
            tags_[id] = edit.tags;
            for (const std::string& tag : edit.tags) ++tagCounts_[tag];
        }
    }
}

int32_t SampleStates::label(int32_t id) const { return labels_[size_t(id)]; }

const std::vector<std::string>& SampleStates::tags(int32_t id) const {
    static const std::vector<std::string> none;
    const auto found = tags_.find(id);
    return found == tags_.end() ? none : found->second;
}

} // namespace strata
