// SPDX-License-Identifier: Apache-2.0
#include "app/cli/bench_job.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/backend/dispatch.h"
#include "core/backend/registry.h"
#include "core/base/parallel.h"
#include "core/base/text.h"

#include <chrono>
#include <cstdio>
#include <iostream>

namespace strata::cli {
namespace {

constexpr int kWarmUp = 3;

struct Options {
    std::string model, precision = "f32";
    ComputeChoice compute;
    std::optional<int64_t> batch;
    std::optional<double> seconds;
    bool exact = false, serve = false, json = false;
};

/// The batches that peer_torch.py uses.
int64_t defaultBatch(const std::string& model) { return model == "vgg_small" ? 64 : model == "speed" ? 256 : 128; }

/// Answers lines `t N`, `i N`, `l N` until the end of standard input.
void serve(BenchJob& job) {
    print(fmt::format("ready {} strata-{}\n", computeThreads(), STRATA_VERSION));
    flushOutput();
    for (std::string line; std::getline(std::cin, line);) {
        const std::vector<std::string> words = split(trim(line), ' ');
        const std::optional<int64_t> steps = words.size() == 2 ? parseInteger(words[1]) : std::nullopt;
        if (!steps || *steps < 1 || words[0].find_first_not_of("til") != std::string::npos || words[0].size() != 1)
            fail(ErrorKind::BadInput, "'{}' is none of t N, i N, l N", line);
        if (words[0] == "l") {
            job.train(*steps);
            print(fmt::format("{:.4f} 0\n", job.loss()));
        } else {
            const BenchRate rate = words[0] == "t" ? job.train(*steps) : job.infer(*steps);
            print(fmt::format("{:.2f} {:.3f}\n", rate.imagesPerSecond, rate.foreign));
        }
        flushOutput();
    }
}

/// The median of five rounds that together take about `seconds`.
template <class Round> BenchRate median(double seconds, int64_t batch, Round round) {
    const BenchRate first = round(1);
    const auto steps = std::max<int64_t>(1, int64_t(seconds / 5 * first.imagesPerSecond / double(batch)));
    std::vector<BenchRate> rates;
    for (int i = 0; i < 5; ++i) rates.push_back(round(steps));
    std::sort(rates.begin(), rates.end(), [](const BenchRate& a, const BenchRate& b) { return a.imagesPerSecond < b.imagesPerSecond; });
    return rates[2];
}

void runBench(const Options& options) {
    options.compute.apply();
    if (options.precision != "f32") fail(ErrorKind::Unsupported, "the precision '{}' is not known: f32 is", options.precision);
    const Device target = device(options.compute.device);
    if (options.exact) backendOf(target).resetPlan(true);
    const ModelSpec spec = resolveModel(options.model, {3, 32, 32}, 10);
    const int64_t batch = options.batch.value_or(defaultBatch(options.model));
    BenchJob job(spec, batch, target);
    for (int i = 0; i < kWarmUp; ++i) job.trainStep();
    if (options.serve) return serve(job);

    const double seconds = options.seconds.value_or(5);
    const BenchRate train = median(seconds, batch, [&](int64_t steps) { return job.train(steps); });
    const BenchRate infer = median(seconds, batch, [&](int64_t steps) { return job.infer(steps); });
    if (options.json)
        return printJson({{"model", options.model},
                          {"device", target.name()},
                          {"batch", batch},
                          {"threads", computeThreads()},
                          {"precision", options.precision},
                          {"exact", options.exact},
                          {"parameters", job.network().parameterCount()},
                          {"train", {{"images_per_second", train.imagesPerSecond}, {"foreign", train.foreign}}},
                          {"infer", {{"images_per_second", infer.imagesPerSecond}, {"foreign", infer.foreign}}}});
    const auto row = [&](const char* what, const BenchRate& rate) {
        return std::vector<std::string>{what, fmt::format("{:.0f}", rate.imagesPerSecond),
                                        fmt::format("{:.2f}", 1000 * double(batch) / rate.imagesPerSecond),
                                        fmt::format("{:.2f}", rate.foreign)};
    };
    print(fmt::format("{} on {}: {} parameters, batch {}, {} threads, {}\n", options.model, target.name(),
                      formatCount(double(job.network().parameterCount())), batch, computeThreads(), options.precision));
    print(table({"", "images/s", "ms/batch", "foreign cores"}, {row("training", train), row("inference", infer)}, {1, 2, 3}));
}

} // namespace

void addBench(CLI::App& app, Outcome&) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("bench", "Time training and inference of a network on noise");
    verb->add_option("--model", options->model, "Template or file; pictures 3x32x32, ten classes")->required()->type_name("MODEL");
    addInteger(*verb, "--batch", options->batch, 1, 1'000'000, "Pictures a step (default 64 for vgg_small, 256 for speed, else 128)");
    verb->add_option("--precision", options->precision, "f32 (default)")->type_name("TYPE");
    verb->add_flag("--exact", options->exact, "Direct convolution only");
    addReal(*verb, "--seconds", options->seconds, "Measure each about so long (default 5)");
    verb->add_flag(
        "--serve", options->serve,
        "Answer lines `t N` (training steps), `i N` (inference), `l N` (losses) on standard input, as shared/bench/pair.py sends them");
    addCompute(*verb, options->compute);
    addJson(*verb, options->json);
    verb->callback([options] { runBench(*options); });
}

} // namespace strata::cli
