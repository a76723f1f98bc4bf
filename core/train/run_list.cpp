// SPDX-License-Identifier: Apache-2.0
#include "core/train/run_folder.h"

#include "core/base/fs.h"
#include "core/train/event_log.h"

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

Json RunInfo::toJson() const {
    Json json = {{"path", path},   {"name", name},     {"model", model}, {"data", data}, {"state", runStateId(state)},
                 {"epoch", epoch}, {"epochs", epochs}, {"step", step}};
    json["best_accuracy"] = bestAccuracy ? Json(*bestAccuracy) : Json();
    json["best_epoch"] = bestEpoch;
    json["updated"] = updated;
    if (!problem.empty()) json["problem"] = problem;
    return json;
}

RunInfo describeRun(const std::string& path) {
    RunInfo info;
    info.path = path;
    info.name = fileName(path);
    try {
        const RunFolder folder = RunFolder::open(path);
        info.model = folder.config().model;
        info.data = folder.config().data;
        info.epochs = folder.config().epochs;
        const EventSummary summary = summarizeEvents(folder.file("events.jsonl"));
        info.epoch = summary.epochs;
        info.step = summary.step;
        info.bestAccuracy = summary.bestAccuracy;
        info.bestEpoch = summary.bestEpoch;
        info.updated = summary.time;
        info.problem = summary.failure;
        if (summary.last == "run_finished")
            info.state = RunState::Finished;
        else if (summary.last == "run_stopped")
            info.state = RunState::Stopped;
        else if (summary.last == "run_failed")
            info.state = RunState::Failed;
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
