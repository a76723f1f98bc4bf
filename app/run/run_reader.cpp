// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_reader.h"
#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/text.h"

#include <QFile>
#include <algorithm>
#include <charconv>
#include <cmath>

namespace strata::studio {
namespace {

constexpr qint64 kBlock = 1 << 20;
constexpr size_t kTail = 64;
constexpr size_t kLongestLine = 1 << 20;

/// Takes `literal` off the front of `text`.
bool skip(std::string_view& text, std::string_view literal) {
    if (!text.starts_with(literal)) return false;
    text.remove_prefix(literal.size());
    return true;
}

template <class T> bool number(std::string_view& text, std::string_view name, T& value) {
    if (!skip(text, name)) return false;
    if constexpr (std::is_floating_point_v<T>)
        if (skip(text, "null")) {
            value = std::nan("");
            return true;
        }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return false;
    text.remove_prefix(size_t(end - text.data()));
    return true;
}

void push(RunCurves::Column& column, int64_t x, double y) {
    column.x.push_back(double(x));
    column.y.push_back(y);
}

} // namespace

std::optional<StepDone> parseStepLine(std::string_view line, double& time) {
    StepDone step;
    const bool read = number(line, "{\"event\":\"step\",\"t\":", time) && number(line, ",\"step\":", step.step) &&
                      number(line, ",\"epoch\":", step.epoch) && number(line, ",\"loss\":", step.loss) &&
                      number(line, ",\"lr\":", step.learningRate) && number(line, ",\"images_per_second\":", step.imagesPerSecond) &&
                      number(line, ",\"seconds_left\":", step.secondsLeft);
    if (!read || (line != "}" && line != ",\"nonFinite\":true}")) return std::nullopt;
    return step;
}

bool processLives(int64_t pid) {
    if (pid <= 0) return false;
    const std::string text = readKernelText(fmt::format("/proc/{}/stat", pid));
    const size_t end = text.rfind(')'); // the name before it may hold anything
    return end != std::string::npos && end + 2 < text.size() && text[end + 2] != 'Z' && text[end + 2] != 'X';
}

RunReader::RunReader(std::string path) : path_(std::move(path)) {}

RunNews RunReader::read(std::stop_token stop, int64_t pid) {
    RunNews news;
    // Life is asked for before the record: what a dead process said last is then read for sure.
    news.processAlive = processLives(pid);
    status_.folder = fs().status(path_).directory;
    status_.run = status_.folder && RunFolder::holdsRun(path_);
    status_.alive = false;
    if (status_.folder) {
        try {
            status_.alive = status_.run && FileLock::held(joinPath(path_, "lock"));
            readDescription();
            readRecord(stop, news);
            broken_.clear();
        } catch (const Error& error) { broken_ = error.what(); }
    }
    judge();
    news.status = status_;
    return news;
}

void RunReader::readDescription() {
    // By its text: two changes within the file system's clock tick have the same time.
    const std::string noteFile = joinPath(path_, "note.json");
    const std::string labelText = fs().status(noteFile).exists ? readTextFile(noteFile, uint64_t(1) << 22) : std::string();
    if (labelText != labelText_) {
        labelText_ = labelText; // a damaged one is told once
        try {
            status_.label = runNote(path_);
        } catch (const Error& error) { logMessage(LogLevel::Warning, error.what()); }
    }
    const int64_t configTime = fs().status(joinPath(path_, "config.json")).modifiedNs;
    if (!status_.run || configTime == configTime_) return;
    const RunFolder folder = RunFolder::open(path_);
    configTime_ = configTime;
    status_.info.path = path_;
    status_.info.name = fileName(path_);
    status_.info.model = folder.config().model;
    status_.info.data = folder.config().data;
    status_.info.epochs = folder.config().epochs;
    status_.modelName = folder.spec().name;
    status_.batchSize = folder.config().batchSize;
    status_.trainCount = folder.data().trainCount;
    const Json& extra = folder.config().extra;
    if (extra.contains("studio") && extra["studio"].is_object() && extra["studio"].contains("number") &&
        extra["studio"]["number"].is_number_integer())
        status_.number = int(std::clamp<int64_t>(extra["studio"]["number"].get<int64_t>(), 0, 1'000'000));
}

bool RunReader::wasCut(QFile& file) const {
    if (uint64_t(file.size()) < offset_) return true;
    if (tail_.empty()) return false;
    if (!file.seek(qint64(offset_ - tail_.size()))) return true;
    return file.read(qint64(tail_.size())).toStdString() != tail_;
}

void RunReader::readRecord(std::stop_token stop, RunNews& news) {
    QFile file(QString::fromStdString(joinPath(path_, "events.jsonl")));
    const bool open = file.open(QIODevice::ReadOnly);
    if (offset_ > 0 && (!open || wasCut(file))) {
        news.restarted = true;
        offset_ = 0;
        tail_.clear();
        last_.clear();
        failure_.clear();
        segment_ = base_ = 0;
        const RunStatus old = status_;
        status_ = {};
        status_.folder = old.folder, status_.run = old.run, status_.alive = old.alive;
        status_.label = old.label, status_.number = old.number, status_.modelName = old.modelName;
        status_.batchSize = old.batchSize, status_.trainCount = old.trainCount;
        status_.info.path = old.info.path, status_.info.name = old.info.name;
        status_.info.model = old.info.model, status_.info.data = old.info.data, status_.info.epochs = old.info.epochs;
    }
    if (!open || !file.seek(qint64(offset_))) return;
    std::string rest;
    while (!stop.stop_requested()) {
        const QByteArray block = file.read(kBlock);
        if (block.isEmpty()) break;
        rest.append(block.constData(), size_t(block.size()));
        size_t begin = 0;
        for (size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', begin)) {
            takeLine(std::string_view(rest).substr(begin, end - begin), news.points);
            begin = end + 1;
        }
        if (begin == 0 && rest.size() > kLongestLine) break; // no record of ours
        offset_ += begin;
        tail_ = (tail_ + rest.substr(0, begin)).substr(std::max(tail_.size() + begin, kTail) - kTail);
        rest.erase(0, begin);
    }
    news.points.stepsPerEpoch = stepsPerEpoch_;
    news.points.epochs = status_.info.epochs;
}

void RunReader::takeLine(std::string_view line, RunCurves& points) {
    double time = 0;
    if (const std::optional<StepDone> step = parseStepLine(line, time)) return takeStep(*step, time, points);
    try {
        const Json json = parseJson(line, "event");
        if (json.is_object() && json.contains("t") && json["t"].is_number()) time = json["t"].get<double>();
        if (const std::optional<TrainEvent> event = eventFromJson(json)) take(*event, time, points);
    } catch (const Error&) { return; } // as summarizeEvents does: a line that cannot be read says nothing
}

void RunReader::takeStep(const StepDone& step, double time, RunCurves& points) {
    last_ = "step";
    if (segment_ <= 0) segment_ = time;
    status_.recordWritten = time;
    status_.info.step = step.step;
    status_.seconds = elapsed(time);
    status_.imagesPerSecond = step.imagesPerSecond;
    status_.secondsLeft = step.secondsLeft;
    if (stepsPerEpoch_ > 0) status_.epochProgress = double(step.step) / double(stepsPerEpoch_);
    push(points.loss, step.step, step.loss);
    push(points.learningRate, step.step, step.learningRate);
    push(points.imagesPerSecond, step.step, step.imagesPerSecond);
    points.stepSeconds.push_back(status_.seconds);
}

void RunReader::endSegment(double time) {
    base_ = elapsed(time);
    segment_ = 0;
    status_.seconds = base_;
}

void RunReader::take(const TrainEvent& event, double time, RunCurves& points) {
    status_.recordWritten = time;
    if (status_.started == 0) status_.started = time;
    if (const auto* started = std::get_if<RunStarted>(&event)) {
        base_ = status_.seconds;
        segment_ = time;
        status_.paused = false;
        stepsPerEpoch_ = started->stepsPerEpoch;
        status_.info.epochs = started->epochs;
        status_.device = started->device;
        status_.trainCount = started->trainCount, status_.batchSize = started->batchSize, status_.parameters = started->parameters;
        status_.message = started->note;
        failure_.clear();
        last_ = "run_started";
    } else if (const auto* step = std::get_if<StepDone>(&event)) {
        takeStep(*step, time, points);
    } else if (const auto* epoch = std::get_if<EpochDone>(&event)) {
        status_.info.epoch = epoch->epoch + 1;
        status_.info.step = epoch->step;
        status_.seconds = elapsed(time);
        if (epoch->best) {
            status_.info.bestAccuracy = epoch->validationAccuracy;
            status_.info.bestEpoch = epoch->epoch;
        }
        push(points.trainLoss, epoch->step, epoch->trainLoss);
        push(points.trainAccuracy, epoch->step, epoch->trainAccuracy);
        if (epoch->validationLoss) push(points.validationLoss, epoch->step, *epoch->validationLoss);
        if (epoch->validationAccuracy) push(points.validationAccuracy, epoch->step, *epoch->validationAccuracy);
        last_ = "epoch";
    } else if (std::holds_alternative<Paused>(event)) {
        endSegment(time);
        status_.paused = true;
    } else if (std::holds_alternative<Resumed>(event)) {
        segment_ = time;
        status_.paused = false;
    } else if (const auto* warning = std::get_if<RunWarning>(&event)) {
        status_.message = warning->sentence;
    } else if (std::holds_alternative<RunStopped>(event)) {
        last_ = "run_stopped";
        endSegment(time);
    } else if (const auto* failed = std::get_if<RunFailed>(&event)) {
        last_ = "run_failed";
        failure_ = failed->sentence;
        endSegment(time);
    } else if (std::holds_alternative<RunFinished>(event)) {
        last_ = "run_finished";
        endSegment(time);
    }
}

void RunReader::judge() {
    RunInfo& info = status_.info;
    if (!status_.folder) {
        info.state = RunState::Failed;
        info.problem = fmt::format("the folder of this run is gone: {}", path_);
        return;
    }
    info.updated = status_.recordWritten;
    info.started = status_.started, info.seconds = status_.seconds;
    if (!status_.device.empty()) info.device = status_.device;
    info.batchSize = status_.batchSize, info.parameters = status_.parameters;
    info.displayName = status_.label.name.empty() ? info.name : status_.label.name;
    info.note = status_.label.note, info.hidden = status_.label.hidden;
    if (!status_.alive) status_.paused = false;
    info.state = status_.alive ? RunState::Running : runStateAfter(last_);
    info.problem = broken_.empty() ? failure_ : broken_;
    if (!broken_.empty() && !status_.alive) info.state = RunState::Failed;
    // A run that ended is whole; its progress is what it reached.
    if (info.state == RunState::Finished) status_.epochProgress = double(info.epoch);
}

} // namespace strata::studio
