// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/tensor.h"

#include <span>

namespace strata {

/// How several processes train together: same order of calls on every rank. One rank by default.
class Communicator {
public:
    virtual ~Communicator() = default;
    virtual int rank() const { return 0; }
    virtual int size() const { return 1; }
    virtual void allReduceMean(Tensor& values) { (void)values; }          ///< in place, flat contiguous f32
    virtual void allReduceSum(std::span<double> values) { (void)values; } ///< metrics
    virtual void broadcast(Tensor& values, int root) { (void)values, (void)root; }
    virtual void barrier() {}
};

/// The communicator of this process: a single rank.
Communicator& singleRank();

} // namespace strata
