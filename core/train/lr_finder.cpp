// SPDX-License-Identifier: Apache-2.0
#include "core/train/lr_finder.h"

#include "core/backend/registry.h"
#include "core/base/parallel.h"
#include "core/ops/ops.h"
#include "core/train/optimizer.h"
#include "core/train/run.h"
#include "core/train/trainer_state.h"

#include <algorithm>
#include <cmath>

namespace strata {

namespace {

void requireSense(const LrFinderOptions& options) {
    const bool rates = options.minimum > 0 && options.maximum > options.minimum && options.maximum <= 1e6;
    if (!rates)
        fail(ErrorKind::BadInput, "the learning rates {} to {} are no range: the first must be above 0 and below the last (at most 1e6)",
             options.minimum, options.maximum);
    if (options.steps < 2 || options.steps > 100000) fail(ErrorKind::BadInput, "{} steps, but allowed is 2 to 100000", options.steps);
    if (!(options.smoothing >= 0 && options.smoothing < 1))
        fail(ErrorKind::BadInput, "smoothing {} is out of range: from 0 to below 1", options.smoothing);
    if (!(options.divergence > 1)) fail(ErrorKind::BadInput, "the factor of divergence is {}, but must be above 1", options.divergence);
}

double rateAt(const LrFinderOptions& options, int64_t step) {
    return options.minimum * std::pow(options.maximum / options.minimum, double(step) / double(options.steps - 1));
}

/// Exponential mean whose start at zero is taken out (as in Adam), and the lowest value it has had.
struct SmoothLoss {
    double beta, mean = 0, weight = 1, lowest = INFINITY;
    double add(double loss) {
        mean = beta * mean + (1 - beta) * loss;
        weight *= beta;
        const double value = mean / (1 - weight);
        lowest = std::min(lowest, value);
        return value;
    }
};

/// Batches without end: one epoch after the other.
class Batches {
public:
    Batches(DataLoader& loader, std::stop_token stop) : loader_(loader), stop_(std::move(stop)) { loader_.start(epoch_, 0, stop_); }
    Batch next() {
        std::optional<Batch> batch = loader_.next();
        if (batch) return std::move(*batch);
        loader_.start(++epoch_, 0, stop_);
        batch = loader_.next();
        if (!batch) fail(ErrorKind::BadInput, "there are no training samples");
        return std::move(*batch);
    }

private:
    DataLoader& loader_;
    std::stop_token stop_;
    uint32_t epoch_ = 0;
};

/// What a run would train with, but for schedule and checkpoints.
class Sweep {
public:
    Sweep(const ModelSpec& spec, const TrainData& data, const TrainConfig& config, const LrFinderOptions& options)
        : config_(config), device_(strata::device(config.device)), network_(spec, config.seed, device_),
          loss_(makeLoss(config.loss.id, config.loss.params)),
          optimizer_(makeOptimizer(config.optimizer.id, config.optimizer.params, network_.flatParameters())),
          loader_(makeLoader(data.train, data, config, network_.spec().input[0], true, singleRank())), batches_(*loader_, options.stop) {
        requireFit(network_, *loader_, data);
        if (!options.weights.empty()) network_.loadStateDict(options.weights);
    }

    /// One update; the loss before it. Where that is not finite the weights stay.
    double step(int64_t number, double rate) {
        const Batch batch = batches_.next();
        ForwardOptions options;
        options.training = true;
        options.seed = config_.seed;
        options.step = uint32_t(number);
        network_.zeroGradients();
        const Tensor loss = (*loss_)(network_.forward(batch.images.to(device_), options), batch.labels.to(device_));
        const double value = loss.item();
        if (!std::isfinite(value)) return value;
        loss.backward();
        if (countNonFinite(network_.flatGradients()) > 0) return NAN;
        if (config_.clipNorm > 0) clipGradients(network_, config_.clipNorm);
        optimizer_->step(network_.flatParameters(), network_.flatGradients(), rate);
        return value;
    }

private:
    const TrainConfig& config_;
    Device device_;
    Network network_;
    std::unique_ptr<Loss> loss_;
    std::unique_ptr<Optimizer> optimizer_;
    std::unique_ptr<DataLoader> loader_;
    Batches batches_;
};

Json numberOrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

/// Slopes of y over evenly spaced x, as numpy.gradient: central inside, one-sided at the ends.
double slopeAt(const std::vector<LrPoint>& points, size_t i) {
    const size_t before = i == 0 ? i : i - 1, after = i + 1 == points.size() ? i : i + 1;
    return (points[after].smoothed - points[before].smoothed) / double(after - before);
}

} // namespace

Json LrPoint::toJson() const { return {{"step", step}, {"learning_rate", learningRate}, {"loss", loss}, {"smoothed", smoothed}}; }

Json LrFinderResult::toJson() const {
    Json list = Json::array();
    for (const LrPoint& point : points) list.push_back(point.toJson());
    return {{"points", list},
            {"diverged", diverged},
            {"steepest", numberOrNull(steepest)},
            {"tenth_of_lowest", numberOrNull(tenthOfLowest)},
            {"suggestion", numberOrNull(suggestion)}};
}

void suggestLearningRate(LrFinderResult& result) {
    result.steepest = result.tenthOfLowest = result.suggestion = std::nullopt;
    const std::vector<LrPoint>& points = result.points;
    if (points.size() < 4) return;
    const auto lower = [](const LrPoint& a, const LrPoint& b) { return a.smoothed < b.smoothed; };
    const auto lowest = size_t(std::min_element(points.begin(), points.end(), lower) - points.begin());
    result.tenthOfLowest = points[lowest].learningRate / 10;
    double best = 0;
    // The smoothed loss of the first tenth is a mean of few batches: its slope is noise (fastai leaves it out too).
    for (size_t i = points.size() / 10; i <= lowest; ++i)
        if (const double slope = slopeAt(points, i); slope < best) {
            best = slope;
            result.steepest = points[i].learningRate;
        }
    result.suggestion = result.steepest ? result.steepest : result.tenthOfLowest;
}

LrFinderResult findLearningRate(const ModelSpec& spec, const TrainData& data, const TrainConfig& config, const LrFinderOptions& options) {
    requireSense(options);
    config.check();
    if (!data.train || data.train->size() == 0) fail(ErrorKind::BadInput, "there are no training samples");
    Sweep sweep(spec, data, config, options);
    LrFinderResult result;
    SmoothLoss smooth{options.smoothing};
    for (int64_t step = 0; step < options.steps; ++step) {
        if (options.stop.stop_requested()) fail(ErrorKind::Cancelled, "stopped after {} of {} steps", step, options.steps);
        LrPoint point{step, rateAt(options, step), 0, 0};
        point.loss = sweep.step(step, point.learningRate);
        if (!std::isfinite(point.loss)) {
            result.diverged = true;
            break;
        }
        point.smoothed = smooth.add(point.loss);
        result.points.push_back(point);
        if (options.progress) options.progress(point);
        if (step > 0 && point.smoothed > options.divergence * smooth.lowest) {
            result.diverged = step + 1 < options.steps;
            break;
        }
    }
    suggestLearningRate(result);
    return result;
}

LrFinderResult findLearningRate(const TrainConfig& config, const LrFinderOptions& options, const std::optional<Pipeline>& pipeline) {
    config.check();
    if (config.computeThreads > 0) setComputeThreads(config.computeThreads);
    const PreparedRun prepared = prepareRun(config, pipeline);
    return findLearningRate(prepared.spec, prepared.trainData(), config, options);
}

} // namespace strata
