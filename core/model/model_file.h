// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/transform.h"
#include "core/model/network.h"

#include <optional>
#include <string>
#include <vector>

namespace strata {

/// A model as it is handed around: one .safetensors file whose metadata hold "strata.spec" (ModelSpec JSON),
/// "strata.pipeline" (Pipeline JSON), "strata.classes" (JSON array), and "strata.info" (accuracy, run, ...).
struct ModelFile {
    ModelSpec spec;
    Pipeline pipeline;
    std::vector<std::string> classes;
    Json info = Json::object();
    std::vector<NamedTensor> state;
};

/// Throws Error(BadFile / BadInput): not a safetensors file, no spec inside, weights that do not fit the spec.
ModelFile readModelFile(const std::string& path);
/// Written through AtomicFile, then read back and compared. `weights` F32, F16 or BF16. Throws Error(BadInput) unless the classes
/// are as many as the network's outputs, Error(BadFile).
void writeModelFile(const std::string& path, const ModelFile& model, DType weights = DType::F32);
std::unique_ptr<Network> makeNetwork(const ModelFile& model, Device device = cpuDevice());

/// A spec from a template name, a spec .json file or a model .safetensors file. `input` and `classes` adapt templates.
ModelSpec resolveModel(const std::string& nameOrFile, const Shape& input, int64_t classes);

} // namespace strata
