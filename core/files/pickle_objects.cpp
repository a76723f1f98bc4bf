// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/files/named_tensors.h"
#include "core/files/pickle_machine.h"

#include <algorithm>

namespace strata {

namespace {

/// Known to every pickle; each is rebuilt by our own code, none is ever looked up by its name and run.
constexpr std::string_view kOrderedDict = "collections OrderedDict";
constexpr std::string_view kEncode = "_codecs encode";
constexpr std::string_view kArray = "numpy ndarray";
constexpr std::string_view kArrayType = "numpy dtype";
constexpr std::string_view kReconstruct = "numpy.core.multiarray _reconstruct";
constexpr std::string_view kReconstructNew = "numpy._core.multiarray _reconstruct"; // numpy 2
constexpr std::string_view kBytes = "__builtin__ bytes";

bool isKnown(std::string_view global) {
    constexpr std::string_view known[] = {kOrderedDict, kEncode, kArray, kArrayType, kReconstruct, kReconstructNew, kBytes};
    return std::find(std::begin(known), std::end(known), global) != std::end(known);
}

/// The bytes of a text in latin-1, from UTF-8; nullopt when a character lies beyond.
std::optional<std::string> toLatin1(const std::string& text) {
    std::string bytes;
    bytes.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = uint8_t(text[i]);
        if (c < 0x80) {
            bytes += char(c);
            continue;
        }
        if ((c != 0xC2 && c != 0xC3) || i + 1 >= text.size() || (uint8_t(text[i + 1]) & 0xC0) != 0x80) return std::nullopt;
        bytes += char(((c & 3) << 6) | (uint8_t(text[++i]) & 0x3F));
    }
    return bytes;
}

} // namespace

bool PickleMachine::object(uint8_t opcode) {
    switch (opcode) {
    case 'c': {
        const std::string module(takeLine());
        global(module, std::string(takeLine()));
        return true;
    }
    case 0x93: {
        const PickleNode* name = pop();
        const PickleNode* module = pop();
        if (!name->isString() || !module->isString()) bad("the name of a global is no text");
        global(module->text, name->text);
        return true;
    }
    case 'R':
    case 0x81: reduce(); return true;
    case 'b': build(); return true;
    case 'i': {
        const std::string module(takeLine());
        fail(ErrorKind::BadFile, "{}: the pickle wants to run {}.{}; refused", name_, module, takeLine());
    }
    case 'Q': {
        if (!options_.persistentIds) bad("the pickle refers to something outside itself");
        const PickleNode* id = pop();
        push(make(Kind::Persistent))->items = {id};
        return true;
    }
    default: return false;
    }
}

void PickleMachine::global(const std::string& module, const std::string& name) {
    const std::string full = module + " " + name;
    if (!isKnown(full) && std::find(options_.globals.begin(), options_.globals.end(), full) == options_.globals.end())
        fail(ErrorKind::BadFile, "{}: the pickle wants to run {}.{}; refused", name_, module, name);
    push(make(Kind::Global))->text = full;
}

void PickleMachine::reduce() {
    const PickleNode* arguments = pop();
    const PickleNode* callee = pop();
    if (callee->kind != Kind::Global || arguments->kind != Kind::Tuple) bad("the pickle wants to call something that is no function");
    const std::string& called = callee->text;
    if (std::find(options_.globals.begin(), options_.globals.end(), called) != options_.globals.end()) {
        PickleNode* call = push(make(Kind::Call));
        call->callee = callee;
        charge(arguments->items.size() * sizeof(void*));
        call->items = arguments->items;
    } else if (called == kOrderedDict)
        push(orderedDict(*arguments));
    else if (called == kEncode)
        push(encoded(*arguments));
    else if (called == kArrayType)
        push(arrayType(*arguments));
    else if (called == kReconstruct || called == kReconstructNew)
        push(make(Kind::Array));
    else if (called == kBytes && arguments->items.empty())
        push(make(Kind::Bytes));
    else
        bad("the pickle calls {} in a way that is not known", called);
}

PickleNode* PickleMachine::orderedDict(const PickleNode& arguments) {
    PickleNode* dict = make(Kind::Dict);
    if (arguments.items.empty()) return dict;
    if (arguments.items.size() != 1 || arguments.items[0]->kind != Kind::List) bad("an OrderedDict is made of something unknown");
    charge(arguments.items[0]->items.size() * 2 * sizeof(void*));
    for (const PickleNode* pair : arguments.items[0]->items) {
        if ((pair->kind != Kind::List && pair->kind != Kind::Tuple) || pair->items.size() != 2)
            bad("an OrderedDict is made of something unknown");
        dict->items.insert(dict->items.end(), pair->items.begin(), pair->items.end());
    }
    return dict;
}

PickleNode* PickleMachine::encoded(const PickleNode& arguments) {
    if (arguments.items.size() != 2 || arguments.items[0]->kind != Kind::Text || !arguments.items[1]->isString())
        bad("_codecs.encode is called in a way that is not known");
    const std::string codec = toLower(arguments.items[1]->text);
    if (codec != "latin1" && codec != "latin-1") bad("the text encoding \"{}\" is not known", arguments.items[1]->text);
    charge(arguments.items[0]->text.size());
    std::optional<std::string> latin = toLatin1(arguments.items[0]->text);
    if (!latin) bad("a text does not fit latin-1");
    PickleNode* node = make(Kind::Bytes);
    node->text = std::move(*latin);
    return node;
}

PickleNode* PickleMachine::arrayType(const PickleNode& arguments) {
    if (arguments.items.empty() || !arguments.items[0]->isString()) bad("a numpy type has no name");
    const std::string& name = arguments.items[0]->text;
    const bool plain = name.size() >= 2 && std::string_view("biufSU").find(name[0]) != std::string_view::npos &&
                       std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; }) && name.size() < 8;
    if (!plain) bad("arrays of the numpy type \"{}\" are not read", name);
    PickleNode* type = make(Kind::ArrayType);
    type->descr = "|" + name;
    return type;
}

void PickleMachine::build() {
    const PickleNode* state = pop();
    PickleNode* target = top();
    switch (target->kind) {
    case Kind::Array: buildArray(*target, *state); break;
    case Kind::ArrayType: buildArrayType(*target, *state); break;
    case Kind::Dict:
    case Kind::Call: target->state = state; break;
    default: bad("the pickle gives a state to something that takes none");
    }
}

void PickleMachine::buildArrayType(PickleNode& type, const PickleNode& state) {
    // (version, byte order, subarray, names, fields, itemsize, alignment, flags)
    if (state.kind != Kind::Tuple || state.items.size() < 5 || !state.items[1]->isString() || state.items[1]->text.size() != 1)
        bad("the state of a numpy type is not known");
    const char order = state.items[1]->text[0];
    if (std::string_view("<>|=").find(order) == std::string_view::npos) bad("the byte order '{}' of a numpy type is not known", order);
    for (size_t i = 2; i < 5; ++i)
        if (state.items[i]->kind != Kind::None) bad("numpy records are not read");
    type.descr[0] = order == '=' ? '<' : order;
}

void PickleMachine::buildArray(PickleNode& array, const PickleNode& state) {
    // (version, shape, type, is_fortran, bytes)
    if (state.kind != Kind::Tuple || state.items.size() != 5 || state.items[1]->kind != Kind::Tuple ||
        state.items[2]->kind != Kind::ArrayType)
        bad("the state of a numpy array is not known");
    if (!array.descr.empty()) bad("an array of the pickle is given its data twice");
    std::vector<int64_t> shape;
    for (const PickleNode* size : state.items[1]->items) {
        if (size->kind != Kind::Int || size->integer < 0 || !size->text.empty()) bad("a size of a numpy array is not known");
        shape.push_back(size->integer);
    }
    const std::string& descr = state.items[2]->descr;
    const int64_t unit = parseInteger(std::string_view(descr).substr(2)).value_or(0) * (descr[1] == 'U' ? 4 : 1);
    const std::optional<uint64_t> size = checkedBytes(shape, uint64_t(unit));
    if (!size || unit == 0) bad("the size of a numpy array overflows");
    const PickleNode* data = state.items[4];
    if (data->kind != Kind::Bytes) bad("the data of a numpy array are no bytes");
    if (data->text.size() != *size)
        bad("a numpy array of {} {} needs {} bytes, has {},", descr, shapeText(shape), *size, data->text.size());
    array.descr = descr;
    array.shape = std::move(shape);
    array.fortranOrder = (state.items[3]->kind == Kind::Bool || state.items[3]->kind == Kind::Int) && state.items[3]->integer != 0;
    array.items = {data};
}

} // namespace strata
