// SPDX-License-Identifier: Apache-2.0
#include "core/train/run_folder.h"

#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/train/json_fields.h"

#include <algorithm>

namespace strata {

namespace {

constexpr uint64_t kJsonLimit = uint64_t(1) << 26;

Json readJsonFile(const std::string& path) { return parseJson(readTextFile(path, kJsonLimit), path); }

Shape shapeFromJson(const Json& json, const std::string& where) {
    std::vector<int64_t> sizes;
    if (json.is_array())
        for (const Json& size : json)
            if (size.is_number_integer()) sizes.push_back(size.get<int64_t>());
    if (sizes.size() != 3 || std::any_of(sizes.begin(), sizes.end(), [](int64_t s) { return s < 1 || s > (1 << 20); }))
        fail(ErrorKind::BadFile, "{}: the shape of the pictures is not three sizes", where);
    return Shape(sizes);
}

} // namespace

Json RunData::toJson() const {
    return {{"version", 1},
            {"spec", spec},
            {"title", title},
            {"fingerprint", fingerprint},
            {"classes", classes},
            {"image_shape", imageShape.toVector()},
            {"pipeline", pipeline.toJson()},
            {"train_count", trainCount},
            {"validation_count", validationCount}};
}

RunData RunData::fromJson(const Json& json, const std::string& where) {
    JsonFields fields(json, where);
    checkFormatVersion(fields, 1, where);
    RunData data;
    data.spec = fields.need<std::string>("spec");
    data.title = fields.get<std::string>("title", "");
    data.fingerprint = fields.need<std::string>("fingerprint");
    for (const Json& name : fields.need<Json>("classes")) {
        if (!name.is_string()) fail(ErrorKind::BadFile, "{}: a class name is not text", where);
        data.classes.push_back(name.get<std::string>());
    }
    data.imageShape = shapeFromJson(fields.need<Json>("image_shape"), where);
    data.pipeline = Pipeline::fromJson(fields.need<Json>("pipeline"));
    data.trainCount = fields.get<int64_t>("train_count", 0);
    data.validationCount = fields.get<int64_t>("validation_count", 0);
    return data;
}

bool RunFolder::holdsRun(const std::string& path) { return fs().status(joinPath(path, "config.json")).exists; }

void RunFolder::requireFree(const std::string& path) {
    if (holdsRun(path)) fail(ErrorKind::BadInput, "{} already holds a run; use --resume to go on with it, or another folder", path);
    const FileStatus status = fs().status(path);
    if (!status.exists) return;
    if (!status.directory) fail(ErrorKind::BadInput, "{} is a file, not a folder for a run", path);
    // What an interrupted create() leaves behind.
    const std::vector<std::string> own = {"lock", "spec.json", "data.json", "edits.json"};
    for (const std::string& name : listFolder(path)) {
        const bool temporary = name.starts_with(".") && name.ends_with(".tmp");
        if (!temporary && std::find(own.begin(), own.end(), name) == own.end())
            fail(ErrorKind::BadInput, "{} holds other files ({}); a run needs a folder of its own", path, name);
    }
}

RunFolder RunFolder::create(const std::string& path, const ModelSpec& spec, const TrainConfig& config, const RunData& data,
                            const EditList* edits) {
    requireFree(path);
    makeFolders(path);
    RunFolder folder(path);
    folder.lock();
    requireFree(path); // another process may have made one meanwhile
    folder.spec_ = spec;
    folder.data_ = data;
    try {
        writeFileAtomically(folder.file("spec.json"), toText(spec.toJson(), 2) + "\n");
        writeFileAtomically(folder.file("data.json"), toText(data.toJson(), 2) + "\n");
        if (edits) writeEdits(folder.file("edits.json"), *edits);
        folder.setConfig(config);
    } catch (const Error&) {
        for (const char* name : {"config.json", "spec.json", "data.json", "edits.json", "lock"}) fs().remove(folder.file(name));
        fs().remove(path); // stays if anything else is in it
        throw;
    }
    return folder;
}

void RunFolder::setConfig(const TrainConfig& config) {
    config_ = config;
    writeFileAtomically(file("config.json"), toText(config.toJson(), 2) + "\n");
}

RunFolder RunFolder::open(const std::string& path) {
    if (!holdsRun(path)) {
        const FileStatus status = fs().status(path);
        fail(ErrorKind::BadInput, "there is no run in {}{}", path, status.exists ? "" : ": no such folder");
    }
    RunFolder folder(path);
    folder.config_ = TrainConfig::fromJson(readJsonFile(folder.file("config.json")), folder.file("config.json"));
    folder.spec_ = ModelSpec::fromJson(readJsonFile(folder.file("spec.json")), folder.file("spec.json"));
    folder.data_ = RunData::fromJson(readJsonFile(folder.file("data.json")), folder.file("data.json"));
    return folder;
}

void RunFolder::lock() {
    if (lock_) return;
    lock_ = FileLock::tryAcquire(file("lock"));
    if (!lock_) fail(ErrorKind::BadInput, "the run in {} is being trained by another process", path_);
}

std::string RunFolder::file(std::string_view name) const { return joinPath(path_, name); }
std::string RunFolder::editsFile() const { return config_.edits.empty() ? "" : file("edits.json"); }

ModelFile RunFolder::model(bool newest) const {
    const CheckpointStore store = checkpoints();
    const auto damaged = [](const std::string& sentence) { logMessage(LogLevel::Warning, sentence); };
    std::optional<Checkpoint> checkpoint = newest ? store.loadNewest(damaged) : store.loadBest(damaged);
    if (!checkpoint) fail(ErrorKind::BadFile, "{} has no checkpoint yet", path_);
    const TrainProgress& progress = checkpoint->progress;
    ModelFile model;
    model.spec = spec_;
    model.pipeline = data_.pipeline;
    model.classes = data_.classes;
    model.info = {{"run", path_}, {"data", data_.spec}, {"model", config_.model}, {"step", progress.step}, {"epoch", progress.epoch}};
    if (progress.bestAccuracy && progress.bestStep == progress.step) model.info["validation_accuracy"] = *progress.bestAccuracy;
    model.state = std::move(checkpoint->model);
    return model;
}

} // namespace strata
