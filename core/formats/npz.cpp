// SPDX-License-Identifier: Apache-2.0
#include "core/formats/npz.h"

#include "core/files/npy.h"
#include "core/formats/compare.h"

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

} // namespace strata
