// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace strata {

/// The run began or went on (resumed: at `step`, with a note on how the last process ended and what was mended).
struct RunStarted {
    bool resumed = false;
    int64_t step = 0, epoch = 0, epochs = 0, stepsPerEpoch = 0;
    int64_t trainCount = 0, validationCount = 0, batchSize = 0, parameters = 0;
    std::string device;
    std::string note;
};
/// Algorithms are chosen and written to plan.json (or taken from it).
struct Planned {
    double seconds = 0;
    bool fromFile = false;
};
/// One training step, after the update. epoch counts from 0, step from 1.
struct StepDone {
    int64_t step = 0, epoch = 0;
    double loss = 0, learningRate = 0, imagesPerSecond = 0, secondsLeft = 0;
};
/// One epoch with its validation. Without validation data the validation fields are absent.
struct EpochDone {
    int64_t epoch = 0, step = 0;
    double trainLoss = 0, trainAccuracy = 0;
    std::optional<double> validationLoss, validationAccuracy;
    double seconds = 0;
    bool best = false;
};
struct CheckpointSaved {
    int64_t step = 0;
    std::string file; ///< within the run folder
    uint64_t bytes = 0;
    double seconds = 0;
};
/// The current weights were written on request.
struct WeightsSaved {
    int64_t step = 0;
    std::string file;
};
struct Paused {
    int64_t step = 0;
};
struct Resumed {
    int64_t step = 0;
};
/// Something went wrong that does not end the run (a full disk, a damaged checkpoint).
struct RunWarning {
    std::string sentence;
};
/// Ended by request; the state is saved, the run can be resumed.
struct RunStopped {
    int64_t step = 0, epoch = 0;
};
/// kind as errorKindId; layer names the first layer with a non-finite value, if that was it.
struct RunFailed {
    std::string kind, sentence, layer;
    int64_t step = 0;
};
struct RunFinished {
    int64_t step = 0, epochs = 0;
    double seconds = 0;
    std::optional<double> bestAccuracy; ///< on validation
    int64_t bestEpoch = 0;
    std::string bestFile; ///< checkpoint within the run folder
    bool early = false;   ///< ended before the last epoch because validation got no better
};

using TrainEvent = std::variant<RunStarted, Planned, StepDone, EpochDone, CheckpointSaved, WeightsSaved, Paused, Resumed, RunWarning,
                                RunStopped, RunFailed, RunFinished>;

/// Receives events on the training thread; must be cheap and must not throw.
class EventSink {
public:
    virtual ~EventSink() = default;
    virtual void receive(const TrainEvent& event) noexcept = 0;
};
/// Keeps everything it gets (tests, short runs).
class CollectingSink : public EventSink {
public:
    void receive(const TrainEvent& event) noexcept override;
    std::vector<TrainEvent> events;
};

/// snake_case id: run_started, planned, step, epoch, checkpoint_saved, weights_saved, paused, resumed, warning, run_stopped,
/// run_failed, run_finished.
std::string eventId(const TrainEvent& event);
/// {"event": id, "t": seconds since 1970, ...}; a non-finite number is null and "nonFinite": true is added.
Json eventToJson(const TrainEvent& event, double time);
/// nullopt for an event of a kind this version does not know. Throws Error(BadFile) on a malformed one.
std::optional<TrainEvent> eventFromJson(const Json& json);
double secondsSince1970();

} // namespace strata
