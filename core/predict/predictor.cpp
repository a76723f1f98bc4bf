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

Image cutPicture(const Image& picture, const CropRect& crop) {
    const bool inside = crop.x >= 0 && crop.y >= 0 && crop.width >= 1 && crop.height >= 1 && crop.width <= picture.width &&
                        crop.height <= picture.height && crop.x <= picture.width - crop.width && crop.y <= picture.height - crop.height;
    if (!inside)
        fail(ErrorKind::BadInput, "the part of {} x {} pixels at {}, {} is not inside the picture of {} x {}", crop.width, crop.height,
             crop.x, crop.y, picture.width, picture.height);
    Image result{crop.width, crop.height, std::vector<uint8_t>(size_t(crop.width * crop.height * 3))};
    for (int64_t y = 0; y < crop.height; ++y) std::copy_n(picture.row(crop.y + y) + crop.x * 3, crop.width * 3, result.row(y));
    return result;
}

namespace {

/// Size that covers height x width with the proportions kept.
ImageSize coveringSize(int64_t width, int64_t height, int64_t wantedHeight, int64_t wantedWidth) {
    const double scale = std::max(double(wantedWidth) / double(width), double(wantedHeight) / double(height));
    return {std::max(wantedWidth, int64_t(std::llround(double(width) * scale))),
            std::max(wantedHeight, int64_t(std::llround(double(height) * scale)))};
}

/// Where the result of fitPicture() lies in the picture.
Placement fittedPlace(int64_t width, int64_t height, int64_t wantedHeight, int64_t wantedWidth) {
    const ImageSize covering = coveringSize(width, height, wantedHeight, wantedWidth);
    Placement at;
    at.scaleX = double(width) / double(covering.width);
    at.scaleY = double(height) / double(covering.height);
    // centreCrop() rounds halves to even, as nearbyint does.
    at.left = std::nearbyint(double(covering.width - wantedWidth) / 2) * at.scaleX;
    at.top = std::nearbyint(double(covering.height - wantedHeight) / 2) * at.scaleY;
    at.width = wantedWidth;
    at.height = wantedHeight;
    return at;
}

} // namespace

Image fitPicture(const Image& picture, int64_t height, int64_t width) {
    const ImageSize covering = coveringSize(picture.width, picture.height, height, width);
    return centreCrop(resizeImage(picture, covering.width, covering.height), width, height);
}

namespace {

/// The steps that decide which part of the picture is seen, or the others.
Pipeline stepsOf(const Pipeline& pipeline, bool places) {
    Pipeline result;
    for (const Pipeline::Step& step : pipeline.steps())
        if (step.transform->places() == places) result.add(step.type, step.params);
    return result;
}

} // namespace

Predictor::Predictor(const ModelFile& model, Device device)
    : network_(foldForInference(*makeNetwork(model, device))), pipeline_(model.pipeline), values_(stepsOf(pipeline_, false)),
      placement_(stepsOf(pipeline_, true)), classes_(model.classes) {
    const NoGrad noGrad; // the first pass makes the device choose its algorithms: no part of a prediction's time
    const Shape& shape = network_->spec().input;
    network_->forward(Tensor::zeros({1, shape[0], shape[1], shape[2]}, DType::F32, device));
}

Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;

const Shape& Predictor::inputShape() const { return network_->spec().input; }
const ModelSpec& Predictor::spec() const { return network_->spec(); }

Image Predictor::placed(const Image& picture, const std::optional<CropRect>& crop) const {
    const Shape& shape = inputShape();
    if (crop) return resizeImage(cutPicture(picture, *crop), shape[2], shape[1]);
    if (reaches(pipeline_, picture, shape)) return picture;
    Image fitted = fitPicture(picture, shape[1], shape[2]);
    if (!reaches(pipeline_, fitted, shape))
        fail(ErrorKind::BadInput, "the network takes pictures of {}, but the model's preprocessing makes {} of them", shape.text('x'),
             pipeline_.outputShape({shape[0], shape[1], shape[2]}).text('x'));
    return fitted;
}

Tensor Predictor::input(const Image& picture, const std::optional<CropRect>& crop) const {
    const Shape& shape = inputShape();
    Tensor tensor = Tensor::empty({1, shape[0], shape[1], shape[2]});
    const Image image = placed(picture, crop);
    (crop ? values_ : pipeline_)
        .apply(planes(image).data(), {3, image.height, image.width}, false, {}, tensor.mutableData<float>(), shape[0]);
    return tensor;
}

Image Predictor::received(const Image& picture, const std::optional<CropRect>& crop) const {
    const Shape& shape = inputShape();
    const Image image = placed(picture, crop);
    std::vector<float> values(size_t(shape.elements()));
    (crop ? Pipeline() : placement_).apply(planes(image).data(), {3, image.height, image.width}, false, {}, values.data(), shape[0]);
    const auto area = size_t(shape[1] * shape[2]);
    Image result{shape[2], shape[1], std::vector<uint8_t>(3 * area)};
    for (size_t i = 0; i < area; ++i)
        for (size_t c = 0; c < 3; ++c) {
            const float value = values[(shape[0] == 3 ? c : 0) * area + i];
            result.rgb[3 * i + c] = uint8_t(std::lround(255 * std::clamp(value, 0.0f, 1.0f)));
        }
    return result;
}

CropRect Predictor::defaultCrop(int64_t width, int64_t height) const {
    const Shape& shape = inputShape();
    Placement at;
    at.width = width;
    at.height = height;
    const Shape made = pipeline_.outputShape({3, height, width});
    if (made[1] != shape[1] || made[2] != shape[2]) at = fittedPlace(width, height, shape[1], shape[2]);
    for (const Pipeline::Step& step : placement_.steps()) step.transform->place(at);
    const auto part = [](double start, double size, int64_t whole) {
        const int64_t length = std::clamp<int64_t>(std::llround(size), 1, whole);
        return std::pair(std::clamp<int64_t>(std::llround(start), 0, whole - length), length);
    };
    const auto [x, w] = part(at.left, at.scaleX * double(at.width), width);
    const auto [y, h] = part(at.top, at.scaleY * double(at.height), height);
    return {x, y, w, h};
}

GradCam Predictor::heatMap(const Image& picture, int64_t classIndex, const std::optional<CropRect>& crop, const std::string& layer) const {
    return gradCam(*network_, input(picture, crop), classIndex, layer);
}

std::vector<double> Predictor::probabilities(const Image& picture, const std::optional<CropRect>& crop) const {
    const NoGrad noGrad;
    const Tensor logits = network_->forward(input(picture, crop).to(network_->device())).to(cpuDevice());
    return softmax(logits.to(DType::F64)).toVector<double>();
}

Prediction Predictor::predict(const Image& picture, int64_t count, const std::optional<CropRect>& crop) const {
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<double> all = probabilities(picture, crop);
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
