// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"
#include "core/model/model_file.h"

#include <map>
#include <string>
#include <vector>

namespace strata {

/// A kind of file that a model can be written to. The explicit list is formats().
struct FormatDef {
    ComponentSpec spec;
    std::vector<std::string> extensions; ///< lower case, with the dot
    std::vector<DType> dtypes;           ///< what weights can be stored as
    /// Writes through AtomicFile, reads the file back and compares every value. Throws Error.
    void (*write)(const std::string& path, const ModelFile& model, DType dtype);
    /// The model in such a file, as `write` made it; nullptr where `weights` is false. Throws Error(BadFile).
    ModelFile (*read)(const std::string& path) = nullptr;
    bool weights = true; ///< false: source code only
};

/// safetensors, keras (.h5), npz, pytorch_source (.py).
const std::vector<FormatDef>& formats();
/// By id, or by the file's extension when `id` is empty. Throws Error(BadInput) naming what is known.
const FormatDef& formatFor(const std::string& path, const std::string& id = {});

struct ExportReport {
    std::string format; ///< id
    std::string path;
    uint64_t bytes = 0;
    size_t tensors = 0; ///< 0: source code only
};
/// Writes `model` in a format that can hold `dtype`, verified, classes and preprocessing inside. Throws Error(Unsupported) when
/// the format has no such dtype, Error(BadFile) when the file cannot be written; then no half-written file is left.
ExportReport exportModel(const std::string& path, const ModelFile& model, DType dtype = DType::F32, const std::string& format = {});

/// What every format carries besides weights: "strata.spec", "strata.pipeline", "strata.classes", "strata.info" as JSON text.
std::map<std::string, std::string> modelMetadata(const ModelFile& model);
/// A model without weights from modelMetadata()'s texts. Throws Error(BadFile) naming `where` and what is missing.
ModelFile modelFromMetadata(const std::map<std::string, std::string>& metadata, const std::string& where);

} // namespace strata
