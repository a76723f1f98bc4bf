// SPDX-License-Identifier: Apache-2.0
#include "core/data/split.h"

#include "core/base/philox.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace strata {

namespace {

struct Keyed {
    uint64_t key;
    int64_t index;
    bool operator<(const Keyed& other) const { return key != other.key ? key < other.key : index < other.index; }
};

} // namespace

std::vector<std::vector<int64_t>> stratifiedParts(const std::vector<int64_t>& labels, const std::vector<double>& fractions, uint64_t seed) {
    std::map<int64_t, std::vector<Keyed>> classes;
    for (size_t i = 0; i < labels.size(); ++i) {
        const auto words = Philox(seed, Purpose::Split, 0, i).block(0);
        classes[labels[i]].push_back({uint64_t(words[1]) << 32 | words[0], int64_t(i)});
    }
    std::vector<std::vector<int64_t>> parts(fractions.size() + 1);
    for (auto& [label, members] : classes) {
        std::sort(members.begin(), members.end());
        size_t at = 0;
        for (size_t p = 0; p < fractions.size(); ++p) {
            size_t count = size_t(std::llround(fractions[p] * double(members.size())));
            if (count == 0 && fractions[p] > 0 && members.size() > fractions.size()) count = 1;
            count = std::min(count, members.size() - at);
            for (size_t i = 0; i < count; ++i) parts[p].push_back(members[at++].index);
        }
        while (at < members.size()) parts.back().push_back(members[at++].index);
    }
    for (auto& part : parts) std::sort(part.begin(), part.end());
    return parts;
}

std::vector<int64_t> labelsOf(const Dataset& dataset) {
    std::vector<int64_t> labels(size_t(dataset.size()));
    for (size_t i = 0; i < labels.size(); ++i) labels[i] = dataset.label(int64_t(i));
    return labels;
}

std::vector<std::vector<int64_t>> testValidationTrain(const std::vector<int64_t>& labels, const SourceOptions& options, Json& facts) {
    facts["test"] = fmt::format("10 % of the pictures, stratified, seed {}", options.splitSeed);
    facts["validation"] =
        fmt::format("{} % of the pictures, stratified, seed {}", std::lround(options.validationFraction * 100), options.splitSeed);
    return stratifiedParts(labels, {0.1, options.validationFraction}, options.splitSeed);
}

void splitValidation(const DatasetPtr& all, const SourceOptions& options, DataSource& source) {
    auto parts = stratifiedParts(labelsOf(*all), {options.validationFraction}, options.splitSeed);
    source.validation = std::make_shared<Subset>(all, std::move(parts[0]));
    source.train = std::make_shared<Subset>(all, std::move(parts[1]));
    source.facts["validation"] =
        fmt::format("{} % of the training set, stratified, seed {}", std::lround(options.validationFraction * 100), options.splitSeed);
}

} // namespace strata
