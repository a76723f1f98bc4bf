// SPDX-License-Identifier: Apache-2.0
#include "app/cli/output.h"

#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>

namespace strata::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(5);

size_t terminalColumns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void requireWritten(bool written) {
    if (!written) fail(ErrorKind::BadFile, "standard output: {}", describeErrno(-errno));
}

} // namespace

void print(std::string_view text) { requireWritten(std::fwrite(text.data(), 1, text.size(), stdout) == text.size()); }

void printJson(const Json& value) {
    print(toText(value) + "\n");
    flushOutput();
}

void flushOutput() { requireWritten(std::fflush(stdout) == 0); }

void note(std::string_view line) { fmt::print(stderr, "{}\n", line); }

void printError(const std::string& kind, const std::string& message, bool json) {
    if (json)
        note(toText(Json{{"error", {{"kind", kind}, {"message", message}}}}));
    else
        note("strata: " + message);
}

std::string table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows,
                  const std::vector<size_t>& numeric) {
    std::vector<size_t> widths;
    for (const std::string& cell : heading) widths.push_back(cell.size());
    for (const auto& row : rows)
        for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    std::string text;
    const auto line = [&](const std::vector<std::string>& row) {
        std::string out;
        for (size_t c = 0; c < row.size(); ++c) {
            const bool right = std::find(numeric.begin(), numeric.end(), c) != numeric.end();
            out += right ? fmt::format("{:>{}}", row[c], widths[c]) : fmt::format("{:<{}}", row[c], widths[c]);
            out += "  ";
        }
        text += out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
    };
    line(heading);
    for (const auto& row : rows) line(row);
    return text;
}

std::string percent(double part) { return fmt::format("{:.2f} %", 100 * part); }

std::string grouped(int64_t count) {
    std::string digits = std::to_string(count);
    const size_t first = count < 0 ? 4 : 3; // a sign is no digit
    for (size_t at = digits.size(); at > first; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

Progress::Progress(std::string what, std::string unit, bool quiet)
    : what_(std::move(what)), unit_(std::move(unit)), quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1), begin_(Clock::now()),
      last_(terminal_ ? begin_ - kTerminalInterval : begin_) {}

Progress::~Progress() { clear(); }

bool Progress::due() {
    const auto now = Clock::now();
    if (quiet_ || now - last_ < (terminal_ ? Clock::duration(kTerminalInterval) : Clock::duration(kPlainInterval))) return false;
    last_ = now;
    return true;
}

void Progress::update(int64_t done, int64_t total) {
    if (!due()) return;
    const double seconds = std::chrono::duration<double>(last_ - begin_).count();
    const double rate = double(done) / seconds;
    const bool bytes = unit_ == "bytes";
    const auto amount = [&](double value) { return bytes ? formatBytes(uint64_t(value)) : grouped(int64_t(value)); };
    std::string line = fmt::format("{}  {}", what_, amount(double(done)));
    if (total > 0) line += fmt::format(" of {}  {:.0f} %", amount(double(total)), 100 * double(done) / double(total));
    line += bytes ? fmt::format("  {}/s", amount(rate)) : fmt::format("  {:.0f} {}/s", rate, unit_);
    if (total > done && rate > 0) line += fmt::format("  {} left", formatDuration(double(total - done) / rate));
    write(line);
}

void Progress::show(const std::string& line) {
    if (due()) write(line);
}

void Progress::write(const std::string& line) {
    shown_ = true;
    if (terminal_)
        fmt::print(stderr, "\r{}\x1b[K", line.substr(0, terminalColumns() - 1));
    else
        fmt::print(stderr, "{}\n", line);
    std::fflush(stderr);
}

void Progress::clear() {
    if (shown_ && terminal_) fmt::print(stderr, "\r\x1b[K");
    shown_ = false;
}

} // namespace strata::cli
