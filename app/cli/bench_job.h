// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/network.h"
#include "core/train/optimizer.h"

#include <memory>
#include <string>

namespace strata::cli {

/// Images a second, and the cores that other processes used meanwhile.
struct BenchRate {
    double imagesPerSecond = 0;
    double foreign = 0;
};

/// A network on one batch of normal noise with random labels: what shared/bench/peer_torch.py times.
/// SGD with learning rate 0.05, momentum 0.9, weight decay 5e-4.
class BenchJob {
public:
    BenchJob(const ModelSpec& spec, int64_t batch, Device device);

    void trainStep();
    void inferStep();
    BenchRate train(int64_t steps);
    BenchRate infer(int64_t steps); ///< on the network folded anew after training; its first pass is not timed
    double loss();                  ///< on the batch, in training mode, as it stands
    const Network& network() const { return network_; }

private:
    template <class Step> BenchRate time(int64_t steps, Step step);
    Network network_;
    std::unique_ptr<Network> folded_;
    std::unique_ptr<Optimizer> optimizer_;
    Tensor images_, labels_;
    uint32_t step_ = 0;
};

} // namespace strata::cli
