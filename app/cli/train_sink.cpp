// SPDX-License-Identifier: Apache-2.0
#include "app/cli/train_sink.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <unistd.h>

namespace strata::cli {

TrainSink::TrainSink(std::string run, bool json) : run_(std::move(run)), json_(json), progress_("training", "images", json) {}

/// Past stdio, whose buffer would keep what a broken pipe refused.
void TrainSink::line(const std::string& text) {
    progress_.clear();
    const std::string out = text + "\n";
    for (size_t at = 0; at < out.size();) {
        const ssize_t written = ::write(STDOUT_FILENO, out.data() + at, out.size() - at);
        if (written <= 0) return;
        at += size_t(written);
    }
}

void TrainSink::tell(const RunStarted& event) {
    epochs_ = event.epochs;
    steps_ = event.epochs * event.stepsPerEpoch;
    line(fmt::format("{} {} on {}: {} parameters, {} pictures ({} more for validation), batches of {}, {} epochs of {} steps",
                     event.resumed ? "Going on with" : "Training in", run_, event.device, formatCount(double(event.parameters)),
                     grouped(event.trainCount), grouped(event.validationCount), event.batchSize, event.epochs,
                     grouped(event.stepsPerEpoch)));
    if (event.resumed) line(fmt::format("from step {} in epoch {}", grouped(event.step), event.epoch + 1));
    if (!event.note.empty()) line(event.note);
}

/// What matters most stands first: a narrow terminal cuts the line.
void TrainSink::tell(const StepDone& event) {
    progress_.show(fmt::format("epoch {}/{}  step {} of {}  {} left  {:.0f} images/s  loss {:.4f}  lr {:.5f}", event.epoch + 1, epochs_,
                               grouped(event.step), grouped(steps_), formatDuration(event.secondsLeft), event.imagesPerSecond, event.loss,
                               event.learningRate));
}

void TrainSink::tell(const EpochDone& event) {
    std::string text =
        fmt::format("epoch {}/{}  loss {:.4f}  accuracy {}", event.epoch + 1, epochs_, event.trainLoss, percent(event.trainAccuracy));
    if (event.validationLoss && event.validationAccuracy)
        text += fmt::format("  validation loss {:.4f}  accuracy {}", *event.validationLoss, percent(*event.validationAccuracy));
    line(text + fmt::format("  {}{}", formatDuration(event.seconds), event.best ? "  best so far" : ""));
}

void TrainSink::tell(const RunFinished& event) {
    std::string text = fmt::format("Finished {} epochs in {}", event.epochs, formatDuration(event.seconds));
    if (event.bestAccuracy) text += fmt::format("; best on validation {} in epoch {}", percent(*event.bestAccuracy), event.bestEpoch + 1);
    if (event.early) text += "; ended early, validation got no better";
    line(text);
}

void TrainSink::receive(const TrainEvent& event) noexcept {
    if (json_) return line(toText(eventToJson(event, secondsSince1970())));
    if (const auto* started = std::get_if<RunStarted>(&event))
        tell(*started);
    else if (const auto* step = std::get_if<StepDone>(&event))
        tell(*step);
    else if (const auto* epoch = std::get_if<EpochDone>(&event))
        tell(*epoch);
    else if (const auto* finished = std::get_if<RunFinished>(&event))
        tell(*finished);
    else if (const auto* saved = std::get_if<WeightsSaved>(&event))
        line("Weights saved to " + saved->file);
    else if (std::holds_alternative<Paused>(event))
        line("Paused");
    else if (std::holds_alternative<Resumed>(event))
        line("Going on");
    else if (const auto* warning = std::get_if<RunWarning>(&event)) {
        progress_.clear();
        std::fputs(("warning: " + warning->sentence + "\n").c_str(), stderr);
    }
}

} // namespace strata::cli
