// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz.h"

#include "core/base/json.h"
#include "core/files/npy.h"
#include "core/formats/compare.h"
#include "core/formats/formats.h"

#include <map>

namespace strata {

void writeNpzModel(const std::string& path, const ModelFile& model, DType dtype) {
    const Json description{
        {"spec", model.spec.toJson()}, {"pipeline", model.pipeline.toJson()}, {"classes", model.classes}, {"info", model.info}};
    const std::string text = toText(description);
    NamedTensors arrays;
    for (const NamedTensor& weight : model.state)
        arrays.emplace_back(weight.name, hostContiguous(isFloating(weight.tensor.dtype()) ? weight.tensor.to(dtype) : weight.tensor));
    arrays.emplace_back("strata", Tensor::of(std::vector<uint8_t>(text.begin(), text.end())));
    writeNpz(arrays, path);
    requireSame(arrays, readNpz(path), path);
}

ModelFile readNpzModel(const std::string& path) {
    std::map<std::string, std::string> metadata;
    std::vector<NamedTensor> state;
    for (auto& [name, tensor] : readNpz(path)) {
        if (name != "strata") {
            state.push_back({name, tensor});
            continue;
        }
        if (tensor.dtype() != DType::U8) fail(ErrorKind::BadFile, "{}: the array strata is no text", path);
        const std::vector<uint8_t> bytes = tensor.toVector<uint8_t>();
        const Json description = parseJson(std::string(bytes.begin(), bytes.end()), path);
        for (const char* part : {"spec", "pipeline", "classes", "info"})
            if (description.is_object() && description.contains(part))
                metadata[std::string("strata.") + part] = toText(description.at(part));
    }
    ModelFile model = modelFromMetadata(metadata, path);
    model.state = std::move(state);
    return model;
}

} // namespace strata
