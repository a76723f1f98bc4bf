// SPDX-License-Identifier: Apache-2.0
#include "core/base/param.h"
#include "core/base/text.h"
#include "core/data/edits.h"

#include <algorithm>
#include <unordered_map>

namespace strata {

namespace {

/// The kept samples of a dataset, some of them under another label.
class EditedDataset final : public Dataset {
public:
    EditedDataset(DatasetPtr under, std::vector<int64_t> kept, std::unordered_map<int64_t, int64_t> labels)
        : under_(std::move(under)), kept_(std::move(kept)), labels_(std::move(labels)) {}

    int64_t size() const override { return int64_t(kept_.size()); }
    Sample get(int64_t index) const override {
        Sample sample = under_->get(at(index));
        sample.label = label(index);
        return sample;
    }
    int64_t label(int64_t index) const override {
        const auto found = labels_.find(at(index));
        return found == labels_.end() ? under_->label(at(index)) : found->second;
    }
    std::string origin(int64_t index) const override { return under_->origin(at(index)); }
    const uint8_t* pixels(int64_t index, Shape& shape) const override { return under_->pixels(at(index), shape); }
    const Dataset& base() const override { return under_->base(); }
    int64_t baseIndex(int64_t index) const override { return under_->baseIndex(at(index)); }

private:
    int64_t at(int64_t index) const { return kept_[size_t(index)]; }
    DatasetPtr under_;
    std::vector<int64_t> kept_;                   ///< indices in under_
    std::unordered_map<int64_t, int64_t> labels_; ///< by index in under_
};

const DatasetPtr& datasetOf(const DataSource& source, const std::string& split) {
    if (split != "train" && split != "validation" && split != "test")
        fail(ErrorKind::BadInput, "there is no split '{}'; there are train, validation, test", split);
    return split == "train" ? source.train : split == "validation" ? source.validation : source.test;
}

/// What a split's own set is called: parts of the training set are "train".
std::string setName(const DataSource& source, const std::string& split) {
    const DatasetPtr& dataset = datasetOf(source, split);
    const bool shared = dataset && source.train && &dataset->base() == &source.train->base();
    return shared ? "train" : split;
}

std::string describe(const SampleKey& key) { return fmt::format("the edit of {} picture {}", key.split, key.index); }

int64_t classIndex(const DataSource& source, const SampleKey& key, const std::string& label) {
    const auto found = std::find(source.classes.begin(), source.classes.end(), label);
    if (found != source.classes.end()) return found - source.classes.begin();
    const std::string near = nearestName(label, source.classes);
    fail(ErrorKind::BadInput, "{} names the class '{}', which the data do not have{}", describe(key), label,
         near.empty() ? "" : fmt::format("; did you mean {}?", near));
}

/// Sizes of the sets that keys point into.
std::map<std::string, int64_t> setSizes(const DataSource& source) {
    std::map<std::string, int64_t> sizes;
    for (const char* split : {"train", "validation", "test"})
        if (const DatasetPtr& dataset = datasetOf(source, split)) sizes[setName(source, split)] = dataset->base().size();
    return sizes;
}

void requireFit(const DataSource& source, const EditList& list) {
    const std::string& own = source.baseFingerprint.empty() ? source.fingerprint : source.baseFingerprint;
    if (!list.fingerprint.empty() && list.fingerprint != own)
        fail(ErrorKind::BadInput, "the edits were made for other data ({}, fingerprint {}) than {} (fingerprint {})",
             list.data.empty() ? "not said which" : list.data, list.fingerprint, source.spec.empty() ? source.title : source.spec, own);
    const std::map<std::string, int64_t> sizes = setSizes(source);
    for (const auto& [key, edit] : list.edits) {
        const auto size = sizes.find(key.split);
        if (size == sizes.end()) fail(ErrorKind::BadInput, "{} is of a set that the data do not have", describe(key));
        if (key.index < 0 || key.index >= size->second)
            fail(ErrorKind::BadInput, "{} is out of range: there are {} pictures", describe(key), size->second);
        if (!edit.label.empty()) classIndex(source, key, edit.label);
    }
}

DatasetPtr edited(const DataSource& source, const std::string& split, const EditList& list) {
    const DatasetPtr& dataset = datasetOf(source, split);
    if (!dataset) return nullptr;
    const std::string set = setName(source, split);
    std::vector<int64_t> kept;
    std::unordered_map<int64_t, int64_t> labels;
    for (int64_t i = 0; i < dataset->size(); ++i) {
        const SampleKey key{set, dataset->baseIndex(i)};
        const auto found = list.edits.find(key);
        if (found == list.edits.end()) {
            kept.push_back(i);
            continue;
        }
        if (found->second.exclude) continue;
        kept.push_back(i);
        if (!found->second.label.empty()) labels[i] = classIndex(source, key, found->second.label);
    }
    if (kept.empty() && dataset->size() > 0) fail(ErrorKind::BadInput, "the edits leave out every {} picture", split);
    if (int64_t(kept.size()) == dataset->size() && labels.empty()) return dataset;
    return std::make_shared<EditedDataset>(dataset, std::move(kept), std::move(labels));
}

/// Hash over the data and what changes training, whatever the order in which it was edited.
std::string editedFingerprint(const std::string& base, const EditList& list) {
    std::string text = base;
    for (const auto& [key, edit] : list.edits)
        if (edit.exclude || !edit.label.empty())
            text += fmt::format("\n{} {} {}", key.split, key.index, edit.exclude ? "excluded" : "is " + edit.label);
    return hashHex(text.data(), text.size());
}

} // namespace

SampleKey sampleKey(const DataSource& source, const std::string& split, int64_t index) {
    const DatasetPtr& dataset = datasetOf(source, split);
    if (!dataset || index < 0 || index >= dataset->size()) fail(ErrorKind::BadInput, "{} has no {} picture {}", source.spec, split, index);
    return {setName(source, split), dataset->baseIndex(index)};
}

DataSource applyEdits(const DataSource& source, const EditList& list) {
    requireFit(source, list);
    DataSource result = source;
    if (!list.changesTraining()) return result;
    result.train = edited(source, "train", list);
    result.validation = edited(source, "validation", list);
    result.test = edited(source, "test", list);
    int64_t excluded = 0, relabelled = 0;
    for (const auto& [key, edit] : list.edits) edit.exclude ? ++excluded : relabelled += !edit.label.empty();
    result.facts["edits"] = fmt::format("{} relabelled, {} left out", relabelled, excluded);
    result.fingerprint = editedFingerprint(source.fingerprint, list);
    return result;
}

} // namespace strata
