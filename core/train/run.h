// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/edits.h"
#include "core/train/config.h"
#include "core/train/events.h"
#include "core/train/trainer.h"

#include <optional>
#include <stop_token>
#include <string>

namespace strata {

/// How a process drives a run.
struct RunOptions {
    std::stop_token stop;             ///< first ctrl-C: saves and ends; request it from a thread, not inside a signal handler
    bool commandsOnStdin = false;     ///< lines as in control.jsonl; the end of the pipe changes nothing
    bool replan = false;              ///< on resume: make a new plan where the old one cannot be used (no bit-identity then)
    std::optional<int> loaderThreads; ///< replaces the config's; changes no result
    std::optional<std::string> data;  ///< on resume: where the data lie now (same fingerprint)
    std::optional<int64_t> epochs;    ///< on resume: a new number of epochs
    std::optional<Pipeline> pipeline; ///< a new run's preprocessing; absent: the usual one. config.augment = false takes its draws out
    TrainControl* control = nullptr;  ///< the caller's own, obeyed as well as control.jsonl
};

/// How it ended.
struct RunResult {
    TrainOutcome outcome = TrainOutcome::Finished;
    TrainProgress progress;
    std::string failure; ///< the sentence, if Failed
    std::string kind;    ///< errorKindId, if Failed
};

/// What a run starts with.
struct PreparedRun {
    DataSource source; ///< with the edits applied
    std::optional<EditList> edits;
    Pipeline pipeline;
    ModelSpec spec;
    TrainData trainData() const { return {source.train, source.validation, pipeline, source.imageShape, source.classes}; }
};
/// Opens config.data with its edits, works out the preprocessing (or takes RunOptions::pipeline) and resolves the network, as
/// startRun() does. Throws Error.
PreparedRun prepareRun(const TrainConfig& config, const std::optional<Pipeline>& pipeline = {});

/// Opens the data, makes the network and its preprocessing, creates the folder, locks it and trains. Events go to
/// RUN/events.jsonl and to `sink`. Throws Error for what is wrong before training begins; nothing is left half-written.
RunResult startRun(const std::string& path, const TrainConfig& config, EventSink& sink, const RunOptions& options = {});

/// Goes on with a run from its newest whole checkpoint: checks the data's fingerprint, adopts plan.json, supersedes events past
/// the checkpoint, says how the last process ended. A finished run is an Error(BadInput) unless options.epochs asks for more.
RunResult resumeRun(const std::string& path, EventSink& sink, const RunOptions& options = {});

} // namespace strata
