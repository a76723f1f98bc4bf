// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/train/trainer.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace strata {

/// One step of the sweep.
struct LrPoint {
    int64_t step = 0; ///< from 0
    double learningRate = 0;
    double loss = 0;     ///< of the batch
    double smoothed = 0; ///< exponential mean with bias correction
    Json toJson() const; ///< {"step", "learning_rate", "loss", "smoothed"}
};

struct LrFinderOptions {
    double minimum = 1e-6, maximum = 10; ///< learning rates of the first and the last step
    int64_t steps = 100;
    double smoothing = 0.95;               ///< weight of the past in the smoothed loss
    double divergence = 4;                 ///< stop where the smoothed loss is over so many times its lowest, or the loss is not finite
    std::vector<NamedTensor> weights = {}; ///< start from these instead of fresh ones; empty: fresh
    std::function<void(const LrPoint&)> progress = {};
    std::stop_token stop = {}; ///< throws Error(Cancelled)
};

struct LrFinderResult {
    std::vector<LrPoint> points;         ///< of finite loss
    bool diverged = false;               ///< ended before the last step
    std::optional<double> steepest;      ///< where the smoothed loss falls fastest over log(rate): after the first tenth, before its lowest
    std::optional<double> tenthOfLowest; ///< a tenth of the rate with the lowest smoothed loss
    std::optional<double> suggestion;    ///< the steepest, else the tenth; absent where there are too few points
    Json toJson() const;                 ///< {"points", "diverged", "steepest", "tenth_of_lowest", "suggestion"}
};

/// Learning-rate range test (Smith, arXiv 1506.01186; the exponential sweep of fastai's lr_find): trains a network of its own
/// from scratch with the config's loss, optimizer, batches and augmentation, the rate growing exponentially from step to step.
/// The schedule is not used. The run repeats bit for bit. Throws Error(BadInput) as Trainer does, or on options out of range.
LrFinderResult findLearningRate(const ModelSpec& spec, const TrainData& data, const TrainConfig& config, const LrFinderOptions& options);

/// The same from what a run would start with: opens config.data, makes preprocessing (or takes `pipeline`) and network as startRun()
/// does.
LrFinderResult findLearningRate(const TrainConfig& config, const LrFinderOptions& options, const std::optional<Pipeline>& pipeline = {});

/// Fills steepest, tenthOfLowest and suggestion from the points.
void suggestLearningRate(LrFinderResult& result);

} // namespace strata
