// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/icons.h"
#include "widgets/common/picture.h"
#include "widgets/common/theme.h"
#include "widgets/data/sample_grid.h"

#include <QPaintEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

/// Pictures up to this many numbers that lie in memory are drawn as they are needed; larger ones by a thread.
constexpr int64_t kDirect = 3 * 64 * 64;
constexpr int kBadge = 20;       ///< a mark's square
constexpr int kBadgesFrom = 56;  ///< tiles from this size on have marks with icons, smaller ones dots
constexpr double kDimmed = 0.72; ///< share of the page's tone over an excluded picture

void fill(QImage& frame, const QRect& rect, QRgb value) {
    const QRect area = rect.intersected(frame.rect());
    for (int y = area.top(); y <= area.bottom(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(frame.scanLine(y));
        std::fill(line + area.left(), line + area.right() + 1, value);
    }
}

void dim(QImage& frame, const QRect& rect, const QColor& tone) {
    const auto part = uint32_t(std::lround(kDimmed * 256));
    const uint32_t r = uint32_t(tone.red()) * part, g = uint32_t(tone.green()) * part, b = uint32_t(tone.blue()) * part, rest = 256 - part;
    const QRect area = rect.intersected(frame.rect());
    for (int y = area.top(); y <= area.bottom(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(frame.scanLine(y));
        for (int x = area.left(); x <= area.right(); ++x) {
            const QRgb p = line[x];
            line[x] = qRgb(int((uint32_t(qRed(p)) * rest + r) >> 8), int((uint32_t(qGreen(p)) * rest + g) >> 8),
                           int((uint32_t(qBlue(p)) * rest + b) >> 8));
        }
    }
}

/// Copies what of `image` lies in the frame, its corner at `at`.
void blit(QImage& frame, const QImage& image, const QPoint& at) {
    const QRect area = QRect(at, image.size()).intersected(frame.rect());
    for (int y = area.top(); y <= area.bottom(); ++y) {
        const auto* from = reinterpret_cast<const QRgb*>(image.constScanLine(y - at.y())) + (area.left() - at.x());
        std::copy(from, from + area.width(), reinterpret_cast<QRgb*>(frame.scanLine(y)) + area.left());
    }
}

} // namespace

/// Device pixels by which the viewport's corner misses the raster (fractional scale factors).
QPoint SampleGrid::alignment() const {
    const QPointF corner = QPointF(viewport()->mapTo(viewport()->window(), QPoint(0, 0))) * ratio_;
    return {int(std::lround(corner.x())), int(std::lround(corner.y()))};
}

void SampleGrid::paintTile(int position, const QRect& tile, std::vector<int32_t>& missing) {
    const int32_t id = order_[size_t(position)];
    strata::Shape shape;
    const uint8_t* pixels = index_->dataset(id).pixels(index_->index(id), shape);
    QRect picture;
    if (pixels && shape.elements() <= kDirect) {
        const QSize size = fittedSize(QSize(int(shape[2]), int(shape[1])), tile.width());
        picture = QRect(tile.topLeft() + QPoint((tile.width() - size.width()) / 2, (tile.height() - size.height()) / 2), size);
        if (frame_.rect().contains(picture)) {
            auto* into = reinterpret_cast<uint32_t*>(frame_.scanLine(picture.top())) + picture.left();
            drawPixels(pixels, shape, into, frame_.bytesPerLine() / 4, size);
        } else {
            blit(frame_, pictureImage(pixels, shape, size), picture.topLeft());
        }
    } else {
        const QImage* image = thumbs_.find(id);
        const QSize size = image ? fittedSize(image->size(), tile.width()) : tile.size();
        picture = QRect(tile.topLeft() + QPoint((tile.width() - size.width()) / 2, (tile.height() - size.height()) / 2), size);
        if (image)
            blit(frame_, image->size() == size ? *image : image->scaled(size), picture.topLeft());
        else
            fill(frame_, tile, color(Token::Surface3).rgb());
        if (!image || std::max(image->width(), image->height()) != tile.width()) missing.push_back(id);
    }
    if (states_ && states_->excluded(id)) dim(frame_, picture, color(Token::Surface1));
}

void SampleGrid::paintMarks(QPainter& painter, int position, const QRect& tile) const {
    const int32_t id = order_[size_t(position)];
    if (isSelected(id)) {
        const int width = int(std::lround((geometry_.gap >= int(4 * ratio_) ? 2 : 1) * ratio_));
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(Token::Accent));
        for (const QRect& side :
             {QRect(tile.x() - width, tile.y() - width, tile.width() + 2 * width, width),
              QRect(tile.x() - width, tile.bottom() + 1, tile.width() + 2 * width, width),
              QRect(tile.x() - width, tile.y(), width, tile.height()), QRect(tile.right() + 1, tile.y(), width, tile.height())})
            painter.drawRect(side);
    }
    if (thumbs_.isBroken(id)) {
        const int size = std::min(measure::kIcon, int(tile.width() / ratio_) - 4);
        const QPixmap icon = iconPixmap("warning", size, color(Token::Warning), ratio_);
        painter.drawPixmap(
            QRectF(tile.center().x() - size * ratio_ / 2, tile.center().y() - size * ratio_ / 2, size * ratio_, size * ratio_), icon,
            QRectF(icon.rect()));
    }
    if (!states_ || !(states_->excluded(id) || states_->relabelled(id) || states_->tagged(id))) return;
    struct Mark {
        bool on;
        const char* icon;
        Token token;
    };
    int at = 0;
    const bool icons = tile.width() >= kBadgesFrom * ratio_;
    const int side = int(std::lround((icons ? kBadge : 6) * ratio_)), inset = int(std::lround(2 * ratio_));
    painter.setPen(Qt::NoPen);
    for (const Mark& mark : {Mark{states_->excluded(id), "exclude", Token::Error}, Mark{states_->relabelled(id), "rename", Token::Accent},
                             Mark{states_->tagged(id), "tag", Token::Success}}) {
        if (!mark.on) continue;
        const QRect box(tile.left() + inset + at * (side + inset), tile.bottom() + 1 - inset - side, side, side);
        ++at;
        painter.setBrush(icons ? color(Token::Surface2) : color(mark.token));
        painter.drawRoundedRect(box, 4 * ratio_, 4 * ratio_);
        if (!icons) continue;
        const QPixmap icon = iconPixmap(mark.icon, measure::kIconRow, color(mark.token), ratio_);
        const auto size = int(std::lround(measure::kIconRow * ratio_));
        painter.drawPixmap(QRect(box.center().x() - size / 2 + 1, box.center().y() - size / 2 + 1, size, size), icon, icon.rect());
    }
}

void SampleGrid::paintCurrent(QPainter& painter) const {
    if (current_ < 0 || current_ >= int(order_.size())) return;
    const QRectF tile = geometry_.tileRect(current_).translated(0, -offset());
    const auto ring = [&](double out, const QColor& tone) {
        painter.setPen(QPen(tone, 2 * ratio_));
        painter.setBrush(Qt::NoBrush);
        const double radius = out > 2 * ratio_ ? 4 * ratio_ : ratio_; // a round corner beside the tile would cover its own
        painter.drawRoundedRect(tile.adjusted(-out, -out, out, out), radius, radius);
    };
    painter.setRenderHint(QPainter::Antialiasing);
    if (!hasFocus()) {
        if (!isSelected(current())) ring(1 * ratio_, color(Token::LineStrong));
        return;
    }
    ring(3 * ratio_, color(Token::Surface1));
    ring(5 * ratio_, color(Token::Accent));
}

void SampleGrid::paintEvent(QPaintEvent* event) {
    const QSize size(int(std::ceil(viewport()->width() * ratio_)), int(std::ceil(viewport()->height() * ratio_)));
    if (frame_.size() != size) frame_ = QImage(size, QImage::Format_RGB32);
    const QRect dirty = event->rect();
    const QRect area = QRectF(dirty.x() * ratio_, dirty.y() * ratio_, dirty.width() * ratio_, dirty.height() * ratio_).toAlignedRect();
    fill(frame_, area, color(Token::Surface1).rgb());
    std::vector<int32_t> missing;
    const int top = offset();
    const auto [first, last] = geometry_.rowsIn(area.top() + top - geometry_.gap, area.bottom() + 1 + top + geometry_.gap);
    const int begin = first * geometry_.columns(), end = std::min(geometry_.count, (last + 1) * geometry_.columns());
    for (int position = begin; position < end; ++position) {
        const QRect tile = geometry_.tileRect(position).translated(0, -top);
        if (tile.intersects(area)) paintTile(position, tile, missing);
    }
    QPainter painter(viewport());
    // Whole device pixels: the corner of a viewport may lie between them at fractional scale factors.
    const QPointF corner = QPointF(viewport()->mapTo(viewport()->window(), QPoint(0, 0))) * ratio_;
    painter.scale(1 / ratio_, 1 / ratio_);
    painter.translate(QPointF(alignment()) - corner);
    painter.drawImage(area.topLeft(), frame_, area);
    for (int position = begin; position < end; ++position) paintMarks(painter, position, geometry_.tileRect(position).translated(0, -top));
    paintCurrent(painter);
    if (band_ && band_->active) {
        QColor tone = color(Token::Accent);
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(QPen(tone, ratio_));
        tone.setAlphaF(0.15f);
        painter.setBrush(tone);
        painter.drawRect(QRect(band_->origin, band_->last).normalized().translated(0, -top));
    }
    if (area.height() >= size.height() - 1 || !missing.empty()) thumbs_.want(std::move(missing));
}

} // namespace strata
