// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/cli/options.h"

#include <optional>
#include <string>
#include <vector>

namespace strata::cli {

/// What a person chose of what decides a training: the options that `train` and `lr-find` share.
struct TrainChoice {
    std::string configFile, pipelineFile;
    std::string model, data, edits, optimizer, loss, schedule, device, precision;
    std::vector<std::string> optimizerSet, lossSet, scheduleSet;
    std::optional<int64_t> batch, seed, splitSeed, threads, loaderThreads;
    std::optional<double> lr, momentum, weightDecay, labelSmoothing, validation, clipNorm;
    bool exact = false, noAugment = false;

    /// The file's settings or the defaults, with what was chosen. Throws as setParams(), Error(BadFile).
    TrainConfig config() const;
    std::optional<Pipeline> pipeline() const; ///< of the file; absent: the data's usual one
};

/// Adds the options; returns those that mean nothing to a run that goes on (all but --data and --loader-threads).
std::vector<CLI::Option*> addTrainChoice(CLI::App& verb, TrainChoice& choice);

/// Parameters of optimizers, losses and schedules, for the end of a help text.
std::string trainParamsText();

} // namespace strata::cli
