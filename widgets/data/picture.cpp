// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/picture.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace strata {
namespace {

struct Planes {
    const uint8_t* r;
    const uint8_t* g;
    const uint8_t* b;
    int height, width;
};

Planes planesOf(const uint8_t* pixels, const Shape& shape) {
    const int64_t plane = shape[1] * shape[2];
    const int64_t step = shape[0] >= 3 ? plane : 0;
    return {pixels, pixels + step, pixels + 2 * step, int(shape[1]), int(shape[2])};
}

constexpr uint32_t rgb(uint32_t r, uint32_t g, uint32_t b) { return 0xFF000000u | r << 16 | g << 8 | b; }

void enlarge(const Planes& from, uint32_t* into, qsizetype stride, int times) {
    for (int y = 0; y < from.height; ++y) {
        const qsizetype row = qsizetype(y) * from.width;
        uint32_t* first = into + qsizetype(y) * times * stride;
        for (int x = 0; x < from.width; ++x) {
            const uint32_t pixel = rgb(from.r[row + x], from.g[row + x], from.b[row + x]);
            for (int k = 0; k < times; ++k) first[x * times + k] = pixel;
        }
        for (int k = 1; k < times; ++k) std::memcpy(first + k * stride, first, size_t(from.width) * size_t(times) * sizeof(uint32_t));
    }
}

/// Whole blocks of `times` x `times` pixels.
void reduceBlocks(const Planes& from, uint32_t* into, qsizetype stride, QSize size, int times) {
    const auto area = uint32_t(times * times);
    const auto mean = [&](const uint8_t* plane, int x, int y) {
        uint32_t sum = area / 2;
        for (int j = 0; j < times; ++j)
            for (int i = 0; i < times; ++i) sum += plane[(qsizetype(y) * times + j) * from.width + x * times + i];
        return sum / area;
    };
    for (int y = 0; y < size.height(); ++y)
        for (int x = 0; x < size.width(); ++x) into[y * stride + x] = rgb(mean(from.r, x, y), mean(from.g, x, y), mean(from.b, x, y));
}

/// Blocks of 2 x 2: the most frequent case, a few thousand pictures a frame.
void reduceHalf(const Planes& from, uint32_t* into, qsizetype stride, QSize size) {
    for (int y = 0; y < size.height(); ++y) {
        const qsizetype row = qsizetype(2 * y) * from.width;
        const auto mean = [&](const uint8_t* plane, int x) {
            const uint8_t* a = plane + row + 2 * x;
            const uint8_t* b = a + from.width;
            return uint32_t(a[0] + a[1] + b[0] + b[1] + 2) >> 2;
        };
        uint32_t* line = into + y * stride;
        for (int x = 0; x < size.width(); ++x) line[x] = rgb(mean(from.r, x), mean(from.g, x), mean(from.b, x));
    }
}

/// Where an output pixel begins and ends in the source.
struct Span {
    int first, last;
    float firstWeight, lastWeight;
    float weight(int i) const { return i == first ? firstWeight : i == last ? lastWeight : 1.0f; }
};

std::vector<Span> spans(int from, int to) {
    std::vector<Span> result(static_cast<size_t>(to));
    for (int i = 0; i < to; ++i) {
        const double begin = double(i) * from / to, end = std::max(begin + 1e-6, double(i + 1) * from / to);
        Span& span = result[size_t(i)];
        span.first = std::min(int(begin), from - 1);
        span.last = std::clamp(int(std::ceil(end)) - 1, span.first, from - 1);
        span.firstWeight = float(std::min(end, span.first + 1.0) - begin);
        span.lastWeight = float(end - span.last);
    }
    return result;
}

/// Area average at any size: rows first, so that the long loop runs along memory.
void average(const Planes& from, uint32_t* into, qsizetype stride, QSize size) {
    const std::vector<Span> across = spans(from.width, size.width()), down = spans(from.height, size.height());
    std::vector<float> line(static_cast<size_t>(from.width));
    const uint8_t* planes[3] = {from.r, from.g, from.b};
    for (int y = 0; y < size.height(); ++y) {
        for (int x = 0; x < size.width(); ++x) into[y * stride + x] = 0xFF000000u;
        for (int c = 0; c < 3; ++c) {
            std::fill(line.begin(), line.end(), 0.0f);
            float total = 0;
            for (int j = down[size_t(y)].first; j <= down[size_t(y)].last; ++j) {
                const float weight = down[size_t(y)].weight(j);
                const uint8_t* row = planes[c] + qsizetype(j) * from.width;
                for (int i = 0; i < from.width; ++i) line[size_t(i)] += weight * float(row[i]);
                total += weight;
            }
            for (int x = 0; x < size.width(); ++x) {
                float sum = 0, weights = 0;
                for (int i = across[size_t(x)].first; i <= across[size_t(x)].last; ++i) {
                    const float weight = across[size_t(x)].weight(i);
                    sum += weight * line[size_t(i)];
                    weights += weight;
                }
                const auto value = uint32_t(std::clamp(sum / (weights * total) + 0.5f, 0.0f, 255.0f));
                into[y * stride + x] |= value << (8 * (2 - c));
            }
        }
    }
}

uint8_t toByte(double value) { return uint8_t(std::clamp(value * 255 + 0.5, 0.0, 255.0)); }

double listItem(const Json& list, int64_t channel) {
    if (list.is_number()) return list.get<double>();
    return list.at(size_t(std::min<int64_t>(channel, int64_t(list.size()) - 1))).get<double>();
}

} // namespace

QSize fittedSize(QSize picture, QSize box) {
    const int w = std::max(1, picture.width()), h = std::max(1, picture.height());
    const int times = std::min(box.width() / w, box.height() / h);
    if (times >= 1) return {w * times, h * times};
    const double scale = std::min(double(box.width()) / w, double(box.height()) / h);
    return {std::clamp(int(std::lround(w * scale)), 1, std::max(1, box.width())), std::clamp(int(std::lround(h * scale)), 1, std::max(1, box.height()))};
}

QSize fittedSize(QSize picture, int side) { return fittedSize(picture, QSize(side, side)); }

void drawPixels(const uint8_t* pixels, const Shape& shape, uint32_t* into, qsizetype stride, QSize size) {
    const Planes from = planesOf(pixels, shape);
    const int times = size.width() / from.width;
    if (times >= 1 && size == QSize(from.width * times, from.height * times)) return enlarge(from, into, stride, times);
    const int factor = from.width / size.width();
    const bool whole = QSize(from.width, from.height) == size * factor;
    if (whole && factor == 2) return reduceHalf(from, into, stride, size);
    if (whole) return reduceBlocks(from, into, stride, size, factor);
    average(from, into, stride, size);
}

QImage pictureImage(const uint8_t* pixels, const Shape& shape, QSize size) {
    if (size.isEmpty()) size = QSize(int(shape[2]), int(shape[1]));
    QImage image(size, QImage::Format_RGB32);
    if (image.isNull()) fail(ErrorKind::OutOfMemory, "no memory for a picture of {}x{} pixels", size.width(), size.height());
    drawPixels(pixels, shape, reinterpret_cast<uint32_t*>(image.bits()), image.bytesPerLine() / 4, size);
    return image;
}

QImage scaledPicture(const QImage& image, QSize size) {
    if (image.isNull() || image.size() == size) return image;
    const Shape shape{3, image.height(), image.width()};
    std::vector<uint8_t> planes(size_t(shape.elements()));
    const size_t plane = planes.size() / 3;
    for (int y = 0; y < image.height(); ++y) {
        const auto* line = reinterpret_cast<const QRgb*>(image.constScanLine(y));
        for (int x = 0; x < image.width(); ++x) {
            const size_t at = size_t(y) * size_t(image.width()) + size_t(x);
            planes[at] = uint8_t(qRed(line[x]));
            planes[plane + at] = uint8_t(qGreen(line[x]));
            planes[2 * plane + at] = uint8_t(qBlue(line[x]));
        }
    }
    return pictureImage(planes.data(), shape, size);
}

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
