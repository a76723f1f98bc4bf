// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predict/photo_view.h"
#include "widgets/common/picture.h"
#include "widgets/common/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr double kDim = 0.55;
constexpr int kFrame = 2, kSmallestCrop = 8, kBigStep = 10;
constexpr double kResizeStep = 1.1;

} // namespace

PhotoView::PhotoView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Photo"));
    describe();
}

void PhotoView::setPhoto(const QImage& preview, const QSize& size) {
    preview_ = preview;
    size_ = size;
    crop_ = {};
    map_ = {};
    scaled_ = {};
    grip_.reset();
    describe();
    update();
}

void PhotoView::setCrop(const QRect& crop) {
    if (crop == crop_) return;
    crop_ = crop;
    describe();
    update();
}

void PhotoView::setHeatMap(const QImage& map) {
    map_ = map;
    update();
}

void PhotoView::setOpacity(double opacity) {
    opacity_ = std::clamp(opacity, 0.0, 1.0);
    update();
}

void PhotoView::describe() {
    if (!hasPhoto()) return setAccessibleDescription(tr("No photo"));
    setAccessibleDescription(tr("%1 by %2 pixels; the network receives %3 by %4 from %5, %6. Arrows move that part.")
                                 .arg(size_.width())
                                 .arg(size_.height())
                                 .arg(crop_.width())
                                 .arg(crop_.height())
                                 .arg(crop_.x())
                                 .arg(crop_.y()));
}

QRectF PhotoView::photoRect() const { return pictureRect(QRectF(rect()).adjusted(4, 4, -4, -4), preview_.size(), devicePixelRatioF()); }

QRectF PhotoView::cropRect() const {
    if (!hasPhoto() || crop_.isEmpty()) return {};
    const QRectF photo = photoRect();
    const double scale = photo.width() / size_.width();
    return {photo.x() + crop_.x() * scale, photo.y() + crop_.y() * scale, crop_.width() * scale, crop_.height() * scale};
}

void PhotoView::moveTo(const QPoint& corner) {
    const QPoint bounded(std::clamp(corner.x(), 0, std::max(0, size_.width() - crop_.width())),
                         std::clamp(corner.y(), 0, std::max(0, size_.height() - crop_.height())));
    if (crop_.isEmpty() || bounded == crop_.topLeft()) return;
    crop_.moveTopLeft(bounded);
    describe();
    update();
    emit cropMoved(crop_);
}

void PhotoView::resizeBy(double factor) {
    if (crop_.isEmpty()) return;
    const double largest = std::min(double(size_.width()) / crop_.width(), double(size_.height()) / crop_.height());
    const double smallest = double(kSmallestCrop) / std::min(crop_.width(), crop_.height());
    const double bounded = std::min(largest, std::max(smallest, factor));
    // At least one pixel, so that small photos can be changed too; the aspect of the frame stays.
    const int step = factor > 1 ? 1 : -1;
    int width = int(std::lround(crop_.width() * bounded)), height = int(std::lround(crop_.height() * bounded));
    if (width == crop_.width() && bounded != 1) width += step, height += step;
    width = std::clamp(width, std::min(kSmallestCrop, size_.width()), size_.width());
    height = std::clamp(height, std::min(kSmallestCrop, size_.height()), size_.height());
    QRect next(crop_.center() - QPoint(width / 2, height / 2), QSize(width, height));
    next.moveLeft(std::clamp(next.x(), 0, size_.width() - width));
    next.moveTop(std::clamp(next.y(), 0, size_.height() - height));
    if (next == crop_) return;
    crop_ = next;
    describe();
    update();
    emit cropMoved(crop_);
}

void PhotoView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !hasPhoto() || crop_.isEmpty()) return;
    // A press outside the frame brings its middle there first.
    if (!cropRect().contains(event->position()) && photoRect().contains(event->position())) {
        const double scale = size_.width() / photoRect().width();
        const QPointF at = (event->position() - photoRect().topLeft()) * scale;
        moveTo(QPoint(int(at.x()) - crop_.width() / 2, int(at.y()) - crop_.height() / 2));
    }
    if (!photoRect().contains(event->position())) return;
    grip_ = Grip{event->position(), crop_};
    setCursor(Qt::ClosedHandCursor);
}

void PhotoView::mouseMoveEvent(QMouseEvent* event) {
    if (!grip_) return setCursor(cropRect().contains(event->position()) ? Qt::OpenHandCursor : Qt::ArrowCursor);
    const double scale = size_.width() / photoRect().width();
    const QPointF moved = (event->position() - grip_->at) * scale;
    moveTo(grip_->crop.topLeft() + QPoint(int(std::lround(moved.x())), int(std::lround(moved.y()))));
}

void PhotoView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !grip_) return;
    grip_.reset();
    setCursor(cropRect().contains(event->position()) ? Qt::OpenHandCursor : Qt::ArrowCursor);
}

void PhotoView::keyPressEvent(QKeyEvent* event) {
    const int step = event->modifiers().testFlag(Qt::ShiftModifier) ? kBigStep : 1;
    if (!hasPhoto() || event->modifiers().testFlag(Qt::AltModifier)) return QWidget::keyPressEvent(event);
    switch (event->key()) {
    case Qt::Key_Left: return moveTo(crop_.topLeft() - QPoint(step, 0));
    case Qt::Key_Right: return moveTo(crop_.topLeft() + QPoint(step, 0));
    case Qt::Key_Up: return moveTo(crop_.topLeft() - QPoint(0, step));
    case Qt::Key_Down: return moveTo(crop_.topLeft() + QPoint(0, step));
    case Qt::Key_Plus:
    case Qt::Key_Equal: return resizeBy(kResizeStep);
    case Qt::Key_Minus: return resizeBy(1 / kResizeStep);
    case Qt::Key_0: emit cropReset(); return;
    default: QWidget::keyPressEvent(event);
    }
}

void PhotoView::wheelEvent(QWheelEvent* event) {
    if (!event->modifiers().testFlag(Qt::ControlModifier)) return QWidget::wheelEvent(event);
    resizeBy(event->angleDelta().y() > 0 ? kResizeStep : 1 / kResizeStep);
    event->accept();
}

void PhotoView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (!hasPhoto()) return;
    const QRectF photo = photoRect();
    const double ratio = devicePixelRatioF();
    const QSize device = (photo.size() * ratio).toSize();
    if (scaled_.size() != device) {
        const bool enlarged = device.width() > preview_.width();
        scaled_ = QPixmap::fromImage(
            preview_.scaled(device, Qt::IgnoreAspectRatio, enlarged ? Qt::FastTransformation : Qt::SmoothTransformation));
    }
    scaled_.setDevicePixelRatio(ratio);
    painter.drawPixmap(photo.topLeft(), scaled_);
    const QRectF frame = cropRect();
    if (!frame.isEmpty()) {
        if (!map_.isNull()) {
            painter.save();
            painter.setRenderHint(QPainter::SmoothPixmapTransform);
            painter.setOpacity(opacity_);
            painter.drawImage(frame, map_);
            painter.restore();
        }
        QPainterPath outside;
        outside.addRect(photo);
        outside.addRect(frame);
        QColor dim = color(Token::Shadow);
        dim.setAlphaF(float(kDim));
        painter.fillPath(outside, dim);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(color(Token::Accent), kFrame));
        painter.drawRect(frame.adjusted(1, 1, -1, -1));
    }
    if (hasFocus()) drawFocusRing(painter, photo.adjusted(-4, -4, 4, 4), measure::kRadiusControl);
}

} // namespace strata
