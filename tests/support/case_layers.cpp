// SPDX-License-Identifier: Apache-2.0
#include "tests/support/case.h"

#include <cmath>

namespace strata::test {

namespace {
constexpr int64_t kBatch = 3;

CaseInput weightInput(const WeightDef& weight) {
    if (weight.initializer == Initializer::Ones) return weight.trainable ? real(weight.shape, 0.5, 1.5) : fixed(weight.shape, 0.5, 1.5);
    const double bound = weight.initializer == Initializer::Zeros ? 0.5 : 1 / std::sqrt(double(weight.fanIn));
    return weight.trainable ? real(weight.shape, -bound, bound) : fixed(weight.shape, -bound, bound);
}
} // namespace

OpCase layerCase(const LayerDef& layer, const LayerExample& example, bool training) {
    const ParamValues params = completeParams(layer.spec.params, example.params, layer.spec.id);
    OpCase row;
    row.name = layer.spec.id + ": " + example.title + (training ? " (training)" : " (evaluation)");
    for (Shape shape : example.inputs) {
        shape.insert(0, kBatch);
        row.inputs.push_back(real(shape));
    }
    const size_t inputs = example.inputs.size();
    if (layer.weights)
        for (const WeightDef& weight : layer.weights(example.inputs, params)) row.inputs.push_back(weightInput(weight));
    row.make = [&layer, params, inputs, training](const std::vector<Tensor>& all) {
        const std::vector<Tensor> given(all.begin(), all.begin() + int64_t(inputs)), weights(all.begin() + int64_t(inputs), all.end());
        return layer.forward(LayerContext{params, weights, training, false, Tensor(), 11, 7, 5}, given);
    };
    row.tolerance = 1e-5;
    return row;
}

const std::vector<OpCase>& layerCases() {
    static const std::vector<OpCase> table = [] {
        std::vector<OpCase> rows;
        for (const LayerDef* layer : layers())
            for (const LayerExample& example : layer->examples)
                for (const bool training : {true, false}) rows.push_back(layerCase(*layer, example, training));
        return rows;
    }();
    return table;
}

Json describeCase(const OpCase& row) {
    Json inputs = Json::array();
    for (const CaseInput& input : row.inputs) {
        const char* kinds[] = {"real", "index", "mask"};
        inputs.push_back({{"shape", input.shape.toVector()},
                          {"kind", kinds[size_t(input.kind)]},
                          {"low", input.low},
                          {"high", input.high},
                          {"below", input.below},
                          {"gradient", input.gradient && row.differentiable}});
    }
    return {{"name", row.name}, {"seed", seedOf(row.name)}, {"inputs", inputs}};
}

Json caseList() {
    Json list{{"ops", Json::array()}, {"layers", Json::array()}};
    for (const OpCase& row : opCases()) list["ops"].push_back(describeCase(row));
    for (const LayerDef* layer : layers())
        for (const LayerExample& example : layer->examples)
            for (const bool training : {true, false}) {
                Json entry = describeCase(layerCase(*layer, example, training));
                const ParamValues params = completeParams(layer->spec.params, example.params, layer->spec.id);
                Json names = Json::array();
                if (layer->weights)
                    for (const WeightDef& weight : layer->weights(example.inputs, params)) names.push_back(weight.name);
                entry["layer"] = layer->spec.id;
                entry["params"] = params;
                entry["weights"] = names;
                entry["training"] = training;
                list["layers"].push_back(entry);
            }
    return list;
}

} // namespace strata::test
