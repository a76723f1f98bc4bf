// SPDX-License-Identifier: Apache-2.0
#include "core/formats/keras.h"

#include "core/formats/compare.h"
#include "core/formats/formats.h"

#include <map>
#include <numeric>

namespace strata {
namespace {

/// For a rank-1 activation: element k of Keras's order is element order[k] of ours.
using Order = std::vector<int64_t>;

Order identityOrder(int64_t count) {
    Order order(static_cast<size_t>(count));
    std::iota(order.begin(), order.end(), int64_t(0));
    return order;
}

/// Flatten reads [C, H, W] here and [H, W, C] in Keras.
Order flattenOrder(const Shape& shape) {
    Order order;
    for (int64_t y = 0; y < shape[1]; ++y)
        for (int64_t x = 0; x < shape[2]; ++x)
            for (int64_t c = 0; c < shape[0]; ++c) order.push_back((c * shape[1] + y) * shape[2] + x);
    return order;
}

Tensor reorder(const Tensor& tensor, int dim, const Order& order) {
    const Tensor plain = hostContiguous(tensor.to(DType::F32));
    Tensor result = Tensor::empty(plain.shape());
    int64_t inner = 1;
    for (int d = dim + 1; d < plain.rank(); ++d) inner *= plain.size(d);
    const int64_t size = plain.size(dim);
    const int64_t outer = plain.elements() / (inner * size);
    const float* from = plain.data<float>();
    float* to = result.mutableData<float>();
    for (int64_t o = 0; o < outer; ++o)
        for (int64_t k = 0; k < size; ++k) std::copy_n(from + (o * size + order[size_t(k)]) * inner, inner, to + (o * size + k) * inner);
    return result;
}

Order inverse(const Order& order) {
    Order result(order.size());
    for (size_t k = 0; k < order.size(); ++k) result[size_t(order[k])] = int64_t(k);
    return result;
}

/// Which order each layer's output has.
class Orders {
public:
    Orders(const ModelSpec& spec, const SpecCheck& facts) : spec_(spec) {
        for (size_t i = 0; i < spec.layers.size(); ++i) orders_[spec.layers[i].id] = outputOrder(i, facts.layers[i]);
    }
    Order ofInput(size_t layer) const { return of(spec_.inputsOf(layer).front()); }

private:
    Order of(const std::string& id) const {
        const auto it = orders_.find(id);
        return it == orders_.end() ? Order() : it->second;
    }
    Order outputOrder(size_t layer, const LayerFacts& facts) const {
        if (facts.output.rank() != 1) return {};
        const LayerDef& def = layerDef(spec_.layers[layer].type);
        if (def.role == Role::Linear) return identityOrder(facts.output[0]);
        if (def.role == Role::Concat) {
            Order joined;
            for (const std::string& input : spec_.inputsOf(layer)) {
                const auto start = int64_t(joined.size());
                for (int64_t index : of(input)) joined.push_back(start + index);
            }
            return joined;
        }
        if (facts.inputs.front().rank() == 3) return flattenOrder(facts.inputs.front());
        const Order order = ofInput(layer);
        return order.empty() ? identityOrder(facts.output[0]) : order;
    }
    const ModelSpec& spec_;
    std::map<std::string, Order> orders_;
};

KerasLayer kerasLayer(const std::string& id, const LayerDef& def, const std::map<std::string, Tensor>& weights, const Order& order) {
    KerasLayer layer{id, {}};
    const auto add = [&](const char* ours, const char* theirs, const auto& convert) {
        const auto it = weights.find(ours);
        if (it != weights.end()) layer.weights.emplace_back(theirs, hostContiguous(convert(it->second.to(DType::F32))));
    };
    const auto same = [](const Tensor& t) { return t; };
    if (def.role == Role::Convolution) {
        add("weight", "kernel:0", [](const Tensor& t) { return t.permute({2, 3, 1, 0}); });
        add("bias", "bias:0", same);
    } else if (def.role == Role::Linear) {
        add("weight", "kernel:0", [&](const Tensor& t) { return (order.empty() ? t : reorder(t, 1, order)).transpose(0, 1); });
        add("bias", "bias:0", same);
    } else if (def.role == Role::Normalisation) {
        const auto channels = [&](const Tensor& t) { return order.empty() ? t : reorder(t, 0, order); };
        add("weight", "gamma:0", channels);
        add("bias", "beta:0", channels);
        add("running_mean", "moving_mean:0", channels);
        add("running_var", "moving_variance:0", channels);
    }
    if (layer.weights.empty())
        fail(ErrorKind::Unsupported, "layer {} ({}) has weights that Keras's layout has no place for: export .safetensors or .npz instead",
             id, def.spec.id);
    return layer;
}

/// Our name and Keras's for the arrays of a role.
std::vector<std::pair<const char*, const char*>> arrayNames(Role role) {
    if (role == Role::Normalisation)
        return {{"weight", "gamma:0"}, {"bias", "beta:0"}, {"running_mean", "moving_mean:0"}, {"running_var", "moving_variance:0"}};
    return {{"weight", "kernel:0"}, {"bias", "bias:0"}};
}

/// A Keras array in our axes and order. The shape is checked by the caller.
Tensor fromKerasArray(const Tensor& array, Role role, bool kernel, const Order& order) {
    if (role == Role::Convolution) return kernel ? array.permute({3, 2, 0, 1}) : array;
    if (role == Role::Linear) {
        if (!kernel) return array;
        const Tensor plain = array.transpose(0, 1);
        return order.empty() ? plain : reorder(plain, 1, inverse(order));
    }
    return order.empty() ? array : reorder(array, 0, inverse(order));
}

} // namespace

std::vector<KerasLayer> toKeras(const ModelSpec& given, const std::vector<NamedTensor>& state) {
    const ModelSpec spec = withoutBypassed(given);
    const SpecCheck facts = requireValid(spec);
    const Orders orders(spec, facts);
    std::vector<KerasLayer> layers;
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        if (facts.layers[i].weights.empty()) continue;
        const std::string prefix = spec.layers[i].id + ".";
        std::map<std::string, Tensor> weights;
        for (const NamedTensor& entry : state)
            if (entry.name.starts_with(prefix)) weights[entry.name.substr(prefix.size())] = entry.tensor;
        layers.push_back(kerasLayer(spec.layers[i].id, layerDef(spec.layers[i].type), weights, orders.ofInput(i)));
    }
    return layers;
}

void writeKeras(const std::string& path, const ModelFile& model, DType) {
    const std::vector<KerasLayer> layers = toKeras(model.spec, model.state);
    writeKerasWeights(path, layers, modelMetadata(model));
    NamedTensors expected;
    for (const KerasLayer& layer : layers)
        for (const auto& [name, tensor] : layer.weights) expected.emplace_back(layer.name + "/" + layer.name + "/" + name, tensor);
    requireSame(expected, readHdf5(path).datasets, path);
}

std::vector<NamedTensor> fromKeras(const ModelSpec& spec, const NamedTensors& datasets, const std::string& where) {
    const SpecCheck facts = requireValid(spec);
    const Orders orders(spec, facts);
    std::map<std::string, Tensor> arrays(datasets.begin(), datasets.end());
    std::vector<NamedTensor> state;
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        const std::string& id = spec.layers[i].id;
        const Role role = layerDef(spec.layers[i].type).role;
        for (const WeightDef& weight : facts.layers[i].weights) {
            const char* theirs = nullptr;
            for (const auto& [ours, name] : arrayNames(role))
                if (weight.name == ours) theirs = name;
            const auto it = theirs ? arrays.find(id + "/" + id + "/" + theirs) : arrays.end();
            if (it == arrays.end()) fail(ErrorKind::BadFile, "{}: {} of layer {} is missing", where, weight.name, id);
            const bool kernel = weight.name == std::string_view("weight") && role != Role::Normalisation;
            if (it->second.rank() != weight.shape.rank() || it->second.elements() != weight.shape.elements())
                fail(ErrorKind::BadFile, "{}: {} of layer {} has the shape {} instead of {} in Keras's order", where, weight.name, id,
                     it->second.shape().text(), weight.shape.text());
            state.push_back({id + "." + weight.name, hostContiguous(fromKerasArray(it->second, role, kernel, orders.ofInput(i)))});
        }
    }
    return state;
}

ModelFile readKeras(const std::string& path) {
    const Hdf5Contents contents = readHdf5(path);
    ModelFile model = modelFromMetadata(contents.attributes, path);
    model.state = fromKeras(model.spec, contents.datasets, path);
    return model;
}

} // namespace strata
