// SPDX-License-Identifier: Apache-2.0
#include "core/data/sampler.h"

#include "core/base/philox.h"

#include <algorithm>
#include <numeric>

namespace strata {

std::vector<int64_t> epochOrder(int64_t size, uint32_t epoch, const SamplerOptions& options) {
    std::vector<int64_t> order(size_t(std::max<int64_t>(size, 0)));
    if (!options.shuffle) {
        std::iota(order.begin(), order.end(), int64_t(0));
        return order;
    }
    std::vector<std::pair<uint64_t, int64_t>> keys(order.size());
    for (size_t i = 0; i < keys.size(); ++i) {
        const auto words = Philox(options.seed, Purpose::Shuffle, epoch, i).block(0);
        keys[i] = {uint64_t(words[1]) << 32 | words[0], int64_t(i)};
    }
    std::sort(keys.begin(), keys.end());
    for (size_t i = 0; i < keys.size(); ++i) order[i] = keys[i].second;
    return order;
}

BatchPlan::BatchPlan(int64_t size, const LoaderOptions& options)
    : size_(size), batch_(options.batchSize), rank_(options.sampler.rank), world_(options.sampler.world) {
    if (batch_ < 1) fail(ErrorKind::BadInput, "batch size {} is out of range: it must be at least 1", batch_);
    if (world_ < 1 || rank_ < 0 || rank_ >= world_) fail(ErrorKind::BadInput, "rank {} of {} does not exist", rank_, world_);
    if (options.threads < 0) fail(ErrorKind::BadInput, "{} loader threads: there must be 0 or more", options.threads);
    const int64_t run = batch_ * world_;
    fullBatches_ = size_ / run;
    const int64_t rest = size_ % run;
    const bool share = rest * (rank_ + 1) / world_ > rest * rank_ / world_;
    hasTail_ = !options.dropLast && share && (!options.training || rest >= world_);
    batches_ = fullBatches_ + (hasTail_ ? 1 : 0);
}

std::pair<int64_t, int64_t> BatchPlan::range(int64_t number) const {
    const int64_t run = batch_ * world_;
    if (number < fullBatches_) return {number * run + rank_ * batch_, batch_};
    const int64_t rest = size_ % run, begin = rest * rank_ / world_;
    return {fullBatches_ * run + begin, rest * (rank_ + 1) / world_ - begin};
}

} // namespace strata
