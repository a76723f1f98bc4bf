// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"

#include "core/base/error.h"

#include <iterator>
#include <set>

namespace strata {

namespace {

/// Walks the text and tells outside how far the parser has read, which nlohmann's callback does not.
struct TrackingIterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at = nullptr;
    const char** progress = nullptr;

    reference operator*() const { return *at; }
    TrackingIterator& operator++() {
        ++at;
        if (progress) *progress = at;
        return *this;
    }
    TrackingIterator operator++(int) {
        TrackingIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const TrackingIterator& other) const { return at == other.at; }
    bool operator!=(const TrackingIterator& other) const { return at != other.at; }
};

/// Offset of the quote that opens the string whose closing quote is the last byte read.
size_t startOfString(std::string_view text, size_t end) {
    size_t i = end - 1;
    while (i > 0) {
        --i;
        if (text[i] != '"') continue;
        size_t backslashes = 0;
        while (backslashes < i && text[i - 1 - backslashes] == '\\') ++backslashes;
        if (backslashes % 2 == 0) break;
    }
    return i;
}

/// nlohmann's "[json.exception...] parse error at line 1, column 5: syntax error while parsing value - unexpected ..." without
/// what a person does not need; the offending bytes are left out, they may not be text.
std::string shortReason(std::string_view what) {
    if (const size_t dash = what.find(" - "); dash != std::string_view::npos)
        what.remove_prefix(dash + 3);
    else if (const size_t bracket = what.find("] "); bracket != std::string_view::npos)
        what.remove_prefix(bracket + 2);
    if (const size_t last = what.find("; last read"); last != std::string_view::npos) {
        const size_t expected = what.find("; expected", last);
        std::string reason(what.substr(0, last));
        if (expected != std::string_view::npos) reason += what.substr(expected);
        return reason;
    }
    return std::string(what);
}

} // namespace

Json parseJson(std::string_view text, std::string_view where, int maxDepth) {
    const char* progress = text.data();
    const auto offset = [&] { return size_t(progress - text.data()); };
    std::vector<std::set<std::string>> keys;
    const Json::parser_callback_t callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
        switch (event) {
        case Json::parse_event_t::object_start:
        case Json::parse_event_t::array_start:
            if (depth >= maxDepth) fail(ErrorKind::BadFile, "{}: JSON nested deeper than {} at byte {}", where, maxDepth, offset() - 1);
            if (event == Json::parse_event_t::object_start) keys.emplace_back();
            break;
        case Json::parse_event_t::object_end: keys.pop_back(); break;
        case Json::parse_event_t::key:
            if (!keys.back().insert(parsed.get<std::string>()).second)
                fail(ErrorKind::BadFile, "{}: duplicate key \"{}\" in JSON at byte {}", where, parsed.get<std::string>(),
                     startOfString(text, offset()));
            break;
        default: break;
        }
        return true;
    };
    try {
        return Json::parse(TrackingIterator{text.data(), &progress}, TrackingIterator{text.data() + text.size(), nullptr}, callback);
    } catch (const Json::parse_error& error) {
        const size_t byte = error.byte > 0 ? error.byte - 1 : 0;
        fail(ErrorKind::BadFile, "{}: not valid JSON: {} at byte {}", where, shortReason(error.what()), std::min(byte, text.size()));
    } catch (const Json::exception& error) {
        fail(ErrorKind::BadFile, "{}: not valid JSON: {} at byte {}", where, shortReason(error.what()), offset());
    }
}

std::string toText(const Json& value, int indent) { return value.dump(indent, ' ', false, Json::error_handler_t::replace); }

} // namespace strata
