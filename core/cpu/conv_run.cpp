// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/conv_run.h"

#include "core/base/parallel.h"

#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace strata::cpu {
namespace {

double secondsOf(NnState& nn, ConvPrimitive& primitive, const ConvBuffers& buffers, char* workspace, bool prepared) {
    const auto start = std::chrono::steady_clock::now();
    primitive.run(nn.stream, buffers, workspace, prepared);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs both in turn after a first run that warms up, and compares their best times. Short kernels get more rounds: other
/// programs can take the processor for longer than they run.
bool secondIsFaster(CpuContext& context, const ConvProblem& problem, ConvPrimitive& first, ConvPrimitive& second,
                    const ConvBuffers& buffers) {
    constexpr int kShortRounds = 12, kLongRounds = 3;
    constexpr double kShortSeconds = 0.015, kPlain = 1.5;
    NnState& nn = *context.nn;
    char* workspace = nn.workspace.reserve(context.allocator, std::max(first.workspaceBytes(), second.workspaceBytes()));
    const bool inference = problem.pass == ConvPass::Inference;
    std::array<ConvPrimitive*, 2> candidates{&first, &second};
    std::array<Workspace, 2> prepared;
    std::array<ConvBuffers, 2> arguments{buffers, buffers};
    std::array<double, 2> best{1e9, 1e9};
    for (size_t i = 0; inference && i < 2; ++i) {
        if (!candidates[i]->preparesWeights()) continue;
        char* data = prepared[i].reserve(context.allocator, candidates[i]->weightFormat().get_size());
        candidates[i]->prepareWeights(nn.stream, buffers.weight, data);
        arguments[i].weight = data;
    }
    const auto isShort = [&] { return best[0] < kShortSeconds || best[1] < kShortSeconds; };
    const auto isPlain = [&] { return best[0] > kPlain * best[1] || best[1] > kPlain * best[0]; };
    for (int round = 0; round <= (isShort() ? kShortRounds : kLongRounds); ++round) {
        for (size_t i = 0; i < 2; ++i) {
            const double seconds = secondsOf(nn, *candidates[i], arguments[i], workspace, inference && candidates[i]->preparesWeights());
            if (round > 0) best[i] = std::min(best[i], seconds);
        }
        if (round > 0 && isPlain() && (!isShort() || round >= kShortRounds / 2)) break;
    }
    return best[1] < best[0];
}

std::unique_ptr<ConvPrimitive> choose(CpuContext& context, const ConvProblem& problem, const ConvBuffers& buffers) {
    NnState& nn = *context.nn;
    const std::string key = problem.planKey();
    const auto planned = nn.plan.find(key);
    std::unique_ptr<ConvPrimitive> winograd;
    if (problem.winogradPossible() && planned != ConvAlgorithm::Direct)
        winograd = ConvPrimitive::create(nn.engine, problem, ConvAlgorithm::Winograd);
    if (winograd && planned == ConvAlgorithm::Winograd) return winograd;
    auto direct = ConvPrimitive::create(nn.engine, problem, ConvAlgorithm::Direct);
    check(direct != nullptr, "oneDNN has no direct convolution for a problem");
    if (planned) return direct;
    const bool faster = winograd && secondIsFaster(context, problem, *direct, *winograd, buffers);
    nn.plan.record(key, faster ? ConvAlgorithm::Winograd : ConvAlgorithm::Direct);
    return faster ? std::move(winograd) : std::move(direct);
}

} // namespace

uint64_t hashBuffer(const void* data, size_t bytes) {
    constexpr size_t kPart = size_t(1) << 18;
    if (bytes <= kPart) return XXH3_64bits(data, bytes);
    const size_t parts = (bytes + kPart - 1) / kPart;
    std::vector<uint64_t> hashes(parts);
    parallelFor(int64_t(parts), 1, [&](int64_t begin, int64_t end) {
        for (size_t i = size_t(begin); i < size_t(end); ++i)
            hashes[i] = XXH3_64bits(static_cast<const char*>(data) + i * kPart, std::min(kPart, bytes - i * kPart));
    });
    return XXH3_64bits(hashes.data(), parts * sizeof(uint64_t));
}

void runConvolution(CpuContext& context, const ConvProblem& problem, const ConvBuffers& buffers) {
    constexpr size_t kProblems = 4096;
    NnState& nn = *context.nn;
    auto found = nn.convolutions.find(problem);
    if (found == nn.convolutions.end()) {
        if (nn.convolutions.size() >= kProblems) nn.convolutions.clear();
        found = nn.convolutions.emplace(problem, choose(context, problem, buffers)).first;
    }
    ConvPrimitive& primitive = *found->second;
    ConvBuffers arguments = buffers;
    const bool prepared = problem.pass == ConvPass::Inference && primitive.preparesWeights();
    if (prepared) {
        const int64_t count = problem.output[1] * (problem.input[1] / problem.groups) * problem.kernel[0] * problem.kernel[1];
        arguments.weight =
            nn.prepared.find(context.allocator, buffers.weight, hashBuffer(buffers.weight, size_t(count) * sizeof(float)),
                             primitive.weightFormat(), [&](char* to) { primitive.prepareWeights(nn.stream, buffers.weight, to); });
    }
    primitive.run(nn.stream, arguments, nn.workspace.reserve(context.allocator, primitive.workspaceBytes()), prepared);
}

} // namespace strata::cpu
