// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/data_loader.h"

namespace strata {

/// Which positions of an epoch's order make a rank's batches.
class BatchPlan {
public:
    /// Throws Error(BadInput) on a batch size below 1 or a rank outside [0, world).
    BatchPlan(int64_t size, const LoaderOptions& options);

    int64_t batches() const { return batches_; }
    /// First position and number of samples of batch `number`.
    std::pair<int64_t, int64_t> range(int64_t number) const;
    int64_t tailSize() const { return hasTail_ ? range(batches_ - 1).second : 0; } ///< of a shorter last batch, else 0

private:
    int64_t size_, batch_, rank_, world_;
    int64_t fullBatches_ = 0, batches_ = 0;
    bool hasTail_ = false;
};

} // namespace strata
