// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/file_lock.h"
#include "core/data/edits.h"
#include "core/model/model_file.h"
#include "core/train/checkpoint.h"
#include "core/train/config.h"

#include <optional>
#include <string>
#include <vector>

namespace strata {

/// What a run knows of its data, kept in data.json: enough to predict without them and to know them again.
struct RunData {
    std::string spec, title, fingerprint;
    std::vector<std::string> classes;
    Shape imageShape;
    Pipeline pipeline;
    int64_t trainCount = 0, validationCount = 0;

    Json toJson() const;
    static RunData fromJson(const Json& json, const std::string& where); ///< throws Error(BadFile)
};

enum class RunState { Running, Finished, Stopped, Interrupted, Failed };
/// How a run stands whose process is gone, by the last event of its record that says so (its id): "run_finished", "run_stopped",
/// "run_failed"; any other: interrupted.
RunState runStateAfter(std::string_view event);
std::string_view runStateId(RunState state); ///< "running", "finished", "stopped", "interrupted", "failed"

/// A run folder: spec.json, config.json, data.json, edits.json (if any), plan.json, process.json (who trains or trained last),
/// events.jsonl, control.jsonl, note.json (if any), lock and checkpoints/. Opening takes no lock.
class RunFolder {
public:
    /// Makes a new one, locked; config.json is written last and makes it a run. Throws Error(BadInput): "DIR already holds a
    /// run; use --resume to go on with it, or another folder", or where the folder holds other files.
    /// `edits`, if given, becomes edits.json.
    static RunFolder create(const std::string& path, const ModelSpec& spec, const TrainConfig& config, const RunData& data,
                            const EditList* edits = nullptr);
    /// Throws Error(BadInput) "there is no run in DIR", Error(BadFile) on damaged files.
    static RunFolder open(const std::string& path);
    /// Whether a folder holds a run.
    static bool holdsRun(const std::string& path);
    /// The Error(BadInput) of create(), before anything is made.
    static void requireFree(const std::string& path);

    /// Held until destruction. Throws Error(BadInput): "the run in DIR is being trained by another process".
    void lock();
    bool locked() const { return lock_.has_value(); }

    const std::string& path() const { return path_; }
    std::string file(std::string_view name) const;
    std::string editsFile() const; ///< edits.json of this run, "" if it has none
    const ModelSpec& spec() const { return spec_; }
    const TrainConfig& config() const { return config_; }
    const RunData& data() const { return data_; }
    /// Replaces config.json.
    void setConfig(const TrainConfig& config);
    CheckpointStore checkpoints() const { return CheckpointStore(file("checkpoints")); }

    /// The model as trained: the best checkpoint (by validation), or with `newest` the last one. Throws Error(BadFile).
    ModelFile model(bool newest = false) const;

private:
    explicit RunFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
    ModelSpec spec_;
    TrainConfig config_;
    RunData data_;
    std::optional<FileLock> lock_;
};

/// What a person wrote about a run, in RUN/note.json: JSON with a version, unknown fields are kept.
struct RunNote {
    std::string name = {}; ///< to show instead of the folder's; "": the folder's
    std::string note = {};
    bool hidden = false;
    Json extra = Json::object();
    bool operator==(const RunNote&) const = default;
};
/// An empty note where there is none. Throws Error(BadFile) on a damaged file.
RunNote runNote(const std::string& path);
/// Replaces it (AtomicFile), also while the run is trained. Throws Error(BadInput) "there is no run in DIR", Error(BadFile).
void setRunNote(const std::string& path, const RunNote& note);

/// What `strata runs` lists.
struct RunInfo {
    std::string path, name, model, data;
    std::string displayName; ///< of the note, else `name`
    std::string note;
    bool hidden = false;
    RunState state = RunState::Interrupted;
    int64_t epoch = 0, epochs = 0, step = 0; ///< epochs completed, planned; steps done
    std::optional<double> bestAccuracy;
    int64_t bestEpoch = -1;
    double updated = 0; ///< seconds since 1970 of the last event
    double started = 0; ///< of the first
    double seconds = 0; ///< trained, pauses and the time between processes left out
    std::string device; ///< "cpu", "cuda:0"; as the config wishes before the first event
    int64_t batchSize = 0, parameters = 0;
    std::string optimizer, schedule;
    double learningRate = 0; ///< base rate of the optimizer
    std::string problem;     ///< why it failed or cannot be read
    Json toJson() const;
};
/// One run; never throws on a damaged one (problem says what).
RunInfo describeRun(const std::string& path);
/// The runs in a folder (its direct subfolders, and itself if it is one), by name. Throws Error(BadInput) if there is no such folder.
std::vector<RunInfo> listRuns(const std::string& folder);

} // namespace strata
