// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/schedule_sketch.h"
#include "core/base/error.h"
#include "core/train/schedule.h"
#include "widgets/common/theme.h"
#include "widgets/train/curve_style.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr int kHeight = 88, kPoints = 257, kPad = 8, kUnknownSteps = 100;

} // namespace

ScheduleSketch::ScheduleSketch(QWidget* parent) : QWidget(parent) {
    setFixedHeight(kHeight);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Learning rate over the run"));
}

QSize ScheduleSketch::sizeHint() const { return {240, kHeight}; }
QSize ScheduleSketch::minimumSizeHint() const { return {120, kHeight}; }

void ScheduleSketch::setPlan(const ComponentChoice& choice, double baseRate, int64_t epochs, int64_t stepsPerEpoch) {
    rates_.clear();
    problem_.clear();
    epochs_ = std::max<int64_t>(epochs, 1);
    const int64_t perEpoch = stepsPerEpoch > 0 ? stepsPerEpoch : kUnknownSteps;
    const int64_t total = epochs_ * perEpoch;
    try {
        const Schedule schedule(choice.id, choice.params);
        const int64_t points = std::min<int64_t>(kPoints, total);
        for (int64_t i = 0; i < points; ++i) {
            const int64_t step = points > 1 ? (total - 1) * i / (points - 1) : 0;
            rates_.push_back(schedule.learningRate(baseRate, {step, perEpoch, total}));
        }
    } catch (const Error& error) { problem_ = QString::fromUtf8(error.what()); }
    describe();
    update();
}

void ScheduleSketch::setProgress(double epochs) {
    if (epochs == progress_) return;
    progress_ = epochs;
    update();
}

void ScheduleSketch::describe() {
    QString text = problem_;
    if (!rates_.empty()) {
        const auto peak = std::max_element(rates_.begin(), rates_.end());
        const double at = double(peak - rates_.begin()) / double(std::max<size_t>(rates_.size() - 1, 1)) * double(epochs_);
        text = tr("From %1 to %2 at epoch %3, %4 at the end")
                   .arg(curveValueText(rates_.front(), CurveUnit::Rate), curveValueText(*peak, CurveUnit::Rate),
                        QString::number(at, 'f', 1), curveValueText(rates_.back(), CurveUnit::Rate));
    }
    setAccessibleDescription(text);
    setToolTip(text);
}

QRectF ScheduleSketch::plotRect() const {
    return QRectF(rect()).adjusted(kPad, lineHeight(Type::Caption) + 8, -kPad, -lineHeight(Type::Caption) - 8);
}

void ScheduleSketch::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color(Token::Surface1));
    painter.drawRoundedRect(rect(), measure::kRadiusControl, measure::kRadiusControl);
    painter.setFont(strata::font(Type::Caption));
    if (rates_.empty()) {
        painter.setPen(color(Token::Text3));
        painter.drawText(rect().adjusted(kPad, 0, -kPad, 0), Qt::AlignCenter | Qt::TextWordWrap, problem_);
        return;
    }
    const QRectF plot = plotRect();
    painter.setPen(QPen(color(Token::Line), 1));
    painter.drawLine(QPointF(plot.left(), plot.bottom() + 0.5), QPointF(plot.right(), plot.bottom() + 0.5));
    const double top = *std::max_element(rates_.begin(), rates_.end());
    QPolygonF line;
    for (size_t i = 0; i < rates_.size(); ++i) {
        const double x = rates_.size() > 1 ? double(i) / double(rates_.size() - 1) : 0;
        line.append(QPointF(plot.left() + x * plot.width(), plot.bottom() - (top > 0 ? rates_[i] / top : 0) * plot.height()));
    }
    if (line.size() == 1) line.append(QPointF(plot.right(), line[0].y()));
    QPainterPath area;
    area.addPolygon(line);
    area.lineTo(plot.right(), plot.bottom());
    area.lineTo(plot.left(), plot.bottom());
    area.closeSubpath();
    QColor fill = color(Token::Accent);
    fill.setAlphaF(0.12f);
    painter.fillPath(area, fill);
    painter.setPen(QPen(color(Token::Accent), 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    if (progress_ >= 0) {
        const double x = plot.left() + std::clamp(progress_ / double(epochs_), 0.0, 1.0) * plot.width();
        painter.setPen(QPen(color(Token::LineStrong), 1));
        painter.drawLine(QPointF(x, plot.top() - 4), QPointF(x, plot.bottom()));
    }
    painter.setPen(color(Token::Text3));
    const QRectF above(plot.left(), 4, plot.width(), lineHeight(Type::Caption)),
        below(plot.left(), plot.bottom() + 4, plot.width(), lineHeight(Type::Caption));
    painter.drawText(above, Qt::AlignLeft | Qt::AlignVCenter, tr("Up to %1").arg(curveValueText(top, CurveUnit::Rate)));
    painter.drawText(below, Qt::AlignLeft | Qt::AlignVCenter, curveValueText(rates_.front(), CurveUnit::Rate));
    painter.drawText(below, Qt::AlignRight | Qt::AlignVCenter,
                     tr("%1 at epoch %2").arg(curveValueText(rates_.back(), CurveUnit::Rate)).arg(epochs_));
}

} // namespace strata
