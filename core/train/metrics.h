// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"
#include "core/tensor/tensor.h"

#include <cstdint>

namespace strata {

/// Number of rows of logits [N, C] whose label (i64 [N]) is among the k largest; of equal values the lower class comes first.
int64_t topKCorrect(const Tensor& logits, const Tensor& labels, int64_t k);

/// Running loss and accuracy over batches; sums in f64 in the order of the calls. A value that a checkpoint carries.
struct RunningMetrics {
    double lossSum = 0;   ///< of per-sample losses
    int64_t correct = 0;  ///< top 1
    int64_t correct5 = 0; ///< top 5 (top C where C < 5)
    int64_t count = 0;

    /// Adds a batch with its mean loss.
    void add(double meanLoss, const Tensor& logits, const Tensor& labels);
    double loss() const { return count ? lossSum / double(count) : 0; }
    double accuracy() const { return count ? double(correct) / double(count) : 0; }
    double top5() const { return count ? double(correct5) / double(count) : 0; }
    Json toJson() const;
    static RunningMetrics fromJson(const Json& json); ///< throws Error(BadFile)
    bool operator==(const RunningMetrics&) const = default;
};

} // namespace strata
