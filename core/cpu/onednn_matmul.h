// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <oneapi/dnnl/dnnl.hpp>

#include <array>
#include <memory>

namespace strata::cpu {

/// Key of a matrix product out[b] = a[b] x weights[b] (+ bias); strides in elements; a batch of 1 is a plain product.
struct MatmulProblem {
    int64_t threads = 1;
    int64_t batch = 1, m = 0, n = 0, k = 0;
    std::array<int64_t, 3> a{}, b{}, out{}; ///< strides
    int64_t bias = 0;

    bool operator==(const MatmulProblem&) const = default;
};
struct MatmulProblemHash {
    size_t operator()(const MatmulProblem& problem) const;
};

/// One oneDNN matrix product over strided buffers. run() allocates nothing.
class MatmulPrimitive {
public:
    MatmulPrimitive(const dnnl::engine& engine, const MatmulProblem& problem);
    size_t workspaceBytes() const { return scratchpad_.get_desc().get_size(); }
    void run(const dnnl::stream& stream, const float* a, const float* b, const float* bias, float* out, char* workspace);

private:
    dnnl::primitive primitive_;
    dnnl::memory a_, b_, bias_, out_, scratchpad_;
    std::array<dnnl_exec_arg_t, 5> arguments_{};
    int argumentCount_ = 0;
};

} // namespace strata::cpu
