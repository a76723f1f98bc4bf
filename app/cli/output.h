// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace strata::cli {

/// Writes text to standard output.
void print(std::string_view text);
/// One JSON object on a line of its own, written through at once.
void printJson(const Json& value);
/// Pushes out what is buffered. Throws Error(BadFile) when standard output cannot take it (a full disk behind it).
void flushOutput();
/// A line on standard error: a warning or a hint.
void note(std::string_view line);
/// The sentence on standard error, or {"error": {"kind", "message"}}.
void printError(const std::string& kind, const std::string& message, bool json);

/// Rows of cells under a heading, columns padded; those named in `numeric` (by position) are aligned to the right.
std::string table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows,
                  const std::vector<size_t>& numeric = {});
/// "87.41 %"
std::string percent(double part);
/// "12,345"
std::string grouped(int64_t count);

/// How far a long job is, on standard error: one line rewritten in place on a terminal, else a plain line now and then.
class Progress {
public:
    /// what: "evaluating"; unit: "images". Silent with `quiet` (--json).
    Progress(std::string what, std::string unit, bool quiet);
    ~Progress(); ///< clears the line
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// done of total (0: unknown) in units; rate and time left are worked out from the time since construction.
    void update(int64_t done, int64_t total);
    /// A finished text instead.
    void show(const std::string& line);
    /// Takes the line away, so that something else can be printed.
    void clear();

private:
    bool due();
    void write(const std::string& line);
    std::string what_, unit_;
    bool quiet_, terminal_, shown_ = false;
    std::chrono::steady_clock::time_point begin_, last_;
};

} // namespace strata::cli
