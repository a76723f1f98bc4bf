// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/kernel_params.h"
#include "core/tensor/shape.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace strata::cpu {

/// What a convolution primitive does. Inference is a forward pass whose weights are prepared once and kept.
enum class ConvPass : int64_t { Forward, Inference, BackwardData, BackwardWeights };
enum class ConvAlgorithm : uint8_t { Direct, Winograd };

std::string_view passName(ConvPass pass);
/// "direct", "winograd".
std::string_view algorithmName(ConvAlgorithm algorithm);

/// All that decides which primitive is built; the key of the primitive cache. All members are of one size, so that it hashes
/// as bytes.
struct ConvProblem {
    ConvPass pass = ConvPass::Forward;
    int64_t threads = 1;
    int64_t inputLayout = 0; ///< Layout
    int64_t outputLayout = 0;
    int64_t bias = 0; ///< 1 if there is one
    int64_t relu = 0;
    std::array<int64_t, 4> input{};  ///< N, C, H, W
    std::array<int64_t, 4> output{}; ///< N, C, H, W
    std::array<int64_t, 2> kernel{}, stride{}, padding{}, dilation{};
    int64_t groups = 1;

    bool operator==(const ConvProblem&) const = default;
    /// Name in plan.json. A training pass has one choice whatever the batch, so that a last, smaller batch repeats as planned.
    std::string planKey() const;
    bool winogradPossible() const; ///< 3x3, stride 1, more than 4 channels
};
struct ConvProblemHash {
    size_t operator()(const ConvProblem& problem) const;
};

/// Host buffers of one call; what the pass writes is written, the rest is read.
struct ConvBuffers {
    const void* input = nullptr;
    const void* weight = nullptr; ///< plain, or prepared if so said
    const void* bias = nullptr;
    const void* output = nullptr;
};

/// One oneDNN convolution with the reorders around it: weights (and, where the library has nothing fast for the layouts
/// given, activations) are rewritten into workspace and back. Nothing is allocated by run().
class ConvPrimitive {
public:
    /// nullptr if the library lacks this algorithm for the problem.
    static std::unique_ptr<ConvPrimitive> create(const dnnl::engine& engine, const ConvProblem& problem, ConvAlgorithm algorithm);

    ConvAlgorithm algorithm() const { return algorithm_; }
    /// Name of the implementation, as oneDNN gives it ("jit:avx512_core").
    const std::string& implementation() const { return implementation_; }
    size_t workspaceBytes() const { return workspaceBytes_; }
    dnnl::memory::desc weightFormat() const { return operands_[kWeight].own.get_desc(); }
    bool preparesWeights() const { return operands_[kWeight].reorder != nullptr; }
    /// Rewrites plain weights into the primitive's format.
    void prepareWeights(const dnnl::stream& stream, const void* plain, void* prepared);
    /// workspace: workspaceBytes(), 64-byte aligned.
    void run(const dnnl::stream& stream, const ConvBuffers& buffers, char* workspace, bool weightPrepared = false);

private:
    enum { kInput, kWeight, kBias, kOutput, kOperands };
    struct Operand {
        dnnl::memory user, own; ///< the same memory object unless reordered
        std::shared_ptr<dnnl::primitive> reorder;
        size_t offset = 0; ///< of own, in workspace
        bool written = false;
    };
    ConvPrimitive() = default;
    void setOperand(const dnnl::engine& engine, int which, bool written, const dnnl::memory::desc& user, const dnnl::memory::desc& own);
    void finish(const dnnl::engine& engine, const dnnl::memory::desc& scratchpad);
    size_t claim(size_t bytes);
    friend struct ConvBuilder;

    ConvAlgorithm algorithm_ = ConvAlgorithm::Direct;
    std::string implementation_;
    dnnl::primitive primitive_;
    std::array<Operand, kOperands> operands_;
    dnnl::memory scratchpad_;
    size_t scratchpadOffset_ = 0;
    size_t workspaceBytes_ = 0;
    std::array<dnnl_exec_arg_t, kOperands + 1> arguments_{};
    int argumentCount_ = 0;
};

/// The layouts in which this problem's forward pass runs fast.
ConvLayouts chooseConvLayouts(const dnnl::engine& engine, const ConvProblem& problem);

/// oneDNN's description of an activation in a layout.
dnnl::memory::desc activationDesc(Layout layout, const std::array<int64_t, 4>& sizes);

} // namespace strata::cpu
