// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/picture_view.h"
#include "widgets/common/picture.h"
#include "widgets/common/theme.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace strata {

QString pixelText(const ShownPicture& picture, const QPoint& pixel) {
    const std::vector<double> numbers = picture.at(pixel.x(), pixel.y());
    if (numbers.empty()) return {};
    const auto text = [&](double value) { return picture.values ? QString::number(value, 'f', 2) : QString::number(int(value)); };
    QString result = QString("%1, %2   ").arg(pixel.x()).arg(pixel.y());
    if (numbers.size() == 1) return result + QCoreApplication::translate("PictureView", "Grey %1").arg(text(numbers[0]));
    const char* const names[] = {"R", "G", "B"};
    for (size_t c = 0; c < numbers.size() && c < 3; ++c) result += QString("%1 %2  ").arg(names[c], text(numbers[c]));
    return result.trimmed();
}

PictureView::PictureView(const QString& accessibleName, QWidget* parent) : QWidget(parent) {
    setAccessibleName(accessibleName);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
}

void PictureView::setKeyboardCross(bool on) { keyboard_ = on; }

void PictureView::setPicture(const ShownPicture& picture) {
    picture_ = picture;
    message_.clear();
    scaled_ = {};
    update();
    if (pixel_.x() >= picture_.image.width() || pixel_.y() >= picture_.image.height()) setPixel({-1, -1}, false);
    emit pixelChanged(pixel_); // other numbers at the same place
}

void PictureView::setMessage(const QString& text) {
    setPicture({});
    message_ = text;
}

QSize PictureView::deviceSize() const {
    const double ratio = devicePixelRatioF();
    return picture_.empty() ? QSize() : fittedSize(picture_.image.size(), QSize(int(width() * ratio), int(height() * ratio)));
}

QRectF PictureView::pictureRect() const {
    const double ratio = devicePixelRatioF();
    const QSize size = deviceSize();
    const int left = (int(width() * ratio) - size.width()) / 2, top = (int(height() * ratio) - size.height()) / 2;
    return {left / ratio, top / ratio, size.width() / ratio, size.height() / ratio};
}

QPoint PictureView::pixelAt(const QPointF& point) const {
    const QRectF rect = pictureRect();
    if (picture_.empty() || !rect.contains(point)) return {-1, -1};
    return {std::min(picture_.image.width() - 1, int((point.x() - rect.x()) * picture_.image.width() / rect.width())),
            std::min(picture_.image.height() - 1, int((point.y() - rect.y()) * picture_.image.height() / rect.height()))};
}

void PictureView::setPixel(const QPoint& pixel, bool cross) {
    if (pixel == pixel_ && cross == cross_) return;
    pixel_ = pixel;
    cross_ = cross;
    setAccessibleDescription(pixelText(picture_, pixel));
    update();
    emit pixelChanged(pixel);
}

void PictureView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color(Token::Surface0));
    painter.drawRoundedRect(rect(), measure::kRadiusControl, measure::kRadiusControl);
    if (picture_.empty()) {
        painter.setPen(color(Token::Text3));
        painter.setFont(strata::font(Type::Caption));
        painter.drawText(rect().adjusted(measure::kSpace16, measure::kSpace16, -measure::kSpace16, -measure::kSpace16),
                         int(Qt::AlignCenter | Qt::TextWordWrap), message_);
    } else {
        if (scaled_.size() != deviceSize()) scaled_ = scaledPicture(picture_.image, deviceSize());
        painter.save();
        const double ratio = devicePixelRatioF();
        const QPointF corner = QPointF(mapTo(window(), QPoint(0, 0))) * ratio;
        painter.scale(1 / ratio, 1 / ratio);
        painter.translate(QPointF(corner.toPoint()) - corner);
        painter.drawImage((pictureRect().topLeft() * ratio).toPoint(), scaled_);
        painter.restore();
    }
    if (cross_ && pixel_.x() >= 0) {
        const QRectF area = pictureRect();
        const double w = area.width() / picture_.image.width(), h = area.height() / picture_.image.height();
        const QRectF cell(area.x() + pixel_.x() * w, area.y() + pixel_.y() * h, w, h);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color(Token::Surface2), 3));
        painter.drawRect(cell.adjusted(-1, -1, 1, 1));
        painter.setPen(QPen(color(Token::Accent), 1.5));
        painter.drawRect(cell.adjusted(-1, -1, 1, 1));
    }
    if (hasFocus()) drawFocusRing(painter, QRectF(rect()).adjusted(2, 2, -2, -2), measure::kRadiusControl);
}

void PictureView::mouseMoveEvent(QMouseEvent* event) { setPixel(pixelAt(event->position()), false); }

void PictureView::leaveEvent(QEvent*) {
    if (!cross_) setPixel({-1, -1}, false);
}

void PictureView::focusOutEvent(QFocusEvent* event) {
    setPixel({-1, -1}, false);
    QWidget::focusOutEvent(event);
    update();
}

void PictureView::keyPressEvent(QKeyEvent* event) {
    const int steps = event->modifiers() & Qt::ShiftModifier ? 8 : 1;
    QPoint by;
    if (event->key() == Qt::Key_Left) by = {-steps, 0};
    if (event->key() == Qt::Key_Right) by = {steps, 0};
    if (event->key() == Qt::Key_Up) by = {0, -steps};
    if (event->key() == Qt::Key_Down) by = {0, steps};
    if (!keyboard_ || by.isNull() || picture_.empty()) return QWidget::keyPressEvent(event);
    const QPoint from = pixel_.x() >= 0 ? pixel_ + by : QPoint(picture_.image.width() / 2, picture_.image.height() / 2);
    setPixel({std::clamp(from.x(), 0, picture_.image.width() - 1), std::clamp(from.y(), 0, picture_.image.height() - 1)}, true);
}

} // namespace strata
