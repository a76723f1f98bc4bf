// SPDX-License-Identifier: Apache-2.0
#include "core/data/transform_steps.h"

#include <algorithm>
#include <utility>

namespace strata {

namespace {

std::pair<int64_t, int64_t> pairOf(const Json& value) {
    if (value.is_array()) return {value[0].get<int64_t>(), value[1].get<int64_t>()};
    return {value.get<int64_t>(), value.get<int64_t>()};
}

void shapeBuffer(PixelBuffer& buffer, int64_t channels, int64_t height, int64_t width) {
    buffer.channels = channels;
    buffer.height = height;
    buffer.width = width;
    buffer.values.resize(size_t(channels * height * width));
}

/// Copies the window of the picture into scratch and swaps them; outside the picture `reflect` or zero.
void copyWindow(PixelBuffer& picture, PixelBuffer& scratch, const CropWindow& window, bool reflect) {
    shapeBuffer(scratch, picture.channels, window.height, window.width);
    for (int64_t c = 0; c < picture.channels; ++c) {
        const float* from = picture.plane(c);
        float* to = scratch.plane(c);
        for (int64_t y = 0; y < window.height; ++y) {
            const int64_t row = paddedIndex(y + window.top, picture.height, reflect);
            for (int64_t x = 0; x < window.width; ++x) {
                const int64_t column = paddedIndex(x + window.left, picture.width, reflect);
                *to++ = row < 0 || column < 0 ? 0.0f : from[row * picture.width + column];
            }
        }
    }
    std::swap(picture, scratch);
}

} // namespace

CenterCropStep::CenterCropStep(const ParamValues& params) { std::tie(height_, width_) = pairOf(params["size"]); }

Shape CenterCropStep::outputShape(const Shape& input) const {
    if (height_ > input[1] || width_ > input[2])
        fail(ErrorKind::BadInput, "center_crop: {} x {} is larger than the picture of {} x {}", height_, width_, input[1], input[2]);
    return Shape{input[0], height_, width_};
}

CropWindow CenterCropStep::window(int64_t height, int64_t width) const {
    outputShape(Shape{1, height, width});
    // torchvision: int(round((h - size) / 2.0)), which rounds halves to even.
    const auto middle = [](int64_t room) { return room / 2 + (room % 2 != 0 && room / 2 % 2 != 0 ? 1 : 0); };
    return {height_, width_, middle(height - height_), middle(width - width_)};
}

void CenterCropStep::apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords&) const {
    copyWindow(picture, scratch, window(picture.height, picture.width), false);
}

namespace {

void placeWindow(Placement& at, const CropWindow& window) {
    at.top += double(window.top) * at.scaleY;
    at.left += double(window.left) * at.scaleX;
    at.height = window.height;
    at.width = window.width;
}

} // namespace

void CenterCropStep::place(Placement& at) const { placeWindow(at, window(at.height, at.width)); }
void PadAndRandomCropStep::place(Placement& at) const { placeWindow(at, fixedWindow(at.height, at.width)); }

PadAndRandomCropStep::PadAndRandomCropStep(const ParamValues& params)
    : padding_(params["padding"].get<int64_t>()), reflect_(params["mode"].get<std::string>() == "reflect") {
    std::tie(height_, width_) = pairOf(params["size"]);
}

Shape PadAndRandomCropStep::outputShape(const Shape& input) const {
    const int64_t height = height_ > 0 ? height_ : input[1], width = width_ > 0 ? width_ : input[2];
    if (height > input[1] + 2 * padding_ || width > input[2] + 2 * padding_)
        fail(ErrorKind::BadInput, "pad_and_random_crop: {} x {} is larger than the picture of {} x {} with a padding of {}", height, width,
             input[1], input[2], padding_);
    if (reflect_ && (padding_ >= input[1] || padding_ >= input[2]))
        fail(ErrorKind::BadInput, "pad_and_random_crop: a reflected padding of {} needs a picture larger than {} x {}", padding_, input[1],
             input[2]);
    return Shape{input[0], height, width};
}

CropWindow PadAndRandomCropStep::drawWindow(int64_t height, int64_t width, const DrawWords& words) const {
    const Shape out = outputShape(Shape{1, height, width});
    return {out[1], out[2], belowOf(words[0], height + 2 * padding_ - out[1] + 1) - padding_,
            belowOf(words[1], width + 2 * padding_ - out[2] + 1) - padding_};
}

CropWindow PadAndRandomCropStep::fixedWindow(int64_t height, int64_t width) const {
    const Shape out = outputShape(Shape{1, height, width});
    return {out[1], out[2], (height + 2 * padding_ - out[1]) / 2 - padding_, (width + 2 * padding_ - out[2]) / 2 - padding_};
}

void PadAndRandomCropStep::cut(PixelBuffer& picture, PixelBuffer& scratch, const CropWindow& window) const {
    copyWindow(picture, scratch, window, reflect_);
}

void PadAndRandomCropStep::apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const {
    cut(picture, scratch, drawWindow(picture.height, picture.width, words));
}

void PadAndRandomCropStep::applyFixed(PixelBuffer& picture, PixelBuffer& scratch) const {
    cut(picture, scratch, fixedWindow(picture.height, picture.width));
}

RandomFlipStep::RandomFlipStep(const ParamValues& params) : probability_(params["p"].get<float>()) {}

void RandomFlipStep::apply(PixelBuffer& picture, PixelBuffer&, const DrawWords& words) const {
    if (!flips(words)) return;
    for (float* row = picture.values.data(); row != picture.values.data() + picture.values.size(); row += picture.width)
        std::reverse(row, row + picture.width);
}

CutoutStep::CutoutStep(const ParamValues& params) : size_(params["size"].get<int64_t>()) {}

void CutoutStep::clear(float* values, int64_t channels, int64_t height, int64_t width, const DrawWords& words) const {
    const int64_t top = belowOf(words[0], height) - size_ / 2, left = belowOf(words[1], width) - size_ / 2;
    const int64_t y0 = std::max<int64_t>(top, 0), y1 = std::min(top + size_, height);
    const int64_t x0 = std::max<int64_t>(left, 0), x1 = std::min(left + size_, width);
    for (int64_t c = 0; c < channels; ++c) {
        for (int64_t y = y0; y < y1; ++y) {
            float* row = values + (c * height + y) * width;
            std::fill(row + x0, row + std::max(x0, x1), 0.0f);
        }
    }
}

void CutoutStep::apply(PixelBuffer& picture, PixelBuffer&, const DrawWords& words) const {
    clear(picture.values.data(), picture.channels, picture.height, picture.width, words);
}

} // namespace strata
