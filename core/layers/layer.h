// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"
#include "core/tensor/tensor.h"

#include <string>
#include <variant>
#include <vector>

namespace strata {

/// What a layer is for the compile step in model/, which fuses by role and knows no layer by name.
enum class Role { Convolution, Linear, Normalisation, Activation, Pooling, Add, Concat, Dropout, Shape, Identity };

/// How a weight starts. UniformFanIn is PyTorch's default for linear and convolution layers:
/// U(-1/sqrt(fanIn), 1/sqrt(fanIn)) (kaiming_uniform with a = sqrt(5)).
enum class Initializer { Zeros, Ones, UniformFanIn };

struct WeightDef {
    std::string name; ///< "weight", PyTorch's name
    Shape shape;
    Initializer initializer = Initializer::Zeros;
    int64_t fanIn = 1;
    bool trainable = true; ///< false: a buffer (running statistics), saved but not optimised
};

/// What forward() gets besides its inputs.
struct LayerContext {
    const ParamValues& params;          ///< complete
    const std::vector<Tensor>& weights; ///< in the order of LayerDef::weights
    bool training = false;
    bool fuseRelu = false; ///< set by the compile step where the next layer is a ReLU and canFuseRelu holds
    Tensor residual;       ///< set by the compile step for a normalisation followed by add
    uint64_t seed = 0;     ///< of the run
    uint32_t step = 0;     ///< global step, for dropout
    uint64_t key = 0;      ///< of this layer within the network
};

/// Shapes without the batch dimension: [C, H, W] or [F].
using ShapeList = std::vector<Shape>;
using ShapeOrProblem = std::variant<Shape, Problem>;

/// How a layer is called elsewhere; an empty name means "not expressible", and `why` says so.
struct ForeignName {
    std::string name;
    std::string why;
};

/// A case for the table-driven tests and the help page.
struct LayerExample {
    std::string title;
    ParamValues params;
    ShapeList inputs;
};

/// All that is known about a kind of layer. core/layers/<id>.cpp defines one; layers() lists them.
struct LayerDef {
    ComponentSpec spec;
    Role role = Role::Identity;
    int minInputs = 1;
    int maxInputs = 1;
    /// Output shape, or what is wrong with these inputs and, where there is one, the fix. Parameters are complete.
    ShapeOrProblem (*infer)(const ShapeList& inputs, const ParamValues& params) = nullptr;
    /// Named weights and buffers; null: none.
    std::vector<WeightDef> (*weights)(const ShapeList& inputs, const ParamValues& params) = nullptr;
    /// Multiply-adds for one sample (elementwise layers: one an element), as fvcore counts.
    double (*flops)(const ShapeList& inputs, const Shape& output, const ParamValues& params) = nullptr;
    /// Inputs have the batch dimension.
    Tensor (*forward)(const LayerContext& context, const std::vector<Tensor>& inputs) = nullptr;
    bool canFuseRelu = false; ///< honours LayerContext::fuseRelu
    bool isRelu = false;      ///< may be fused into the layer before
    ForeignName pytorch;      ///< "torch.nn.Conv2d"
    ForeignName onnx;         ///< "Conv"
    std::vector<LayerExample> examples;
};

/// The explicit list, in the order of the palette.
const std::vector<const LayerDef*>& layers();
/// By id; throws Error(BadInput): "there is no layer 'conv3d'; did you mean conv2d?".
const LayerDef& layerDef(const std::string& id);
const LayerDef* findLayer(const std::string& id);

} // namespace strata
