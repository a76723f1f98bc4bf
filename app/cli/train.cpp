// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/train_sink.h"
#include "app/cli/verbs.h"
#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/train/optimizer.h"
#include "core/train/run.h"
#include "core/train/schedule.h"

#include <fmt/chrono.h>
#include <signal.h>

#include <ctime>

namespace strata::cli {
namespace {

constexpr int kInterrupted = 130;

struct Options {
    std::string model, data, run, config, pipeline, optimizer, loss, schedule, device, precision;
    std::vector<std::string> optimizerSet, lossSet, scheduleSet;
    std::optional<int64_t> epochs, batch, seed, splitSeed, threads, loaderThreads, checkpointEvery;
    std::optional<double> lr, momentum, weightDecay, labelSmoothing, validation, checkpointSeconds;
    bool resume = false, exact = false, noAugment = false, commands = false, replan = false, json = false;
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

/// An id on the command line replaces the default choice with its parameters; `set` and the short options then change single ones.
void choose(ComponentChoice& choice, const std::string& id, const ComponentSpec& (*specOf)(const std::string&),
            const std::vector<std::string>& set) {
    if (!id.empty() && id != choice.id) choice = {id};
    setParams(choice.params, specOf(choice.id), set);
}

const ComponentSpec& optimizerSpec(const std::string& id) { return optimizerDef(id).spec; }
const ComponentSpec& lossSpec(const std::string& id) { return lossDef(id).spec; }
const ComponentSpec& scheduleSpec(const std::string& id) { return scheduleDef(id).spec; }

void setShort(std::vector<std::string>& set, const char* name, const std::optional<double>& value) {
    if (value) set.push_back(fmt::format("{}={}", name, *value));
}

TrainConfig makeConfig(const Options& options) {
    TrainConfig config;
    if (!options.config.empty()) config = TrainConfig::fromJson(parseJson(readTextFile(options.config), options.config), options.config);
    if (!options.data.empty()) config.data = options.data;
    if (!options.model.empty()) config.model = options.model;
    std::vector<std::string> optimizerSet = options.optimizerSet, lossSet = options.lossSet;
    setShort(optimizerSet, "lr", options.lr);
    setShort(optimizerSet, "momentum", options.momentum);
    setShort(optimizerSet, "weight_decay", options.weightDecay);
    setShort(lossSet, "label_smoothing", options.labelSmoothing);
    choose(config.optimizer, options.optimizer, optimizerSpec, optimizerSet);
    choose(config.loss, options.loss, lossSpec, lossSet);
    choose(config.schedule, options.schedule, scheduleSpec, options.scheduleSet);
    config.epochs = options.epochs.value_or(config.epochs);
    config.batchSize = options.batch.value_or(config.batchSize);
    config.seed = uint64_t(options.seed.value_or(int64_t(config.seed)));
    config.splitSeed = uint64_t(options.splitSeed.value_or(int64_t(config.splitSeed)));
    config.validationFraction = options.validation.value_or(config.validationFraction);
    if (options.noAugment) config.augment = false;
    if (!options.device.empty()) config.device = options.device;
    if (!options.precision.empty()) config.precision = options.precision;
    if (options.exact) config.exact = true;
    config.loaderThreads = int(options.loaderThreads.value_or(config.loaderThreads));
    config.computeThreads = int(options.threads.value_or(config.computeThreads));
    config.checkpointSteps = options.checkpointEvery.value_or(config.checkpointSteps);
    config.checkpointSeconds = options.checkpointSeconds.value_or(config.checkpointSeconds);
    return config;
}

void requireSense(const Options& options) {
    if (!options.resume) {
        if (!options.config.empty()) return; // it may name them
        if (options.model.empty()) throw UsageError("a new run needs --model");
        if (options.data.empty()) throw UsageError("a new run needs --data");
        return;
    }
    if (options.run.empty()) throw UsageError("--resume needs --run DIR");
    for (const CLI::Option* option : options.freshOnly)
        if (option->count() > 0) throw UsageError(fmt::format("{} is for a new run, it does not go with --resume", option->get_name()));
}

/// A pipeline's JSON, or the data.json of a run, which holds one.
Pipeline readPipeline(const std::string& path) {
    const Json json = parseJson(readTextFile(path), path);
    const Json& steps = json.is_object() && json.contains("pipeline") ? json.at("pipeline") : json;
    try {
        return Pipeline::fromJson(steps);
    } catch (const Error& error) { throw Error(ErrorKind::BadFile, fmt::format("{}: {}", path, error.what())); }
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
        if (options.loaderThreads) running.loaderThreads = int(*options.loaderThreads);
        if (!options.data.empty()) running.data = options.data;
        result = resumeRun(path, sink, running);
    } else {
        if (!options.pipeline.empty()) running.pipeline = readPipeline(options.pipeline);
        result = startRun(path, config, sink, running);
    }
    if (result.outcome == TrainOutcome::Failed) throw Error(kindOf(result.kind), result.failure);
    if (result.outcome == TrainOutcome::Finished) return;
    if (!options.json) note(fmt::format("Stopped after step {}. Go on with: strata train --resume --run {}", result.progress.step, path));
    if (interrupt.requested()) outcome.code = kInterrupted;
}

std::string ids(const auto& defs) {
    std::vector<std::string> names;
    for (const auto& def : defs) names.push_back(def.spec.id);
    return join(names, ", ");
}

std::string paramsText() {
    std::string text = "Parameters for the --...-set options:\n";
    const auto add = [&](const auto& defs) {
        for (const auto& def : defs) {
            std::vector<std::string> params;
            for (const ParamDef& param : def.spec.params) params.push_back(param.id + "=" + toText(param.defaultValue));
            text += fmt::format("  {:<14} {}\n", def.spec.id, join(params, " "));
        }
    };
    add(optimizers());
    add(losses());
    add(schedules());
    return text;
}

void addComponents(CLI::App& verb, Options& o) {
    o.freshOnly = {
        verb.add_option("--optimizer", o.optimizer, ids(optimizers()) + " (default sgd)")->type_name("ID"),
        verb.add_option("--optimizer-set", o.optimizerSet, "A parameter of it, such as nesterov=false; may be repeated")
            ->type_name("NAME=VALUE"),
        verb.add_option("--loss", o.loss, ids(losses()) + " (default cross_entropy)")->type_name("ID"),
        verb.add_option("--loss-set", o.lossSet, "A parameter of it")->type_name("NAME=VALUE"),
        verb.add_option("--schedule", o.schedule, ids(schedules()) + " (default one_cycle)")->type_name("ID"),
        verb.add_option("--schedule-set", o.scheduleSet, "A parameter of it")->type_name("NAME=VALUE"),
        addReal(verb, "--lr", o.lr, "Learning rate; short for --optimizer-set lr=..."),
        addReal(verb, "--momentum", o.momentum, "Short for --optimizer-set momentum=..."),
        addReal(verb, "--weight-decay", o.weightDecay, "Short for --optimizer-set weight_decay=..."),
        addReal(verb, "--label-smoothing", o.labelSmoothing, "Short for --loss-set label_smoothing=..."),
    };
    for (CLI::Option* option : o.freshOnly)
        if (option->get_type_name() == "NAME=VALUE") option->expected(1)->take_all();
}

} // namespace

void addTrain(CLI::App& app, Outcome& outcome) {
    auto options = std::make_shared<Options>();
    Options& o = *options;
    CLI::App* verb = app.add_subcommand("train", "Train a network, or go on with a run");
    addComponents(*verb, o);
    const auto fresh = [&o](CLI::Option* option) { o.freshOnly.push_back(option); };
    fresh(verb->add_option("--model", o.model, "Template (see strata summary --help) or file")->type_name("MODEL"));
    verb->add_option("--data", o.data, "Data (see strata data --help)")->type_name("SPEC");
    verb->add_option("--run", o.run, "Folder of the run (default runs/MODEL-DATE)")->type_name("DIR");
    verb->add_flag("--resume", o.resume, "Go on with the run in --run");
    addInteger(*verb, "--epochs", o.epochs, 1, 1'000'000, "Times through the data (default 10)");
    fresh(verb->add_option("--config", o.config, "Settings to begin with (JSON, as RUN/config.json); other options replace single ones")
              ->type_name("FILE"));
    fresh(verb->add_option("--pipeline", o.pipeline, "Preprocessing (JSON, or RUN/data.json) instead of the data's usual one")
              ->type_name("FILE"));
    fresh(addInteger(*verb, "--batch", o.batch, 1, 1'000'000, "Pictures a step (default 128)"));
    fresh(addInteger(*verb, "--seed", o.seed, 0, INT64_MAX, "Of weights, order, augmentation and dropout (default 0)"));
    fresh(addInteger(*verb, "--split-seed", o.splitSeed, 0, INT64_MAX, "Of the validation split (default 0)"));
    fresh(addReal(*verb, "--validation", o.validation, "Part of the training data kept for validation (default 0.1)"));
    fresh(verb->add_flag("--no-augment", o.noAugment, "Train on the pictures as they are"));
    fresh(verb->add_option("--device", o.device, "cpu, cuda:0 or auto (default)")->type_name("NAME"));
    fresh(verb->add_option("--precision", o.precision, "f32 (default)")->type_name("TYPE"));
    fresh(verb->add_flag("--exact", o.exact, "Direct convolution only"));
    fresh(addInteger(*verb, "--threads", o.threads, 1, 1024, "Compute threads (default: the cores)"));
    addInteger(*verb, "--loader-threads", o.loaderThreads, 0, 256, "Threads that prepare batches (default 2); changes no result");
    fresh(addInteger(*verb, "--checkpoint-every", o.checkpointEvery, 0, INT64_MAX,
                     "Save after so many steps too (default 0: after each epoch)"));
    fresh(addReal(*verb, "--checkpoint-seconds", o.checkpointSeconds, "Save at latest after so many seconds (default 300; 0: never)"));
    verb->add_flag("--replan", o.replan, "With --resume: make a new plan where the old one cannot be used");
    verb->add_flag("--commands", o.commands,
                   "Take commands as JSON lines on standard input: {\"command\": \"stop\"}, pause, resume, checkpoint, weights");
    addJson(*verb, o.json);
    verb->footer(paramsText());
    verb->callback([options, &outcome] { runTrain(*options, outcome); });
}

} // namespace strata::cli
