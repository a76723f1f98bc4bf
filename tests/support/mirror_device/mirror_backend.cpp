// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mirror_device/mirror_backend.h"

#include "core/base/error.h"
#include "core/tensor/storage.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace strata::mirror {

namespace {

constexpr std::align_val_t kAlignment{64};

Backend& cpu() { return static_cast<Backend&>(cpuDevice().memory()); }

/// Calls the CPU's kernel with every view translated.
template <class... Params, class... Args> bool onCpu(bool (Backend::*kernel)(Params...), const Args&... args) {
    return (cpu().*kernel)(onHost(args)...);
}

} // namespace

void* MirrorBackend::allocate(size_t bytes) {
    ++stats_.requests;
    if (stats_.bytesInUse + bytes > capacity_)
        fail(ErrorKind::OutOfMemory, "{} cannot give {} bytes: {} of its {} are in use", name_, bytes, stats_.bytesInUse, capacity_);
    void* memory = ::operator new(std::max<size_t>(bytes, 1), kAlignment);
    std::memset(memory, 0xA5, bytes); // reading what was never written shows
    ++stats_.systemAllocations;
    stats_.bytesInUse += bytes;
    stats_.bytesReserved = stats_.bytesInUse;
    stats_.peakBytesInUse = std::max(stats_.peakBytesInUse, stats_.bytesInUse);
    return flip(memory);
}

void MirrorBackend::release(void* data, size_t bytes) noexcept {
    ::operator delete(flip(data), kAlignment);
    stats_.bytesInUse -= bytes;
    stats_.bytesReserved = stats_.bytesInUse;
}

void MirrorBackend::upload(void* to, const void* fromHost, size_t bytes) { std::memcpy(flip(to), fromHost, bytes); }
void MirrorBackend::download(void* toHost, const void* from, size_t bytes) { std::memcpy(toHost, flip(from), bytes); }
void MirrorBackend::copyWithin(void* to, const void* from, size_t bytes) { std::memmove(flip(to), flip(from), bytes); }
void MirrorBackend::zero(void* data, size_t bytes) { std::memset(flip(data), 0, bytes); }

void MirrorBackend::relayout(const void* from, Layout fromLayout, void* to, Layout toLayout, const Shape& shape, DType dtype) {
    cpu().relayout(flip(from), fromLayout, flip(to), toLayout, shape, dtype);
}

DeviceInfo MirrorBackend::info() const {
    DeviceInfo info;
    info.name = name_;
    info.description = "mirror of the CPU, for tests";
    info.instructionSet = cpu().info().instructionSet;
    info.totalBytes = capacity_;
    info.freeBytes = capacity_ - stats_.bytesInUse;
    info.libraries = Json::object();
    return info;
}

ConvLayouts MirrorBackend::convLayouts(const ConvParams& params, const Shape& input, const Shape& weight) const {
    return cpu().convLayouts(params, input, weight);
}
Json MirrorBackend::exportPlan() const { return cpu().exportPlan(); }
void MirrorBackend::importPlan(const Json& plan) { cpu().importPlan(plan); }
void MirrorBackend::resetPlan(bool exact) { cpu().resetPlan(exact); }

bool MirrorBackend::copy(const TensorView& in, const OutView& out) { return onCpu(&Backend::copy, in, out); }
bool MirrorBackend::fill(double value, const OutView& out) { return onCpu(&Backend::fill, value, out); }
bool MirrorBackend::unary(UnaryOp op, UnaryParams params, const TensorView& in, const OutView& out) {
    return op != UnaryOp::Silu && onCpu(&Backend::unary, op, params, in, out);
}
bool MirrorBackend::unaryBackward(UnaryOp op, UnaryParams params, const TensorView& saved, const TensorView& gradOut,
                                  const OutView& gradIn) {
    return op != UnaryOp::Silu && onCpu(&Backend::unaryBackward, op, params, saved, gradOut, gradIn);
}
bool MirrorBackend::binary(BinaryOp op, const TensorView& a, const TensorView& b, const OutView& out) {
    return onCpu(&Backend::binary, op, a, b, out);
}
bool MirrorBackend::reduce(ReduceOp op, uint32_t dims, const TensorView& in, const OutView& out) {
    return op != ReduceOp::Prod && onCpu(&Backend::reduce, op, dims, in, out);
}
bool MirrorBackend::countNonFinite(const TensorView& in, const OutView& out) { return onCpu(&Backend::countNonFinite, in, out); }
bool MirrorBackend::matmul(const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out) {
    return onCpu(&Backend::matmul, a, b, bias, out);
}
bool MirrorBackend::indexSelect(int dim, const TensorView& in, const TensorView& index, const OutView& out) {
    return onCpu(&Backend::indexSelect, dim, in, index, out);
}
bool MirrorBackend::softmax(bool logarithm, const TensorView& in, const OutView& out) {
    return onCpu(&Backend::softmax, logarithm, in, out);
}
bool MirrorBackend::softmaxBackward(bool logarithm, const TensorView& output, const TensorView& gradOut, const OutView& gradIn) {
    return onCpu(&Backend::softmaxBackward, logarithm, output, gradOut, gradIn);
}
bool MirrorBackend::crossEntropy(double smoothing, const TensorView& logits, const TensorView& target, const OutView& losses,
                                 const OutView& probabilities) {
    return onCpu(&Backend::crossEntropy, smoothing, logits, target, losses, probabilities);
}
bool MirrorBackend::crossEntropyBackward(double smoothing, const TensorView& probabilities, const TensorView& target,
                                         const TensorView& gradLosses, const OutView& gradLogits) {
    return onCpu(&Backend::crossEntropyBackward, smoothing, probabilities, target, gradLosses, gradLogits);
}
bool MirrorBackend::convForward(const ConvParams& params, const TensorView& input, const TensorView& weight, const TensorView& bias,
                                const OutView& output) {
    return onCpu(&Backend::convForward, params, input, weight, bias, output);
}
bool MirrorBackend::convBackwardData(const ConvParams& params, const TensorView& gradOutput, const TensorView& weight,
                                     const OutView& gradInput) {
    return onCpu(&Backend::convBackwardData, params, gradOutput, weight, gradInput);
}
bool MirrorBackend::convBackwardWeights(const ConvParams& params, const TensorView& input, const TensorView& gradOutput,
                                        const OutView& gradWeight, const OutView& gradBias) {
    return onCpu(&Backend::convBackwardWeights, params, input, gradOutput, gradWeight, gradBias);
}
bool MirrorBackend::maxPool(const PoolParams& params, const TensorView& input, const OutView& output, const OutView& indices) {
    return onCpu(&Backend::maxPool, params, input, output, indices);
}
bool MirrorBackend::maxPoolBackward(const PoolParams& params, const TensorView& gradOutput, const TensorView& indices,
                                    const OutView& gradInput) {
    return onCpu(&Backend::maxPoolBackward, params, gradOutput, indices, gradInput);
}
bool MirrorBackend::avgPool(const PoolParams& params, const TensorView& input, const OutView& output) {
    return onCpu(&Backend::avgPool, params, input, output);
}
bool MirrorBackend::batchNorm(const BatchNormParams& params, const TensorView& input, const TensorView& residual, const TensorView& gamma,
                              const TensorView& beta, const OutView& runningMean, const OutView& runningVar, const OutView& savedMean,
                              const OutView& savedInvStd, const OutView& output) {
    return onCpu(&Backend::batchNorm, params, input, residual, gamma, beta, runningMean, runningVar, savedMean, savedInvStd, output);
}
bool MirrorBackend::batchNormBackward(const BatchNormParams& params, const TensorView& input, const TensorView& output,
                                      const TensorView& gamma, const TensorView& savedMean, const TensorView& savedInvStd,
                                      const TensorView& gradOutput, const OutView& gradInput, const OutView& gradResidual,
                                      const OutView& gradGamma, const OutView& gradBeta) {
    return onCpu(&Backend::batchNormBackward, params, input, output, gamma, savedMean, savedInvStd, gradOutput, gradInput, gradResidual,
                 gradGamma, gradBeta);
}
bool MirrorBackend::sgdStep(const SgdParams& params, const OutView& param, const TensorView& grad, const OutView& velocity) {
    return onCpu(&Backend::sgdStep, params, param, grad, velocity);
}
bool MirrorBackend::adamStep(const AdamParams& params, const OutView& param, const TensorView& grad, const OutView& firstMoment,
                             const OutView& secondMoment) {
    return onCpu(&Backend::adamStep, params, param, grad, firstMoment, secondMoment);
}

} // namespace strata::mirror
