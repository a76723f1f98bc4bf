// SPDX-License-Identifier: Apache-2.0
#include "core/train/run_folder.h"

#include "core/base/fs.h"
#include "core/train/event_log.h"
#include "core/train/optimizer.h"

namespace strata {

std::string_view runStateId(RunState state) {
    switch (state) {
    case RunState::Running: return "running";
    case RunState::Finished: return "finished";
    case RunState::Stopped: return "stopped";
    case RunState::Failed: return "failed";
    case RunState::Interrupted: break;
    }
    return "interrupted";
}

RunState runStateAfter(std::string_view event) {
    if (event == "run_finished") return RunState::Finished;
    if (event == "run_stopped") return RunState::Stopped;
    return event == "run_failed" ? RunState::Failed : RunState::Interrupted;
}

Json RunInfo::toJson() const {
    Json json = {{"path", path},   {"name", name}, {"display_name", displayName}, {"note", note},   {"hidden", hidden},
                 {"model", model}, {"data", data}, {"state", runStateId(state)},  {"epoch", epoch}, {"epochs", epochs},
                 {"step", step}};
    json["best_accuracy"] = bestAccuracy ? Json(*bestAccuracy) : Json();
    json["best_epoch"] = bestEpoch;
    json["started"] = started;
    json["updated"] = updated;
    json["seconds"] = seconds;
    json["device"] = device;
    json["batch_size"] = batchSize;
    json["parameters"] = parameters;
    json["optimizer"] = optimizer;
    json["schedule"] = schedule;
    json["learning_rate"] = learningRate;
    if (!problem.empty()) json["problem"] = problem;
    return json;
}

namespace {

void addConfig(const TrainConfig& config, RunInfo& info) {
    info.model = config.model;
    info.data = config.data;
    info.epochs = config.epochs;
    info.batchSize = config.batchSize;
    info.device = config.device;
    info.optimizer = config.optimizer.id;
    info.schedule = config.schedule.id;
    const ParamValues params = completeParams(optimizerDef(info.optimizer).spec.params, config.optimizer.params, info.optimizer);
    info.learningRate = params.at("lr").get<double>();
}

void addEvents(const EventSummary& summary, RunInfo& info) {
    info.epoch = summary.epochs;
    info.step = summary.step;
    info.bestAccuracy = summary.bestAccuracy;
    info.bestEpoch = summary.bestEpoch;
    info.started = summary.started;
    info.updated = summary.time;
    info.seconds = summary.seconds;
    info.parameters = summary.parameters;
    info.problem = summary.failure;
    if (!summary.device.empty()) info.device = summary.device;
    info.state = runStateAfter(summary.last);
}

} // namespace

RunInfo describeRun(const std::string& path) {
    RunInfo info;
    info.path = path;
    info.name = info.displayName = fileName(path);
    try {
        const RunNote note = runNote(path);
        if (!note.name.empty()) info.displayName = note.name;
        info.note = note.note;
        info.hidden = note.hidden;
        const RunFolder folder = RunFolder::open(path);
        addConfig(folder.config(), info);
        addEvents(summarizeEvents(folder.file("events.jsonl")), info);
        if (FileLock::held(folder.file("lock"))) info.state = RunState::Running;
    } catch (const Error& error) {
        info.state = RunState::Failed;
        info.problem = error.what();
    }
    return info;
}

std::vector<RunInfo> listRuns(const std::string& folder) {
    const FileStatus status = fs().status(folder);
    if (!status.directory) fail(ErrorKind::BadInput, "{}: {}", folder, status.exists ? "not a folder" : "no such folder");
    std::vector<RunInfo> runs;
    if (RunFolder::holdsRun(folder)) runs.push_back(describeRun(folder));
    for (const std::string& name : listFolder(folder))
        if (const std::string path = joinPath(folder, name); RunFolder::holdsRun(path)) runs.push_back(describeRun(path));
    return runs;
}

} // namespace strata
