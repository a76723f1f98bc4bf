// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"
#include "core/files/pickle.h"

#include <unordered_map>

namespace strata {

/// The stack machine behind parsePickle(). Opcodes are grouped by what they make; each group says whether it knew the opcode.
class PickleMachine {
public:
    PickleMachine(std::span<const std::byte> bytes, const std::string& name, const PickleOptions& options);
    PickleDocument run();

private:
    using Kind = PickleNode::Kind;

    template <class... Args> [[noreturn]] void bad(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::BadFile, "{}: {} at byte {}", name_, fmt::format(format, std::forward<Args>(args)...), opcodeAt_);
    }

    // Input
    std::string_view take(uint64_t count);
    uint64_t takeUnsigned(int bytes);
    std::string_view takeLine();

    // Stack and memo
    PickleNode* make(Kind kind);
    void charge(uint64_t bytes);
    PickleNode* push(PickleNode* node);
    PickleNode* pop();
    PickleNode* top();
    std::vector<const PickleNode*> popToMark();
    void store(uint64_t index);
    void load(uint64_t index);

    // Opcodes
    bool number(uint8_t opcode);
    bool string(uint8_t opcode);
    bool container(uint8_t opcode);
    bool stack(uint8_t opcode);
    bool object(uint8_t opcode);
    void longInteger(uint64_t length);
    void decimalLine();
    void setItems(std::vector<const PickleNode*> items);
    void appendItems(const std::vector<const PickleNode*>& items);

    // Globals and what may be "called" (pickle_objects.cpp)
    void global(const std::string& module, const std::string& name);
    void reduce();
    void build();
    PickleNode* orderedDict(const PickleNode& arguments);
    PickleNode* encoded(const PickleNode& arguments);
    PickleNode* arrayType(const PickleNode& arguments);
    void buildArray(PickleNode& array, const PickleNode& state);
    void buildArrayType(PickleNode& type, const PickleNode& state);

    /// Depth at most 64, no cycles, every array with its data.
    void checkTree(const PickleNode* root);

    std::span<const std::byte> bytes_;
    const std::string& name_;
    const PickleOptions& options_;
    size_t at_ = 0;
    size_t opcodeAt_ = 0;
    uint64_t copied_ = 0; ///< bytes made by copying values that the memo can hand out again and again
    std::shared_ptr<std::deque<PickleNode>> nodes_ = std::make_shared<std::deque<PickleNode>>();
    std::vector<PickleNode*> stack_;
    std::vector<size_t> marks_;
    std::unordered_map<uint64_t, PickleNode*> memo_;
};

} // namespace strata
