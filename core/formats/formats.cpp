// SPDX-License-Identifier: Apache-2.0
#include "core/formats/formats.h"

#include "core/base/fs.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/formats/keras.h"
#include "core/formats/npz.h"
#include "core/formats/pytorch_source.h"

#include <algorithm>

namespace strata {
namespace {

std::string knownExtensions() {
    std::vector<std::string> all;
    for (const FormatDef& format : formats()) all.insert(all.end(), format.extensions.begin(), format.extensions.end());
    return join(all, ", ");
}

} // namespace

const std::vector<FormatDef>& formats() {
    static const std::vector<FormatDef> list{
        {{.id = "safetensors",
          .title = "safetensors",
          .group = "Weights",
          .help = "Weights, network, classes and preprocessing in one file; what Strata itself opens.",
          .icon = "",
          .params = {}},
         {".safetensors"},
         {DType::F32, DType::F16, DType::BF16},
         writeModelFile,
         readModelFile},
        {{.id = "keras",
          .title = "Keras HDF5 weights",
          .group = "Weights",
          .help = "The layout that load_weights of Keras reads: kernels as HWIO, dense ones transposed, rows after flatten in NHWC order.",
          .icon = "",
          .params = {}},
         {".h5", ".hdf5"},
         {DType::F32},
         writeKeras,
         readKeras},
        {{.id = "npz",
          .title = "NumPy arrays",
          .group = "Weights",
          .help = "One array a weight under PyTorch's names, and the network's description as JSON in the array strata.",
          .icon = "",
          .params = {}},
         {".npz"},
         {DType::F32, DType::F16},
         writeNpzModel,
         readNpzModel},
        {{.id = "pytorch_source",
          .title = "PyTorch source",
          .group = "Source",
          .help = "A Python file with the network as an nn.Module, without weights: its load_weights() takes those of a .npz.",
          .icon = "",
          .params = {}},
         {".py"},
         {DType::F32},
         writePytorchSource,
         nullptr,
         false},
    };
    return list;
}

const FormatDef& formatFor(const std::string& path, const std::string& id) {
    std::vector<std::string> ids;
    const std::string extension = fileExtension(path);
    for (const FormatDef& format : formats()) {
        ids.push_back(format.spec.id);
        if (!id.empty() && format.spec.id == id) return format;
        if (!id.empty()) continue;
        for (const std::string& known : format.extensions)
            if (known == extension) return format;
    }
    if (!id.empty()) fail(ErrorKind::BadInput, "there is no format '{}': known are {}", id, join(ids, ", "));
    if (extension.empty()) fail(ErrorKind::BadInput, "{}: the name has no extension that tells the format ({})", path, knownExtensions());
    fail(ErrorKind::BadInput, "{}: no format has the extension {} (known are {})", path, extension, knownExtensions());
}

ExportReport exportModel(const std::string& path, const ModelFile& model, DType dtype, const std::string& format) {
    const FormatDef& def = formatFor(path, format);
    if (std::find(def.dtypes.begin(), def.dtypes.end(), dtype) == def.dtypes.end()) {
        std::vector<std::string> names;
        for (DType known : def.dtypes) names.emplace_back(dtypeName(known));
        fail(ErrorKind::Unsupported, "{}: {} cannot store {} (it can {})", path, def.spec.title, dtypeName(dtype), join(names, ", "));
    }
    def.write(path, model, dtype);
    return {def.spec.id, path, fs().status(path).size, def.weights ? model.state.size() : 0};
}

std::map<std::string, std::string> modelMetadata(const ModelFile& model) {
    return {{"strata.spec", toText(model.spec.toJson())},
            {"strata.pipeline", toText(model.pipeline.toJson())},
            {"strata.classes", toText(Json(model.classes))},
            {"strata.info", toText(model.info)}};
}

ModelFile modelFromMetadata(const std::map<std::string, std::string>& metadata, const std::string& where) {
    const auto part = [&](const char* name) {
        const auto it = metadata.find(name);
        if (it == metadata.end()) fail(ErrorKind::BadFile, "{}: there is no {} in it, so it is no model of Strata's", where, name);
        return parseJson(it->second, where);
    };
    ModelFile model;
    try {
        model.spec = ModelSpec::fromJson(part("strata.spec"), where);
        model.pipeline = Pipeline::fromJson(part("strata.pipeline"));
        for (const Json& name : part("strata.classes")) model.classes.push_back(name.get<std::string>());
        model.info = part("strata.info");
    } catch (const Json::exception&) { fail(ErrorKind::BadFile, "{}: the class names are no texts", where); }
    return model;
}

} // namespace strata
