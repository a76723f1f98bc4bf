// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace strata {

enum class LogLevel { Debug, Info, Warning, Error };

/// Writes one line to standard error (spdlog); thread-safe. Level from STRATA_LOG (debug, info, warning, error), else warning.
void logMessage(LogLevel level, std::string_view message);

/// Like logMessage, but each distinct `key` is written only once per process.
void logOnce(LogLevel level, const std::string& key, std::string_view message);

} // namespace strata
