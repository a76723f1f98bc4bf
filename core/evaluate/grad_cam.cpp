// SPDX-License-Identifier: Apache-2.0
#include "core/evaluate/grad_cam.h"

#include "core/autograd/autograd.h"
#include "core/model/compile.h"
#include "core/ops/ops.h"

#include <algorithm>

namespace strata {

namespace {

struct Candidate {
    std::string id;
    Role role;
};

/// Steps of the network with a picture as output; the step's value carries the id of its last layer.
std::vector<Candidate> candidates(const ModelSpec& given) {
    requireValid(given);
    const ModelSpec spec = withoutBypassed(given);
    const SpecCheck facts = requireValid(spec);
    std::vector<Candidate> list;
    for (const ExecutionStep& step : compileSteps(spec, false)) {
        const Shape& output = facts.layers[step.last].output;
        if (output.rank() == 3 && output[1] * output[2] > 1)
            list.push_back({spec.layers[step.last].id, layerDef(spec.layers[step.last].type).role});
    }
    return list;
}

std::string chooseLayer(const ModelSpec& spec, const std::string& wished) {
    const std::vector<std::string> known = gradCamLayers(spec);
    if (known.empty()) fail(ErrorKind::Unsupported, "the network has no layer whose output is a picture: there is nothing to map");
    if (wished.empty()) {
        const std::string layer = defaultGradCamLayer(spec);
        return layer.empty() ? known.back() : layer;
    }
    if (std::find(known.begin(), known.end(), wished) != known.end()) return wished;
    if (spec.find(wished) >= 0)
        fail(ErrorKind::BadInput, "layer {} has no output of its own that is a picture; a map can be made of {}", wished,
             fmt::join(known, ", "));
    const std::string near = nearestName(wished, known);
    fail(ErrorKind::BadInput, "there is no layer {}; {}", wished,
         near.empty() ? fmt::format("a map can be made of {}", fmt::join(known, ", ")) : fmt::format("did you mean {}?", near));
}

} // namespace

std::vector<std::string> gradCamLayers(const ModelSpec& spec) {
    std::vector<std::string> ids;
    for (Candidate& candidate : candidates(spec)) ids.push_back(std::move(candidate.id));
    return ids;
}

std::string defaultGradCamLayer(const ModelSpec& spec) {
    std::string last;
    for (const Candidate& candidate : candidates(spec))
        if (candidate.role != Role::Pooling && candidate.role != Role::Dropout && candidate.role != Role::Shape &&
            candidate.role != Role::Identity)
            last = candidate.id;
    return last;
}

GradCam gradCam(const Network& network, const Tensor& image, int64_t classIndex, const std::string& wished) {
    if (classIndex < 0 || classIndex >= network.classes())
        fail(ErrorKind::BadInput, "there is no class {}: the network tells {} apart", classIndex, network.classes());
    if (image.rank() != 4 || image.size(0) != 1)
        fail(ErrorKind::BadInput, "a map is made of one picture, [1, C, H, W], not of {}", image.shape().text());
    GradCam result;
    result.layer = chooseLayer(network.spec(), wished);

    // The layer's output goes on as a leaf, so that the way back ends there.
    Tensor activation;
    ForwardOptions options;
    options.replace = [&](const std::string& layer, const Tensor& output) {
        if (layer != result.layer) return Tensor();
        activation = output.detach();
        activation.setRequiresGrad(true);
        return activation;
    };
    const Tensor outputs = network.forward(image.to(network.device()), options);
    Tensor seed = Tensor::zeros(outputs.shape());
    seed.mutableData<float>()[classIndex] = 1;
    const Tensor gradient = gradients(outputs, {activation}, seed.to(network.device()))[0];

    const NoGrad noGrad;
    const Tensor values = activation.detach();
    if (!gradient.defined()) { // nothing of the output depends on the layer
        result.map = Tensor::zeros({values.size(2), values.size(3)});
        return result;
    }
    const Tensor weights = gradient.mean({2, 3}, true);
    const Tensor map = relu(sum(values * weights, {0, 1})).to(cpuDevice());
    const double largest = max(map).item();
    result.map = largest > 0 ? map / largest : map;
    return result;
}

} // namespace strata
