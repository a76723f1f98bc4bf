// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/files/npy.h"

#include <cstring>

namespace strata {

namespace {

constexpr uint64_t kMaxHeader = 10'000; // as numpy

/// Reader of the one Python literal that a .npy header holds; no eval.
class Literal {
public:
    Literal(std::string_view text, uint64_t start, const std::string& name) : text_(text), start_(start), name_(name) {}

    [[noreturn]] void bad(std::string_view what) const {
        fail(ErrorKind::BadFile, "{}: the .npy header {} at byte {}", name_, what, start_ + at_);
    }
    void skipSpace() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    }
    bool take(char c) {
        skipSpace();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!take(c)) bad(fmt::format("has no '{}'", c));
    }
    std::string string() {
        skipSpace();
        if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) bad("has no string");
        const char quote = text_[at_++];
        const size_t end = text_.find(quote, at_);
        if (end == std::string_view::npos) bad("has a string without end");
        std::string value(text_.substr(at_, end - at_));
        if (value.find('\\') != std::string::npos) bad("has an escape in a string");
        at_ = end + 1;
        return value;
    }
    bool boolean() {
        skipSpace();
        if (text_.substr(at_, 4) == "True") return at_ += 4, true;
        if (text_.substr(at_, 5) == "False") return at_ += 5, false;
        bad("has neither True nor False");
    }
    std::vector<int64_t> tuple() {
        std::vector<int64_t> values;
        expect('(');
        while (!take(')')) {
            skipSpace();
            const size_t begin = at_;
            while (at_ < text_.size() && ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '-')) ++at_;
            const std::optional<int64_t> value = parseInteger(text_.substr(begin, at_ - begin));
            if (!value || *value < 0) {
                at_ = begin;
                bad("has a shape that is not a tuple of sizes");
            }
            values.push_back(*value);
            if (text_.substr(at_, 1) == "L") ++at_; // written by Python 2
            if (take(',')) continue;
            expect(')');
            break;
        }
        return values;
    }
    /// What lies behind 'descr': a string, or the list of a record type.
    std::string descr() {
        skipSpace();
        if (at_ < text_.size() && text_[at_] == '[') fail(ErrorKind::BadFile, "{}: records are not read, only plain numbers", name_);
        return string();
    }
    void end() {
        skipSpace();
        if (at_ != text_.size()) bad("goes on after the dictionary");
    }

private:
    std::string_view text_;
    uint64_t start_;
    const std::string& name_;
    size_t at_ = 0;
};

void readDescr(const std::string& descr, NpyHeader& header, const std::string& name) {
    if (descr.size() < 2) fail(ErrorKind::BadFile, "{}: the type \"{}\" is not known", name, descr);
    size_t at = 0;
    header.byteOrder = '|';
    if (std::string_view("<>|=").find(descr[0]) != std::string_view::npos) header.byteOrder = descr[at++];
    if (header.byteOrder == '=') header.byteOrder = '<';
    header.kind = descr[at++];
    if (header.kind == 'O') fail(ErrorKind::BadFile, "{}: holds Python objects, which would be a pickle; refused", name);
    const std::optional<int64_t> size = parseInteger(std::string_view(descr).substr(at));
    if (std::string_view("biuf").find(header.kind) == std::string_view::npos)
        fail(ErrorKind::BadFile, "{}: the type \"{}\" is not read, only numbers and booleans", name, descr);
    const bool fits = size && ((header.kind == 'b' && *size == 1) || (header.kind == 'f' && (*size == 2 || *size == 4 || *size == 8)) ||
                               ((header.kind == 'i' || header.kind == 'u') && (*size == 1 || *size == 2 || *size == 4 || *size == 8)));
    if (!fits) fail(ErrorKind::BadFile, "{}: the type \"{}\" is not known", name, descr);
    header.itemSize = uint64_t(*size);
    if (header.itemSize > 1 && header.byteOrder == '|') header.byteOrder = '<';
}

void readDictionary(Literal& literal, NpyHeader& header, const std::string& name) {
    bool seenDescr = false, seenOrder = false, seenShape = false;
    literal.expect('{');
    while (!literal.take('}')) {
        const std::string key = literal.string();
        literal.expect(':');
        bool& seen = key == "descr" ? seenDescr : key == "fortran_order" ? seenOrder : seenShape;
        if (seen) literal.bad(fmt::format("has the key '{}' twice", key));
        seen = true;
        if (key == "descr")
            readDescr(literal.descr(), header, name);
        else if (key == "fortran_order")
            header.fortranOrder = literal.boolean();
        else if (key == "shape")
            header.shape = literal.tuple();
        else
            literal.bad(fmt::format("has the unknown key '{}'", key));
        if (literal.take(',')) continue;
        literal.expect('}');
        break;
    }
    literal.end();
    if (!seenDescr || !seenOrder || !seenShape)
        fail(ErrorKind::BadFile, "{}: the .npy header lacks '{}'", name, !seenDescr ? "descr" : !seenOrder ? "fortran_order" : "shape");
}

} // namespace

NpyHeader parseNpyHeader(std::span<const std::byte> bytes, const std::string& name) {
    const auto at = [&](size_t i) { return uint8_t(bytes[i]); };
    if (bytes.size() < 10 || std::memcmp(bytes.data(), "\x93NUMPY", 6) != 0)
        fail(ErrorKind::BadFile, "{}: not a .npy file, it does not start with \\x93NUMPY", name);
    const int version = at(6);
    if (version < 1 || version > 3) fail(ErrorKind::BadFile, "{}: version {} of .npy at byte 6 is not known", name, version);
    NpyHeader header;
    uint64_t length = uint64_t(at(8)) | uint64_t(at(9)) << 8;
    uint64_t start = 10;
    if (version > 1) {
        if (bytes.size() < 12) fail(ErrorKind::BadFile, "{}: cut off at byte {}", name, bytes.size());
        length |= uint64_t(at(10)) << 16 | uint64_t(at(11)) << 24;
        start = 12;
    }
    if (length > kMaxHeader) fail(ErrorKind::BadFile, "{}: the .npy header of {} bytes is over the limit of {}", name, length, kMaxHeader);
    if (length > bytes.size() - start) fail(ErrorKind::BadFile, "{}: cut off at byte {}, in the .npy header", name, bytes.size());
    Literal literal({reinterpret_cast<const char*>(bytes.data()) + start, size_t(length)}, start, name);
    readDictionary(literal, header, name);
    header.dataOffset = start + length;
    const std::optional<uint64_t> size = checkedBytes(header.shape, header.itemSize);
    if (!size) fail(ErrorKind::BadFile, "{}: the size of shape {} overflows", name, shapeText(header.shape));
    header.dataBytes = *size;
    const uint64_t present = bytes.size() - header.dataOffset;
    if (present < *size)
        fail(ErrorKind::BadFile, "{}: cut off: shape {} needs {} bytes from byte {} on, there are {}", name, shapeText(header.shape), *size,
             header.dataOffset, present);
    if (present > *size) fail(ErrorKind::BadFile, "{}: {} bytes too many at byte {}", name, present - *size, header.dataOffset + *size);
    return header;
}

} // namespace strata
