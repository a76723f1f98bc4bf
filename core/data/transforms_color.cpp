// SPDX-License-Identifier: Apache-2.0
#include "core/data/transform_steps.h"

#include <algorithm>

namespace strata {

namespace {

/// value + factor blend towards `other`, kept in [0, 1] (torchvision's _blend).
float blend(float value, float other, float factor) { return std::clamp(factor * value + (1.0f - factor) * other, 0.0f, 1.0f); }

/// ITU-R 601 luma with torchvision's rounding of the weights; grey pictures are their own.
float luma(const PixelBuffer& picture, size_t i, size_t plane) {
    const float* v = picture.values.data();
    return picture.channels == 3 ? 0.2989f * v[i] + 0.587f * v[plane + i] + 0.114f * v[2 * plane + i] : v[i];
}

float factorOf(uint32_t word, float range) {
    const float low = std::max(0.0f, 1.0f - range);
    return low + (1.0f + range - low) * unitOf(word);
}

} // namespace

ColorJitterStep::ColorJitterStep(const ParamValues& params)
    : brightness_(params["brightness"].get<float>()), contrast_(params["contrast"].get<float>()),
      saturation_(params["saturation"].get<float>()) {}

void ColorJitterStep::apply(PixelBuffer& picture, PixelBuffer&, const DrawWords& words) const {
    const size_t plane = size_t(picture.height * picture.width);
    const float brightness = factorOf(words[0], brightness_), contrast = factorOf(words[1], contrast_);
    const float saturation = factorOf(words[2], saturation_);
    for (float& value : picture.values) value = blend(value, 0.0f, brightness);
    double sum = 0;
    for (size_t i = 0; i < plane; ++i) sum += double(luma(picture, i, plane));
    const float mean = float(sum / double(plane));
    for (float& value : picture.values) value = blend(value, mean, contrast);
    if (picture.channels != 3) return;
    for (size_t i = 0; i < plane; ++i) {
        const float grey = luma(picture, i, plane);
        for (size_t c = 0; c < 3; ++c) picture.values[c * plane + i] = blend(picture.values[c * plane + i], grey, saturation);
    }
}

NormalizeStep::NormalizeStep(const ParamValues& params)
    : mean_(params["mean"].get<std::vector<float>>()), std_(params["std"].get<std::vector<float>>()) {
    if (mean_.empty() || mean_.size() != std_.size())
        fail(ErrorKind::BadInput, "normalize: mean has {} numbers and std {}: they must be as many, at least one", mean_.size(),
             std_.size());
    for (const float value : std_) {
        if (!(value > 0)) fail(ErrorKind::BadInput, "normalize: std has {}, but each must be above 0", value);
    }
}

Shape NormalizeStep::outputShape(const Shape& input) const {
    if (mean_.size() != 1 && int64_t(mean_.size()) != input[0])
        fail(ErrorKind::BadInput, "normalize: {} means for pictures of {} channels", mean_.size(), input[0]);
    return input;
}

void NormalizeStep::apply(PixelBuffer& picture, PixelBuffer&, const DrawWords&) const {
    const size_t plane = size_t(picture.height * picture.width);
    for (size_t c = 0; c < size_t(picture.channels); ++c) {
        for (size_t i = 0; i < plane; ++i) picture.values[c * plane + i] = normalized(c, picture.values[c * plane + i]);
    }
}

} // namespace strata
