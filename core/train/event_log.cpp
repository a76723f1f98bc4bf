// SPDX-License-Identifier: Apache-2.0
#include "core/train/event_log.h"

#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/log.h"

namespace strata {

namespace {

constexpr size_t kMostWaiting = 100000;

void cutFile(const std::string& path, uint64_t keep) {
    const FileStatus status = fs().status(path);
    if (!status.exists || status.size <= keep) return;
    const int fd = fs().open(path, Fs::Open::ReadWrite);
    if (fd < 0) fail(ErrorKind::BadFile, "cannot open {}: {}", path, describeErrno(fd));
    int result = fs().truncate(fd, keep);
    if (result >= 0) result = fs().sync(fd);
    fs().close(fd);
    if (result < 0) fail(ErrorKind::BadFile, "cannot cut {} to {} bytes: {}", path, keep, describeErrno(result));
}

} // namespace

void EventLog::open(const std::string& path, uint64_t keep) {
    cutFile(path, keep);
    log_ = std::make_unique<AppendLog>(path);
}

void EventLog::writeWaiting() {
    while (!waiting_.empty()) {
        log_->append(waiting_.front());
        waiting_.pop_front();
    }
}

void EventLog::receive(const TrainEvent& event) noexcept {
    if (log_) {
        waiting_.push_back(toText(eventToJson(event, secondsSince1970())));
        if (waiting_.size() > kMostWaiting) waiting_.pop_front();
        try {
            writeWaiting();
            warned_ = false;
        } catch (const Error& error) {
            if (!warned_) next_->receive(RunWarning{fmt::format("the record of the run waits in memory: {}", error.what())});
            warned_ = true;
        }
    }
    next_->receive(event);
}

uint64_t EventLog::syncedSize() {
    if (!log_) return 0;
    try {
        log_->sync();
    } catch (const Error& error) { logMessage(LogLevel::Warning, error.what()); }
    return log_->size();
}

std::vector<TrainEvent> readEvents(const std::string& path) {
    std::vector<TrainEvent> events;
    for (const std::string& line : readLines(path)) {
        try {
            if (std::optional<TrainEvent> event = eventFromJson(parseJson(line, path))) events.push_back(std::move(*event));
        } catch (const Error& error) { logMessage(LogLevel::Debug, error.what()); }
    }
    return events;
}

namespace {

/// Adds up the time in which a run trained, from the times of its lines.
struct TrainingClock {
    double epochs = 0;  ///< whole ones
    double running = 0; ///< of the running one
    double last = 0;
    bool counting = false;

    void add(const TrainEvent& event, double time) {
        // Between the last word of one process and the first of the next nothing was trained.
        if (std::holds_alternative<RunStarted>(event)) counting = false;
        if (counting && time > last) running += time - last;
        last = time;
        if (std::holds_alternative<Paused>(event)) counting = false;
        if (std::holds_alternative<Planned>(event) || std::holds_alternative<Resumed>(event)) counting = true;
        if (const auto* epoch = std::get_if<EpochDone>(&event)) epochs += epoch->seconds, running = 0;
        if (const auto* finished = std::get_if<RunFinished>(&event)) epochs = finished->seconds, running = 0;
    }
};

void note(const TrainEvent& event, EventSummary& summary) {
    summary.last = eventId(event);
    summary.failure.clear();
    if (const auto* step = std::get_if<StepDone>(&event)) summary.step = step->step;
    if (const auto* failed = std::get_if<RunFailed>(&event)) summary.failure = failed->sentence;
    if (const auto* started = std::get_if<RunStarted>(&event)) {
        summary.step = started->step;
        summary.epochs = started->epoch;
        summary.device = started->device;
        summary.parameters = started->parameters;
    }
    if (const auto* epoch = std::get_if<EpochDone>(&event)) {
        summary.epochs = epoch->epoch + 1;
        if (epoch->best) summary.bestAccuracy = epoch->validationAccuracy, summary.bestEpoch = epoch->epoch;
    }
}

} // namespace

EventSummary summarizeEvents(const std::string& path) {
    EventSummary summary;
    TrainingClock clock;
    for (const std::string& line : readLines(path)) {
        Json json;
        std::optional<TrainEvent> event;
        try {
            json = parseJson(line, path);
            event = eventFromJson(json);
        } catch (const Error& error) { logMessage(LogLevel::Debug, error.what()); }
        if (!event) continue;
        if (json.contains("t") && json["t"].is_number()) summary.time = json["t"].get<double>();
        if (summary.started == 0) summary.started = summary.time;
        clock.add(*event, summary.time);
        note(*event, summary);
    }
    summary.seconds = clock.epochs + clock.running;
    return summary;
}

} // namespace strata
