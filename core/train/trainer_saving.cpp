// SPDX-License-Identifier: Apache-2.0
#include "core/train/trainer_state.h"

#include "core/base/fs.h"

namespace strata {

namespace {

constexpr std::chrono::seconds kRetryAfter{20};
constexpr std::chrono::milliseconds kPauseTick{100};

} // namespace

Checkpoint Trainer::State::snapshot() const {
    Checkpoint checkpoint;
    checkpoint.progress = progress;
    checkpoint.info = services.info;
    checkpoint.model = network->stateDict();
    checkpoint.optimizer = optimizer->state();
    if (services.eventsOffset) checkpoint.progress.eventsOffset = services.eventsOffset();
    return checkpoint;
}

void Trainer::State::save(bool must) {
    if (!services.checkpoints || communicator->rank() != 0 || savedStep == progress.step) return;
    const TrainClock::time_point begun = TrainClock::now();
    uint64_t bytes = 0;
    try {
        bytes = services.checkpoints->save(snapshot());
    } catch (const Error& error) {
        // A state that is not finite ends the run; a disk that is full does not.
        if (error.kind() == ErrorKind::Internal) throw NotFinite{fmt::format("step {}: {}", progress.step, error.what()), ""};
        if (must) throw;
        tell(RunWarning{
            fmt::format("the checkpoint of step {} was not saved: {}; training goes on and tries again", progress.step, error.what())});
        retryAt = TrainClock::now() + kRetryAfter;
        savedAt = TrainClock::now();
        return;
    }
    savedStep = progress.step;
    savedAt = TrainClock::now();
    retryAt = TrainClock::time_point::max();
    tell(CheckpointSaved{progress.step, checkpointFile(progress.step), bytes, std::chrono::duration<double>(savedAt - begun).count()});
}

std::string Trainer::State::checkpointFile(int64_t step) const {
    return joinPath(fileName(services.checkpoints->folder()), fileName(services.checkpoints->path(step)));
}

void Trainer::State::saveIfDue() {
    if (!services.checkpoints) return;
    const bool bySteps = config.checkpointSteps > 0 && progress.step % config.checkpointSteps == 0;
    const TrainClock::time_point now = TrainClock::now();
    const bool byTime = config.checkpointSeconds > 0 && std::chrono::duration<double>(now - savedAt).count() >= config.checkpointSeconds;
    if (bySteps || byTime || now >= retryAt || control().takeCheckpointRequest()) save(false);
}

void Trainer::State::answerRequests() {
    if (control().takeCheckpointRequest()) save(false);
    const std::optional<std::string> file = control().takeWeightsRequest();
    if (!file || !services.saveWeights) return;
    try {
        services.saveWeights(*file, *network);
        tell(WeightsSaved{progress.step, *file});
    } catch (const Error& error) { tell(RunWarning{fmt::format("the weights were not saved: {}", error.what())}); }
}

void Trainer::State::waitWhilePaused() {
    if (!control().paused() || stopping()) return;
    tell(Paused{progress.step});
    save(false); // a pause may last
    while (control().paused() && !stopping()) {
        answerRequests();
        control().waitForChange(kPauseTick);
    }
    savedAt = TrainClock::now();
    if (!stopping()) tell(Resumed{progress.step});
}

void Trainer::State::obey() {
    saveIfDue();
    answerRequests();
    waitWhilePaused();
}

} // namespace strata
