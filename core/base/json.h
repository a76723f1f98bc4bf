// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace strata {

/// JSON value that keeps the order of keys, so that files diff well and unknown fields keep their place.
using Json = nlohmann::ordered_json;

/// Parses text from outside: duplicate keys, depth over `maxDepth`, trailing bytes and invalid UTF-8 are errors.
/// Throws Error(BadFile) with "`where`: ... at byte N".
Json parseJson(std::string_view text, std::string_view where, int maxDepth = 64);

/// Compact (indent < 0) or indented text. Non-finite numbers become null; invalid UTF-8 is replaced.
std::string toText(const Json& value, int indent = -1);

} // namespace strata
