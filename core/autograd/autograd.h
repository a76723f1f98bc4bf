// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/tensor.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace strata {

/// One recorded operation: where its gradient goes and how it is made. Nodes have one output.
class Node {
public:
    Node() = default;
    ~Node(); ///< iterative: a chain of any length is dropped without recursion
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// gradient of the output -> gradients of the inputs (undefined where not needed). `needs` tells which.
    using Backward = std::function<std::vector<Tensor>(const Tensor& gradOutput, const std::vector<bool>& needs)>;

    const char* name = "";
    std::vector<std::shared_ptr<AutogradMeta>> inputs; ///< null where the input takes no part
    Backward backward;                                 ///< empty after it has been used
    uint64_t order = 0;                                ///< grows with every node
};

/// What a tensor that takes part in autograd carries.
struct AutogradMeta {
    bool requiresGrad = false;
    std::shared_ptr<Node> node; ///< null for leaves
    Tensor grad;                ///< leaves only
    Tensor gradTarget;          ///< if defined, the leaf's gradient is written here (a slice of a flat buffer) instead of a fresh tensor
};

/// Whether operations are recorded (per thread; true at first).
bool gradEnabled();
/// Switches recording off for its lifetime.
class NoGrad {
public:
    NoGrad();
    ~NoGrad();
    NoGrad(const NoGrad&) = delete;
    NoGrad& operator=(const NoGrad&) = delete;

private:
    bool previous_;
};

/// Whether an operation on these inputs must be recorded.
bool anyRequiresGrad(std::initializer_list<const Tensor*> inputs);
/// Attaches a node to the output: inputs in the order in which `backward` returns gradients. No-op when nothing requires grad.
Tensor record(const char* name, Tensor output, const std::vector<Tensor>& inputs, Node::Backward backward);

/// A tensor kept for the gradient; get() throws Error(BadInput) naming the operation if it was changed in place since.
/// Keep an operation's own output before record() has been called on it: it then holds no graph and makes no cycle.
class Saved {
public:
    Saved() = default;
    Saved(const Tensor& tensor, const char* operation);
    Tensor get() const;

private:
    Tensor tensor_;
    uint64_t version_ = 0;
    const char* operation_ = "";
};

/// For gradients made by kernels: throws Error(Unsupported) when the gradient is itself to be differentiated.
void requireFirstOrder(const char* operation);

/// Where a kernel may write the gradient of a leaf: the leaf's gradTarget if this is its first gradient of the pass, else a
/// fresh tensor of that shape.
Tensor gradientBuffer(const std::shared_ptr<AutogradMeta>& leaf, const Tensor& like);

/// Iterative reverse walk from `root`: each node once, after all its users; frees what it has used unless retainGraph.
void runBackward(const Tensor& root, const Tensor& gradient, bool retainGraph = false);

/// Gradients of `output` for `inputs` without touching grad(); with createGraph they can be differentiated again.
std::vector<Tensor> gradients(const Tensor& output, const std::vector<Tensor>& inputs, const Tensor& gradient = {},
                              bool createGraph = false);

} // namespace strata
