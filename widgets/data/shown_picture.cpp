// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/shown_picture.h"
#include "widgets/common/picture.h"

#include <algorithm>

namespace strata {
namespace {

uint8_t toByte(double value) { return uint8_t(std::clamp(value * 255 + 0.5, 0.0, 255.0)); }

double listItem(const Json& list, int64_t channel) {
    if (list.is_number()) return list.get<double>();
    return list.at(size_t(std::min<int64_t>(channel, int64_t(list.size()) - 1))).get<double>();
}

} // namespace

std::vector<double> ShownPicture::at(int x, int y) const {
    if (empty() || x < 0 || y < 0 || x >= image.width() || y >= image.height()) return {};
    const int64_t column = int64_t(x) * shape[2] / image.width(), row = int64_t(y) * shape[1] / image.height();
    std::vector<double> numbers;
    for (int64_t c = 0; c < shape[0]; ++c) {
        const auto place = size_t((c * shape[1] + row) * shape[2] + column);
        numbers.push_back(values ? double((*values)[place]) : double(bytes.data<uint8_t>()[place]));
    }
    return numbers;
}

ShownPicture shownPicture(const Tensor& pixels) {
    ShownPicture picture;
    picture.bytes = pixels.contiguous();
    picture.shape = pixels.shape();
    const QSize size(int(picture.shape[2]), int(picture.shape[1]));
    const bool large = std::max(size.width(), size.height()) > ShownPicture::kMostSide;
    picture.image = pictureImage(picture.bytes.data<uint8_t>(), picture.shape, large ? fittedSize(size, ShownPicture::kMostSide) : QSize());
    return picture;
}

ShownPicture networkPicture(const Pipeline& pipeline, const Tensor& pixels, bool training, const DrawKey& key) {
    const Tensor plain = pixels.contiguous();
    ShownPicture picture;
    picture.shape = pipeline.outputShape(plain.shape());
    auto values = std::make_shared<std::vector<float>>(size_t(picture.shape.elements()));
    pipeline.apply(plain.data<uint8_t>(), plain.shape(), training, key, values->data());
    std::vector<uint8_t> planes(values->size());
    const auto plane = size_t(picture.shape[1] * picture.shape[2]);
    for (int64_t c = 0; c < picture.shape[0]; ++c) {
        double scale = 1, shift = 0; // shown = scale * value + shift
        for (auto step = pipeline.steps().rbegin(); step != pipeline.steps().rend(); ++step) {
            if (step->type != "normalize") continue;
            const double deviation = listItem(step->params.at("std"), c);
            scale *= deviation;
            shift = shift * deviation + listItem(step->params.at("mean"), c);
        }
        for (size_t i = size_t(c) * plane; i < size_t(c + 1) * plane; ++i) planes[i] = toByte(double((*values)[i]) * scale + shift);
    }
    picture.image = pictureImage(planes.data(), picture.shape);
    picture.values = std::move(values);
    return picture;
}

} // namespace strata
