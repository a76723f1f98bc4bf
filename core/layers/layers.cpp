// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata {

const std::vector<const LayerDef*>& layers() {
    static const std::vector<const LayerDef*> list{
        &layer::conv2d,  &layer::linear,  &layer::batchNorm, &layer::relu,    &layer::leakyRelu, &layer::gelu,
        &layer::silu,    &layer::sigmoid, &layer::tanh,      &layer::maxPool, &layer::avgPool,   &layer::globalAvgPool,
        &layer::dropout, &layer::flatten, &layer::softmax,   &layer::add,     &layer::concat,    &layer::identity};
    return list;
}

const LayerDef* findLayer(const std::string& id) {
    for (const LayerDef* def : layers())
        if (def->spec.id == id) return def;
    return nullptr;
}

const LayerDef& layerDef(const std::string& id) {
    if (const LayerDef* def = findLayer(id)) return *def;
    std::vector<std::string> known;
    for (const LayerDef* def : layers()) known.push_back(def->spec.id);
    const std::string near = nearestName(id, known);
    fail(ErrorKind::BadInput, "there is no layer '{}'{}", id,
         near.empty() ? "; strata layers lists them" : fmt::format("; did you mean {}?", near));
}

} // namespace strata
