// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/onednn_matmul.h"

#include <xxhash.h>

namespace strata::cpu {

using dnnl::memory;

size_t MatmulProblemHash::operator()(const MatmulProblem& problem) const {
    static_assert(std::has_unique_object_representations_v<MatmulProblem>);
    return size_t(XXH3_64bits(&problem, sizeof problem));
}

MatmulPrimitive::MatmulPrimitive(const dnnl::engine& engine, const MatmulProblem& p) {
    const bool batched = p.batch > 1;
    const auto desc = [&](int64_t rows, int64_t columns, const std::array<int64_t, 3>& strides) {
        if (batched)
            return memory::desc({p.batch, rows, columns}, memory::data_type::f32, memory::dims{strides[0], strides[1], strides[2]});
        return memory::desc({rows, columns}, memory::data_type::f32, memory::dims{strides[1], strides[2]});
    };
    const memory::desc a = desc(p.m, p.k, p.a), b = desc(p.k, p.n, p.b), out = desc(p.m, p.n, p.out);
    memory::desc bias;
    if (p.bias != 0)
        bias = batched ? memory::desc({1, 1, p.n}, memory::data_type::f32, memory::format_tag::abc)
                       : memory::desc({1, p.n}, memory::data_type::f32, memory::format_tag::ab);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto operation = p.bias != 0 ? dnnl::matmul::desc(a, b, bias, out) : dnnl::matmul::desc(a, b, out);
    const dnnl::matmul::primitive_desc pd(operation, attributes, engine);
    primitive_ = dnnl::matmul(pd);
    const auto add = [&](memory& target, const memory::desc& md, int name) {
        target = memory(md, engine, nullptr);
        arguments_[size_t(argumentCount_++)] = {name, target.get()};
    };
    add(a_, a, DNNL_ARG_SRC);
    add(b_, b, DNNL_ARG_WEIGHTS);
    if (p.bias != 0) add(bias_, bias, DNNL_ARG_BIAS);
    add(out_, out, DNNL_ARG_DST);
    add(scratchpad_, pd.scratchpad_desc(), DNNL_ARG_SCRATCHPAD);
}

void MatmulPrimitive::run(const dnnl::stream& stream, const float* a, const float* b, const float* bias, float* out, char* workspace) {
    a_.set_data_handle(const_cast<float*>(a));
    b_.set_data_handle(const_cast<float*>(b));
    if (bias_) bias_.set_data_handle(const_cast<float*>(bias));
    out_.set_data_handle(out);
    scratchpad_.set_data_handle(workspace);
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream.get(), argumentCount_, arguments_.data()),
                            "cannot run a matrix product");
}

} // namespace strata::cpu
