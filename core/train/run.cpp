// SPDX-License-Identifier: Apache-2.0
#include "core/train/run.h"

#include "core/backend/registry.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/train/control_watcher.h"
#include "core/train/event_log.h"
#include "core/train/process_record.h"
#include "core/train/run_folder.h"
#include "core/train/run_plan.h"

namespace strata {

namespace {

/// Passes events on and remembers how the run failed.
class FailureNote : public EventSink {
public:
    explicit FailureNote(EventSink& next) : next_(&next) {}
    void receive(const TrainEvent& event) noexcept override {
        if (const auto* found = std::get_if<RunFailed>(&event)) failed = *found;
        next_->receive(event);
    }
    RunFailed failed;

private:
    EventSink* next_;
};

/// `edits`: of the run's folder or of the user; null: none.
DataSource openData(const TrainConfig& config, const EditList* edits) {
    SourceOptions options;
    options.splitSeed = config.splitSeed;
    options.validationFraction = config.validationFraction;
    const DataSource source = openSource(config.data, options);
    return edits ? applyEdits(source, *edits) : source;
}

std::optional<EditList> readEditsOf(const std::string& path) {
    if (path.empty()) return std::nullopt;
    return readEdits(path);
}

RunData runData(const DataSource& source, const Pipeline& pipeline) {
    RunData data;
    data.spec = source.spec;
    data.title = source.title;
    data.fingerprint = source.fingerprint;
    data.classes = source.classes;
    data.imageShape = source.imageShape;
    data.pipeline = pipeline;
    data.trainCount = source.train ? source.train->size() : 0;
    data.validationCount = source.validation ? source.validation->size() : 0;
    return data;
}

/// Preprocessing of a new run. Without augmentation random steps go, but for those that also set the size.
Pipeline chosenPipeline(const DataSource& source, const TrainConfig& config, const std::optional<Pipeline>& given) {
    if (!given) return defaultPipeline(source, dataStatistics(source), config.augment);
    if (config.augment) return *given;
    Pipeline fixed;
    fixed.setInput(given->input());
    Shape shape = source.imageShape;
    for (const Pipeline::Step& step : given->steps()) {
        const Shape after = step.transform->outputShape(shape);
        if (step.transform->random() && after == shape) continue;
        fixed.add(step.type, step.params);
        shape = after;
    }
    return fixed;
}

/// The nearest folder on the way up that exists.
std::string existingFolder(std::string path) {
    while (!fs().status(path).directory && path != "." && path != "/") path = parentFolder(path);
    return path;
}

void requireSpace(const std::string& path, uint64_t checkpointBytes) {
    const int64_t free = fs().freeBytes(existingFolder(path));
    if (free >= 0 && uint64_t(free) < 2 * checkpointBytes)
        fail(ErrorKind::BadInput, "{}: {} free, but the run needs at least {} for its checkpoints", path, formatBytes(uint64_t(free)),
             formatBytes(2 * checkpointBytes));
}

/// A weights file lies directly in the run folder whatever a command says.
std::string weightsPath(const RunFolder& folder, const std::string& name) {
    if (name.empty() || name.front() == '.' || fileName(name) != name || fileExtension(name) != ".safetensors")
        fail(ErrorKind::BadInput, "'{}' is not the name of a .safetensors file in the run folder", name);
    return folder.file(name);
}

/// Services that need the folder; everything they refer to outlives the trainer.
TrainerServices makeServices(CheckpointStore& store, EventLog& log, const RunFolder*& folder, const RunOptions& options,
                             const std::string& fingerprint) {
    TrainerServices services;
    services.checkpoints = &store;
    services.control = options.control;
    services.eventsOffset = [&log] { return log.syncedSize(); };
    services.info = {{"strata", STRATA_VERSION}, {"fingerprint", fingerprint}};
    services.saveWeights = [&folder](const std::string& name, const Network& network) {
        ModelFile model;
        model.spec = network.spec();
        model.pipeline = folder->data().pipeline;
        model.classes = folder->data().classes;
        model.state = network.stateDict();
        writeModelFile(weightsPath(*folder, name), model);
    };
    return services;
}

RunResult train(Trainer& trainer, const RunFolder& folder, FailureNote& sink, const RunOptions& options) {
    writeProcessRecord(folder.file("process.json"));
    RunResult result;
    const ControlWatcher watcher(folder.file("control.jsonl"), trainer.control(), options.commandsOnStdin);
    result.outcome = trainer.run(options.stop);
    result.progress = trainer.progress();
    if (result.outcome == TrainOutcome::Failed) {
        result.failure = sink.failed.sentence;
        result.kind = sink.failed.kind;
    }
    return result;
}

void useThreads(int threads) {
    if (threads > 0) setComputeThreads(threads);
}

/// Adopts the run's plan; false, with a warning, where it cannot be used and a new one is allowed.
bool adoptRunPlan(const RunFolder& folder, Device device, bool replan, std::vector<std::string>& warnings) {
    const std::string path = folder.file("plan.json");
    try {
        if (!fs().status(path).exists) fail(ErrorKind::BadFile, "{} is missing", path);
        adoptPlan(device, parseJson(readTextFile(path), path));
        return true;
    } catch (const Error& error) {
        if (!replan)
            throw Error(error.kind(), fmt::format("{} (--replan makes a new plan and goes on, no longer bit for bit)", error.what()));
        warnings.push_back(fmt::format("a new plan was made: {}", error.what()));
        return false;
    }
}

/// The settings a resumed run goes on with: what the options replace, and what plan.json fixed.
TrainConfig configForResume(const RunFolder& folder, const RunOptions& options) {
    TrainConfig config = folder.config();
    if (options.data) config.data = *options.data;
    if (options.epochs) config.epochs = *options.epochs;
    if (options.loaderThreads) config.loaderThreads = *options.loaderThreads;
    const std::string path = folder.file("plan.json");
    if (!options.replan && fs().status(path).exists) {
        const Json plan = parseJson(readTextFile(path), path);
        if (plan.contains("device") && plan["device"].is_string()) config.device = plan["device"].get<std::string>();
        if (plan.contains("compute_threads") && plan["compute_threads"].is_number_integer())
            config.computeThreads = plan["compute_threads"].get<int>();
    }
    return config;
}

bool endedWell(const std::string& last) { return last == "run_finished" || last == "run_stopped" || last == "run_failed"; }

} // namespace

PreparedRun prepareRun(const TrainConfig& config, const std::optional<Pipeline>& pipeline) {
    PreparedRun prepared;
    prepared.edits = readEditsOf(config.edits);
    prepared.source = openData(config, prepared.edits ? &*prepared.edits : nullptr);
    const DataSource& source = prepared.source;
    prepared.pipeline = chosenPipeline(source, config, pipeline);
    prepared.spec = resolveModel(config.model, prepared.pipeline.outputShape(source.imageShape), int64_t(source.classes.size()));
    return prepared;
}

RunResult startRun(const std::string& path, const TrainConfig& wished, EventSink& sink, const RunOptions& options) {
    TrainConfig config = wished;
    if (options.loaderThreads) config.loaderThreads = *options.loaderThreads;
    config.check();
    RunFolder::requireFree(path);
    useThreads(config.computeThreads);
    const PreparedRun prepared = prepareRun(config, options.pipeline);
    const DataSource& source = prepared.source;

    EventLog log(sink);
    FailureNote note(log);
    CheckpointStore store(joinPath(path, "checkpoints"));
    const RunFolder* opened = nullptr;
    TrainerServices services = makeServices(store, log, opened, options, source.fingerprint);
    const Device device = strata::device(config.device);
    services.plan = [&](const std::function<void()>& planningPass) {
        makePlan(device, config.exact, planningPass, opened->file("plan.json"));
        return false;
    };
    Trainer trainer(prepared.spec, prepared.trainData(), config, note, std::move(services));
    requireSpace(path, trainer.checkpointBytes());
    const RunFolder folder =
        RunFolder::create(path, prepared.spec, config, runData(source, prepared.pipeline), prepared.edits ? &*prepared.edits : nullptr);
    opened = &folder;
    log.open(folder.file("events.jsonl"), 0);
    return train(trainer, folder, note, options);
}

RunResult resumeRun(const std::string& path, EventSink& sink, const RunOptions& options) {
    RunFolder folder = RunFolder::open(path);
    folder.lock();
    const TrainConfig config = configForResume(folder, options);
    config.check();
    CheckpointStore store = folder.checkpoints();
    const EventSummary before = summarizeEvents(folder.file("events.jsonl"));
    std::vector<std::string> damaged, warnings;
    std::optional<Checkpoint> checkpoint = store.loadNewest([&](const std::string& sentence) { damaged.push_back(sentence); });
    for (const std::string& sentence : damaged)
        warnings.push_back(
            fmt::format("{}; going on from the checkpoint of step {}", sentence, checkpoint ? checkpoint->progress.step : 0));
    // Ended between its last checkpoint and its last word, a run has only that word to say.
    const bool early = checkpoint && checkpoint->progress.finished && checkpoint->progress.epoch < folder.config().epochs;
    const bool wantsMore = options.epochs && checkpoint && *options.epochs > checkpoint->progress.epoch;
    if (early && wantsMore) checkpoint->progress.epochsSinceBest = 0; // asked for more, patience begins anew
    if (checkpoint && checkpoint->progress.finished && !wantsMore && before.last == "run_finished")
        fail(ErrorKind::BadInput, "the run in {} is finished after {} epochs; --epochs with a larger number goes on", path,
             checkpoint->progress.epoch);
    useThreads(config.computeThreads);
    const std::optional<EditList> edits = readEditsOf(folder.editsFile());
    const DataSource source = openData(config, edits ? &*edits : nullptr);
    if (source.fingerprint != folder.data().fingerprint)
        fail(ErrorKind::BadInput, "{}: the data differ from those the run began with (fingerprint {}, now {})", config.data,
             folder.data().fingerprint, source.fingerprint);

    EventLog log(sink);
    FailureNote note(log);
    const RunFolder* opened = &folder;
    TrainerServices services = makeServices(store, log, opened, options, source.fingerprint);
    const Device device = strata::device(config.device);
    // Without a checkpoint the run ended before its first step and begins anew.
    const bool planned = checkpoint && adoptRunPlan(folder, device, options.replan, warnings);
    services.plan = [&](const std::function<void()>& planningPass) {
        if (!planned) makePlan(device, config.exact, planningPass, folder.file("plan.json"));
        return planned;
    };
    TrainData data{source.train, source.validation, folder.data().pipeline, source.imageShape, source.classes};
    Trainer trainer(folder.spec(), std::move(data), config, note, std::move(services));
    requireSpace(path, trainer.checkpointBytes());
    if (checkpoint) trainer.restore(*checkpoint);
    if (!before.last.empty() && !endedWell(before.last))
        trainer.setNote(describeSuddenEnd(folder.file("process.json"), before.step, config.batchSize));
    if (options.epochs || options.data) folder.setConfig(config);
    store.dropAfter(checkpoint ? checkpoint->progress.step : -1);
    log.open(folder.file("events.jsonl"), checkpoint ? checkpoint->progress.eventsOffset : 0);
    for (const std::string& sentence : warnings) log.receive(RunWarning{sentence});
    return train(trainer, folder, note, options);
}

} // namespace strata
