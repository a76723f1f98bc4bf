// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/train_choice.h"
#include "app/cli/verbs.h"
#include "core/train/lr_finder.h"

#include <algorithm>
#include <cmath>

namespace strata::cli {
namespace {

struct Options {
    TrainChoice train;
    std::optional<double> minimum, maximum, smoothing;
    std::optional<int64_t> steps;
    bool json = false;
};

/// One curve as text: a bar a step, from the lowest to the highest loss shown.
void showCurve(const LrFinderResult& result) {
    double low = INFINITY, high = 0;
    for (const LrPoint& point : result.points) low = std::min(low, point.smoothed);
    for (const LrPoint& point : result.points) high = std::max(high, std::min(point.smoothed, 2 * result.points.front().smoothed));
    std::vector<std::vector<std::string>> rows;
    const size_t every = std::max<size_t>(1, result.points.size() / 25);
    for (size_t i = 0; i < result.points.size(); i += every) {
        const LrPoint& point = result.points[i];
        const double part = high > low ? std::clamp((point.smoothed - low) / (high - low), 0.0, 1.0) : 0;
        rows.push_back(
            {fmt::format("{:.3g}", point.learningRate), fmt::format("{:.4f}", point.smoothed), std::string(size_t(part * 40 + 0.5), '#')});
    }
    print(table({"rate", "loss", ""}, rows, {0, 1}));
}

void show(const LrFinderResult& result) {
    if (!result.points.empty()) showCurve(result);
    if (!result.suggestion) return print("Too few steps for a suggestion: the loss was not finite at once; begin with a smaller --min\n");
    print(fmt::format("\nSuggestion: --lr {:.2g}", *result.suggestion));
    if (result.steepest)
        print(fmt::format("  (steepest at {:.2g}, a tenth of the lowest loss's rate is {:.2g})", *result.steepest, *result.tenthOfLowest));
    print("\n");
}

void run(const Options& options) {
    const TrainConfig config = options.train.config();
    if (config.model.empty()) throw UsageError("--model is needed");
    if (config.data.empty()) throw UsageError("--data is needed");
    LrFinderOptions finder;
    finder.minimum = options.minimum.value_or(finder.minimum);
    finder.maximum = options.maximum.value_or(finder.maximum);
    finder.steps = options.steps.value_or(finder.steps);
    finder.smoothing = options.smoothing.value_or(finder.smoothing);
    LrFinderResult result;
    {
        const Interrupt interrupt(false);
        Progress progress("looking for a learning rate", "steps", options.json);
        finder.stop = interrupt.token();
        finder.progress = [&](const LrPoint& point) {
            progress.update(point.step + 1, finder.steps);
            if (options.json) printJson(point.toJson());
        };
        result = findLearningRate(config, finder, options.train.pipeline());
    }
    if (!options.json) return show(result);
    Json last = result.toJson();
    last.erase("points");
    printJson({{"result", last}});
}

} // namespace

void addLrFind(CLI::App& app, Outcome&) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("lr-find", "Look for a good learning rate: train with a growing one, watch the loss");
    addTrainChoice(*verb, options->train);
    addReal(*verb, "--min", options->minimum, "First learning rate (default 1e-6)");
    addReal(*verb, "--max", options->maximum, "Last learning rate (default 10)");
    addInteger(*verb, "--steps", options->steps, 2, 100'000, "Steps between them (default 100)");
    addReal(*verb, "--smoothing", options->smoothing, "Weight of the past in the smoothed loss (default 0.95)");
    verb->add_flag("--json", options->json, "Print JSON: a line a step, at last {\"result\": {\"suggestion\": ...}}");
    verb->callback([options] { run(*options); });
}

} // namespace strata::cli
