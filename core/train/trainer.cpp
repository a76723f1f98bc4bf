// SPDX-License-Identifier: Apache-2.0
#include "core/train/trainer.h"

#include "core/autograd/autograd.h"
#include "core/backend/registry.h"
#include "core/train/trainer_state.h"

#include <cmath>
#include <new>

namespace strata {

namespace {

double secondsSince(TrainClock::time_point start) { return std::chrono::duration<double>(TrainClock::now() - start).count(); }

Device chooseDevice(const std::string& name) { return name == "cpu" ? cpuDevice() : strata::device(name); }

Tensor onDevice(const Tensor& tensor, Device device) { return device == tensor.device() ? tensor : tensor.to(device); }

} // namespace

std::unique_ptr<DataLoader> makeLoader(const DatasetPtr& dataset, const TrainData& data, const TrainConfig& config, int64_t channels,
                                       bool training, const Communicator& communicator) {
    LoaderOptions options;
    options.batchSize = config.batchSize;
    options.training = training;
    options.threads = config.loaderThreads;
    options.sampler.shuffle = training;
    options.sampler.seed = config.seed;
    options.augmentSeed = config.seed;
    options.channels = channels;
    if (training) {
        options.sampler.rank = communicator.rank();
        options.sampler.world = communicator.size();
        // A last batch of one sample has no variance for normalisation to use.
        options.dropLast = dataset->size() > config.batchSize && dataset->size() % config.batchSize == 1;
    }
    return std::make_unique<DataLoader>(dataset, data.pipeline, data.imageShape, options);
}

Trainer::State::State(ModelSpec spec, TrainData trainData, TrainConfig trainConfig, EventSink& eventSink, TrainerServices trainServices)
    : data(std::move(trainData)), config(std::move(trainConfig)), sink(&eventSink), services(std::move(trainServices)),
      control_(services.control ? services.control : &ownControl),
      communicator(services.communicator ? services.communicator : &singleRank()), device(chooseDevice(config.device)),
      schedule(config.schedule.id, config.schedule.params) {
    config.check();
    if (!data.train || data.train->size() == 0) fail(ErrorKind::BadInput, "there are no training samples");
    network = std::make_unique<Network>(std::move(spec), config.seed, device);
    loss = makeLoss(config.loss.id, config.loss.params);
    optimizer = makeOptimizer(config.optimizer.id, config.optimizer.params, network->flatParameters());
    baseRate =
        completeParams(optimizerDef(config.optimizer.id).spec.params, config.optimizer.params, config.optimizer.id).at("lr").get<double>();
    const int64_t channels = network->spec().input[0];
    trainLoader = makeLoader(data.train, data, config, channels, true, *communicator);
    if (data.validation && data.validation->size() > 0)
        validationLoader = makeLoader(data.validation, data, config, channels, false, *communicator);
    stepsPerEpoch = trainLoader->batchesPerEpoch();
    totalSteps = stepsPerEpoch * config.epochs;
    if (stepsPerEpoch < 1 || totalSteps > int64_t(UINT32_MAX))
        fail(ErrorKind::BadInput, "{} epochs of {} steps are outside what a run can count", config.epochs, stepsPerEpoch);
    requireFit(*network, *trainLoader, data);
    if (config.earlyStop > 0 && !validationLoader) fail(ErrorKind::BadInput, "an early stop needs validation data, but there are none");
}

void Trainer::State::start() {
    RunStarted event;
    event.resumed = resumed;
    event.step = progress.step;
    event.epoch = progress.epoch;
    event.epochs = config.epochs;
    event.stepsPerEpoch = stepsPerEpoch;
    event.trainCount = data.train->size();
    event.validationCount = data.validation ? data.validation->size() : 0;
    event.batchSize = config.batchSize;
    event.parameters = network->parameterCount();
    event.device = device.name();
    event.note = note;
    tell(event);
    const TrainClock::time_point begun = TrainClock::now();
    bool fromFile = false;
    if (services.plan)
        fromFile = services.plan([this] { planningPass(); });
    else
        planningPass();
    tell(Planned{secondsSince(begun), fromFile});
    if (!resumed) save(true);
}

TrainOutcome Trainer::State::loop() {
    start();
    while (!progress.finished) {
        runEpoch();
        if (!stopping()) finishEpoch();
        if (stopping() && !progress.finished) {
            save(true);
            tell(RunStopped{progress.step, progress.epoch});
            return TrainOutcome::Stopped;
        }
    }
    RunFinished event;
    event.step = progress.step;
    event.epochs = progress.epoch;
    event.early = progress.epoch < config.epochs;
    event.seconds = progress.seconds;
    event.bestAccuracy = progress.bestAccuracy;
    event.bestEpoch = progress.bestEpoch;
    if (services.checkpoints && progress.bestEpoch >= 0) event.bestFile = checkpointFile(progress.bestStep);
    tell(event);
    return TrainOutcome::Finished;
}

void Trainer::State::runEpoch() {
    if (progress.batch >= stepsPerEpoch || stopping()) return;
    trainLoader->start(uint32_t(progress.epoch), progress.batch, control().stopToken());
    try {
        while (std::optional<Batch> batch = trainLoader->next()) {
            trainStep(*batch);
            obey();
            if (stopping()) return;
        }
    } catch (const Error& error) {
        // The loader ends a wait early on a stop; between two steps the state is whole.
        if (error.kind() != ErrorKind::Cancelled || !stopping()) throw;
    }
}

void Trainer::State::trainStep(const Batch& batch) {
    const TrainClock::time_point begun = TrainClock::now();
    const Tensor images = onDevice(batch.images, device), labels = onDevice(batch.labels, device);
    ForwardOptions options;
    options.training = true;
    options.seed = config.seed;
    options.step = uint32_t(progress.step);
    network->zeroGradients();
    const Tensor outputs = network->forward(images, options);
    const Tensor lossTensor = (*loss)(outputs, labels);
    const double value = lossTensor.item();
    if (!std::isfinite(value)) reportLoss(batch, images, value);
    lossTensor.backward();
    if (communicator->size() > 1) {
        Tensor gradients = network->flatGradients();
        communicator->allReduceMean(gradients);
    }
    requireFiniteGradients();
    if (config.clipNorm > 0) clipGradients(*network, config.clipNorm);
    const double rate = schedule.learningRate(baseRate, {progress.step, stepsPerEpoch, totalSteps});
    optimizer->step(network->flatParameters(), network->flatGradients(), rate);
    progress.metrics.add(value, outputs, labels);
    ++progress.step;
    ++progress.batch;
    progress.optimizerSteps = optimizer->steps();
    reportStep(value, rate, secondsSince(begun), batch.images.size(0) * communicator->size());
}

void Trainer::State::reportStep(double lossValue, double learningRate, double seconds, int64_t images) {
    progress.seconds += seconds;
    progress.epochSeconds += seconds;
    stepSeconds = stepSeconds == 0 ? seconds : 0.95 * stepSeconds + 0.05 * seconds;
    StepDone event;
    event.step = progress.step;
    event.epoch = progress.epoch;
    event.loss = lossValue;
    event.learningRate = learningRate;
    event.imagesPerSecond = stepSeconds > 0 ? double(images) / stepSeconds : 0;
    event.secondsLeft = double(totalSteps - progress.step) * stepSeconds + double(config.epochs - progress.epoch) * validationSeconds;
    tell(event);
}

RunningMetrics Trainer::State::epochFigures() const {
    RunningMetrics figures = progress.metrics;
    if (communicator->size() == 1) return figures;
    double sums[] = {figures.lossSum, double(figures.correct), double(figures.correct5), double(figures.count)};
    communicator->allReduceSum(sums);
    return {sums[0], int64_t(sums[1]), int64_t(sums[2]), int64_t(sums[3])};
}

void Trainer::State::finishEpoch() {
    EpochDone event;
    event.epoch = progress.epoch;
    event.step = progress.step;
    const RunningMetrics figures = epochFigures();
    event.trainLoss = figures.loss();
    event.trainAccuracy = figures.accuracy();
    if (validationLoader) {
        const TrainClock::time_point begun = TrainClock::now();
        RunningMetrics validation;
        try {
            validation = evaluateLoader(*network, *validationLoader, *loss, control().stopToken());
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::Cancelled || !stopping()) throw;
            return; // the epoch's batches are done; a resumed run validates first
        }
        validationSeconds = secondsSince(begun);
        progress.epochSeconds += validationSeconds;
        progress.seconds += validationSeconds;
        event.validationLoss = validation.loss();
        event.validationAccuracy = validation.accuracy();
        // Equal accuracy on few validation samples is common: the lower loss decides.
        event.best = !progress.bestAccuracy || validation.accuracy() > *progress.bestAccuracy ||
                     (validation.accuracy() == *progress.bestAccuracy && validation.loss() < progress.bestLoss.value_or(INFINITY));
    }
    event.seconds = progress.epochSeconds;
    if (event.best) {
        progress.bestAccuracy = event.validationAccuracy;
        progress.bestLoss = event.validationLoss;
        progress.bestEpoch = progress.epoch;
        progress.bestStep = progress.step;
    }
    progress.epochsSinceBest = event.best ? 0 : progress.epochsSinceBest + 1;
    ++progress.epoch;
    progress.batch = 0;
    progress.metrics = {};
    progress.epochSeconds = 0;
    progress.finished = progress.epoch >= config.epochs || patienceEnded();
    tell(event);
    savedStep = -1; // the same step may be saved already, from within the epoch
    if (progress.finished)
        save(true);
    else if (config.checkpointEpochs || event.best)
        save(false);
    if (!progress.finished) obey();
}

Trainer::Trainer(ModelSpec spec, TrainData data, TrainConfig config, EventSink& sink, TrainerServices services)
    : state_(std::make_unique<State>(std::move(spec), std::move(data), std::move(config), sink, std::move(services))) {}

Trainer::~Trainer() = default;

void Trainer::restore(const Checkpoint& checkpoint) {
    State& s = *state_;
    if (checkpoint.progress.batch > s.stepsPerEpoch)
        fail(ErrorKind::BadFile, "the checkpoint stands at batch {} of an epoch of {}", checkpoint.progress.batch, s.stepsPerEpoch);
    s.network->loadStateDict(checkpoint.model);
    s.optimizer->load(checkpoint.optimizer, checkpoint.progress.optimizerSteps);
    s.progress = checkpoint.progress;
    s.progress.finished = s.progress.epoch >= s.config.epochs || (s.progress.batch == 0 && s.patienceEnded());
    s.savedStep = s.progress.step;
    s.resumed = true;
}

void Trainer::setNote(std::string note) { state_->note = std::move(note); }

TrainOutcome Trainer::run(std::stop_token stop) {
    State& s = *state_;
    const std::stop_callback forward(stop, [&s] { s.control().stop(); });
    RunFailed failed;
    try {
        return s.loop();
    } catch (const NotFinite& notFinite) {
        failed = {"not_finite", notFinite.sentence, notFinite.layer, s.progress.step};
    } catch (const Error& error) {
        failed = {std::string(errorKindId(error.kind())), error.what(), "", s.progress.step};
        if (error.kind() == ErrorKind::OutOfMemory && s.config.batchSize > 1)
            failed.sentence += fmt::format("; a smaller batch needs less memory, try --batch {}", s.config.batchSize / 2);
    } catch (const std::bad_alloc&) {
        failed = {"out_of_memory", fmt::format("there is not enough memory for a batch of {}; try a smaller one", s.config.batchSize), "",
                  s.progress.step};
    } catch (const std::exception& error) { failed = {"internal", fmt::format("internal error: {}", error.what()), "", s.progress.step}; }
    s.tell(failed);
    return TrainOutcome::Failed;
}

TrainControl& Trainer::control() { return state_->control(); }
const Network& Trainer::network() const { return *state_->network; }
const TrainProgress& Trainer::progress() const { return state_->progress; }
int64_t Trainer::stepsPerEpoch() const { return state_->stepsPerEpoch; }
int64_t Trainer::totalSteps() const { return state_->totalSteps; }
uint64_t Trainer::checkpointBytes() const { return strata::checkpointBytes(state_->snapshot()); }

RunningMetrics evaluateLoader(const Network& network, DataLoader& loader, const Loss& loss, std::stop_token stop) {
    const NoGrad noGrad;
    RunningMetrics metrics;
    loader.start(0, 0, stop);
    while (std::optional<Batch> batch = loader.next()) {
        const Tensor labels = onDevice(batch->labels, network.device());
        const Tensor outputs = network.forward(onDevice(batch->images, network.device()));
        metrics.add(loss(outputs, labels).item(), outputs, labels);
        if (stop.stop_requested()) fail(ErrorKind::Cancelled, "stopped");
    }
    return metrics;
}

} // namespace strata
