// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/onednn_conv.h"

#include "core/base/error.h"

#include <xxhash.h>

#include <unordered_map>

namespace strata::cpu {

using dnnl::memory;
using Tag = memory::format_tag;

std::string_view passName(ConvPass pass) {
    switch (pass) {
    case ConvPass::Forward: return "forward";
    case ConvPass::Inference: return "inference";
    case ConvPass::BackwardData: return "backward data";
    case ConvPass::BackwardWeights: break;
    }
    return "backward weights";
}

std::string_view algorithmName(ConvAlgorithm algorithm) { return algorithm == ConvAlgorithm::Winograd ? "winograd" : "direct"; }

size_t ConvProblemHash::operator()(const ConvProblem& problem) const {
    static_assert(std::has_unique_object_representations_v<ConvProblem>);
    return size_t(XXH3_64bits(&problem, sizeof problem));
}

std::string ConvProblem::planKey() const {
    std::string key =
        fmt::format("{} {}x{}x{} to {}, kernel {}x{}", passName(pass), input[1], input[2], input[3], output[1], kernel[0], kernel[1]);
    const auto pair = [&](const char* name, const std::array<int64_t, 2>& values, int64_t usual) {
        if (values[0] != usual || values[1] != usual) key += fmt::format(", {} {}x{}", name, values[0], values[1]);
    };
    pair("stride", stride, 1);
    pair("padding", padding, 0);
    pair("dilation", dilation, 1);
    if (groups != 1) key += fmt::format(", {} groups", groups);
    if (bias != 0) key += ", bias";
    if (relu != 0) key += ", relu";
    if (pass == ConvPass::Inference) key += fmt::format(", batch {}", input[0]);
    return key;
}

bool ConvProblem::winogradPossible() const {
    constexpr std::array<int64_t, 2> one{1, 1}, three{3, 3};
    return kernel == three && stride == one && dilation == one && groups == 1 && input[1] > 4 && inputLayout != int64_t(Layout::Plain) &&
           outputLayout != int64_t(Layout::Plain);
}

memory::desc activationDesc(Layout layout, const std::array<int64_t, 4>& sizes) {
    constexpr Tag tags[] = {Tag::nchw, Tag::nChw16c, Tag::nChw8c, Tag::nhwc};
    return {{sizes.begin(), sizes.end()}, memory::data_type::f32, tags[size_t(layout)]};
}

/// Descriptors of one problem, and the primitives made of them.
struct ConvBuilder {
    const dnnl::engine& engine;
    const ConvProblem& problem;
    dnnl::algorithm algorithm;
    memory::desc input, output, weight, bias;    ///< as the caller has them
    memory::desc ownInput, ownOutput, ownWeight; ///< as the primitive may have them
    memory::dims strides, dilations, padding;
    dnnl::primitive_attr attributes;

    ConvBuilder(const dnnl::engine& e, const ConvProblem& p, ConvAlgorithm a)
        : engine(e), problem(p),
          algorithm(a == ConvAlgorithm::Winograd ? dnnl::algorithm::convolution_winograd : dnnl::algorithm::convolution_direct),
          input(activationDesc(Layout(p.inputLayout), p.input)), output(activationDesc(Layout(p.outputLayout), p.output)),
          strides{p.stride[0], p.stride[1]}, dilations{p.dilation[0] - 1, p.dilation[1] - 1}, padding{p.padding[0], p.padding[1]} {
        const int64_t perGroupIn = p.input[1] / p.groups, perGroupOut = p.output[1] / p.groups;
        const memory::dims sizes = p.groups == 1 ? memory::dims{perGroupOut, perGroupIn, p.kernel[0], p.kernel[1]}
                                                 : memory::dims{p.groups, perGroupOut, perGroupIn, p.kernel[0], p.kernel[1]};
        weight = {sizes, memory::data_type::f32, p.groups == 1 ? Tag::oihw : Tag::goihw};
        ownWeight = {sizes, memory::data_type::f32, Tag::any};
        if (p.bias != 0) bias = {{p.output[1]}, memory::data_type::f32, Tag::x};
        ownInput = input;
        ownOutput = output;
        attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        if (p.relu != 0) {
            dnnl::post_ops operations;
            operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
            attributes.set_post_ops(operations);
        }
    }

    void freeActivations() {
        const auto any = [](const memory::desc& desc) { return memory::desc(desc.dims(), memory::data_type::f32, Tag::any); };
        ownInput = any(input);
        ownOutput = any(output);
    }

    dnnl::convolution_forward::primitive_desc forward(bool inference) const {
        const auto kind = inference ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward_training;
        const dnnl::convolution_forward::desc desc(kind, algorithm, ownInput, ownWeight, bias, ownOutput, strides, dilations, padding,
                                                   padding);
        return {desc, attributes, engine, true};
    }

    template <class Result>
    void fill(ConvPrimitive& result, const Result& pd, const memory::desc& in, const memory::desc& weights, const memory::desc& out) {
        const ConvPass pass = problem.pass;
        result.implementation_ = pd.impl_info_str();
        result.setOperand(engine, ConvPrimitive::kInput, pass == ConvPass::BackwardData, input, in);
        result.setOperand(engine, ConvPrimitive::kWeight, pass == ConvPass::BackwardWeights, weight, weights);
        if (problem.bias != 0) result.setOperand(engine, ConvPrimitive::kBias, pass == ConvPass::BackwardWeights, bias, bias);
        result.setOperand(engine, ConvPrimitive::kOutput, pass == ConvPass::Forward || pass == ConvPass::Inference, output, out);
        result.finish(engine, pd.scratchpad_desc());
    }

    /// False if the library has nothing for these descriptors.
    bool build(ConvPrimitive& result) {
        const auto hint = forward(problem.pass == ConvPass::Inference);
        if (!hint) return false;
        if (problem.pass == ConvPass::BackwardData) {
            const dnnl::convolution_backward_data::desc desc(algorithm, ownInput, ownWeight, ownOutput, strides, dilations, padding,
                                                             padding);
            const dnnl::convolution_backward_data::primitive_desc pd(desc, attributes, engine, hint, true);
            if (!pd) return false;
            result.primitive_ = dnnl::convolution_backward_data(pd);
            fill(result, pd, pd.diff_src_desc(), pd.weights_desc(), pd.diff_dst_desc());
        } else if (problem.pass == ConvPass::BackwardWeights) {
            const dnnl::convolution_backward_weights::desc desc(algorithm, ownInput, ownWeight, bias, ownOutput, strides, dilations,
                                                                padding, padding);
            const dnnl::convolution_backward_weights::primitive_desc pd(desc, attributes, engine, hint, true);
            if (!pd) return false;
            result.primitive_ = dnnl::convolution_backward_weights(pd);
            fill(result, pd, pd.src_desc(), pd.diff_weights_desc(), pd.diff_dst_desc());
        } else {
            result.primitive_ = dnnl::convolution_forward(hint);
            fill(result, hint, hint.src_desc(), hint.weights_desc(), hint.dst_desc());
        }
        return true;
    }
};

std::unique_ptr<ConvPrimitive> ConvPrimitive::create(const dnnl::engine& engine, const ConvProblem& problem, ConvAlgorithm algorithm) {
    const auto attempt = [&](bool free) -> std::unique_ptr<ConvPrimitive> {
        ConvBuilder builder(engine, problem, algorithm);
        if (free) builder.freeActivations();
        std::unique_ptr<ConvPrimitive> result(new ConvPrimitive);
        result->algorithm_ = algorithm;
        try {
            if (!builder.build(*result)) return nullptr;
        } catch (const dnnl::error& error) {
            if (error.status == dnnl_unimplemented) return nullptr;
            throw;
        }
        return result;
    };
    auto result = attempt(false);
    if (algorithm == ConvAlgorithm::Winograd) return result;
    if (!result || result->implementation_.starts_with("ref")) {
        if (auto other = attempt(true); other && (!result || !other->implementation_.starts_with("ref"))) return other;
    }
    return result;
}

size_t ConvPrimitive::claim(size_t bytes) {
    const size_t offset = workspaceBytes_;
    workspaceBytes_ += (bytes + 63) & ~size_t(63);
    return offset;
}

void ConvPrimitive::setOperand(const dnnl::engine& engine, int which, bool written, const memory::desc& user, const memory::desc& own) {
    Operand& operand = operands_[size_t(which)];
    operand.written = written;
    operand.own = memory(own, engine, nullptr);
    operand.user = operand.own;
    if (own != user) {
        operand.user = memory(user, engine, nullptr);
        operand.reorder = std::make_shared<dnnl::primitive>(written ? dnnl::reorder(operand.own, operand.user)
                                                                    : dnnl::reorder(operand.user, operand.own));
        operand.offset = claim(own.get_size());
    }
}

void ConvPrimitive::finish(const dnnl::engine& engine, const memory::desc& scratchpad) {
    scratchpad_ = memory(scratchpad, engine, nullptr);
    scratchpadOffset_ = claim(scratchpad.get_size());
    const bool data = operands_[kInput].written, weights = operands_[kWeight].written;
    const std::array<int, kOperands> names{data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, weights ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS,
                                           weights ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS,
                                           data || weights ? DNNL_ARG_DIFF_DST : DNNL_ARG_DST};
    argumentCount_ = 0;
    for (size_t i = 0; i < kOperands; ++i)
        if (operands_[i].own) arguments_[size_t(argumentCount_++)] = {names[i], operands_[i].own.get()};
    arguments_[size_t(argumentCount_++)] = {DNNL_ARG_SCRATCHPAD, scratchpad_.get()};
}

namespace {

void setHandle(const memory& target, const void* data) {
    dnnl::error::wrap_c_api(dnnl_memory_set_data_handle(target.get(), const_cast<void*>(data)), "cannot set a buffer");
}

void execute(const dnnl::primitive& primitive, const dnnl::stream& stream, const dnnl_exec_arg_t* arguments, int count) {
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive.get(), stream.get(), count, arguments), "cannot run a primitive");
}

void reorder(const dnnl::primitive& primitive, const dnnl::stream& stream, const memory& from, const memory& to) {
    const std::array<dnnl_exec_arg_t, 2> arguments{dnnl_exec_arg_t{DNNL_ARG_FROM, from.get()}, dnnl_exec_arg_t{DNNL_ARG_TO, to.get()}};
    execute(primitive, stream, arguments.data(), 2);
}

} // namespace

void ConvPrimitive::prepareWeights(const dnnl::stream& stream, const void* plain, void* prepared) {
    Operand& weight = operands_[kWeight];
    setHandle(weight.user, plain);
    setHandle(weight.own, prepared);
    reorder(*weight.reorder, stream, weight.user, weight.own);
}

void ConvPrimitive::run(const dnnl::stream& stream, const ConvBuffers& buffers, char* workspace, bool weightPrepared) {
    const std::array<const void*, kOperands> data{buffers.input, buffers.weight, buffers.bias, buffers.output};
    for (size_t i = 0; i < kOperands; ++i) {
        Operand& operand = operands_[i];
        if (!operand.own) continue;
        if (!operand.reorder || (i == kWeight && weightPrepared)) {
            setHandle(operand.own, data[i]);
            continue;
        }
        setHandle(operand.user, data[i]);
        setHandle(operand.own, workspace + operand.offset);
        if (!operand.written) reorder(*operand.reorder, stream, operand.user, operand.own);
    }
    setHandle(scratchpad_, workspace + scratchpadOffset_);
    execute(primitive_, stream, arguments_.data(), argumentCount_);
    for (Operand& operand : operands_)
        if (operand.written && operand.reorder) reorder(*operand.reorder, stream, operand.own, operand.user);
}

ConvLayouts chooseConvLayouts(const dnnl::engine& engine, const ConvProblem& problem) {
    const auto isa = dnnl::get_effective_cpu_isa();
    const Layout blocked =
        (int(isa) & int(dnnl::cpu_isa::avx512_core)) == int(dnnl::cpu_isa::avx512_core) ? Layout::Blocked16 : Layout::Blocked8;
    const int64_t block = blocked == Layout::Blocked16 ? 16 : 8;
    const int64_t in = problem.input[1] / problem.groups, out = problem.output[1] / problem.groups;
    const bool depthwise = problem.groups > 1 && in == 1 && out == 1;
    ConvLayouts wanted;
    if (problem.groups == 1)
        wanted = {in <= 4 ? Layout::Plain : blocked, blocked};
    else if (depthwise || (in % block == 0 && out % block == 0))
        wanted = {blocked, blocked};
    if (wanted.output == Layout::Plain) return wanted;
    ConvProblem tried = problem;
    tried.pass = ConvPass::Forward;
    tried.inputLayout = int64_t(wanted.input);
    tried.outputLayout = int64_t(wanted.output);
    ConvBuilder builder(engine, tried, ConvAlgorithm::Direct);
    const auto found = builder.forward(false);
    if (!found || std::string_view(found.impl_info_str()).starts_with("ref")) return {};
    return wanted;
}

} // namespace strata::cpu
