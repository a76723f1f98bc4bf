// SPDX-License-Identifier: Apache-2.0
#include "core/predict/predictor.h"

#include "core/autograd/autograd.h"
#include "core/files/image_resize.h"
#include "core/ops/ops.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace strata {
namespace {

/// Rows of R G B to planes.
std::vector<uint8_t> planes(const Image& picture) {
    const auto area = size_t(picture.width * picture.height);
    std::vector<uint8_t> result(3 * area);
    for (size_t i = 0; i < area; ++i)
        for (size_t c = 0; c < 3; ++c) result[c * area + i] = picture.rgb[3 * i + c];
    return result;
}

bool reaches(const Pipeline& pipeline, const Image& picture, const Shape& input) {
    const Shape made = pipeline.outputShape({3, picture.height, picture.width});
    return made[1] == input[1] && made[2] == input[2];
}

} // namespace

Image fitPicture(const Image& picture, int64_t height, int64_t width) {
    const double scale = std::max(double(width) / double(picture.width), double(height) / double(picture.height));
    const int64_t newWidth = std::max(width, int64_t(std::llround(double(picture.width) * scale)));
    const int64_t newHeight = std::max(height, int64_t(std::llround(double(picture.height) * scale)));
    return centreCrop(resizeImage(picture, newWidth, newHeight), width, height);
}

Predictor::Predictor(const ModelFile& model, Device device)
    : network_(foldForInference(*makeNetwork(model, device))), pipeline_(model.pipeline), classes_(model.classes) {
    const NoGrad noGrad; // the first pass makes the device choose its algorithms: no part of a prediction's time
    const Shape& shape = network_->spec().input;
    network_->forward(Tensor::zeros({1, shape[0], shape[1], shape[2]}, DType::F32, device));
}

Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;

Tensor Predictor::input(const Image& picture) const {
    const Shape& shape = network_->spec().input;
    Tensor tensor = Tensor::empty({1, shape[0], shape[1], shape[2]});
    const bool fits = reaches(pipeline_, picture, shape);
    const Image fitted = fits ? picture : fitPicture(picture, shape[1], shape[2]);
    if (!fits && !reaches(pipeline_, fitted, shape))
        fail(ErrorKind::BadInput, "the network takes pictures of {}, but the model's preprocessing makes {} of them", shape.text('x'),
             pipeline_.outputShape({shape[0], shape[1], shape[2]}).text('x'));
    pipeline_.apply(planes(fitted).data(), {3, fitted.height, fitted.width}, false, {}, tensor.mutableData<float>(), shape[0]);
    return tensor;
}

std::vector<double> Predictor::probabilities(const Image& picture) const {
    const NoGrad noGrad;
    const Tensor logits = network_->forward(input(picture).to(network_->device())).to(cpuDevice());
    return softmax(logits.to(DType::F64)).toVector<double>();
}

Prediction Predictor::predict(const Image& picture, int64_t count) const {
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<double> all = probabilities(picture);
    Prediction result;
    result.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();

    std::vector<int64_t> order(all.size());
    std::iota(order.begin(), order.end(), int64_t(0));
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return all[size_t(a)] > all[size_t(b)]; });
    order.resize(std::min(order.size(), size_t(std::max<int64_t>(count, 0))));
    for (int64_t index : order)
        result.top.push_back(
            {index, size_t(index) < classes_.size() ? classes_[size_t(index)] : std::to_string(index), all[size_t(index)]});
    return result;
}

Prediction Predictor::predictFile(const std::string& path, int64_t count) const { return predict(readImage(path), count); }

} // namespace strata
