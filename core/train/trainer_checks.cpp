// SPDX-License-Identifier: Apache-2.0
#include "core/train/trainer_state.h"

#include "core/autograd/autograd.h"
#include "core/ops/ops.h"

#include <cmath>
#include <set>

namespace strata {

namespace {

/// "conv1" of "conv1.weight".
std::string layerOf(const std::string& tensorName) {
    const size_t dot = tensorName.rfind('.');
    return dot == std::string::npos ? tensorName : tensorName.substr(0, dot);
}

const NamedTensor* firstNotFinite(const std::vector<NamedTensor>& tensors) {
    for (const NamedTensor& item : tensors)
        if (countNonFinite(item.tensor) > 0) return &item;
    return nullptr;
}

/// Sizes of the batches that a loader over `count` samples makes.
std::set<int64_t> batchSizes(int64_t count, int64_t batchSize, bool dropLast) {
    std::set<int64_t> sizes;
    if (count >= batchSize) sizes.insert(batchSize);
    if (count % batchSize != 0 && !(dropLast && count >= batchSize)) sizes.insert(count % batchSize);
    return sizes;
}

} // namespace

void requireFit(const Network& network, const DataLoader& loader, const TrainData& data) {
    const Shape wanted = network.spec().input, given = loader.batchShape();
    if (wanted != given)
        fail(ErrorKind::BadInput, "the network takes pictures of {}, but the data give {} after preprocessing", wanted.text('x'),
             given.text('x'));
    if (!data.classes.empty() && network.classes() != int64_t(data.classes.size()))
        fail(ErrorKind::BadInput, "the network has {} outputs, but the data have {} classes", network.classes(), data.classes.size());
}

double clipGradients(Network& network, double longest) {
    const NoGrad noGrad;
    Tensor gradients = network.flatGradients();
    const double norm = std::sqrt(sum(square(gradients)).item());
    const double factor = longest / (norm + 1e-6);
    if (factor < 1) gradients.copyFrom(gradients * factor);
    return norm;
}

// Meets every shape the run will, on a network of its own, so that the device has chosen its algorithms (and taken its memory)
// before the first step counts.
void Trainer::State::planningPass() const {
    Network scratch(network->spec(), config.seed, device);
    const Shape picture = network->spec().input;
    const auto images = [&](int64_t count) {
        Shape shape = picture;
        shape.insert(0, count);
        return Tensor::zeros(shape, DType::F32, device);
    };
    const int64_t perRank = data.train->size() / communicator->size();
    const bool dropLast = data.train->size() > config.batchSize && data.train->size() % config.batchSize == 1;
    for (const int64_t count : batchSizes(perRank, config.batchSize, dropLast)) {
        ForwardOptions options;
        options.training = true;
        options.seed = config.seed;
        scratch.zeroGradients();
        (*loss)(scratch.forward(images(count), options), Tensor::zeros({count}, DType::I64, device)).backward();
    }
    if (!validationLoader) return;
    const NoGrad noGrad;
    for (const int64_t count : batchSizes(data.validation->size(), config.batchSize, false)) scratch.forward(images(count));
}

void Trainer::State::reportLoss(const Batch& batch, const Tensor& images, double lossValue) {
    StepDone event;
    event.step = progress.step + 1;
    event.epoch = progress.epoch;
    event.loss = lossValue;
    event.learningRate = schedule.learningRate(baseRate, {progress.step, stepsPerEpoch, totalSteps});
    tell(event);
    NotFinite found;
    std::string cause;
    if (countNonFinite(images) > 0) {
        cause = fmt::format("the pictures of its batch (sample {} is the first) hold values that are not finite",
                            batch.indices.empty() ? 0 : batch.indices[0]);
    } else if (const NamedTensor* weight = firstNotFinite(network->parameters())) {
        found.layer = layerOf(weight->name);
        cause = fmt::format("the weights of layer {} are not finite", found.layer);
    } else if (const NamedTensor* frozen = firstNotFinite(network->frozen())) {
        found.layer = layerOf(frozen->name);
        cause = fmt::format("the weights of layer {} are not finite", found.layer);
    } else {
        const NoGrad noGrad;
        ForwardOptions options;
        options.training = true;
        options.seed = config.seed;
        options.step = uint32_t(progress.step);
        options.observer = [&](const std::string& layer, const Tensor& output) {
            if (found.layer.empty() && countNonFinite(output) > 0) found.layer = layer;
        };
        network->forward(images, options);
        cause = found.layer.empty() ? "every layer's output is finite, the loss itself overflows"
                                    : fmt::format("layer {} is the first whose output is not finite", found.layer);
    }
    found.sentence =
        fmt::format("the loss of step {} (epoch {}) is {}: {}; training stopped at the last good state, try a smaller learning rate",
                    progress.step + 1, progress.epoch + 1, std::isnan(lossValue) ? "NaN" : "infinite", cause);
    throw found;
}

void Trainer::State::requireFiniteGradients() const {
    if (countNonFinite(network->flatGradients()) == 0) return;
    // Backward runs from the last layer to the first: the last with such a gradient met it first.
    NotFinite found;
    for (const NamedTensor& item : network->parameters())
        if (const Tensor gradient = item.tensor.grad(); gradient.defined() && countNonFinite(gradient) > 0)
            found.layer = layerOf(item.name);
    found.sentence =
        fmt::format("the gradient of layer {} is not finite at step {} (epoch {}); training stopped at the last good state, try a smaller "
                    "learning rate",
                    found.layer, progress.step + 1, progress.epoch + 1);
    throw found;
}

} // namespace strata
