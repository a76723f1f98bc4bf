// SPDX-License-Identifier: Apache-2.0
#include "core/train/config.h"

#include "core/train/json_fields.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"

#include <cmath>

namespace strata {

namespace {

constexpr int64_t kConfigVersion = 1;

Json choiceToJson(const ComponentChoice& choice) { return {{"id", choice.id}, {"params", choice.params}}; }

ComponentChoice choiceFromJson(JsonFields& fields, const char* name, const ComponentChoice& fallback, const std::string& where) {
    const Json json = fields.get<Json>(name, Json());
    if (json.is_null()) return fallback;
    JsonFields inner(json, fmt::format("{}: \"{}\"", where, name));
    ComponentChoice choice{inner.need<std::string>("id"), inner.get<Json>("params", Json::object())};
    if (!choice.params.is_object()) fail(ErrorKind::BadFile, "{}: \"{}\": \"params\" is not a JSON object", where, name);
    return choice;
}

template <class T> void requireRange(const char* name, T value, T low, T high) {
    if (!(value >= low && value <= high)) fail(ErrorKind::BadInput, "{} is {}, allowed is {} to {}", name, value, low, high);
}

} // namespace

Json TrainConfig::toJson() const {
    Json json = {{"version", kConfigVersion},
                 {"data", data},
                 {"model", model},
                 {"epochs", epochs},
                 {"batch_size", batchSize},
                 {"loss", choiceToJson(loss)},
                 {"optimizer", choiceToJson(optimizer)},
                 {"schedule", choiceToJson(schedule)},
                 {"seed", seed},
                 {"split_seed", splitSeed},
                 {"validation_fraction", validationFraction},
                 {"edits", edits},
                 {"augment", augment},
                 {"early_stop", earlyStop},
                 {"clip_norm", clipNorm},
                 {"device", device},
                 {"precision", precision},
                 {"exact", exact},
                 {"loader_threads", loaderThreads},
                 {"compute_threads", computeThreads},
                 {"checkpoint_steps", checkpointSteps},
                 {"checkpoint_seconds", checkpointSeconds},
                 {"checkpoint_epochs", checkpointEpochs}};
    for (const auto& item : extra.items()) json[item.key()] = item.value();
    return json;
}

TrainConfig TrainConfig::fromJson(const Json& json, const std::string& where) {
    JsonFields fields(json, where);
    checkFormatVersion(fields, kConfigVersion, where);
    TrainConfig c;
    c.data = fields.get("data", c.data);
    c.model = fields.get("model", c.model);
    c.epochs = fields.get("epochs", c.epochs);
    c.batchSize = fields.get("batch_size", c.batchSize);
    c.loss = choiceFromJson(fields, "loss", c.loss, where);
    c.optimizer = choiceFromJson(fields, "optimizer", c.optimizer, where);
    c.schedule = choiceFromJson(fields, "schedule", c.schedule, where);
    c.seed = fields.get("seed", c.seed);
    c.splitSeed = fields.get("split_seed", c.splitSeed);
    c.validationFraction = fields.get("validation_fraction", c.validationFraction);
    c.edits = fields.get("edits", c.edits);
    c.augment = fields.get("augment", c.augment);
    c.earlyStop = fields.get("early_stop", c.earlyStop);
    c.clipNorm = fields.get("clip_norm", c.clipNorm);
    c.device = fields.get("device", c.device);
    c.precision = fields.get("precision", c.precision);
    c.exact = fields.get("exact", c.exact);
    c.loaderThreads = fields.get("loader_threads", c.loaderThreads);
    c.computeThreads = fields.get("compute_threads", c.computeThreads);
    c.checkpointSteps = fields.get("checkpoint_steps", c.checkpointSteps);
    c.checkpointSeconds = fields.get("checkpoint_seconds", c.checkpointSeconds);
    c.checkpointEpochs = fields.get("checkpoint_epochs", c.checkpointEpochs);
    c.extra = fields.rest();
    return c;
}

void TrainConfig::check() const {
    requireRange<int64_t>("epochs", epochs, 1, 1000000);
    requireRange<int64_t>("the batch size", batchSize, 1, 1 << 20);
    requireRange("the validation fraction", validationFraction, 0.0, 0.9);
    requireRange<int64_t>("the epochs of patience before an early stop", earlyStop, 0, 1000000);
    requireRange("the longest gradient", clipNorm, 0.0, 1e12);
    requireRange("the number of loader threads", loaderThreads, 0, 256);
    requireRange("the number of compute threads", computeThreads, 0, 1024);
    requireRange<int64_t>("the steps between checkpoints", checkpointSteps, 0, int64_t(1) << 40);
    requireRange("the seconds between checkpoints", checkpointSeconds, 0.0, 1e9);
    if (precision != "f32") fail(ErrorKind::BadInput, "there is no precision '{}'; training runs in f32", precision);
    makeLoss(loss.id, loss.params);
    makeOptimizer(optimizer.id, optimizer.params, Tensor::zeros({1}));
    Schedule(schedule.id, schedule.params);
}

} // namespace strata
