// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/train/control.h"

#include <string>
#include <thread>

namespace strata {

/// Reads commands on a thread of its own: new lines of RUN/control.jsonl (looked at every 100 ms; those from before are
/// skipped) and, if wished, lines on standard input, whose end changes nothing.
class ControlWatcher {
public:
    ControlWatcher(std::string path, TrainControl& control, bool standardInput); ///< throws Error(BadFile)
    ~ControlWatcher();
    ControlWatcher(const ControlWatcher&) = delete;
    ControlWatcher& operator=(const ControlWatcher&) = delete;

private:
    void watch(std::stop_token stop, bool standardInput);
    void readFile();
    std::string path_;
    TrainControl* control_;
    int fd_ = -1;
    std::string partial_;
    std::jthread thread_;
};

} // namespace strata
