// SPDX-License-Identifier: Apache-2.0
#include "core/evaluate/evaluate.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/backend/registry.h"
#include "core/base/atomic_file.h"
#include "core/base/text.h"

#include <algorithm>

namespace strata::cli {
namespace {

struct Options {
    ModelChoice model;
    ComputeChoice compute;
    std::string data, split = "test", edits, predictions;
    std::optional<int64_t> batch, loaderThreads, topLosses;
    bool confusion = false, json = false;
};

void warnOfOtherClasses(const ModelFile& model, const DataSource& source) {
    if (model.classes.empty() || model.classes == source.classes) return;
    note(fmt::format("warning: the model knows the classes {}, the data has {}; they are compared by position", join(model.classes, ", "),
                     join(source.classes, ", ")));
}

void showClasses(const Evaluation& evaluation, const std::vector<std::string>& names) {
    std::vector<std::vector<std::string>> rows;
    for (size_t c = 0; c < evaluation.classes.size(); ++c) {
        const ClassMetrics& m = evaluation.classes[c];
        rows.push_back({className(names, int64_t(c)), grouped(m.count), percent(m.precision), percent(m.recall), percent(m.f1)});
    }
    print("\n" + table({"class", "count", "precision", "recall", "F1"}, rows, {1, 2, 3, 4}));
}

void showConfusion(const ConfusionMatrix& confusion, const std::vector<std::string>& names) {
    std::vector<std::string> heading{"is \\ called"};
    std::vector<size_t> numeric;
    std::vector<std::vector<std::string>> rows;
    for (int64_t c = 0; c < confusion.classes(); ++c) {
        heading.push_back(className(names, c));
        numeric.push_back(size_t(c) + 1);
        std::vector<std::string> row{className(names, c)};
        for (int64_t p = 0; p < confusion.classes(); ++p) row.push_back(std::to_string(confusion.at(c, p)));
        rows.push_back(row);
    }
    print("\n" + table(heading, rows, numeric));
}

void showTopLosses(const std::vector<SamplePrediction>& top, const DatasetPtr& dataset, const std::vector<std::string>& names) {
    std::vector<std::vector<std::string>> rows;
    for (const SamplePrediction& sample : top)
        rows.push_back({std::to_string(sample.index), fmt::format("{:.4f}", sample.loss), className(names, sample.label),
                        className(names, sample.predicted), percent(sample.probability), dataset->origin(sample.index)});
    print("\n" + table({"index", "loss", "class", "called", "sure", "origin"}, rows, {0, 1, 4}));
}

Json topLossesJson(const std::vector<SamplePrediction>& top, const DatasetPtr& dataset, const std::vector<std::string>& names) {
    Json list = Json::array();
    for (const SamplePrediction& sample : top)
        list.push_back({{"index", sample.index},
                        {"loss", sample.loss},
                        {"class", className(names, sample.label)},
                        {"predicted", className(names, sample.predicted)},
                        {"probability", sample.probability},
                        {"class_probability", sample.labelProbability},
                        {"origin", dataset->origin(sample.index)}});
    return list;
}

/// The data to measure on: those of the run with its edits, or what the options say.
DataSource openData(const Options& options, const OpenedModel& model, std::string& spec) {
    SourceOptions opening;
    opening.edits = options.edits;
    spec = options.data;
    if (model.config) {
        opening.splitSeed = model.config->splitSeed;
        opening.validationFraction = model.config->validationFraction;
        if (spec.empty() && opening.edits.empty()) opening.edits = model.edits;
        if (spec.empty()) spec = model.config->data;
    }
    return openSource(spec, opening);
}

std::unique_ptr<Network> makeFolded(const OpenedModel& model, Device device) {
    return fromModel(model, [&](const ModelFile& file) { return foldForInference(*makeNetwork(file, device)); });
}

void runEvaluate(const Options& options) {
    if (options.model.run.empty() && !options.model.weights.empty() && options.data.empty())
        throw UsageError("--weights needs --data SPEC");
    options.compute.apply();
    const OpenedModel model = openModel(options.model);
    std::string data;
    const DataSource source = openData(options, model, data);
    const DatasetPtr dataset = pickSplit(source, options.split);
    const std::unique_ptr<Network> network = makeFolded(model, device(options.compute.device));
    Evaluation evaluation;
    {
        const Interrupt interrupt(false);
        Progress progress("evaluating", "images", options.json);
        EvaluateOptions running;
        running.batchSize = options.batch.value_or(250);
        running.threads = int(options.loaderThreads.value_or(2));
        running.stop = interrupt.token();
        running.keepSamples = options.topLosses || !options.predictions.empty();
        running.progress = [&](int64_t done, int64_t total) { progress.update(done, total); };
        evaluation = evaluate(*network, dataset, source.imageShape, model.file.pipeline, running);
    }
    const std::vector<std::string>& names = model.file.classes.empty() ? source.classes : model.file.classes;
    const std::vector<SamplePrediction> top = topLosses(evaluation.samples, options.topLosses.value_or(0));
    if (!options.predictions.empty())
        writeFileAtomically(options.predictions, predictionsCsv(evaluation.samples, source, options.split, names));
    if (options.json) {
        Json json = toJson(evaluation, names);
        if (options.topLosses) json["top_losses"] = topLossesJson(top, dataset, names);
        if (!options.predictions.empty()) json["predictions"] = options.predictions;
        json["model"] = model.path;
        json["data"] = data;
        json["split"] = options.split;
        return printJson(json);
    }
    warnOfOtherClasses(model.file, source);
    print(fmt::format("{}: {} on {} {} pictures of {}, top 5 {}, loss {:.4f}, {:.0f} images/s\n", model.path, percent(evaluation.accuracy),
                      grouped(evaluation.count), options.split, data, percent(evaluation.top5), evaluation.loss,
                      double(evaluation.count) / evaluation.seconds));
    showClasses(evaluation, names);
    if (options.confusion) showConfusion(evaluation.confusion, names);
    if (options.topLosses) showTopLosses(top, dataset, names);
    if (!options.predictions.empty()) print(fmt::format("\n{}: a row for each picture\n", options.predictions));
}

} // namespace

void addEvaluate(CLI::App& app, Outcome&) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("evaluate", "Measure a trained network on a dataset");
    addModel(*verb, options->model);
    verb->add_option("--data", options->data, "Data (default: what the run trained on)")->type_name("SPEC");
    verb->add_option("--split", options->split, "test (default), validation or train")
        ->check(CLI::IsMember({"test", "validation", "train"}))
        ->type_name("WHICH");
    addInteger(*verb, "--batch", options->batch, 1, 100'000, "Pictures at once (default 250)");
    addInteger(*verb, "--loader-threads", options->loaderThreads, 0, 256, "Threads that prepare pictures (default 2)");
    addCompute(*verb, options->compute);
    addEdits(*verb, options->edits);
    addInteger(*verb, "--top-losses", options->topLosses, 1, 1'000'000, "List so many pictures with the largest loss");
    verb->add_option("--predictions", options->predictions, "Write what it said of every picture as CSV")->type_name("FILE");
    verb->add_flag("--confusion", options->confusion, "Print the confusion matrix too");
    addJson(*verb, options->json);
    verb->callback([options] { runEvaluate(*options); });
}

} // namespace strata::cli
