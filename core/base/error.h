// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace strata {

/// What went wrong, for callers that react to it; the sentence is for people.
enum class ErrorKind { BadInput, BadFile, Unsupported, Device, OutOfMemory, Cancelled, Internal };

/// snake_case id of a kind ("bad_file"), as printed in {"error": {"kind": ...}}.
std::string_view errorKindId(ErrorKind kind);

/// The one exception type of core: a kind, one sentence for the user (what and where), and optional details.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& sentence, std::string context = {});

    ErrorKind kind() const { return kind_; }
    const std::string& context() const { return context_; }

private:
    ErrorKind kind_;
    std::string context_;
};

/// Throws Error with a formatted sentence: fail(ErrorKind::BadFile, "{}: truncated at byte {}", path, offset).
template <class... Args> [[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
    throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

/// Throws Error(Internal) unless the condition holds: for invariants of our own, never for user input.
void check(bool condition, std::string_view what);

/// Product of sizes as i64; throws Error(BadInput) naming `what` when negative or over 2^62.
int64_t checkedProduct(const int64_t* values, size_t count, std::string_view what);

} // namespace strata
