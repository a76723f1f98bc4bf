// SPDX-License-Identifier: Apache-2.0
// Shared by the files of core/layers only.
#pragma once
#include "core/layers/layer.h"
#include "core/ops/ops.h"

namespace strata::detail {

inline std::array<int64_t, 2> pairOf(const ParamValues& params, const char* id) {
    const Json& value = params.at(id);
    if (value.is_array()) return {value[0].get<int64_t>(), value[1].get<int64_t>()};
    return {value.get<int64_t>(), value.get<int64_t>()};
}
inline int64_t integerOf(const ParamValues& params, const char* id) { return params.at(id).get<int64_t>(); }
inline double realOf(const ParamValues& params, const char* id) { return params.at(id).get<double>(); }
inline bool booleanOf(const ParamValues& params, const char* id) { return params.at(id).get<bool>(); }

inline Problem problem(std::string sentence) { return {std::move(sentence), {}, {}, {}}; }
/// infer() of layers that keep their one input's shape.
inline ShapeOrProblem sameShape(const ShapeList& inputs, const ParamValues&) { return inputs[0]; }
/// flops() of elementwise layers: one an element.
inline double onePerElement(const ShapeList&, const Shape& output, const ParamValues&) { return double(output.elements()); }
inline double noFlops(const ShapeList&, const Shape&, const ParamValues&) { return 0; }
/// A picture [C, H, W] or a Problem that says what came instead.
inline std::optional<Problem> needPicture(const char* title, const Shape& input) {
    if (input.rank() == 3) return std::nullopt;
    return problem(fmt::format("{} needs a picture (channels x height x width), but its input is {}", title, input.text('x')));
}

// Layers with a pooling window (pooling.cpp): parameters kernel_size, stride (0: the kernel size), padding.
PoolParams poolParams(const ParamValues& params);
ShapeOrProblem inferPool(const char* title, const ShapeList& inputs, const ParamValues& params);
double poolFlops(const ShapeList& inputs, const Shape& output, const ParamValues& params); ///< one a cell of each window

} // namespace strata::detail

namespace strata::layer {

// One definition a file; the explicit list is in layers.cpp.
extern const LayerDef linear, conv2d, batchNorm, relu, leakyRelu, gelu, silu, sigmoid, tanh, maxPool, avgPool, globalAvgPool, dropout,
    flatten, softmax, add, concat, identity;

} // namespace strata::layer
