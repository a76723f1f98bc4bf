// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/rate_finder_view.h"
#include "widgets/common/theme.h"
#include "widgets/train/curve_style.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr int kLeft = 48, kRight = 16, kTop = 12, kBottom = 44;
constexpr double kKeyStep = 1.1; ///< of the rate
constexpr int kRows = 4;

/// Two significant digits: what a person would type.
double rounded(double rate) {
    const double unit = std::pow(10.0, std::floor(std::log10(rate)) - 1);
    return std::round(rate / unit) * unit;
}

} // namespace

RateFinderView::RateFinderView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(240, 180);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Loss over the learning rate"));
    setCursor(Qt::CrossCursor);
}

QSize RateFinderView::sizeHint() const { return {560, 280}; }

void RateFinderView::clear() {
    points_.clear();
    suggestion_.reset();
    picked_.reset();
    setAccessibleDescription({});
    update();
}

void RateFinderView::setSpan(double lowest, double highest) {
    lowest_ = lowest;
    highest_ = highest;
    update();
}

void RateFinderView::add(const Point& point) {
    points_.push_back(point);
    update();
}

void RateFinderView::setSuggestion(std::optional<double> rate) {
    suggestion_ = rate ? std::optional<double>(rounded(*rate)) : std::nullopt;
    if (suggestion_ && !picked_) choose(*suggestion_);
    update();
}

void RateFinderView::pick(std::optional<double> rate) {
    picked_ = rate;
    setAccessibleDescription(picked_ ? tr("Picked %1").arg(curveValueText(*picked_, CurveUnit::Rate)) : QString());
    update();
}

void RateFinderView::choose(double rate) {
    pick(std::clamp(rounded(rate), lowest_, highest_));
    emit pickedChanged(*picked_);
}

QRectF RateFinderView::plotRect() const { return QRectF(rect()).adjusted(kLeft, kTop, -kRight, -kBottom); }

double RateFinderView::xOf(double rate) const {
    const QRectF plot = plotRect();
    return plot.left() + std::log(rate / lowest_) / std::log(highest_ / lowest_) * plot.width();
}

double RateFinderView::rateAt(double x) const {
    const QRectF plot = plotRect();
    return lowest_ * std::pow(highest_ / lowest_, std::clamp((x - plot.left()) / plot.width(), 0.0, 1.0));
}

/// From a little below the lowest to a little above where it began: the explosion at the end tells nothing.
std::pair<double, double> RateFinderView::lossRange() const {
    if (points_.empty()) return {0, 1};
    double low = INFINITY, high = points_.front().smoothed;
    for (const Point& point : points_)
        if (std::isfinite(point.smoothed)) low = std::min(low, point.smoothed);
    for (const Point& point : points_)
        if (std::isfinite(point.loss)) high = std::max(high, std::min(point.loss, points_.front().smoothed * 1.2));
    if (!(high > low)) high = low + 1;
    const double room = (high - low) * 0.08;
    return {std::max(0.0, low - room), high + room};
}

void RateFinderView::drawGrid(QPainter& painter, const QRectF& plot, double low, double high) const {
    painter.setFont(strata::font(Type::Caption));
    const double wished = (high - low) / kRows, unit = std::pow(10.0, std::floor(std::log10(wished)));
    const double step = unit * (wished / unit <= 1 ? 1 : wished / unit <= 2 ? 2 : wished / unit <= 5 ? 5 : 10);
    for (double value = std::ceil(low / step) * step; value <= high; value += step) {
        const double y = std::round(plot.bottom() - plot.height() * (value - low) / (high - low)) + 0.5;
        painter.setPen(QPen(color(Token::Line), 1));
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(color(Token::Text3));
        painter.drawText(QRectF(0, y - 8, kLeft - 8, 16), Qt::AlignRight | Qt::AlignVCenter, curveTickText(value, CurveUnit::Plain, step));
    }
    for (int power = int(std::ceil(std::log10(lowest_) - 1e-9)); std::pow(10.0, power) <= highest_ * 1.0001; ++power) {
        const double rate = std::pow(10.0, power), x = std::round(xOf(rate)) + 0.5;
        painter.setPen(QPen(color(Token::Line), 1));
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        painter.setPen(color(Token::Text3));
        painter.drawText(QRectF(x - 40, plot.bottom() + 4, 80, 16), Qt::AlignHCenter | Qt::AlignTop, curveValueText(rate, CurveUnit::Rate));
    }
    painter.drawText(QRectF(plot.left(), plot.bottom() + 22, plot.width(), 16), Qt::AlignCenter, tr("Learning rate"));
}

void RateFinderView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF plot = plotRect();
    const auto [low, high] = lossRange();
    drawGrid(painter, plot, low, high);
    const auto yOf = [&](double loss) { return plot.bottom() - (loss - low) / (high - low) * plot.height(); };
    if (points_.empty()) {
        painter.setFont(strata::font(Type::Body));
        painter.setPen(color(Token::Text3));
        painter.drawText(plot, Qt::AlignCenter | Qt::TextWordWrap, tr("The curve appears here after the first batch."));
    }
    painter.save();
    painter.setClipRect(plot.adjusted(-2, -2, 2, 2));
    QPolygonF raw, smooth;
    for (const Point& point : points_) {
        if (std::isfinite(point.loss)) raw.append(QPointF(xOf(point.rate), std::clamp(yOf(point.loss), -1e4, 1e4)));
        if (std::isfinite(point.smoothed)) smooth.append(QPointF(xOf(point.rate), std::clamp(yOf(point.smoothed), -1e4, 1e4)));
    }
    painter.setPen(rawPen({{}, 1, false, true}));
    painter.drawPolyline(raw);
    painter.setPen(curvePen({{}, 1, true, true}));
    painter.drawPolyline(smooth);
    painter.restore();
    const auto mark = [&](double rate, const QPen& pen) {
        const double x = std::floor(xOf(rate)) + 0.5;
        painter.setPen(pen);
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        return x;
    };
    if (suggestion_) mark(*suggestion_, QPen(color(Token::LineStrong), 1, Qt::DashLine));
    if (picked_) {
        const double x = mark(*picked_, QPen(color(Token::Accent), 2));
        const QString text = curveValueText(*picked_, CurveUnit::Rate);
        painter.setFont(strata::font(Type::Caption));
        const int width = painter.fontMetrics().horizontalAdvance(text) + 12;
        const QRectF box(std::clamp(x - width / 2.0, plot.left(), plot.right() - width), plot.top(), width, 20);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(Token::Accent));
        painter.drawRoundedRect(box, 4, 4);
        painter.setPen(color(Token::OnAccent));
        painter.drawText(box, Qt::AlignCenter, text);
    }
    if (hasFocus()) drawFocusRing(painter, QRectF(rect()).adjusted(1, 1, -1, -1), 4);
}

void RateFinderView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) choose(rateAt(event->position().x()));
}
void RateFinderView::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton) choose(rateAt(event->position().x()));
}
void RateFinderView::mouseDoubleClickEvent(QMouseEvent* event) {
    choose(rateAt(event->position().x()));
    emit accepted();
}

void RateFinderView::keyPressEvent(QKeyEvent* event) {
    const double factor = event->modifiers() & Qt::ShiftModifier ? std::pow(kKeyStep, 10) : kKeyStep;
    const double now = picked_.value_or(suggestion_.value_or(std::sqrt(lowest_ * highest_)));
    switch (event->key()) {
    case Qt::Key_Right:
    case Qt::Key_Up: return choose(now * factor);
    case Qt::Key_Left:
    case Qt::Key_Down: return choose(now / factor);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (picked_) return emit accepted();
        break;
    default: break;
    }
    event->ignore();
}

} // namespace strata
