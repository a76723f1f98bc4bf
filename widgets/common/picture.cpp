// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/picture.h"
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/files/image.h"

#include <QPainter>
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

} // namespace

QSize fittedSize(QSize picture, QSize box) {
    const int w = std::max(1, picture.width()), h = std::max(1, picture.height());
    const int times = std::min(box.width() / w, box.height() / h);
    if (times >= 1) return {w * times, h * times};
    const double scale = std::min(double(box.width()) / w, double(box.height()) / h);
    return {std::clamp(int(std::lround(w * scale)), 1, std::max(1, box.width())),
            std::clamp(int(std::lround(h * scale)), 1, std::max(1, box.height()))};
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

QImage toImage(const Sample& sample) {
    const Tensor pixels = sample.image.contiguous();
    return pictureImage(pixels.data<uint8_t>(), pixels.shape());
}

QImage toImage(const Image& image) {
    QImage result(int(image.width), int(image.height), QImage::Format_RGB888);
    for (int64_t y = 0; y < image.height; ++y) std::memcpy(result.scanLine(int(y)), image.row(y), size_t(image.width) * 3);
    return result;
}

Image fromImage(const QImage& picture) {
    QImage opaque(picture.size(), QImage::Format_RGB888);
    opaque.fill(Qt::GlobalColor::white);
    QPainter painter(&opaque);
    painter.drawImage(QRect(QPoint(), picture.size()), picture);
    painter.end();
    Image image{opaque.width(), opaque.height(), std::vector<uint8_t>(size_t(opaque.width()) * size_t(opaque.height()) * 3)};
    for (int64_t y = 0; y < image.height; ++y) std::memcpy(image.row(y), opaque.constScanLine(int(y)), size_t(image.width) * 3);
    return image;
}

QRectF pictureRect(const QRectF& box, const QSize& picture, double ratio) {
    if (picture.isEmpty() || box.isEmpty()) return {};
    const QSizeF size = QSizeF(fittedSize(picture, (box.size() * ratio).toSize())) / ratio;
    return {QPointF(std::round((box.x() + (box.width() - size.width()) / 2) * ratio) / ratio,
                    std::round((box.y() + (box.height() - size.height()) / 2) * ratio) / ratio),
            size};
}

void drawPicture(QPainter& painter, const QRectF& box, const QImage& picture) {
    if (picture.isNull()) return;
    const double ratio = painter.device()->devicePixelRatioF();
    const QRectF place = pictureRect(box, picture.size(), ratio);
    const QSize device = (place.size() * ratio).toSize();
    if (device.width() < picture.width()) {
        QImage small = scaledPicture(picture.convertToFormat(QImage::Format_RGB32), device);
        small.setDevicePixelRatio(ratio);
        return painter.drawImage(place.topLeft(), small);
    }
    painter.save();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(place, picture);
    painter.restore();
}

} // namespace strata
