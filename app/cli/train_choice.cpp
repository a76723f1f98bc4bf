// SPDX-License-Identifier: Apache-2.0
#include "app/cli/train_choice.h"

#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"

namespace strata::cli {
namespace {

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

std::string ids(const auto& defs) {
    std::vector<std::string> names;
    for (const auto& def : defs) names.push_back(def.spec.id);
    return join(names, ", ");
}

/// A pipeline's JSON, or the data.json of a run, which holds one.
Pipeline readPipeline(const std::string& path) {
    const Json json = parseJson(readTextFile(path), path);
    const Json& steps = json.is_object() && json.contains("pipeline") ? json.at("pipeline") : json;
    try {
        return Pipeline::fromJson(steps);
    } catch (const Error& error) { throw Error(ErrorKind::BadFile, fmt::format("{}: {}", path, error.what())); }
}

} // namespace

TrainConfig TrainChoice::config() const {
    TrainConfig config;
    if (!configFile.empty()) config = TrainConfig::fromJson(parseJson(readTextFile(configFile), configFile), configFile);
    if (!data.empty()) config.data = data;
    if (!model.empty()) config.model = model;
    std::vector<std::string> optimizerTexts = optimizerSet, lossTexts = lossSet;
    setShort(optimizerTexts, "lr", lr);
    setShort(optimizerTexts, "momentum", momentum);
    setShort(optimizerTexts, "weight_decay", weightDecay);
    setShort(lossTexts, "label_smoothing", labelSmoothing);
    choose(config.optimizer, optimizer, optimizerSpec, optimizerTexts);
    choose(config.loss, loss, lossSpec, lossTexts);
    choose(config.schedule, schedule, scheduleSpec, scheduleSet);
    config.batchSize = batch.value_or(config.batchSize);
    config.seed = uint64_t(seed.value_or(int64_t(config.seed)));
    config.splitSeed = uint64_t(splitSeed.value_or(int64_t(config.splitSeed)));
    config.validationFraction = validation.value_or(config.validationFraction);
    if (!edits.empty()) config.edits = edits;
    if (noAugment) config.augment = false;
    config.clipNorm = clipNorm.value_or(config.clipNorm);
    if (!device.empty()) config.device = device;
    if (!precision.empty()) config.precision = precision;
    if (exact) config.exact = true;
    config.loaderThreads = int(loaderThreads.value_or(config.loaderThreads));
    config.computeThreads = int(threads.value_or(config.computeThreads));
    return config;
}

std::optional<Pipeline> TrainChoice::pipeline() const {
    if (pipelineFile.empty()) return std::nullopt;
    return readPipeline(pipelineFile);
}

std::string trainParamsText() {
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

std::vector<CLI::Option*> addTrainChoice(CLI::App& verb, TrainChoice& o) {
    std::vector<CLI::Option*> fresh = {
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
    for (CLI::Option* option : fresh)
        if (option->get_type_name() == "NAME=VALUE") option->expected(1)->take_all();
    const auto add = [&](CLI::Option* option) { fresh.push_back(option); };
    add(verb.add_option("--model", o.model, "Template (see strata summary --help) or file")->type_name("MODEL"));
    verb.add_option("--data", o.data, "Data (see strata data --help)")->type_name("SPEC");
    add(verb.add_option("--config", o.configFile, "Settings to begin with (JSON, as RUN/config.json); other options replace single ones")
            ->type_name("FILE"));
    add(verb.add_option("--pipeline", o.pipelineFile, "Preprocessing (JSON, or RUN/data.json) instead of the data's usual one")
            ->type_name("FILE"));
    add(addInteger(verb, "--batch", o.batch, 1, 1'000'000, "Pictures a step (default 128)"));
    add(addInteger(verb, "--seed", o.seed, 0, INT64_MAX, "Of weights, order, augmentation and dropout (default 0)"));
    add(addInteger(verb, "--split-seed", o.splitSeed, 0, INT64_MAX, "Of the validation split (default 0)"));
    add(addReal(verb, "--validation", o.validation, "Part of the training data kept for validation (default 0.1)"));
    add(addEdits(verb, o.edits));
    add(addReal(verb, "--clip-norm", o.clipNorm, "Shorten gradients that are longer than this (default 0: never)"));
    add(verb.add_flag("--no-augment", o.noAugment, "Train on the pictures as they are"));
    add(verb.add_option("--device", o.device, "cpu, cuda:0 or auto (default)")->type_name("NAME"));
    add(verb.add_option("--precision", o.precision, "f32 (default)")->type_name("TYPE"));
    add(verb.add_flag("--exact", o.exact, "Direct convolution only"));
    add(addInteger(verb, "--threads", o.threads, 1, 1024, "Compute threads (default: the cores)"));
    addInteger(verb, "--loader-threads", o.loaderThreads, 0, 256, "Threads that prepare batches (default 2); changes no result");
    return fresh;
}

} // namespace strata::cli
