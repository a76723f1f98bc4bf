// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "core/train/trainer.h"

#include <chrono>

namespace strata {

using TrainClock = std::chrono::steady_clock;

/// A value that is not finite, met while training; becomes RunFailed with kind "not_finite".
struct NotFinite {
    std::string sentence;
    std::string layer;
};

/// Inside of Trainer. trainer.cpp sets up and runs the loop, trainer_saving.cpp saves and obeys commands, trainer_checks.cpp
/// plans and finds what is not finite.
struct Trainer::State {
    State(ModelSpec spec, TrainData data, TrainConfig config, EventSink& sink, TrainerServices services);

    // trainer.cpp
    void start();
    TrainOutcome loop();
    void runEpoch();
    void trainStep(const Batch& batch);
    void finishEpoch();
    RunningMetrics epochFigures() const; ///< of all ranks
    void reportStep(double loss, double learningRate, double seconds, int64_t images);
    bool stopping() const { return control().stopped(); }
    TrainControl& control() const { return *control_; }
    void tell(const TrainEvent& event) const { sink->receive(event); }

    // trainer_saving.cpp
    Checkpoint snapshot() const;
    void save(bool must);                           ///< a failure is a warning, or with `must` thrown
    std::string checkpointFile(int64_t step) const; ///< within the run folder
    void saveIfDue();
    void obey(); ///< commands, at the end of a batch
    void waitWhilePaused();
    void answerRequests();

    // trainer_checks.cpp
    void planningPass() const;
    [[noreturn]] void reportLoss(const Batch& batch, const Tensor& images, double loss);
    void requireFiniteGradients() const;
    bool patienceEnded() const { return config.earlyStop > 0 && progress.epochsSinceBest >= config.earlyStop; }

    TrainData data;
    TrainConfig config;
    EventSink* sink;
    TrainerServices services;
    TrainControl ownControl;
    TrainControl* control_;
    Communicator* communicator;
    Device device;
    std::unique_ptr<Network> network;
    std::unique_ptr<Loss> loss;
    std::unique_ptr<Optimizer> optimizer;
    Schedule schedule;
    double baseRate = 0;
    std::unique_ptr<DataLoader> trainLoader, validationLoader;
    int64_t stepsPerEpoch = 0, totalSteps = 0;
    TrainProgress progress;
    std::string note;
    bool resumed = false;
    int64_t savedStep = -1; ///< step of the last checkpoint written, -1: none yet
    TrainClock::time_point savedAt = TrainClock::now(), retryAt = TrainClock::time_point::max();
    double stepSeconds = 0;       ///< running mean
    double validationSeconds = 0; ///< of the last validation
};

/// Loader of a split for this network.
std::unique_ptr<DataLoader> makeLoader(const DatasetPtr& dataset, const TrainData& data, const TrainConfig& config, int64_t channels,
                                       bool training, const Communicator& communicator);

/// Throws Error(BadInput) where a network does not take what the loader makes, or has not as many outputs as the data classes.
void requireFit(const Network& network, const DataLoader& loader, const TrainData& data);

/// Shortens the gradient over all parameters to `longest` where it is longer, as torch.nn.utils.clip_grad_norm_ (L2 norm):
/// times min(1, longest / (norm + 1e-6)). Returns the norm before.
double clipGradients(Network& network, double longest);

} // namespace strata
