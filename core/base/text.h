// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// Numbers without locale (from_chars). nullopt unless the whole text is one number.
std::optional<int64_t> parseInteger(std::string_view text);
std::optional<double> parseReal(std::string_view text);
/// "1.2 MB", "170 MB" (powers of 1000).
std::string formatBytes(uint64_t bytes);
/// "1.70 K", "6.57 M", "842": counts of parameters and operations.
std::string formatCount(double count);
/// "12 s", "3 min 20 s", "1 h 05 min".
std::string formatDuration(double seconds);
std::string toLower(std::string_view text);
std::string trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// A field of a CSV table (RFC 4180): in quotes where it holds a comma, a quote or a line break.
std::string csvField(std::string_view text);
/// xxh3 64-bit of bytes as 16 hex digits.
std::string hashHex(const void* data, size_t size);

} // namespace strata
