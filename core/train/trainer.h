// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/data_loader.h"
#include "core/train/checkpoint.h"
#include "core/train/communicator.h"
#include "core/train/config.h"
#include "core/train/control.h"
#include "core/train/events.h"
#include "core/train/loss.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace strata {

/// What a run trains on: splits and the preprocessing that becomes part of the model.
struct TrainData {
    DatasetPtr train, validation; ///< validation may be null
    Pipeline pipeline;
    Shape imageShape; ///< [C, H, W] before the pipeline
    std::vector<std::string> classes;
};

enum class TrainOutcome { Finished, Stopped, Failed };

/// Services of a run folder; all may be absent (tests, short runs in memory).
struct TrainerServices {
    CheckpointStore* checkpoints = nullptr;
    Communicator* communicator = nullptr;
    TrainControl* control = nullptr; ///< the caller's; else the trainer's own
    /// Chooses or adopts the device's algorithms before the first step; given the trainer's planning pass.
    /// True if they came from a file.
    std::function<bool(const std::function<void()>& planningPass)> plan;
    std::function<uint64_t()> eventsOffset; ///< bytes of the event log now
    std::function<void(const std::string& file, const Network& network)> saveWeights;
    Json info = Json::object(); ///< goes into every checkpoint
};

/// Trains one network in the calling thread; works on a snapshot of everything it is given.
class Trainer {
public:
    /// Throws Error(BadInput) on a spec, config or data that do not fit together.
    Trainer(ModelSpec spec, TrainData data, TrainConfig config, EventSink& sink, TrainerServices services = {});
    ~Trainer();

    /// Continues from a checkpoint instead of from the start. Throws Error(BadFile) where it does not fit.
    void restore(const Checkpoint& checkpoint);
    /// Adds to the note of the first event.
    void setNote(std::string note);
    /// Trains to the end of the last epoch, or until stopped. What goes wrong becomes a RunFailed event and TrainOutcome::Failed;
    /// a stop saves a checkpoint first.
    TrainOutcome run(std::stop_token stop = {});

    TrainControl& control();
    const Network& network() const;
    const TrainProgress& progress() const;
    int64_t stepsPerEpoch() const;
    int64_t totalSteps() const;
    /// Bytes of one checkpoint, nearly.
    uint64_t checkpointBytes() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Loss and accuracy of a network over a whole loader (inference mode, no gradient). Throws Error(Cancelled) when stopped.
RunningMetrics evaluateLoader(const Network& network, DataLoader& loader, const Loss& loss, std::stop_token stop = {});

} // namespace strata
