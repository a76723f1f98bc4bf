// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/batch_norm_ranges.h"
#include "core/cpu/onednn_state.h"
#include "core/cpu/reference.h"

#include <algorithm>
#include <cmath>

namespace strata::cpu {
namespace {

using Lane = std::array<float, kMaxLanes>;

bool dense(const TensorView& view) { return !view || view.layout != Layout::Plain || view.contiguous(); }

/// f32 and without gaps: what our kernels take.
template <class... Views> bool forKernels(const Views&... views) { return (dense(views) && ...); }

float valueOr(const TensorView& view, int64_t channel, float otherwise) { return view ? view.as<const float>()[channel] : otherwise; }

/// Per-lane constants of a channel group; lanes that are padding get 0.
template <class Value> Lane spreadGroup(const ChannelRanges& ranges, int64_t group, Value&& value) {
    Lane lane{};
    for (int64_t i = 0; i < kMaxLanes; ++i) {
        const int64_t channel = ranges.channelOf(group, i);
        if (channel >= 0) lane[size_t(i)] = value(channel);
    }
    return lane;
}

struct ForwardArguments {
    const BatchNormParams& params;
    const float* input;
    const float* residual;
    const TensorView &gamma, &beta;
    const OutView &runningMean, &runningVar, &savedMean, &savedInvStd;
    float* output;
};

/// Mean and deviation of the channels of a group from the moments of its pieces (Chan et al., pairwise combination, in f64).
void combineMoments(const ChannelRanges& ranges, int64_t group, const float* pieces, const ForwardArguments& a) {
    for (int64_t i = 0; i < ranges.channelsIn(group); ++i) {
        const int64_t channel = ranges.channelOf(group, i);
        double sum = 0, count = 0;
        ranges.forEachMoment(i, pieces, [&](double n, float mean, float) { sum += n * double(mean), count += n; });
        const double mean = sum / count;
        double squares = 0;
        ranges.forEachMoment(i, pieces,
                             [&](double n, float m, float s) { squares += double(s) + n * (double(m) - mean) * (double(m) - mean); });
        a.savedMean.as<float>()[channel] = float(mean);
        a.savedInvStd.as<float>()[channel] = float(1.0 / std::sqrt(squares / count + a.params.eps));
        const double momentum = a.params.momentum;
        const auto move = [&](const OutView& running, double value) {
            if (!running) return;
            float& target = running.as<float>()[channel];
            target = float((1.0 - momentum) * double(target) + momentum * value);
        };
        move(a.runningMean, mean);
        move(a.runningVar, squares / std::max(1.0, count - 1.0));
    }
}

void normalizeGroup(const ChannelRanges& ranges, int64_t group, const RangePiece& piece, const ForwardArguments& a, bool stream) {
    const bool training = a.params.training;
    const Lane mean = spreadGroup(ranges, group, [&](int64_t c) { return (training ? a.savedMean : a.runningMean).as<const float>()[c]; });
    const Lane scale = spreadGroup(ranges, group, [&](int64_t c) {
        const float deviation = training ? a.savedInvStd.as<const float>()[c]
                                         : float(1.0 / std::sqrt(double(a.runningVar.as<const float>()[c]) + a.params.eps));
        return deviation * valueOr(a.gamma, c, 1.0f);
    });
    const Lane shift = spreadGroup(ranges, group, [&](int64_t c) { return valueOr(a.beta, c, 0.0f); });
    const float* residual = a.residual == nullptr ? nullptr : a.residual + piece.offset;
    batchNormKernels().normalize(piece.range, a.input + piece.offset, residual, mean.data(), scale.data(), shift.data(), a.params.relu,
                                 stream, a.output + piece.offset);
}

void forward(CpuContext& context, const ChannelRanges& ranges, const ForwardArguments& a) {
    const bool stream = ranges.bytes() > kStreamedBytes;
    if (!a.params.training) {
        ranges.forEachPiece(0, ranges.groups(),
                            [&](int64_t group, int64_t, const RangePiece& piece) { normalizeGroup(ranges, group, piece, a, stream); });
        return;
    }
    float* const moments = reinterpret_cast<float*>(context.nn->workspace.reserve(context.allocator, ranges.momentBytes()));
    const int64_t step = ranges.groupsInCache(2);
    for (int64_t first = 0; first < ranges.groups(); first += step) {
        const int64_t last = std::min(ranges.groups(), first + step);
        ranges.forEachPiece(first, last, [&](int64_t group, int64_t index, const RangePiece& piece) {
            float* const target = ranges.momentsOf(moments, group, index);
            batchNormKernels().moments(piece.range, a.input + piece.offset, target, target + kMaxLanes);
        });
        for (int64_t group = first; group < last; ++group) combineMoments(ranges, group, ranges.momentsOf(moments, group, 0), a);
        ranges.forEachPiece(first, last,
                            [&](int64_t group, int64_t, const RangePiece& piece) { normalizeGroup(ranges, group, piece, a, stream); });
    }
}

struct BackwardArguments {
    const BatchNormParams& params;
    const float* input;
    const float* output; ///< null without ReLU
    const float* gradOut;
    const TensorView &gamma, &savedMean, &savedInvStd;
    float* gradIn;
    float* gradResidual;
    const OutView &gradGamma, &gradBeta;
};

/// Factors of g, x - mean and 1 in the gradient of the input (Ioffe & Szegedy, arXiv 1502.03167, section 3).
struct GradientFactors {
    Lane mean{}, a{}, b{}, c{};
};

GradientFactors combineGradients(const ChannelRanges& ranges, int64_t group, const float* pieces, const BackwardArguments& args) {
    GradientFactors factors;
    for (int64_t i = 0; i < ranges.channelsIn(group); ++i) {
        const int64_t channel = ranges.channelOf(group, i);
        double count = 0, sum = 0, sumX = 0;
        ranges.forEachMoment(
            i, pieces, [&](double n, float gradient, float gradientX) { count += n, sum += double(gradient), sumX += double(gradientX); });
        const double inverse = double(args.savedInvStd.as<const float>()[channel]);
        if (args.gradGamma) args.gradGamma.as<float>()[channel] = float(sumX * inverse);
        if (args.gradBeta) args.gradBeta.as<float>()[channel] = float(sum);
        const double scale = inverse * double(valueOr(args.gamma, channel, 1.0f));
        const auto set = [&](int64_t lane) {
            const auto at = size_t(lane);
            factors.mean[at] = args.savedMean.as<const float>()[channel];
            factors.a[at] = float(scale);
            if (!args.params.training) return;
            factors.b[at] = float(-scale * inverse * inverse * sumX / count);
            factors.c[at] = float(-scale * sum / count);
        };
        for (int64_t lane = i; lane < kMaxLanes; ++lane)
            if (ranges.channelOf(group, lane) == channel) set(lane);
    }
    return factors;
}

void backward(CpuContext& context, const ChannelRanges& ranges, const BackwardArguments& a) {
    const size_t momentBytes = ranges.momentBytes();
    char* const workspace =
        context.nn->workspace.reserve(context.allocator, momentBytes + size_t(ranges.groups()) * sizeof(GradientFactors));
    float* const sums = reinterpret_cast<float*>(workspace);
    auto* const factors = reinterpret_cast<GradientFactors*>(workspace + momentBytes);
    const bool stream = ranges.bytes() > kStreamedBytes;
    const int64_t step = ranges.groupsInCache(a.output != nullptr && a.gradResidual == nullptr ? 4 : 3);
    // A residual's gradient is the masked gradient: stored by the first pass and read by the second.
    const float* const secondOutput = a.gradResidual != nullptr ? nullptr : a.output;
    const float* const secondGradient = a.gradResidual != nullptr ? a.gradResidual : a.gradOut;
    const auto at = [](auto* data, int64_t offset) { return data == nullptr ? nullptr : data + offset; };
    for (int64_t first = 0; first < ranges.groups(); first += step) {
        const int64_t last = std::min(ranges.groups(), first + step);
        ranges.forEachPiece(first, last, [&](int64_t group, int64_t index, const RangePiece& piece) {
            const Lane mean = spreadGroup(ranges, group, [&](int64_t c) { return a.savedMean.as<const float>()[c]; });
            float* const target = ranges.momentsOf(sums, group, index);
            batchNormKernels().gradientSums(piece.range, a.input + piece.offset, at(a.output, piece.offset), a.gradOut + piece.offset,
                                            mean.data(), at(a.gradResidual, piece.offset), target, target + kMaxLanes);
        });
        for (int64_t group = first; group < last; ++group)
            factors[group] = combineGradients(ranges, group, ranges.momentsOf(sums, group, 0), a);
        if (a.gradIn == nullptr) continue;
        ranges.forEachPiece(first, last, [&](int64_t group, int64_t, const RangePiece& piece) {
            const GradientFactors& f = factors[group];
            batchNormKernels().gradientInput(piece.range, a.input + piece.offset, at(secondOutput, piece.offset),
                                             secondGradient + piece.offset, f.mean.data(), f.a.data(), f.b.data(), f.c.data(), stream,
                                             a.gradIn + piece.offset);
        });
    }
}

} // namespace

bool batchNorm(CpuContext& context, const BatchNormParams& params, const TensorView& input, const TensorView& residual,
               const TensorView& gamma, const TensorView& beta, const OutView& runningMean, const OutView& runningVar,
               const OutView& savedMean, const OutView& savedInvStd, const OutView& output) {
    if (input.dtype != DType::F32 && input.dtype != DType::F64) return false;
    if (input.dtype == DType::F64)
        return reference::batchNorm<double>(params, input, residual, gamma, beta, runningMean, runningVar, savedMean, savedInvStd, output),
               true;
    if (input.elements() == 0 || !forKernels(input, residual, gamma, beta, runningMean, runningVar, savedMean, savedInvStd, output))
        return reference::batchNorm<float>(params, input, residual, gamma, beta, runningMean, runningVar, savedMean, savedInvStd, output),
               true;
    forward(context, ChannelRanges(input.layout, input.shape),
            {params, input.as<const float>(), residual.as<const float>(), gamma, beta, runningMean, runningVar, savedMean, savedInvStd,
             output.as<float>()});
    return true;
}

bool batchNormBackward(CpuContext& context, const BatchNormParams& params, const TensorView& input, const TensorView& output,
                       const TensorView& gamma, const TensorView& savedMean, const TensorView& savedInvStd, const TensorView& gradOutput,
                       const OutView& gradInput, const OutView& gradResidual, const OutView& gradGamma, const OutView& gradBeta) {
    if (input.dtype != DType::F32 && input.dtype != DType::F64) return false;
    if (input.dtype == DType::F64)
        return reference::batchNormBackward<double>(params, input, output, gamma, savedMean, savedInvStd, gradOutput, gradInput,
                                                    gradResidual, gradGamma, gradBeta),
               true;
    const bool ours = forKernels(input, output, gamma, savedMean, savedInvStd, gradOutput, gradInput, gradResidual, gradGamma, gradBeta);
    if (input.elements() == 0 || !ours)
        return reference::batchNormBackward<float>(params, input, output, gamma, savedMean, savedInvStd, gradOutput, gradInput,
                                                   gradResidual, gradGamma, gradBeta),
               true;
    const float* const mask = params.relu ? output.as<const float>() : nullptr;
    backward(context, ChannelRanges(input.layout, input.shape),
             {params, input.as<const float>(), mask, gradOutput.as<const float>(), gamma, savedMean, savedInvStd, gradInput.as<float>(),
              gradResidual.as<float>(), gradGamma, gradBeta});
    return true;
}

} // namespace strata::cpu
