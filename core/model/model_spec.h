// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"
#include "core/layers/layer.h"

#include <string>
#include <vector>

namespace strata {

/// One layer of a spec.
struct LayerSpec {
    std::string id;   ///< unique; [a-z0-9_.]+, prefix of its weights' names
    std::string type; ///< LayerDef id
    ParamValues params = ParamValues::object();
    std::vector<std::string> inputs; ///< ids; empty: the layer before (or "input")
    std::vector<std::string> frozen; ///< names of weights that training leaves alone
    std::string block;               ///< name of the group it belongs to, or ""
    bool bypassed = false;           ///< left out: its first input passes through, it has no weights
    Json extra = Json::object();     ///< unknown fields, kept
};

/// A network as a value: layers in topological order. JSON with a version; unknown fields are kept and written back, an
/// unknown layer type is a broken row (checkSpec), not a failed file.
struct ModelSpec {
    std::string name;
    Shape input;                   ///< [C, H, W]; empty until it is known: a problem, not a failed file
    std::vector<LayerSpec> layers; ///< the last one's output is the network's: [classes]
    Json extra = Json::object();

    Json toJson() const;
    static ModelSpec fromJson(const Json& json, const std::string& where); ///< throws Error(BadFile) on malformed JSON only
    int find(const std::string& id) const;                                 ///< position or -1
    /// Ids a layer reads, defaults resolved ("input" or layer ids).
    std::vector<std::string> inputsOf(size_t layer) const;
};

/// The network that runs: bypassed layers are gone, their readers read what passed through them, and what no longer leads to
/// the output goes too. At least one layer stays (an identity where everything was bypassed). The same value if none is.
ModelSpec withoutBypassed(const ModelSpec& spec);

/// What is known of a layer once shapes have run through.
struct LayerFacts {
    ShapeList inputs;
    Shape output;
    bool known = false; ///< false behind a problem
    std::vector<WeightDef> weights;
    int64_t parameters = 0; ///< trainable or frozen, without buffers
    double flops = 0;       ///< multiply-adds a sample
};
struct SpecProblem {
    size_t layer = 0; ///< position
    Problem problem;
};
struct SpecCheck {
    std::vector<LayerFacts> layers;
    std::vector<SpecProblem> problems; ///< only the first of a chain
    Shape output;
};
/// Live check: shapes, parameters, problems. Never throws on user mistakes.
SpecCheck checkSpec(const ModelSpec& spec);
/// Throws Error(BadInput) with the first problem: "layer conv2 (conv2d): ...".
SpecCheck requireValid(const ModelSpec& spec);

/// Table with shapes, parameters, FLOPs and activation memory for one sample; totals at the end. JSON for --json.
std::string summaryText(const ModelSpec& spec, int64_t batch);
Json summaryJson(const ModelSpec& spec, int64_t batch);

/// Built-in networks that adapt to the data: linear, mlp, lenet5, vgg_small, speed, resnet9, resnet18, resnet20.
struct TemplateDef {
    std::string id, title, help;
    ModelSpec (*make)(const Shape& input, int64_t classes); ///< throws Error(BadInput) where the picture is too small
};
const std::vector<TemplateDef>& modelTemplates();
/// Throws Error(BadInput) with the nearest name.
ModelSpec makeTemplate(const std::string& id, const Shape& input, int64_t classes);

} // namespace strata
