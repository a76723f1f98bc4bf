// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_file.h"

#include "core/base/fs.h"
#include "core/files/safetensors.h"

namespace strata {

namespace {

const std::string& metadataOf(const StringMap& metadata, const char* key, const std::string& path) {
    const auto found = metadata.find(key);
    if (found == metadata.end())
        fail(ErrorKind::BadFile, "{}: has weights but no {} inside; it was not written by Strata as a model", path,
             std::string_view(key).substr(7));
    return found->second;
}

void requireClasses(const std::vector<std::string>& classes, const SpecCheck& facts, ErrorKind kind, const std::string& path) {
    if (int64_t(classes.size()) != facts.output[0])
        fail(kind, "{}: names {} classes, but the network has {} outputs", path, classes.size(), facts.output[0]);
}

} // namespace

ModelFile readModelFile(const std::string& path) {
    const Safetensors file = readSafetensors(path);
    ModelFile model;
    const StringMap& metadata = file.metadata;
    model.spec = ModelSpec::fromJson(parseJson(metadataOf(metadata, "strata.spec", path), path + ": strata.spec"), path);
    model.pipeline = Pipeline::fromJson(parseJson(metadataOf(metadata, "strata.pipeline", path), path + ": strata.pipeline"));
    const Json classes = parseJson(metadataOf(metadata, "strata.classes", path), path + ": strata.classes");
    if (!classes.is_array()) fail(ErrorKind::BadFile, "{}: the class names are not a list", path);
    for (const Json& name : classes) {
        if (!name.is_string()) fail(ErrorKind::BadFile, "{}: a class name is not text", path);
        model.classes.push_back(name.get<std::string>());
    }
    if (const auto info = metadata.find("strata.info"); info != metadata.end())
        model.info = parseJson(info->second, path + ": strata.info");
    requireClasses(model.classes, requireValid(model.spec), ErrorKind::BadFile, path);
    for (const auto& [name, tensor] : file.loadAll()) model.state.push_back({name, tensor});
    return model;
}

void writeModelFile(const std::string& path, const ModelFile& model, DType weights) {
    requireClasses(model.classes, requireValid(model.spec), ErrorKind::BadInput, path);
    const StringMap metadata{{"strata.spec", toText(model.spec.toJson())},
                             {"strata.pipeline", toText(model.pipeline.toJson())},
                             {"strata.classes", toText(Json(model.classes))},
                             {"strata.info", toText(model.info)},
                             {"format", "pt"}};
    NamedTensors state;
    for (const NamedTensor& entry : model.state) state.emplace_back(entry.name, entry.tensor.detach().to(cpuDevice()).to(weights));
    writeSafetensors(state, metadata, path);
    const Safetensors written = readSafetensors(path);
    for (const auto& [name, tensor] : state)
        if (written.load(name).to(DType::F32).toVector<float>() != tensor.to(DType::F32).toVector<float>())
            fail(ErrorKind::BadFile, "{}: {} reads back differently than it was written", path, name);
}

std::unique_ptr<Network> makeNetwork(const ModelFile& model, Device device) {
    auto network = std::make_unique<Network>(model.spec, 0, device);
    network->loadStateDict(model.state);
    return network;
}

ModelSpec resolveModel(const std::string& nameOrFile, const Shape& input, int64_t classes) {
    if (nameOrFile.ends_with(".json")) {
        ModelSpec spec = ModelSpec::fromJson(parseJson(readTextFile(nameOrFile), nameOrFile), nameOrFile);
        requireValid(spec);
        return spec;
    }
    if (nameOrFile.ends_with(".safetensors")) return readModelFile(nameOrFile).spec;
    return makeTemplate(nameOrFile, input, classes);
}

} // namespace strata
