// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/cpu_backend.h"

#include "core/base/parallel.h"
#include "core/cpu/simd.h"

#include <cpuid.h>
#include <cstring>
#include <unistd.h>

namespace strata {
namespace {

constexpr int64_t kBytesPerThread = 1 << 20;

std::string processorName() {
    unsigned words[12] = {};
    for (unsigned leaf = 0; leaf < 3; ++leaf)
        if (!__get_cpuid(0x80000002u + leaf, &words[4 * leaf], &words[4 * leaf + 1], &words[4 * leaf + 2], &words[4 * leaf + 3]))
            return "x86-64 processor";
    char text[sizeof words + 1] = {};
    std::memcpy(text, words, sizeof words);
    std::string name = text;
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    return name;
}

void copyBytes(void* to, const void* from, size_t bytes) {
    parallelFor(int64_t(bytes), kBytesPerThread, [&](int64_t begin, int64_t end) {
        std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin, size_t(end - begin));
    });
}

} // namespace

std::unique_ptr<Backend> makeCpuBackend();
std::unique_ptr<Backend> makeCpuBackend() { return std::make_unique<CpuBackend>(); }

CpuBackend::CpuBackend() : context_(std::make_unique<cpu::CpuContext>()) {}
CpuBackend::~CpuBackend() = default;

void* CpuBackend::allocate(size_t bytes) { return context_->allocator.allocate(bytes); }
void CpuBackend::release(void* data, size_t bytes) noexcept { context_->allocator.release(data, bytes); }
MemoryStats CpuBackend::memoryStats() const { return context_->allocator.stats(); }
void CpuBackend::emptyCache() { context_->allocator.emptyCache(); }

// Loader threads move bytes too, and must not enter the compute threads: only copies within the device are shared out.
void CpuBackend::upload(void* to, const void* fromHost, size_t bytes) { std::memcpy(to, fromHost, bytes); }
void CpuBackend::download(void* toHost, const void* from, size_t bytes) { std::memcpy(toHost, from, bytes); }
void CpuBackend::copyWithin(void* to, const void* from, size_t bytes) { copyBytes(to, from, bytes); }
void CpuBackend::zero(void* data, size_t bytes) { std::memset(data, 0, bytes); }

DeviceInfo CpuBackend::info() const {
    DeviceInfo info;
    info.name = name();
    info.instructionSet = cpu::isaName(cpu::currentIsa());
    info.description = fmt::format("{}, {} threads, {}", processorName(), computeThreads(), info.instructionSet);
    const long pageSize = sysconf(_SC_PAGESIZE), pages = sysconf(_SC_PHYS_PAGES), available = sysconf(_SC_AVPHYS_PAGES);
    if (pageSize > 0 && pages > 0) info.totalBytes = uint64_t(pages) * uint64_t(pageSize);
    if (pageSize > 0 && available > 0) info.freeBytes = uint64_t(available) * uint64_t(pageSize);
    info.libraries = cpu::nnLibraries();
    return info;
}

void CpuBackend::relayout(const void* from, Layout fromLayout, void* to, Layout toLayout, const Shape& shape, DType dtype) {
    cpu::relayout(from, fromLayout, to, toLayout, shape, dtype);
}
ConvLayouts CpuBackend::convLayouts(const ConvParams& params, const Shape& input, const Shape& weight) const {
    return cpu::convLayouts(*context_, params, input, weight);
}
Json CpuBackend::exportPlan() const { return cpu::exportPlan(*context_); }
void CpuBackend::importPlan(const Json& plan) { cpu::importPlan(*context_, plan); }
void CpuBackend::resetPlan(bool exact) { cpu::resetPlan(*context_, exact); }
bool CpuBackend::copy(const TensorView& in, const OutView& out) { return cpu::copy(in, out); }
bool CpuBackend::fill(double value, const OutView& out) { return cpu::fill(value, out); }
bool CpuBackend::unary(UnaryOp op, UnaryParams params, const TensorView& in, const OutView& out) { return cpu::unary(op, params, in, out); }
bool CpuBackend::unaryBackward(UnaryOp op, UnaryParams params, const TensorView& saved, const TensorView& gradOut, const OutView& gradIn) {
    return cpu::unaryBackward(op, params, saved, gradOut, gradIn);
}
bool CpuBackend::binary(BinaryOp op, const TensorView& a, const TensorView& b, const OutView& out) { return cpu::binary(op, a, b, out); }
bool CpuBackend::where(const TensorView& condition, const TensorView& a, const TensorView& b, const OutView& out) {
    return cpu::where(condition, a, b, out);
}
bool CpuBackend::reduce(ReduceOp op, uint32_t dims, const TensorView& in, const OutView& out) { return cpu::reduce(op, dims, in, out); }
bool CpuBackend::countNonFinite(const TensorView& in, const OutView& out) { return cpu::countNonFinite(in, out); }
bool CpuBackend::matmul(const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out) {
    return cpu::matmul(*context_, a, b, bias, out);
}
bool CpuBackend::indexSelect(int dim, const TensorView& in, const TensorView& index, const OutView& out) {
    return cpu::indexSelect(dim, in, index, out);
}
bool CpuBackend::indexAdd(int dim, const TensorView& in, const TensorView& index, const OutView& out) {
    return cpu::indexAdd(dim, in, index, out);
}
bool CpuBackend::softmax(bool logarithm, const TensorView& in, const OutView& out) { return cpu::softmax(logarithm, in, out); }
bool CpuBackend::softmaxBackward(bool logarithm, const TensorView& output, const TensorView& gradOut, const OutView& gradIn) {
    return cpu::softmaxBackward(logarithm, output, gradOut, gradIn);
}
bool CpuBackend::crossEntropy(double smoothing, const TensorView& logits, const TensorView& target, const OutView& losses,
                              const OutView& probabilities) {
    return cpu::crossEntropy(smoothing, logits, target, losses, probabilities);
}
bool CpuBackend::crossEntropyBackward(double smoothing, const TensorView& probabilities, const TensorView& target,
                                      const TensorView& gradLosses, const OutView& gradLogits) {
    return cpu::crossEntropyBackward(smoothing, probabilities, target, gradLosses, gradLogits);
}
bool CpuBackend::convForward(const ConvParams& params, const TensorView& input, const TensorView& weight, const TensorView& bias,
                             const OutView& output) {
    return cpu::convForward(*context_, params, input, weight, bias, output);
}
bool CpuBackend::convBackwardData(const ConvParams& params, const TensorView& gradOutput, const TensorView& weight,
                                  const OutView& gradInput) {
    return cpu::convBackwardData(*context_, params, gradOutput, weight, gradInput);
}
bool CpuBackend::convBackwardWeights(const ConvParams& params, const TensorView& input, const TensorView& gradOutput,
                                     const OutView& gradWeight, const OutView& gradBias) {
    return cpu::convBackwardWeights(*context_, params, input, gradOutput, gradWeight, gradBias);
}
bool CpuBackend::maxPool(const PoolParams& params, const TensorView& input, const OutView& output, const OutView& indices) {
    return cpu::maxPool(*context_, params, input, output, indices);
}
bool CpuBackend::maxPoolBackward(const PoolParams& params, const TensorView& gradOutput, const TensorView& indices,
                                 const OutView& gradInput) {
    return cpu::maxPoolBackward(*context_, params, gradOutput, indices, gradInput);
}
bool CpuBackend::avgPool(const PoolParams& params, const TensorView& input, const OutView& output) {
    return cpu::avgPool(*context_, params, input, output);
}
bool CpuBackend::avgPoolBackward(const PoolParams& params, const TensorView& gradOutput, const OutView& gradInput) {
    return cpu::avgPoolBackward(*context_, params, gradOutput, gradInput);
}
bool CpuBackend::batchNorm(const BatchNormParams& params, const TensorView& input, const TensorView& residual, const TensorView& gamma,
                           const TensorView& beta, const OutView& runningMean, const OutView& runningVar, const OutView& savedMean,
                           const OutView& savedInvStd, const OutView& output) {
    return cpu::batchNorm(*context_, params, input, residual, gamma, beta, runningMean, runningVar, savedMean, savedInvStd, output);
}
bool CpuBackend::batchNormBackward(const BatchNormParams& params, const TensorView& input, const TensorView& output,
                                   const TensorView& gamma, const TensorView& savedMean, const TensorView& savedInvStd,
                                   const TensorView& gradOutput, const OutView& gradInput, const OutView& gradResidual,
                                   const OutView& gradGamma, const OutView& gradBeta) {
    return cpu::batchNormBackward(*context_, params, input, output, gamma, savedMean, savedInvStd, gradOutput, gradInput, gradResidual,
                                  gradGamma, gradBeta);
}
bool CpuBackend::dropout(double p, DropoutKey key, const TensorView& in, const OutView& mask, const OutView& out) {
    return cpu::dropout(p, key, in, mask, out);
}
bool CpuBackend::sgdStep(const SgdParams& params, const OutView& param, const TensorView& grad, const OutView& velocity) {
    return cpu::sgdStep(params, param, grad, velocity);
}
bool CpuBackend::adamStep(const AdamParams& params, const OutView& param, const TensorView& grad, const OutView& firstMoment,
                          const OutView& secondMoment) {
    return cpu::adamStep(params, param, grad, firstMoment, secondMoment);
}

} // namespace strata
