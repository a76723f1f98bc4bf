// SPDX-License-Identifier: Apache-2.0
#include "core/train/metrics.h"

#include "core/base/error.h"

#include <algorithm>

namespace strata {

namespace {

void requireFit(const Tensor& logits, const Tensor& labels) {
    if (logits.rank() != 2 || labels.rank() != 1 || labels.dtype() != DType::I64 || labels.size(0) != logits.size(0))
        fail(ErrorKind::BadInput, "accuracy: outputs {} and labels {} do not fit", logits.shape().text(), labels.shape().text());
}

/// Rows as f32 on the host; no copy where they are that already.
Tensor hostRows(const Tensor& logits) { return logits.detach().to(DType::F32).to(cpuDevice()).contiguous(); }

/// How many classes come before `label` in a row.
int64_t rankOf(const float* row, int64_t classes, int64_t label) {
    const float value = row[label];
    int64_t before = 0;
    for (int64_t c = 0; c < classes; ++c)
        if (row[c] > value || (row[c] == value && c < label)) ++before;
    return before;
}

template <class Function> void forRanks(const Tensor& logits, const Tensor& labels, Function&& function) {
    const Tensor rows = hostRows(logits);
    const Tensor host = labels.to(cpuDevice()).contiguous();
    const int64_t classes = logits.size(1);
    const float* values = rows.data<float>();
    const int64_t* label = host.data<int64_t>();
    for (int64_t n = 0; n < logits.size(0); ++n) {
        if (label[n] < 0 || label[n] >= classes)
            fail(ErrorKind::BadInput, "accuracy: label {} is outside the {} classes", label[n], classes);
        function(rankOf(values + n * classes, classes, label[n]));
    }
}

} // namespace

int64_t topKCorrect(const Tensor& logits, const Tensor& labels, int64_t k) {
    requireFit(logits, labels);
    int64_t correct = 0;
    forRanks(logits, labels, [&](int64_t rank) { correct += rank < k; });
    return correct;
}

void RunningMetrics::add(double meanLoss, const Tensor& logits, const Tensor& labels) {
    requireFit(logits, labels);
    forRanks(logits, labels, [&](int64_t rank) {
        correct += rank < 1;
        correct5 += rank < 5;
    });
    lossSum += meanLoss * double(logits.size(0));
    count += logits.size(0);
}

Json RunningMetrics::toJson() const { return {{"loss_sum", lossSum}, {"correct", correct}, {"correct5", correct5}, {"count", count}}; }

RunningMetrics RunningMetrics::fromJson(const Json& json) {
    try {
        return {json.at("loss_sum").get<double>(), json.at("correct").get<int64_t>(), json.at("correct5").get<int64_t>(),
                json.at("count").get<int64_t>()};
    } catch (const Json::exception&) { fail(ErrorKind::BadFile, "the running figures of the epoch are not readable"); }
}

} // namespace strata
