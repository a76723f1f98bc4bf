// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/dataset.h"

#include <cstdint>
#include <vector>

namespace strata {

/// Divides 0..labels.size()-1 by class: part i gets `fractions[i]` of every class (rounded, at least one sample of a class
/// that has more samples than there are parts), the last part of the result the rest. Within a class the order is that of
/// 64-bit Philox keys (seed, Split, 0, index); each part is sorted. The same labels and seed give the same parts everywhere.
std::vector<std::vector<int64_t>> stratifiedParts(const std::vector<int64_t>& labels, const std::vector<double>& fractions, uint64_t seed);

/// Labels of all samples, without decoding pictures.
std::vector<int64_t> labelsOf(const Dataset& dataset);

/// For data without a test set: a seeded, stratified tenth becomes it (parts[0]), options.validationFraction the validation
/// set (parts[1]), the rest trains (parts[2]); says so in `facts`.
std::vector<std::vector<int64_t>> testValidationTrain(const std::vector<int64_t>& labels, const SourceOptions& options, Json& facts);

/// Moves a seeded, stratified `options.validationFraction` of `all` into validation, the rest into train.
void splitValidation(const DatasetPtr& all, const SourceOptions& options, DataSource& source);

} // namespace strata
