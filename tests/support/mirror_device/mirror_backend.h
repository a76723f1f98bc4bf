// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tests/support/mirror_device/mirror_memory.h"

#include <string>

namespace strata::mirror {

/// A device with memory of its own over the CPU's kernels: proves the Backend contract on a machine without a card. It lacks
/// some kernels on purpose (index_add, dropout, where, silu, prod, backward of avg_pool), so that falling back is proved too.
class MirrorBackend final : public Backend {
public:
    MirrorBackend(std::string name, uint64_t capacity) : name_(std::move(name)), capacity_(capacity) {}

    std::string name() const override { return name_; }
    bool isHost() const override { return false; }
    void* allocate(size_t bytes) override;
    void release(void* data, size_t bytes) noexcept override;
    void upload(void* to, const void* fromHost, size_t bytes) override;
    void download(void* toHost, const void* from, size_t bytes) override;
    void copyWithin(void* to, const void* from, size_t bytes) override;
    void zero(void* data, size_t bytes) override;
    void synchronize() override {}
    void relayout(const void* from, Layout fromLayout, void* to, Layout toLayout, const Shape& shape, DType dtype) override;
    MemoryStats memoryStats() const override { return stats_; }
    void emptyCache() override {}

    DeviceInfo info() const override;
    ConvLayouts convLayouts(const ConvParams&, const Shape& input, const Shape& weight) const override;
    Json exportPlan() const override;
    void importPlan(const Json&) override;
    void resetPlan(bool exact) override;

    bool copy(const TensorView& in, const OutView& out) override;
    bool fill(double value, const OutView& out) override;
    bool unary(UnaryOp, UnaryParams, const TensorView& in, const OutView& out) override;
    bool unaryBackward(UnaryOp, UnaryParams, const TensorView& saved, const TensorView& gradOut, const OutView& gradIn) override;
    bool binary(BinaryOp, const TensorView& a, const TensorView& b, const OutView& out) override;
    bool reduce(ReduceOp, uint32_t dims, const TensorView& in, const OutView& out) override;
    bool countNonFinite(const TensorView& in, const OutView& out) override;
    bool matmul(const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out) override;
    bool indexSelect(int dim, const TensorView& in, const TensorView& index, const OutView& out) override;
    bool softmax(bool logarithm, const TensorView& in, const OutView& out) override;
    bool softmaxBackward(bool logarithm, const TensorView& output, const TensorView& gradOut, const OutView& gradIn) override;
    bool crossEntropy(double smoothing, const TensorView& logits, const TensorView& target, const OutView& losses,
                      const OutView& probabilities) override;
    bool crossEntropyBackward(double smoothing, const TensorView& probabilities, const TensorView& target, const TensorView& gradLosses,
                              const OutView& gradLogits) override;
    bool convForward(const ConvParams&, const TensorView& input, const TensorView& weight, const TensorView& bias,
                     const OutView& output) override;
    bool convBackwardData(const ConvParams&, const TensorView& gradOutput, const TensorView& weight, const OutView& gradInput) override;
    bool convBackwardWeights(const ConvParams&, const TensorView& input, const TensorView& gradOutput, const OutView& gradWeight,
                             const OutView& gradBias) override;
    bool maxPool(const PoolParams&, const TensorView& input, const OutView& output, const OutView& indices) override;
    bool maxPoolBackward(const PoolParams&, const TensorView& gradOutput, const TensorView& indices, const OutView& gradInput) override;
    bool avgPool(const PoolParams&, const TensorView& input, const OutView& output) override;
    bool batchNorm(const BatchNormParams&, const TensorView& input, const TensorView& residual, const TensorView& gamma,
                   const TensorView& beta, const OutView& runningMean, const OutView& runningVar, const OutView& savedMean,
                   const OutView& savedInvStd, const OutView& output) override;
    bool batchNormBackward(const BatchNormParams&, const TensorView& input, const TensorView& output, const TensorView& gamma,
                           const TensorView& savedMean, const TensorView& savedInvStd, const TensorView& gradOutput,
                           const OutView& gradInput, const OutView& gradResidual, const OutView& gradGamma,
                           const OutView& gradBeta) override;
    bool sgdStep(const SgdParams&, const OutView& param, const TensorView& grad, const OutView& velocity) override;
    bool adamStep(const AdamParams&, const OutView& param, const TensorView& grad, const OutView& firstMoment,
                  const OutView& secondMoment) override;

private:
    std::string name_;
    uint64_t capacity_;
    MemoryStats stats_;
};

} // namespace strata::mirror
