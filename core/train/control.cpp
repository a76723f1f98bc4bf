// SPDX-License-Identifier: Apache-2.0
#include "core/train/control.h"

#include "core/base/error.h"

#include <utility>

namespace strata {

void TrainControl::notify() {
    ++changes_;
    changed_.notify_all();
}

void TrainControl::pause() {
    std::lock_guard guard(mutex_);
    paused_ = true;
    notify();
}

void TrainControl::resume() {
    std::lock_guard guard(mutex_);
    paused_ = false;
    notify();
}

void TrainControl::checkpointNow() {
    std::lock_guard guard(mutex_);
    checkpoint_ = true;
    notify();
}

void TrainControl::saveWeights(std::string file) {
    std::lock_guard guard(mutex_);
    weights_ = std::move(file);
    notify();
}

bool TrainControl::command(std::string_view line) {
    Json json;
    try {
        json = parseJson(line, "command", 4);
    } catch (const Error&) { return false; }
    if (!json.is_object() || !json.contains("command") || !json["command"].is_string()) return false;
    const std::string word = json["command"].get<std::string>();
    if (word == "pause")
        pause();
    else if (word == "resume")
        resume();
    else if (word == "stop")
        stop();
    else if (word == "checkpoint")
        checkpointNow();
    else if (word == "weights")
        saveWeights(json.contains("file") && json["file"].is_string() ? json["file"].get<std::string>() : "weights.safetensors");
    else
        return false;
    return true;
}

bool TrainControl::paused() const {
    std::lock_guard guard(mutex_);
    return paused_;
}

bool TrainControl::takeCheckpointRequest() {
    std::lock_guard guard(mutex_);
    return std::exchange(checkpoint_, false);
}

std::optional<std::string> TrainControl::takeWeightsRequest() {
    std::lock_guard guard(mutex_);
    return std::exchange(weights_, std::nullopt);
}

void TrainControl::waitForChange(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, most, [&] { return changes_ != seen_; });
    seen_ = changes_;
}

} // namespace strata
