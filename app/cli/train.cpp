// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/train_choice.h"
#include "app/cli/train_sink.h"
#include "app/cli/verbs.h"
#include "core/base/fs.h"
#include "core/train/run.h"

#include <fmt/chrono.h>
#include <signal.h>

#include <ctime>

namespace strata::cli {
namespace {

constexpr int kInterrupted = 130;

struct Options {
    TrainChoice train;
    std::string run;
    std::optional<int64_t> epochs, earlyStop, checkpointEvery;
    std::optional<double> checkpointSeconds;
    bool resume = false, commands = false, replan = false, json = false;
    std::vector<CLI::Option*> freshOnly; ///< mean nothing to a run that goes on
};

/// runs/resnet9-20261124-101500, or with a number behind where that exists.
std::string defaultRun(const std::string& model) {
    const std::string name = fileName(model).substr(0, fileName(model).find('.'));
    const std::string base = fmt::format("runs/{}-{:%Y%m%d-%H%M%S}", name, fmt::localtime(std::time(nullptr)));
    std::string path = base;
    for (int i = 2; fs().status(path).exists; ++i) path = fmt::format("{}-{}", base, i);
    return path;
}

TrainConfig makeConfig(const Options& options) {
    TrainConfig config = options.train.config();
    config.epochs = options.epochs.value_or(config.epochs);
    config.earlyStop = options.earlyStop.value_or(config.earlyStop);
    config.checkpointSteps = options.checkpointEvery.value_or(config.checkpointSteps);
    config.checkpointSeconds = options.checkpointSeconds.value_or(config.checkpointSeconds);
    return config;
}

void requireSense(const Options& options) {
    if (!options.resume) {
        if (!options.train.configFile.empty()) return; // it may name them
        if (options.train.model.empty()) throw UsageError("a new run needs --model");
        if (options.train.data.empty()) throw UsageError("a new run needs --data");
        return;
    }
    if (options.run.empty()) throw UsageError("--resume needs --run DIR");
    for (const CLI::Option* option : options.freshOnly)
        if (option->count() > 0) throw UsageError(fmt::format("{} is for a new run, it does not go with --resume", option->get_name()));
}

ErrorKind kindOf(const std::string& id) {
    for (const ErrorKind kind :
         {ErrorKind::BadInput, ErrorKind::BadFile, ErrorKind::Unsupported, ErrorKind::Device, ErrorKind::OutOfMemory, ErrorKind::Cancelled})
        if (errorKindId(kind) == id) return kind;
    return id == "not_finite" ? ErrorKind::BadInput : ErrorKind::Internal; // a learning rate that is too large, most often
}

void runTrain(const Options& options, Outcome& outcome) {
    requireSense(options);
    signal(SIGPIPE, SIG_IGN); // a reader that goes away stops no run
    TrainConfig config;
    if (!options.resume) config = makeConfig(options);
    if (!options.resume && config.model.empty()) throw UsageError("a new run needs --model");
    if (!options.resume && config.data.empty()) throw UsageError("a new run needs --data");
    const std::string path = options.run.empty() ? defaultRun(config.model) : options.run;
    const Interrupt interrupt(true);
    TrainSink sink(path, options.json);
    RunOptions running;
    running.stop = interrupt.token();
    running.commandsOnStdin = options.commands;
    RunResult result;
    if (options.resume) {
        running.replan = options.replan;
        running.epochs = options.epochs;
        if (options.train.loaderThreads) running.loaderThreads = int(*options.train.loaderThreads);
        if (!options.train.data.empty()) running.data = options.train.data;
        result = resumeRun(path, sink, running);
    } else {
        running.pipeline = options.train.pipeline();
        result = startRun(path, config, sink, running);
    }
    if (result.outcome == TrainOutcome::Failed) throw Error(kindOf(result.kind), result.failure);
    if (result.outcome == TrainOutcome::Finished) return;
    if (!options.json) note(fmt::format("Stopped after step {}. Go on with: strata train --resume --run {}", result.progress.step, path));
    if (interrupt.requested()) outcome.code = kInterrupted;
}

} // namespace

void addTrain(CLI::App& app, Outcome& outcome) {
    auto options = std::make_shared<Options>();
    Options& o = *options;
    CLI::App* verb = app.add_subcommand("train", "Train a network, or go on with a run");
    o.freshOnly = addTrainChoice(*verb, o.train);
    const auto fresh = [&o](CLI::Option* option) { o.freshOnly.push_back(option); };
    verb->add_option("--run", o.run, "Folder of the run (default runs/MODEL-DATE)")->type_name("DIR");
    verb->add_flag("--resume", o.resume, "Go on with the run in --run");
    addInteger(*verb, "--epochs", o.epochs, 1, 1'000'000, "Times through the data (default 10)");
    fresh(addInteger(*verb, "--early-stop", o.earlyStop, 0, 1'000'000,
                     "End after so many epochs without a better validation (default 0: never)"));
    fresh(addInteger(*verb, "--checkpoint-every", o.checkpointEvery, 0, INT64_MAX,
                     "Save after so many steps too (default 0: after each epoch)"));
    fresh(addReal(*verb, "--checkpoint-seconds", o.checkpointSeconds, "Save at latest after so many seconds (default 300; 0: never)"));
    verb->add_flag("--replan", o.replan, "With --resume: make a new plan where the old one cannot be used");
    verb->add_flag("--commands", o.commands,
                   "Take commands as JSON lines on standard input: {\"command\": \"stop\"}, pause, resume, checkpoint, weights");
    addJson(*verb, o.json);
    verb->footer(trainParamsText());
    verb->callback([options, &outcome] { runTrain(*options, outcome); });
}

} // namespace strata::cli
