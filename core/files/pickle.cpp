// SPDX-License-Identifier: Apache-2.0
#include "core/files/pickle.h"

#include "core/base/text.h"
#include "core/files/pickle_machine.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace strata {

namespace {

constexpr size_t kMaxStack = size_t(1) << 16;
constexpr uint64_t kMaxMemo = uint64_t(1) << 20;
constexpr size_t kMaxNodes = size_t(1) << 21;
constexpr uint64_t kMaxText = 64 * 1024;
constexpr int kMaxDepth = 64;

} // namespace

const PickleNode* PickleNode::find(std::string_view key) const {
    if (kind != Kind::Dict) return nullptr;
    const PickleNode* found = nullptr;
    for (size_t i = 0; i + 1 < items.size(); i += 2)
        if (items[i]->isString() && items[i]->text == key) found = items[i + 1];
    return found;
}

PickleDocument parsePickle(std::span<const std::byte> bytes, const std::string& name, const PickleOptions& options) {
    return PickleMachine(bytes, name, options).run();
}

PickleMachine::PickleMachine(std::span<const std::byte> bytes, const std::string& name, const PickleOptions& options)
    : bytes_(bytes), name_(name), options_(options) {
    if (bytes.size() > options.maxBytes)
        fail(ErrorKind::BadFile, "{}: a pickle of {} bytes is over the limit of {}", name, bytes.size(), options.maxBytes);
    if (bytes.empty()) fail(ErrorKind::BadFile, "{}: empty, not a pickle", name);
}

PickleDocument PickleMachine::run() {
    while (true) {
        opcodeAt_ = at_;
        const auto opcode = uint8_t(take(1)[0]);
        if (opcode == '.') break;
        if (!number(opcode) && !string(opcode) && !container(opcode) && !stack(opcode) && !object(opcode))
            bad("the pickle opcode 0x{:02x} is not known", opcode);
    }
    if (stack_.size() != 1 || !marks_.empty()) bad("the pickle ends with {} values on its stack instead of 1", stack_.size());
    checkTree(stack_[0]);
    return {nodes_, stack_[0], at_};
}

std::string_view PickleMachine::take(uint64_t count) {
    if (count > bytes_.size() - at_) bad("the pickle is cut off: {} more bytes needed, {} there,", count, bytes_.size() - at_);
    const std::string_view taken(reinterpret_cast<const char*>(bytes_.data()) + at_, size_t(count));
    at_ += size_t(count);
    return taken;
}

uint64_t PickleMachine::takeUnsigned(int bytes) {
    uint64_t value = 0;
    const std::string_view raw = take(uint64_t(bytes));
    std::memcpy(&value, raw.data(), raw.size());
    return value;
}

std::string_view PickleMachine::takeLine() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, std::min<size_t>(bytes_.size() - at_, kMaxText));
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) bad("a line of the pickle has no end");
    at_ += end + 1;
    return rest.substr(0, end);
}

PickleNode* PickleMachine::make(Kind kind) {
    if (nodes_->size() >= kMaxNodes) bad("the pickle holds more than {} values", kMaxNodes);
    PickleNode* node = &nodes_->emplace_back();
    node->kind = kind;
    return node;
}

void PickleMachine::charge(uint64_t bytes) {
    copied_ += bytes;
    if (copied_ > options_.maxBytes) bad("the pickle copies its values to more than {} bytes", options_.maxBytes);
}

PickleNode* PickleMachine::push(PickleNode* node) {
    if (stack_.size() >= kMaxStack) bad("the stack of the pickle grows over {} values", kMaxStack);
    stack_.push_back(node);
    return node;
}

PickleNode* PickleMachine::top() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) bad("the pickle takes a value from an empty stack");
    return stack_.back();
}

PickleNode* PickleMachine::pop() {
    PickleNode* node = top();
    stack_.pop_back();
    return node;
}

std::vector<const PickleNode*> PickleMachine::popToMark() {
    if (marks_.empty()) bad("the pickle lacks a mark");
    std::vector<const PickleNode*> items(stack_.begin() + std::ptrdiff_t(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
}

void PickleMachine::store(uint64_t index) {
    if (index >= kMaxMemo) bad("the memo index {} is over the limit of {}", index, kMaxMemo);
    memo_[index] = top();
}

void PickleMachine::load(uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) bad("the pickle asks for memo {}, which it never stored,", index);
    push(found->second);
}

bool PickleMachine::number(uint8_t opcode) {
    const auto integer = [&](int64_t value) { push(make(Kind::Int))->integer = value; };
    switch (opcode) {
    case 'N': push(make(Kind::None)); return true;
    case 0x88: push(make(Kind::Bool))->integer = 1; return true;
    case 0x89: push(make(Kind::Bool))->integer = 0; return true;
    case 'K': integer(int64_t(takeUnsigned(1))); return true;
    case 'M': integer(int64_t(takeUnsigned(2))); return true;
    case 'J': integer(int32_t(uint32_t(takeUnsigned(4)))); return true;
    case 0x8a: longInteger(takeUnsigned(1)); return true;
    case 0x8b: longInteger(takeUnsigned(4)); return true;
    case 'I':
    case 'L': decimalLine(); return true;
    case 'G': push(make(Kind::Real))->real = std::bit_cast<double>(__builtin_bswap64(takeUnsigned(8))); return true;
    case 'F': {
        const std::string line(takeLine());
        const std::optional<double> value = parseReal(line);
        if (!value) bad("\"{}\" is not a number", line);
        push(make(Kind::Real))->real = *value;
        return true;
    }
    default: return false;
    }
}

void PickleMachine::longInteger(uint64_t length) {
    if (length > kMaxText) bad("an integer of {} bytes is over the limit of {}", length, kMaxText);
    const std::string raw(take(length));
    PickleNode* node = push(make(Kind::Int));
    if (length > 8) {
        node->text = raw;
        return;
    }
    uint64_t value = !raw.empty() && (uint8_t(raw.back()) & 0x80) ? ~uint64_t(0) : 0;
    std::memcpy(&value, raw.data(), raw.size());
    node->integer = int64_t(value);
}

void PickleMachine::decimalLine() {
    std::string_view line = takeLine();
    if (line == "00" || line == "01") {
        push(make(Kind::Bool))->integer = line == "01";
        return;
    }
    if (line.ends_with('L')) line.remove_suffix(1);
    const std::optional<int64_t> value = parseInteger(line);
    if (!value) bad("\"{}\" is not an integer", line);
    push(make(Kind::Int))->integer = *value;
}

bool PickleMachine::string(uint8_t opcode) {
    const auto text = [&](uint64_t length) { push(make(Kind::Text))->text = std::string(take(length)); };
    const auto raw = [&](uint64_t length) { push(make(Kind::Bytes))->text = std::string(take(length)); };
    switch (opcode) {
    case 'X': text(takeUnsigned(4)); return true;
    case 0x8c: text(takeUnsigned(1)); return true;
    case 0x8d: text(takeUnsigned(8)); return true;
    case 'T':
    case 'B': raw(takeUnsigned(4)); return true;
    case 'U':
    case 'C': raw(takeUnsigned(1)); return true;
    case 0x8e: raw(takeUnsigned(8)); return true;
    case 'V':
    case 'S': {
        std::string_view line = takeLine();
        if (opcode == 'S') {
            if (line.size() < 2 || line.front() != line.back() || (line[0] != '\'' && line[0] != '"')) bad("a string has no quotes");
            line = line.substr(1, line.size() - 2);
        }
        if (line.find('\\') != std::string_view::npos) bad("a string with an escape is not read");
        push(make(opcode == 'S' ? Kind::Bytes : Kind::Text))->text = std::string(line);
        return true;
    }
    default: return false;
    }
}

bool PickleMachine::container(uint8_t opcode) {
    const auto tupleOf = [&](size_t count) {
        std::vector<const PickleNode*> items(count);
        for (size_t i = count; i-- > 0;) items[i] = pop();
        push(make(Kind::Tuple))->items = std::move(items);
    };
    switch (opcode) {
    case ')': tupleOf(0); return true;
    case 0x85: tupleOf(1); return true;
    case 0x86: tupleOf(2); return true;
    case 0x87: tupleOf(3); return true;
    case 't':
    case 'l':
    case 0x91: {
        std::vector<const PickleNode*> items = popToMark();
        push(make(opcode == 't' ? Kind::Tuple : Kind::List))->items = std::move(items);
        return true;
    }
    case ']':
    case 0x8f: push(make(Kind::List)); return true;
    case '}': push(make(Kind::Dict)); return true;
    case 'd': {
        std::vector<const PickleNode*> items = popToMark();
        push(make(Kind::Dict));
        setItems(std::move(items));
        return true;
    }
    case 'a': appendItems({pop()}); return true;
    case 'e':
    case 0x90: appendItems(popToMark()); return true;
    case 's': {
        const PickleNode* value = pop();
        const PickleNode* key = pop();
        setItems({key, value});
        return true;
    }
    case 'u': setItems(popToMark()); return true;
    default: return false;
    }
}

void PickleMachine::appendItems(const std::vector<const PickleNode*>& items) {
    PickleNode* list = top();
    if (list->kind != Kind::List) bad("the pickle appends to something that is no list");
    list->items.insert(list->items.end(), items.begin(), items.end());
}

void PickleMachine::setItems(std::vector<const PickleNode*> items) {
    PickleNode* dict = top();
    if (dict->kind != Kind::Dict) bad("the pickle sets an item of something that is no dictionary");
    if (items.size() % 2 != 0) bad("a key of a dictionary has no value");
    dict->items.insert(dict->items.end(), items.begin(), items.end());
}

bool PickleMachine::stack(uint8_t opcode) {
    const auto decimal = [&] {
        const std::string line(takeLine());
        const std::optional<int64_t> index = parseInteger(line);
        if (!index || *index < 0) bad("\"{}\" is not a memo index", line);
        return uint64_t(*index);
    };
    switch (opcode) {
    case '(':
        if (marks_.size() >= kMaxStack) bad("the stack of the pickle grows over {} values", kMaxStack);
        marks_.push_back(stack_.size());
        return true;
    case '0': pop(); return true;
    case '1': popToMark(); return true;
    case '2': push(top()); return true;
    case 'p': store(decimal()); return true;
    case 'q': store(takeUnsigned(1)); return true;
    case 'r': store(takeUnsigned(4)); return true;
    case 0x94: store(memo_.size()); return true;
    case 'g': load(decimal()); return true;
    case 'h': load(takeUnsigned(1)); return true;
    case 'j': load(takeUnsigned(4)); return true;
    case 0x95: takeUnsigned(8); return true;
    case 0x80:
        if (const uint64_t protocol = takeUnsigned(1); protocol > 4) bad("pickle protocol {} is not read, at most 4,", protocol);
        return true;
    default: return false;
    }
}

void PickleMachine::checkTree(const PickleNode* root) {
    struct Visit {
        const PickleNode* node;
        size_t next = 0;
    };
    constexpr int kOnPath = -1;
    std::unordered_map<const PickleNode*, int> heights;
    std::vector<Visit> path{{root}};
    heights[root] = kOnPath;
    const auto child = [](const PickleNode& node, size_t i) {
        if (i < node.items.size()) return node.items[i];
        const PickleNode* const extra[] = {node.callee, node.state};
        return extra[i - node.items.size()];
    };
    while (!path.empty()) {
        Visit& visit = path.back();
        const PickleNode& node = *visit.node;
        if (node.kind == Kind::Array && node.descr.empty()) bad("an array of the pickle has no data");
        // Longer ones are fine on the way only: Python 3 writes the bytes of arrays as one text for _codecs.encode.
        if (node.kind == Kind::Text && node.text.size() > kMaxText)
            bad("a text of {} bytes is over the limit of {}", node.text.size(), kMaxText);
        if (visit.next < node.items.size() + 2) {
            const PickleNode* next = child(node, visit.next++);
            if (!next) continue;
            const auto [found, isNew] = heights.try_emplace(next, kOnPath);
            if (!isNew && found->second == kOnPath) bad("the pickle holds a value that contains itself");
            if (isNew) path.push_back({next});
            if (path.size() > kMaxDepth) bad("the pickle is nested deeper than {}", kMaxDepth);
            continue;
        }
        int height = 0;
        for (size_t i = 0; i < node.items.size() + 2; ++i)
            if (const PickleNode* below = child(node, i)) height = std::max(height, heights[below] + 1);
        if (height > kMaxDepth) bad("the pickle is nested deeper than {}", kMaxDepth);
        heights[&node] = height;
        path.pop_back();
    }
}

} // namespace strata
