// SPDX-License-Identifier: Apache-2.0
#include "core/base/param.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace strata {

namespace {

ParamDef makeParam(std::string id, std::string title, ParamType type, Json defaultValue, std::string help) {
    ParamDef def;
    def.id = std::move(id);
    def.title = std::move(title);
    def.type = type;
    def.defaultValue = std::move(defaultValue);
    def.help = std::move(help);
    return def;
}

Problem problem(std::string sentence) {
    Problem made;
    made.sentence = std::move(sentence);
    return made;
}

/// A range as people write it: whole bounds without a point.
std::string rangeText(const ParamDef& def) { return fmt::format("{} to {}", def.minimum, def.maximum); }

std::optional<Problem> outOfRange(const ParamDef& def, const Json& value, double number) {
    if (number >= def.minimum && number <= def.maximum) return std::nullopt;
    Problem made = problem(fmt::format("{} is {}, allowed is {}", def.id, toText(value), rangeText(def)));
    const double nearest = number < def.minimum ? def.minimum : def.maximum;
    if (std::isnan(number)) return made;
    made.fixTitle = fmt::format("Set {} to {}", def.id, nearest);
    made.fixParam = def.id;
    if (def.type == ParamType::Real || def.type == ParamType::RealList)
        made.fixValue = nearest;
    else
        made.fixValue = int64_t(nearest);
    return made;
}

Problem wrongType(const ParamDef& def, const Json& value, std::string_view wanted) {
    return problem(fmt::format("{} is {}, but must be {}", def.id, toText(value), wanted));
}

std::optional<Problem> checkChoice(const ParamDef& def, const Json& value) {
    if (!value.is_string()) return wrongType(def, value, "one of " + join(def.choices, ", "));
    const std::string word = value.get<std::string>();
    if (std::find(def.choices.begin(), def.choices.end(), word) != def.choices.end()) return std::nullopt;
    Problem made = problem(fmt::format("{} is \"{}\", allowed is {}", def.id, word, join(def.choices, ", ")));
    if (const std::string near = nearestName(word, def.choices); !near.empty()) {
        made.fixTitle = fmt::format("Set {} to {}", def.id, near);
        made.fixParam = def.id;
        made.fixValue = near;
    }
    return made;
}

std::optional<Problem> checkPair(const ParamDef& def, const Json& value) {
    if (value.is_number_integer()) return outOfRange(def, value, value.get<double>());
    if (!value.is_array() || value.size() != 2 || !value[0].is_number_integer() || !value[1].is_number_integer())
        return wrongType(def, value, "an integer or a pair of integers");
    for (const Json& item : value)
        if (std::optional<Problem> found = outOfRange(def, value, item.get<double>())) {
            found->fixTitle.clear();
            found->fixParam.clear();
            found->fixValue = nullptr;
            return found;
        }
    return std::nullopt;
}

std::optional<Problem> checkList(const ParamDef& def, const Json& value) {
    if (!value.is_array()) return wrongType(def, value, "a list of numbers");
    for (const Json& item : value) {
        if (!item.is_number()) return wrongType(def, value, "a list of numbers");
        if (std::optional<Problem> found = outOfRange(def, item, item.get<double>())) return problem(found->sentence);
    }
    return std::nullopt;
}

Json parsePair(const ParamDef& def, const std::string& text) {
    const char separator = text.find('x') != std::string::npos ? 'x' : ',';
    Json pair = Json::array();
    for (const std::string& part : split(text, separator)) {
        const std::optional<int64_t> number = parseInteger(trim(part));
        if (!number) fail(ErrorKind::BadInput, "{}: \"{}\" is not an integer or a pair such as 3,3", def.id, text);
        pair.push_back(*number);
    }
    return pair.size() == 1 ? pair[0] : pair;
}

Json parseList(const ParamDef& def, const std::string& text) {
    Json list = Json::array();
    if (trim(text).empty()) return list;
    for (const std::string& part : split(text, ',')) {
        const std::optional<double> number = parseReal(trim(part));
        if (!number) fail(ErrorKind::BadInput, "{}: \"{}\" is not a list of numbers such as 0.5,0.25", def.id, text);
        list.push_back(*number);
    }
    return list;
}

Json parseBoolean(const ParamDef& def, const std::string& text) {
    const std::string word = toLower(text);
    if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
    if (word == "false" || word == "no" || word == "off" || word == "0") return false;
    fail(ErrorKind::BadInput, "{}: \"{}\" is neither true nor false", def.id, text);
}

Json parseValue(const ParamDef& def, const std::string& text) {
    switch (def.type) {
    case ParamType::Integer: {
        const std::optional<int64_t> number = parseInteger(text);
        if (!number) fail(ErrorKind::BadInput, "{}: \"{}\" is not an integer", def.id, text);
        return *number;
    }
    case ParamType::Real: {
        const std::optional<double> number = parseReal(text);
        if (!number) fail(ErrorKind::BadInput, "{}: \"{}\" is not a number", def.id, text);
        return *number;
    }
    case ParamType::Boolean: return parseBoolean(def, text);
    case ParamType::IntegerPair: return parsePair(def, text);
    case ParamType::RealList: return parseList(def, text);
    case ParamType::Choice:
    case ParamType::Text: break;
    }
    return text;
}

} // namespace

ParamDef integerParam(std::string id, std::string title, Json defaultValue, int64_t minimum, int64_t maximum, std::string help) {
    ParamDef def = makeParam(std::move(id), std::move(title), ParamType::Integer, std::move(defaultValue), std::move(help));
    def.minimum = double(minimum);
    def.maximum = double(maximum);
    return def;
}

ParamDef realParam(std::string id, std::string title, Json defaultValue, double minimum, double maximum, std::string help) {
    ParamDef def = makeParam(std::move(id), std::move(title), ParamType::Real, std::move(defaultValue), std::move(help));
    def.minimum = minimum;
    def.maximum = maximum;
    return def;
}

ParamDef booleanParam(std::string id, std::string title, bool defaultValue, std::string help) {
    return makeParam(std::move(id), std::move(title), ParamType::Boolean, defaultValue, std::move(help));
}

ParamDef choiceParam(std::string id, std::string title, std::vector<std::string> choices, std::string defaultValue, std::string help) {
    ParamDef def = makeParam(std::move(id), std::move(title), ParamType::Choice, std::move(defaultValue), std::move(help));
    def.choices = std::move(choices);
    return def;
}

ParamDef pairParam(std::string id, std::string title, Json defaultValue, int64_t minimum, int64_t maximum, std::string help) {
    ParamDef def = makeParam(std::move(id), std::move(title), ParamType::IntegerPair, std::move(defaultValue), std::move(help));
    def.minimum = double(minimum);
    def.maximum = double(maximum);
    return def;
}

std::optional<Problem> checkParam(const ParamDef& def, const Json& value) {
    switch (def.type) {
    case ParamType::Integer:
        if (!value.is_number_integer()) return wrongType(def, value, "an integer");
        return outOfRange(def, value, value.get<double>());
    case ParamType::Real:
        if (!value.is_number()) return wrongType(def, value, "a number");
        return outOfRange(def, value, value.get<double>());
    case ParamType::Boolean:
        if (!value.is_boolean()) return wrongType(def, value, "true or false");
        return std::nullopt;
    case ParamType::Choice: return checkChoice(def, value);
    case ParamType::Text:
        if (!value.is_string()) return wrongType(def, value, "text");
        return std::nullopt;
    case ParamType::IntegerPair: return checkPair(def, value);
    case ParamType::RealList: break;
    }
    return checkList(def, value);
}

std::optional<Problem> checkParams(const std::vector<ParamDef>& defs, const ParamValues& values, const std::string& owner) {
    if (!values.is_object() && !values.is_null()) return problem(fmt::format("{}: the parameters are not a JSON object", owner));
    std::vector<std::string> known;
    for (const ParamDef& def : defs) {
        known.push_back(def.id);
        const auto found = values.find(def.id);
        if (found == values.end()) {
            if (def.defaultValue.is_null()) return problem(fmt::format("{}: {} is missing", owner, def.id));
            continue;
        }
        if (std::optional<Problem> bad = checkParam(def, *found)) {
            bad->sentence = fmt::format("{}: {}", owner, bad->sentence);
            return bad;
        }
    }
    for (const auto& item : values.items()) {
        if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
        const std::string near = nearestName(item.key(), known);
        return problem(fmt::format("{}: unknown parameter \"{}\"{}", owner, item.key(),
                                   near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)));
    }
    return std::nullopt;
}

ParamValues completeParams(const std::vector<ParamDef>& defs, const ParamValues& values, const std::string& owner) {
    if (const std::optional<Problem> found = checkParams(defs, values, owner)) fail(ErrorKind::BadInput, "{}", found->sentence);
    ParamValues complete = Json::object();
    for (const ParamDef& def : defs) {
        const auto found = values.find(def.id);
        complete[def.id] = found == values.end() ? def.defaultValue : *found;
    }
    return complete;
}

Json parseParamText(const ParamDef& def, const std::string& text) {
    Json value = parseValue(def, text);
    if (const std::optional<Problem> found = checkParam(def, value)) fail(ErrorKind::BadInput, "{}", found->sentence);
    return value;
}

std::string nearestName(const std::string& word, const std::vector<std::string>& known) {
    std::string best;
    size_t bestDistance = std::max<size_t>(1, word.size() / 3) + 1;
    for (const std::string& name : known) {
        std::vector<size_t> row(name.size() + 1);
        for (size_t j = 0; j <= name.size(); ++j) row[j] = j;
        for (size_t i = 1; i <= word.size(); ++i) {
            size_t diagonal = row[0];
            row[0] = i;
            for (size_t j = 1; j <= name.size(); ++j) {
                const size_t above = row[j];
                row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (word[i - 1] == name[j - 1] ? 0 : 1)});
                diagonal = above;
            }
        }
        if (row[name.size()] < bestDistance) {
            bestDistance = row[name.size()];
            best = name;
        }
    }
    return best;
}

} // namespace strata
