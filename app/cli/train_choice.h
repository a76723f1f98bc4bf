// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/cli/options.h"

#include <optional>
#include <string>
#include <vector>

namespace strata::cli {

/// What a person chose of what decides a training: the options that `train` and `lr-find` share.
struct TrainChoice {
    std::string model, data, edits, optimizer, loss, schedule, device, precision;
    std::vector<std::string> optimizerSet, lossSet, scheduleSet;
    std::optional<int64_t> batch, seed, splitSeed, threads, loaderThreads;
    std::optional<double> lr, momentum, weightDecay, labelSmoothing, validation, clipNorm;
    bool exact = false, noAugment = false;

    TrainConfig config() const; ///< defaults where nothing was chosen; throws as setParams()
};

/// Adds the options; returns those that mean nothing to a run that goes on (all but --data and --loader-threads).
std::vector<CLI::Option*> addTrainChoice(CLI::App& verb, TrainChoice& choice);

/// Parameters of optimizers, losses and schedules, for the end of a help text.
std::string trainParamsText();

} // namespace strata::cli
