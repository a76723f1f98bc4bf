// SPDX-License-Identifier: Apache-2.0
#include "core/autograd/autograd.h"

#include "core/backend/dispatch.h"

#include <atomic>
#include <map>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace strata {

namespace {

thread_local bool recording = true;
thread_local bool writesLeaves = false; ///< inside runBackward(), not gradients()
std::atomic<uint64_t> nextOrder{1};

/// a + b with the same layout where both have one; recorded through `binary add` only when gradients are themselves recorded.
Tensor addGradients(const Tensor& a, const Tensor& b) {
    if (gradEnabled() && (a.requiresGrad() || b.requiresGrad())) {
        Tensor sum = addGradients(a.detach(), b.detach());
        return record("add", sum, {a, b}, [](const Tensor& g, const std::vector<bool>&) { return std::vector<Tensor>{g, g}; });
    }
    if (a.layout() != b.layout()) b.layout() == Layout::Plain ? a.makePlain() : b.makePlain();
    Tensor sum = Tensor::emptyInLayout(a.shape(), a.dtype(), a.device(), a.layout());
    if (a.layout() != b.layout()) fail(ErrorKind::Internal, "internal error: two gradients in different layouts");
    launch("add", backendOf(a), &Backend::binary, BinaryOp::Add, a.view(), b.view(), sum.out());
    return sum;
}

void accumulate(Tensor& slot, const Tensor& gradient) { slot = slot.defined() ? addGradients(slot, gradient) : gradient; }

/// Adds a gradient into a leaf: into its slice of a flat buffer (first write copies), or into grad.
void addToLeaf(AutogradMeta& leaf, const Tensor& gradient) {
    NoGrad guard;
    Backend& device = backendOf(gradient);
    if (!leaf.gradTarget.defined() && leaf.grad.defined()) {
        leaf.grad = addGradients(leaf.grad, gradient.detach());
        return;
    }
    if (!leaf.gradTarget.defined()) { // a copy: the gradient may belong to another leaf too, or be a broadcast view
        const TensorView source = gradient.view();
        leaf.grad = Tensor::emptyInLayout(gradient.shape(), gradient.dtype(), gradient.device(), source.layout);
        launch("copy", device, &Backend::copy, source, leaf.grad.out());
        return;
    }
    const TensorView source = gradient.plainView();
    if (leaf.grad.defined())
        launch("add", device, &Backend::binary, BinaryOp::Add, leaf.gradTarget.plainView(), source, leaf.gradTarget.out());
    else if (source.data != leaf.gradTarget.plainView().data)
        launch("copy", device, &Backend::copy, source, leaf.gradTarget.out());
    leaf.grad = leaf.gradTarget;
}

/// Lets gradient functions write straight into flat buffers for its lifetime.
struct LeafWriting {
    LeafWriting() : previous(std::exchange(writesLeaves, true)) {}
    ~LeafWriting() { writesLeaves = previous; }
    LeafWriting(const LeafWriting&) = delete;
    LeafWriting& operator=(const LeafWriting&) = delete;
    bool previous;
};

struct Newest {
    bool operator()(const std::shared_ptr<Node>& a, const std::shared_ptr<Node>& b) const { return a->order < b->order; }
};

/// The walk itself. Nodes are numbered as they are made, so the newest pending node has had all its users done.
/// `leaf` receives (meta, gradient) of every leaf reached.
template <class Leaf> void walk(const Tensor& root, const Tensor& seed, bool retainGraph, Leaf&& leaf) {
    const auto& meta = root.autogradMeta();
    if (!meta || !(meta->requiresGrad || meta->node)) fail(ErrorKind::BadInput, "backward: the tensor takes no part in autograd");
    std::unordered_map<Node*, Tensor> pending;
    std::priority_queue<std::shared_ptr<Node>, std::vector<std::shared_ptr<Node>>, Newest> queue;
    const auto deliver = [&](const std::shared_ptr<AutogradMeta>& to, const Tensor& gradient) {
        if (!to->node) {
            leaf(*to, gradient);
            return;
        }
        auto [slot, isNew] = pending.try_emplace(to->node.get());
        if (isNew) queue.push(to->node);
        accumulate(slot->second, gradient);
    };
    deliver(meta, seed);
    while (!queue.empty()) {
        const std::shared_ptr<Node> node = queue.top();
        queue.pop();
        const Tensor gradient = std::move(pending.at(node.get()));
        pending.erase(node.get());
        if (!node->backward)
            fail(ErrorKind::BadInput, "backward: the graph of {} was already used and freed; pass retainGraph to go through it twice",
                 node->name);
        std::vector<bool> needs;
        for (const auto& input : node->inputs) needs.push_back(input != nullptr);
        std::vector<Tensor> gradients = node->backward(gradient, needs);
        check(gradients.size() == node->inputs.size(), "a gradient function returned the wrong number of gradients");
        const auto inputs = retainGraph ? node->inputs : std::move(node->inputs);
        if (!retainGraph) {
            node->backward = nullptr;
            node->inputs.clear();
        }
        for (size_t i = 0; i < inputs.size(); ++i)
            if (inputs[i] && gradients[i].defined()) deliver(inputs[i], gradients[i]);
    }
}

Tensor seedFor(const Tensor& root, const Tensor& gradient) {
    if (gradient.defined()) {
        if (!(gradient.shape() == root.shape()))
            fail(ErrorKind::BadInput, "backward: the gradient has shape {}, the tensor {}", gradient.shape().text(), root.shape().text());
        return gradient;
    }
    if (root.elements() != 1)
        fail(ErrorKind::BadInput, "backward: the tensor has shape {}; give a gradient, or call it on one element", root.shape().text());
    return Tensor::ones(root.shape(), root.dtype(), root.device());
}

} // namespace

Node::~Node() {
    std::vector<std::shared_ptr<AutogradMeta>> work = std::move(inputs);
    backward = nullptr;
    while (!work.empty()) {
        const std::shared_ptr<AutogradMeta> meta = std::move(work.back());
        work.pop_back();
        if (!meta || meta.use_count() != 1 || !meta->node || meta->node.use_count() != 1) continue;
        Node& node = *meta->node;
        for (auto& input : node.inputs) work.push_back(std::move(input));
        node.inputs.clear();
        node.backward = nullptr;
    }
}

bool gradEnabled() { return recording; }

NoGrad::NoGrad() : previous_(recording) { recording = false; }
NoGrad::~NoGrad() { recording = previous_; }

bool anyRequiresGrad(std::initializer_list<const Tensor*> inputs) {
    if (!recording) return false;
    for (const Tensor* input : inputs)
        if (input->defined() && input->requiresGrad()) return true;
    return false;
}

Tensor record(const char* name, Tensor output, const std::vector<Tensor>& inputs, Node::Backward backward) {
    if (!recording) return output;
    auto node = std::make_shared<Node>();
    bool any = false;
    for (const Tensor& input : inputs) {
        const bool takesPart = input.defined() && input.requiresGrad();
        any = any || takesPart;
        node->inputs.push_back(takesPart ? input.autogradMeta() : nullptr);
    }
    if (!any) return output;
    node->name = name;
    node->backward = std::move(backward);
    node->order = nextOrder++;
    auto meta = std::make_shared<AutogradMeta>();
    meta->requiresGrad = true;
    meta->node = std::move(node);
    output.autogradMeta() = std::move(meta);
    return output;
}

Saved::Saved(const Tensor& tensor, const char* operation) : tensor_(tensor.defined() ? tensor.detach() : tensor), operation_(operation) {
    if (tensor_.defined()) {
        version_ = tensor_.storage()->version();
        if (tensor.requiresGrad()) tensor_.autogradMeta() = tensor.autogradMeta();
    }
}

Tensor Saved::get() const {
    if (tensor_.defined() && tensor_.storage()->version() != version_)
        fail(ErrorKind::BadInput, "backward: a tensor of shape {} that the gradient of {} needs was changed in place since",
             tensor_.shape().text(), operation_);
    return tensor_;
}

void requireFirstOrder(const char* operation) {
    if (gradEnabled()) fail(ErrorKind::Unsupported, "{}: the gradient of its gradient is not available", operation);
}

Tensor gradientBuffer(const std::shared_ptr<AutogradMeta>& leaf, const Tensor& like) {
    if (writesLeaves && leaf && leaf->gradTarget.defined() && !leaf->grad.defined()) return leaf->gradTarget;
    return Tensor::empty(like.shape(), like.dtype(), like.device());
}

void runBackward(const Tensor& root, const Tensor& gradient, bool retainGraph) {
    NoGrad guard;
    const LeafWriting writing;
    walk(root, seedFor(root, gradient), retainGraph, [](AutogradMeta& leaf, const Tensor& g) { addToLeaf(leaf, g); });
}

std::vector<Tensor> gradients(const Tensor& output, const std::vector<Tensor>& inputs, const Tensor& gradient, bool createGraph) {
    std::unordered_map<AutogradMeta*, Tensor> found;
    const auto collect = [&](AutogradMeta& leaf, const Tensor& g) { accumulate(found[&leaf], g); };
    const Tensor seed = seedFor(output, gradient);
    if (createGraph) {
        walk(output, seed, true, collect);
    } else {
        NoGrad guard;
        walk(output, seed, true, collect);
    }
    std::vector<Tensor> result;
    for (const Tensor& input : inputs) {
        const auto at = found.find(input.autogradMeta().get());
        result.push_back(at == found.end() ? Tensor() : at->second);
    }
    return result;
}

bool Tensor::requiresGrad() const { return autogradMeta() && autogradMeta()->requiresGrad; }

Tensor& Tensor::setRequiresGrad(bool value) {
    auto& meta = autogradMeta();
    if (meta && meta->node)
        fail(ErrorKind::BadInput, "setRequiresGrad: only leaves can be switched; this is a result of {}", meta->node->name);
    if (value && dtype() != DType::F32 && dtype() != DType::F64)
        fail(ErrorKind::BadInput, "setRequiresGrad: only f32 and f64 tensors have gradients, not {}", dtypeName(dtype()));
    if (!meta) meta = std::make_shared<AutogradMeta>();
    meta->requiresGrad = value;
    return *this;
}

Tensor Tensor::grad() const { return autogradMeta() ? autogradMeta()->grad : Tensor(); }

void Tensor::setGrad(const Tensor& gradient) {
    if (!autogradMeta()) autogradMeta() = std::make_shared<AutogradMeta>();
    autogradMeta()->grad = gradient;
}

void Tensor::backward(const Tensor& gradient) const { runBackward(*this, gradient); }

} // namespace strata
