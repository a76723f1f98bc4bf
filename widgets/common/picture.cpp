// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/picture.h"
#include "core/data/dataset.h"
#include "core/files/image.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <cstring>

namespace strata {

QImage toImage(const Sample& sample) {
    const Tensor pixels = sample.image;
    const int64_t channels = pixels.size(0), height = pixels.size(1), width = pixels.size(2), area = height * width;
    QImage image(int(width), int(height), QImage::Format_RGB888);
    const uint8_t* from = pixels.data<uint8_t>();
    for (int64_t y = 0; y < height; ++y) {
        uchar* row = image.scanLine(int(y));
        for (int64_t x = 0; x < width; ++x)
            for (int64_t c = 0; c < 3; ++c) row[3 * x + c] = from[(channels == 1 ? 0 : c) * area + y * width + x];
    }
    return image;
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
    const double fit = std::min(box.width() * ratio / picture.width(), box.height() * ratio / picture.height());
    const double factor = fit >= 1 ? std::floor(fit) : fit;
    const QSizeF size(std::max(1.0, std::round(picture.width() * factor)) / ratio,
                      std::max(1.0, std::round(picture.height() * factor)) / ratio);
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
        QImage small = picture.scaled(device, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
        small.setDevicePixelRatio(ratio);
        return painter.drawImage(place.topLeft(), small);
    }
    painter.save();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(place, picture);
    painter.restore();
}

} // namespace strata
