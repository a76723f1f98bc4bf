// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"

#include <optional>
#include <string>
#include <vector>

namespace strata {

/// What stands in the way and, where there is one, the edit that mends it. Ordinary while a person edits: a value, not an
/// exception.
struct Problem {
    std::string sentence;
    std::string fixTitle; ///< "Set padding to 1"; empty if none
    std::string fixParam; ///< the parameter the fix sets
    Json fixValue;
};

enum class ParamType { Integer, Real, Boolean, Choice, Text, IntegerPair, RealList };

/// One parameter of a layer, transform, optimizer, ...: form widget, JSON reader, command line and help all read this.
struct ParamDef {
    std::string id;    ///< snake_case, PyTorch's name; never renamed
    std::string title; ///< "Out channels"
    ParamType type = ParamType::Integer;
    Json defaultValue; ///< null: required
    double minimum = 0;
    double maximum = 1e9;
    std::vector<std::string> choices; ///< of a Choice
    std::string unit;
    std::string help;
};

ParamDef integerParam(std::string id, std::string title, Json defaultValue, int64_t minimum, int64_t maximum, std::string help);
ParamDef realParam(std::string id, std::string title, Json defaultValue, double minimum, double maximum, std::string help);
ParamDef booleanParam(std::string id, std::string title, bool defaultValue, std::string help);
ParamDef choiceParam(std::string id, std::string title, std::vector<std::string> choices, std::string defaultValue, std::string help);
/// A pair of integers, [vertical, horizontal]; a single integer in a file means both.
ParamDef pairParam(std::string id, std::string title, Json defaultValue, int64_t minimum, int64_t maximum, std::string help);

/// Values of parameters as read from a file or a form; absent ones take their default through ParamReader.
using ParamValues = Json; ///< object

/// Checks one value; nullopt when it is fine. The sentence names the parameter, the value and the allowed range.
std::optional<Problem> checkParam(const ParamDef& def, const Json& value);
/// Checks all: ranges, types, missing required ones, unknown names (with the nearest known one). `owner` starts the sentence.
std::optional<Problem> checkParams(const std::vector<ParamDef>& defs, const ParamValues& values, const std::string& owner);
/// `values` with every default filled in, in the order of the definitions. Throws Error(BadInput) if checkParams finds a problem.
ParamValues completeParams(const std::vector<ParamDef>& defs, const ParamValues& values, const std::string& owner);
/// Reads "name=value" text (command line) into a value of the parameter's type. Throws Error(BadInput).
Json parseParamText(const ParamDef& def, const std::string& text);
/// The known name nearest to `word` by edit distance (at most a third of its length), or "".
std::string nearestName(const std::string& word, const std::vector<std::string>& known);

/// What every describable thing shares (layer, transform, optimizer, loss, schedule, dataset, format).
struct ComponentSpec {
    std::string id;    ///< snake_case
    std::string title; ///< "Conv2d"
    std::string group; ///< "Convolution"
    std::string help;  ///< a few sentences
    std::string icon;
    std::vector<ParamDef> params;
};

} // namespace strata
