// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// A file of lines that only grows: one write() a line, a torn last line (from a crash) is cut off when reopened.
class AppendLog {
public:
    explicit AppendLog(std::string path); ///< opens or creates; throws Error(BadFile)
    ~AppendLog();
    AppendLog(const AppendLog&) = delete;
    AppendLog& operator=(const AppendLog&) = delete;

    void append(std::string_view line); ///< without the newline; throws Error(BadFile) and leaves no torn line behind
    void sync();
    uint64_t size() const { return size_; } ///< bytes so far

private:
    std::string path_;
    int fd_ = -1;
    uint64_t size_ = 0;
    uint64_t torn_ = 0; ///< bytes of a failed append that could not be cut off yet
    bool cutTorn();
};

/// All complete lines of such a file; a torn last line is dropped; a missing file has none.
std::vector<std::string> readLines(const std::string& path);

} // namespace strata
