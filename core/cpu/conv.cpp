// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.h"
#include "core/cpu/conv_run.h"
#include "core/cpu/reference.h"

#include <optional>

namespace strata::cpu {
namespace {

std::array<int64_t, 4> four(const Shape& shape) { return {shape[0], shape[1], shape[2], shape[3]}; }

ConvProblem describe(ConvPass pass, const ConvParams& params, const TensorView& input, const Shape& weight, bool bias,
                     const TensorView& output) {
    ConvProblem problem;
    problem.pass = pass;
    problem.threads = computeThreads();
    problem.inputLayout = int64_t(input.layout);
    problem.outputLayout = int64_t(output.layout);
    problem.bias = bias ? 1 : 0;
    problem.relu = params.relu && (pass == ConvPass::Forward || pass == ConvPass::Inference) ? 1 : 0;
    problem.input = four(input.shape);
    problem.output = four(output.shape);
    problem.kernel = {weight[2], weight[3]};
    problem.stride = params.stride;
    problem.padding = params.padding;
    problem.dilation = params.dilation;
    problem.groups = params.groups;
    return problem;
}

/// A view as oneDNN takes it: plain ones with gaps are copied; `finish` copies a result back.
class Dense {
public:
    Dense(CpuContext& context, const TensorView& view, bool read) : view_(view) {
        if (!view || view.layout != Layout::Plain || view.contiguous()) return;
        original_ = OutView(view);
        scratch_.emplace(context.allocator, size_t(view.elements()) * dtypeSize(view.dtype));
        view_.data = scratch_->as<void>();
        view_.strides = view.shape.contiguousStrides();
        if (read) copy(original_, OutView(view_));
    }
    const TensorView& view() const { return view_; }
    void finish() const {
        if (scratch_) copy(view_, original_);
    }

private:
    TensorView view_;
    OutView original_;
    std::optional<Scratch> scratch_;
};

bool nothingToDo(const TensorView& input, const TensorView& weight, const TensorView& output) {
    return input.elements() == 0 || weight.elements() == 0 || output.elements() == 0;
}

} // namespace

ConvLayouts convLayouts(CpuContext& context, const ConvParams& params, const Shape& input, const Shape& weight) {
    NnState& nn = *context.nn;
    ConvProblem problem;
    problem.input = {1, input[1], input[2], input[3]};
    problem.output = {1, weight[0], 0, 0};
    problem.kernel = {weight[2], weight[3]};
    problem.stride = params.stride;
    problem.padding = params.padding;
    problem.dilation = params.dilation;
    problem.groups = params.groups;
    if (const auto found = nn.layouts.find(problem); found != nn.layouts.end()) return found->second;
    ConvProblem complete = problem;
    for (size_t i = 0; i < 2; ++i) {
        const int64_t reach = params.dilation[i] * (problem.kernel[i] - 1) + 1;
        complete.output[i + 2] = (problem.input[i + 2] + 2 * params.padding[i] - reach) / params.stride[i] + 1;
    }
    const ConvLayouts chosen = guarded("convolution", [&] { return chooseConvLayouts(nn.engine, complete); });
    nn.layouts.emplace(problem, chosen);
    return chosen;
}

bool convForward(CpuContext& context, const ConvParams& params, const TensorView& input, const TensorView& weight, const TensorView& bias,
                 const OutView& output) {
    if (input.dtype == DType::F64) return reference::convForward<double>(params, input, weight, bias, output), true;
    if (input.dtype != DType::F32) return false;
    if (nothingToDo(input, weight, output)) return reference::convForward<float>(params, input, weight, bias, output), true;
    const Dense in(context, input, true), w(context, weight, true), b(context, bias, true), out(context, output, false);
    const ConvProblem problem =
        describe(params.training ? ConvPass::Forward : ConvPass::Inference, params, input, weight.shape, bool(bias), output);
    guarded("convolution", [&] { runConvolution(context, problem, {in.view().data, w.view().data, b.view().data, out.view().data}); });
    out.finish();
    return true;
}

bool convBackwardData(CpuContext& context, const ConvParams& params, const TensorView& gradOutput, const TensorView& weight,
                      const OutView& gradInput) {
    if (gradOutput.dtype == DType::F64) return reference::convBackwardData<double>(params, gradOutput, weight, gradInput), true;
    if (gradOutput.dtype != DType::F32) return false;
    if (nothingToDo(gradInput, weight, gradOutput)) return reference::convBackwardData<float>(params, gradOutput, weight, gradInput), true;
    const Dense gradOut(context, gradOutput, true), w(context, weight, true), gradIn(context, gradInput, false);
    const ConvProblem problem = describe(ConvPass::BackwardData, params, gradInput, weight.shape, false, gradOutput);
    guarded("gradient of a convolution", [&] {
        runConvolution(context, problem, {gradIn.view().data, w.view().data, nullptr, gradOut.view().data});
    });
    gradIn.finish();
    return true;
}

bool convBackwardWeights(CpuContext& context, const ConvParams& params, const TensorView& input, const TensorView& gradOutput,
                         const OutView& gradWeight, const OutView& gradBias) {
    if (input.dtype == DType::F64) return reference::convBackwardWeights<double>(params, input, gradOutput, gradWeight, gradBias), true;
    if (input.dtype != DType::F32) return false;
    if (nothingToDo(input, gradWeight, gradOutput))
        return reference::convBackwardWeights<float>(params, input, gradOutput, gradWeight, gradBias), true;
    const Dense in(context, input, true), gradOut(context, gradOutput, true), gradW(context, gradWeight, false),
        gradB(context, gradBias, false);
    const ConvProblem problem = describe(ConvPass::BackwardWeights, params, input, gradWeight.shape, bool(gradBias), gradOutput);
    guarded("gradient of a convolution", [&] {
        runConvolution(context, problem, {in.view().data, gradW.view().data, gradB.view().data, gradOut.view().data});
    });
    gradW.finish();
    gradB.finish();
    return true;
}

namespace {
PlanFacts planFacts() { return {computeThreads(), instructionSetName(), oneDnnVersion()}; }
} // namespace

Json exportPlan(CpuContext& context) { return context.nn->plan.toJson(planFacts()); }

void importPlan(CpuContext& context, const Json& json) {
    context.nn->plan.adopt(json, planFacts());
    context.nn->convolutions.clear();
}

void resetPlan(CpuContext& context, bool exact) {
    context.nn->plan.reset(exact);
    context.nn->convolutions.clear();
}

} // namespace strata::cpu
