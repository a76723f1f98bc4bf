// SPDX-License-Identifier: Apache-2.0
#include "core/train/events.h"

#include "core/train/json_fields.h"

#include <chrono>
#include <cmath>

namespace strata {

namespace {

/// One place that names the fields of every event, for writing and reading alike: visit(io, event) calls io(name, field).
template <class Io> void visit(Io& io, RunStarted& e) {
    io("resumed", e.resumed), io("step", e.step), io("epoch", e.epoch), io("epochs", e.epochs), io("steps_per_epoch", e.stepsPerEpoch);
    io("train_count", e.trainCount), io("validation_count", e.validationCount), io("batch_size", e.batchSize);
    io("parameters", e.parameters), io("device", e.device), io("note", e.note);
}
template <class Io> void visit(Io& io, Planned& e) { io("seconds", e.seconds), io("from_file", e.fromFile); }
template <class Io> void visit(Io& io, StepDone& e) {
    io("step", e.step), io("epoch", e.epoch), io("loss", e.loss), io("lr", e.learningRate);
    io("images_per_second", e.imagesPerSecond), io("seconds_left", e.secondsLeft);
}
template <class Io> void visit(Io& io, EpochDone& e) {
    io("epoch", e.epoch), io("step", e.step), io("train_loss", e.trainLoss), io("train_accuracy", e.trainAccuracy);
    io("validation_loss", e.validationLoss), io("validation_accuracy", e.validationAccuracy), io("seconds", e.seconds), io("best", e.best);
}
template <class Io> void visit(Io& io, CheckpointSaved& e) {
    io("step", e.step), io("file", e.file), io("bytes", e.bytes), io("seconds", e.seconds);
}
template <class Io> void visit(Io& io, WeightsSaved& e) { io("step", e.step), io("file", e.file); }
template <class Io> void visit(Io& io, Paused& e) { io("step", e.step); }
template <class Io> void visit(Io& io, Resumed& e) { io("step", e.step); }
template <class Io> void visit(Io& io, RunWarning& e) { io("message", e.sentence); }
template <class Io> void visit(Io& io, RunStopped& e) { io("step", e.step), io("epoch", e.epoch); }
template <class Io> void visit(Io& io, RunFailed& e) {
    io("kind", e.kind), io("message", e.sentence), io("layer", e.layer), io("step", e.step);
}
template <class Io> void visit(Io& io, RunFinished& e) {
    io("step", e.step), io("epochs", e.epochs), io("seconds", e.seconds), io("best_accuracy", e.bestAccuracy);
    io("best_epoch", e.bestEpoch), io("best_file", e.bestFile), io("early", e.early);
}

constexpr const char* kIds[] = {"run_started", "planned", "step",    "epoch",       "checkpoint_saved", "weights_saved",
                                "paused",      "resumed", "warning", "run_stopped", "run_failed",       "run_finished"};
static_assert(std::size(kIds) == std::variant_size_v<TrainEvent>);

struct Writer {
    Json& json;
    bool nonFinite = false;
    template <class T> void operator()(const char* name, const T& value) { json[name] = value; }
    void operator()(const char* name, double value) {
        if (std::isfinite(value))
            json[name] = value;
        else
            json[name] = nullptr, nonFinite = true;
    }
    void operator()(const char* name, const std::optional<double>& value) {
        if (value) (*this)(name, *value);
    }
};

struct Reader {
    JsonFields fields;
    template <class T> void operator()(const char* name, T& value) { value = fields.get<T>(name, value); }
    void operator()(const char* name, std::optional<double>& value) {
        if (const auto found = fields.get<Json>(name, Json("absent")); !found.is_string()) value = fields.get<double>(name, 0);
    }
};

template <size_t I = 0> std::optional<TrainEvent> readAs(const std::string& id, const Json& json) {
    if constexpr (I == std::variant_size_v<TrainEvent>)
        return std::nullopt;
    else {
        if (id != kIds[I]) return readAs<I + 1>(id, json);
        std::variant_alternative_t<I, TrainEvent> event;
        Reader reader{JsonFields(json, "event " + id)};
        visit(reader, event);
        return event;
    }
}

} // namespace

void CollectingSink::receive(const TrainEvent& event) noexcept { events.push_back(event); }

std::string eventId(const TrainEvent& event) { return kIds[event.index()]; }

Json eventToJson(const TrainEvent& event, double time) {
    Json json = {{"event", eventId(event)}, {"t", std::round(time * 1000) / 1000}};
    Writer writer{json};
    TrainEvent copy = event;
    std::visit([&](auto& e) { visit(writer, e); }, copy);
    if (writer.nonFinite) json["nonFinite"] = true;
    return json;
}

std::optional<TrainEvent> eventFromJson(const Json& json) {
    JsonFields fields(json, "event");
    return readAs(fields.need<std::string>("event"), json);
}

double secondsSince1970() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

} // namespace strata
