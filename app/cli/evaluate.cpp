// SPDX-License-Identifier: Apache-2.0
#include "core/evaluate/evaluate.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/backend/registry.h"
#include "core/base/text.h"

#include <algorithm>

namespace strata::cli {
namespace {

struct Options {
    ModelChoice model;
    ComputeChoice compute;
    std::string data, split = "test";
    std::optional<int64_t> batch, loaderThreads;
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

std::unique_ptr<Network> makeFolded(const OpenedModel& model, Device device) {
    return fromModel(model, [&](const ModelFile& file) { return foldForInference(*makeNetwork(file, device)); });
}

void runEvaluate(const Options& options) {
    if (options.model.run.empty() && !options.model.weights.empty() && options.data.empty())
        throw UsageError("--weights needs --data SPEC");
    options.compute.apply();
    const OpenedModel model = openModel(options.model);
    SourceOptions opening;
    std::string data = options.data;
    if (model.config) {
        opening = {model.config->splitSeed, model.config->validationFraction};
        if (data.empty()) data = model.config->data;
    }
    const DataSource source = openSource(data, opening);
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
        running.progress = [&](int64_t done, int64_t total) { progress.update(done, total); };
        evaluation = evaluate(*network, dataset, source.imageShape, model.file.pipeline, running);
    }
    const std::vector<std::string>& names = model.file.classes.empty() ? source.classes : model.file.classes;
    if (options.json) {
        Json json = toJson(evaluation, names);
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
    verb->add_flag("--confusion", options->confusion, "Print the confusion matrix too");
    addJson(*verb, options->json);
    verb->callback([options] { runEvaluate(*options); });
}

} // namespace strata::cli
