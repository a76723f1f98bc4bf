// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace strata {

/// Wishes of other threads, acted on by the trainer at the end of a batch (while paused: at once). Thread-safe.
class TrainControl {
public:
    void pause();
    void resume();
    void stop() { stop_.request_stop(); } ///< save a checkpoint and end; resumable
    void checkpointNow();
    void saveWeights(std::string file = "weights.safetensors"); ///< a model file within the run folder
    /// A command as a line: {"command": "pause" | "resume" | "stop" | "checkpoint" | "weights", "file": "..."}.
    /// False if it is none.
    bool command(std::string_view line);

    bool paused() const;
    bool stopped() const { return stop_.stop_requested(); }
    std::stop_token stopToken() const { return stop_.get_token(); }
    bool takeCheckpointRequest(); ///< for the trainer: clears it
    std::optional<std::string> takeWeightsRequest();
    /// Waits for a change of anything, at most that long.
    void waitForChange(std::chrono::milliseconds most);

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool paused_ = false, checkpoint_ = false;
    uint64_t changes_ = 0, seen_ = 0;
    std::stop_source stop_;
    std::optional<std::string> weights_;
    void notify();
};

} // namespace strata
