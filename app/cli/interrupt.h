// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <stop_token>
#include <string>
#include <thread>

namespace strata::cli {

/// While it lives, ctrl-C and SIGTERM ask the job to stop; with `patient` the first one is answered with a sentence and a second
/// ends the process at once (exit code 130). Make it before other threads start: they inherit the signal mask.
class Interrupt {
public:
    explicit Interrupt(bool patient);
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return source_.get_token(); }
    bool requested() const { return source_.stop_requested(); }

private:
    void watch();
    bool patient_;
    std::stop_source source_;
    std::atomic<bool> ending_{false};
    std::thread watcher_;
};

} // namespace strata::cli
