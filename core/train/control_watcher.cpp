// SPDX-License-Identifier: Apache-2.0
#include "core/train/control_watcher.h"

#include "core/base/append_log.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/log.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace strata {

namespace {

constexpr int kPollMs = 100;
constexpr size_t kLongestLine = 1 << 16;

/// Hands on the complete lines of `partial`.
void takeLines(std::string& partial, TrainControl& control) {
    for (size_t end = partial.find('\n'); end != std::string::npos; end = partial.find('\n')) {
        const std::string line = partial.substr(0, end);
        partial.erase(0, end + 1);
        if (!line.empty() && !control.command(line)) logMessage(LogLevel::Warning, fmt::format("not a command: {}", line.substr(0, 200)));
    }
    if (partial.size() > kLongestLine) partial.clear();
}

} // namespace

ControlWatcher::ControlWatcher(std::string path, TrainControl& control, bool standardInput) : path_(std::move(path)), control_(&control) {
    { AppendLog make(path_); } // the file is there from the start, so that others can append to it
    fd_ = fs().open(path_, Fs::Open::Read);
    if (fd_ < 0) fail(ErrorKind::BadFile, "cannot open {}: {}", path_, describeErrno(fd_));
    std::array<std::byte, 4096> old;
    while (fs().read(fd_, old) > 0) continue;
    thread_ = std::jthread([this, standardInput](std::stop_token stop) { watch(stop, standardInput); });
}

ControlWatcher::~ControlWatcher() {
    thread_.request_stop();
    thread_.join();
    fs().close(fd_);
}

void ControlWatcher::readFile() {
    std::array<char, 4096> buffer;
    while (true) {
        const int64_t got = fs().read(fd_, std::as_writable_bytes(std::span(buffer)));
        if (got <= 0) break;
        partial_.append(buffer.data(), size_t(got));
        takeLines(partial_, *control_);
    }
}

void ControlWatcher::watch(std::stop_token stop, bool standardInput) {
    std::string input;
    std::array<char, 4096> buffer;
    while (!stop.stop_requested()) {
        pollfd wait{STDIN_FILENO, POLLIN, 0};
        const int ready = ::poll(&wait, standardInput ? 1 : 0, kPollMs);
        if (ready > 0) {
            const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
            if (got > 0) {
                input.append(buffer.data(), size_t(got));
                takeLines(input, *control_);
            } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
                standardInput = false;
            }
        }
        readFile();
    }
}

} // namespace strata
