// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/backend/registry.h"
#include "core/predict/predictor.h"

namespace strata::cli {
namespace {

struct Options {
    ModelChoice model;
    ComputeChoice compute;
    std::vector<std::string> photos;
    std::optional<int64_t> top;
    bool json = false;
};

Json predictionJson(const std::string& file, const Prediction& prediction) {
    Json top = Json::array();
    for (const ClassProbability& entry : prediction.top) top.push_back({{"class", entry.name}, {"probability", entry.probability}});
    return {{"file", file}, {"top", top}, {"milliseconds", prediction.milliseconds}};
}

void showPrediction(const std::string& file, const Prediction& prediction) {
    print(fmt::format("{}  ({:.1f} ms)\n", file, prediction.milliseconds));
    for (const ClassProbability& entry : prediction.top) {
        const std::string bar(size_t(entry.probability * 30 + 0.5), '#');
        print(fmt::format("  {:>8}  {:<30}  {}\n", percent(entry.probability), bar, entry.name));
    }
}

void runPredict(const Options& options) {
    options.compute.apply();
    const OpenedModel model = openModel(options.model);
    const Device target = device(options.compute.device);
    const Predictor predictor = fromModel(model, [&](const ModelFile& file) { return Predictor(file, target); });
    Json results = Json::array();
    for (const std::string& photo : options.photos) {
        const Prediction prediction = predictor.predictFile(photo, options.top.value_or(5));
        if (options.json)
            results.push_back(predictionJson(photo, prediction));
        else
            showPrediction(photo, prediction);
    }
    if (options.json) printJson({{"results", results}});
}

} // namespace

void addPredict(CLI::App& app, Outcome&) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("predict", "Name what is on photos");
    addModel(*verb, options->model);
    verb->add_option("photos", options->photos, "Pictures: JPEG, PNG, BMP, WebP, TIFF, PNM")->required()->type_name("PHOTO");
    addInteger(*verb, "--top", options->top, 1, 1'000'000, "How many classes to print (default 5)");
    addCompute(*verb, options->compute);
    addJson(*verb, options->json);
    verb->callback([options] { runPredict(*options); });
}

} // namespace strata::cli
