// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// A node of what a pickle describes. Text and Bytes differ as str and bytes do in Python; a str of Python 2 is Bytes.
/// Dict holds keys and values in turn. Array is a numpy array, ArrayType its dtype. Global, Call and Persistent appear only where
/// the options allow them.
struct PickleNode {
    enum class Kind { None, Bool, Int, Real, Text, Bytes, List, Tuple, Dict, Array, ArrayType, Global, Call, Persistent };

    Kind kind = Kind::None;
    int64_t integer = 0;                  ///< Int, Bool
    double real = 0;                      ///< Real
    std::string text;                     ///< Text, Bytes, Global ("module name"); of an Int that does not fit `integer`: its
                                          ///< bytes, little-endian two's complement
    std::vector<const PickleNode*> items; ///< List, Tuple, Dict (key, value, ...); Call: arguments; Persistent: its id; Array:
                                          ///< one Bytes node with its raw bytes
    const PickleNode* callee = nullptr;   ///< Call
    const PickleNode* state = nullptr;    ///< what BUILD handed to a Call or a Dict
    std::string descr;                    ///< Array, ArrayType: numpy's type with byte order, "<f4", "|u1"
    bool fortranOrder = false;            ///< Array
    std::vector<int64_t> shape;           ///< Array

    bool isString() const { return kind == Kind::Text || kind == Kind::Bytes; }
    /// Value of a Dict under a string key, or nullptr.
    const PickleNode* find(std::string_view key) const;
};

/// The result: owns all nodes.
class PickleDocument {
public:
    PickleDocument(std::shared_ptr<const std::deque<PickleNode>> nodes, const PickleNode* root, size_t consumed)
        : nodes_(std::move(nodes)), root_(root), consumed_(consumed) {}

    const PickleNode& root() const { return *root_; }
    /// Bytes up to and with the STOP opcode (some files hold several pickles end to end).
    size_t consumed() const { return consumed_; }

private:
    std::shared_ptr<const std::deque<PickleNode>> nodes_;
    const PickleNode* root_;
    size_t consumed_;
};

/// What a reader is ready to take.
struct PickleOptions {
    uint64_t maxBytes = uint64_t(64) << 20;
    /// Globals ("torch._utils _rebuild_tensor_v2") that become Global nodes, and Call nodes when reduced; nothing is ever run.
    /// collections.OrderedDict, _codecs.encode and numpy's array constructors are always known.
    std::vector<std::string> globals;
    bool persistentIds = false;
};

/// Reads a pickle of protocol 0 to 4 with a restricted machine that executes nothing: every global outside the list is refused
/// by name ("FILE: the pickle wants to run os.system; refused"). Limits as formats.md 3c: stack 2^16, memo 2^20, text 64 kB,
/// depth 64, no cycles. Throws Error(BadFile) naming the byte.
PickleDocument parsePickle(std::span<const std::byte> bytes, const std::string& name, const PickleOptions& options = {});

} // namespace strata
