// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"
#include "core/base/json.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <type_traits>

namespace strata {

/// Reads the fields of an object from outside; a field of the wrong type is Error(BadFile) naming the file and the field. Knows
/// afterwards which fields it was asked for.
class JsonFields {
public:
    JsonFields(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {
        if (!json.is_object()) fail(ErrorKind::BadFile, "{}: not a JSON object", where_);
    }

    /// Absent: the fallback.
    template <class T> T get(const char* name, T fallback) {
        asked_.insert(name);
        const auto found = json_->find(name);
        return found == json_->end() ? fallback : convert<T>(name, *found);
    }
    template <class T> T need(const char* name) {
        asked_.insert(name);
        const auto found = json_->find(name);
        if (found == json_->end()) fail(ErrorKind::BadFile, "{}: \"{}\" is missing", where_, name);
        return convert<T>(name, *found);
    }
    /// Absent or null: nullopt.
    template <class T> std::optional<T> maybe(const char* name) {
        asked_.insert(name);
        const auto found = json_->find(name);
        if (found == json_->end() || found->is_null()) return std::nullopt;
        return convert<T>(name, *found);
    }
    /// The fields nobody asked for, in order.
    Json rest() const {
        Json left = Json::object();
        for (const auto& item : json_->items())
            if (!asked_.contains(item.key())) left[item.key()] = item.value();
        return left;
    }

private:
    template <class T> T convert(const char* name, const Json& value) const {
        if constexpr (std::is_same_v<T, Json>)
            return value;
        else if constexpr (std::is_same_v<T, bool>) {
            if (!value.is_boolean()) wrong(name, value, "true or false");
            return value.get<bool>();
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (!value.is_string()) wrong(name, value, "text");
            return value.get<std::string>();
        } else if constexpr (std::is_floating_point_v<T>) {
            if (value.is_null()) return std::numeric_limits<T>::quiet_NaN();
            if (!value.is_number()) wrong(name, value, "a number");
            return value.get<T>();
        } else if constexpr (std::is_unsigned_v<T>) {
            if (!value.is_number_unsigned()) wrong(name, value, "a whole number from 0");
            return value.get<T>();
        } else {
            static_assert(std::is_integral_v<T>);
            if (!value.is_number_integer()) wrong(name, value, "a whole number");
            if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(std::numeric_limits<T>::max()))
                wrong(name, value, "smaller");
            const int64_t number = value.get<int64_t>();
            if (number < int64_t(std::numeric_limits<T>::min()) || number > int64_t(std::numeric_limits<T>::max()))
                wrong(name, value, "smaller");
            return T(number);
        }
    }
    [[noreturn]] void wrong(const char* name, const Json& value, const char* wanted) const {
        fail(ErrorKind::BadFile, "{}: \"{}\" is {}, but must be {}", where_, name, toText(value).substr(0, 60), wanted);
    }

    const Json* json_;
    std::string where_;
    std::set<std::string> asked_;
};

/// A file's format version; a newer one is refused: "...: written by a newer version of Strata (format 7; this one reads up to 1)".
inline void checkFormatVersion(JsonFields& fields, int64_t newest, const std::string& where) {
    const int64_t version = fields.get<int64_t>("version", 1);
    if (version > newest)
        fail(ErrorKind::BadFile, "{}: written by a newer version of Strata (format {}; this one reads up to {})", where, version, newest);
    if (version < 1) fail(ErrorKind::BadFile, "{}: \"version\" is {}", where, version);
}

} // namespace strata
