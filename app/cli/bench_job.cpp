// SPDX-License-Identifier: Apache-2.0
#include "app/cli/bench_job.h"

#include "core/autograd/autograd.h"
#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/ops/ops.h"
#include "core/ops/random.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace strata::cli {
namespace {

constexpr double kLearningRate = 0.05;

/// CPU seconds of the whole machine: user, nice, system, irq, softirq, steal of /proc/stat.
double machineSeconds() {
    const std::string text = readKernelText("/proc/stat");
    double ticks = 0;
    int field = 0;
    for (const std::string& word : split(text.substr(0, text.find('\n')), ' ')) {
        if (word.empty() || word == "cpu") continue;
        if (field != 3 && field != 4 && field < 8) ticks += parseReal(word).value_or(0);
        ++field;
    }
    return ticks / double(sysconf(_SC_CLK_TCK));
}

double ownSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wallSeconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

} // namespace

BenchJob::BenchJob(const ModelSpec& spec, int64_t batch, Device device)
    : network_(spec, 0, device),
      optimizer_(makeOptimizer("sgd", {{"lr", kLearningRate}, {"momentum", 0.9}, {"weight_decay", 5e-4}}, network_.flatParameters())),
      images_(randomNormal({batch, spec.input[0], spec.input[1], spec.input[2]}, 0, 1, Philox(0, Purpose::Noise, 0, 0)).to(device)),
      labels_(randomIntegers({batch}, network_.classes(), Philox(0, Purpose::Noise, 0, 1)).to(device)) {}

void BenchJob::trainStep() {
    ForwardOptions options;
    options.training = true;
    options.step = step_++;
    network_.zeroGradients();
    crossEntropy(network_.forward(images_, options), labels_).backward();
    optimizer_->step(network_.flatParameters(), network_.flatGradients(), kLearningRate);
    folded_.reset();
}

void BenchJob::inferStep() {
    const NoGrad noGrad;
    folded_->forward(images_);
}

template <class Step> BenchRate BenchJob::time(int64_t steps, Step step) {
    const double busy = machineSeconds(), own = ownSeconds(), begin = wallSeconds();
    for (int64_t i = 0; i < steps; ++i) step();
    network_.device().memory().synchronize();
    const double seconds = wallSeconds() - begin;
    const double foreign = (machineSeconds() - busy - (ownSeconds() - own)) / seconds;
    return {double(images_.size(0) * steps) / seconds, std::max(0.0, foreign)};
}

BenchRate BenchJob::train(int64_t steps) {
    return time(steps, [this] { trainStep(); });
}

BenchRate BenchJob::infer(int64_t steps) {
    if (!folded_) {
        folded_ = foldForInference(network_);
        inferStep();
    }
    return time(steps, [this] { inferStep(); });
}

double BenchJob::loss() {
    const NoGrad noGrad;
    ForwardOptions options;
    options.training = true;
    options.step = step_;
    return crossEntropy(network_.forward(images_, options), labels_).to(cpuDevice()).item();
}

} // namespace strata::cli
