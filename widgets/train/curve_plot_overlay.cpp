// SPDX-License-Identifier: GPL-3.0-or-later
// What a plot paints over its curves: the empty text, the line at the mark and the box of readings.
#include "widgets/common/theme.h"
#include "widgets/train/curve_plot.h"

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr int kRow = 18, kPad = 8, kSample = 16, kGap = 6, kColumnGap = 12;

} // namespace

void CurvePlot::paintEvent(QPaintEvent* event) {
    QCustomPlot::paintEvent(event);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (empty())
        paintEmpty(painter);
    else if (mark_)
        paintMark(painter);
    if (hasFocus()) drawFocusRing(painter, QRectF(rect()).adjusted(1, 1, -1, -1), 4);
}

void CurvePlot::paintEmpty(QPainter& painter) {
    painter.setFont(strata::font(Type::Body));
    painter.setPen(color(Token::Text3));
    const QRect inner = axisRect()->rect().adjusted(8, 0, -8, 0);
    const QRect box = painter.boundingRect(inner, Qt::AlignCenter | Qt::TextWordWrap, emptyText_).adjusted(-8, -4, 8, 4);
    if (!emptyText_.isEmpty()) painter.fillRect(box & axisRect()->rect(), color(Token::Surface2));
    painter.drawText(inner, Qt::AlignCenter | Qt::TextWordWrap, emptyText_);
}

/// The line at the mark and a dot on each curve.
void CurvePlot::paintMark(QPainter& painter) {
    const QRectF inner = axisRect()->rect();
    const double px = xAxis->coordToPixel(*mark_);
    if (px < inner.left() - 0.5 || px > inner.right() + 0.5) return;
    painter.setPen(QPen(color(Token::LineStrong), 1));
    const double line = std::floor(px) + 0.5;
    painter.drawLine(QPointF(line, inner.top()), QPointF(line, inner.bottom()));
    for (const Reading& reading : readings()) {
        const double y = yAxis->coordToPixel(reading.value), x = xAxis->coordToPixel(reading.x);
        if (!inner.contains(QPointF(x, y))) continue;
        painter.setPen(QPen(color(Token::Surface2), 1.5));
        QColor fill = curvePen(reading.style).color();
        fill.setAlphaF(1);
        painter.setBrush(fill);
        painter.drawEllipse(QPointF(x, y), 3.5, 3.5);
    }
    paintReadings(painter);
}

/// The side away from the mark; there the corner from which the curves keep away.
QRectF CurvePlot::readingsPlace(const QSizeF& size) const {
    const QRectF inner = axisRect()->rect();
    const bool right = xAxis->coordToPixel(*mark_) < inner.center().x();
    const double left = right ? inner.right() - size.width() : inner.left();
    const double from = xAxis->pixelToCoord(left), to = xAxis->pixelToCoord(left + size.width());
    double above = 0, below = 0; // pixels between the curves and the edges
    bool any = false;
    for (const auto& [key, item] : items_) {
        const Extent extent = item->valueExtent({from, to}, log(Qt::Vertical));
        if (extent.empty) continue;
        const double top = yAxis->coordToPixel(extent.high) - inner.top(), bottom = inner.bottom() - yAxis->coordToPixel(extent.low);
        above = any ? std::min(above, top) : top;
        below = any ? std::min(below, bottom) : bottom;
        any = true;
    }
    const bool low = any && below > above && size.height() < inner.height();
    return {QPointF(left, low ? inner.bottom() - size.height() : inner.top()), size};
}

void CurvePlot::paintReadings(QPainter& painter) {
    std::vector<Reading> all = readings();
    painter.setFont(strata::font(Type::Caption));
    const QFontMetrics metrics = painter.fontMetrics();
    const double room = height() - axisRect()->top() - kPad;
    const auto most = size_t(std::max(1.0, std::floor((room - kPad) / kRow)));
    if (all.size() > most) std::erase_if(all, [](const Reading& reading) { return !reading.style.validation; }); // those matter more
    const bool heading = all.size() + 1 <= most || most > 4;
    const size_t rows = std::min(all.size(), most - (heading ? 1 : 0));
    QStringList names, values;
    int nameWidth = 0, valueWidth = 0;
    for (size_t i = 0; i < rows; ++i) {
        const bool more = i + 1 == rows && rows < all.size();
        names << (more                      ? tr("%1 more").arg(all.size() - i)
                  : all[i].style.validation ? all[i].style.run
                                            : tr("%1, training").arg(all[i].style.run));
        values << (more ? QString() : curveValueText(all[i].value, unit_));
        nameWidth = std::max(nameWidth, metrics.horizontalAdvance(names.back()));
        valueWidth = std::max(valueWidth, metrics.horizontalAdvance(values.back()));
    }
    const QString title = curveXText(*mark_, xKind_);
    int width = 2 * kPad + kSample + kGap + nameWidth + kColumnGap + valueWidth;
    if (heading) width = std::max(width, metrics.horizontalAdvance(title) + 2 * kPad);
    width = std::min(width, axisRect()->width());
    const QRectF box = readingsPlace(QSizeF(width, int(rows + (heading ? 1 : 0)) * kRow + kPad));
    QColor back = color(Token::Surface3);
    back.setAlphaF(0.94f);
    painter.setPen(Qt::NoPen);
    painter.setBrush(back);
    painter.drawRoundedRect(box, measure::kRadiusControl, measure::kRadiusControl);
    QRectF row(box.left() + kPad, box.top() + kPad / 2, width - 2 * kPad, kRow);
    if (heading) {
        painter.setPen(color(Token::Text2));
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, title);
        row.translate(0, kRow);
    }
    for (qsizetype i = 0; i < qsizetype(rows); ++i, row.translate(0, kRow)) {
        if (!values[i].isEmpty()) {
            painter.setPen(curvePen(all[size_t(i)].style));
            const double y = std::floor(row.center().y()) + 0.5;
            painter.drawLine(QPointF(row.left(), y), QPointF(row.left() + kSample, y));
        }
        const QRectF name = row.adjusted(kSample + kGap, 0, -valueWidth - 4, 0);
        painter.setPen(color(Token::Text2));
        painter.drawText(name, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(names[i], Qt::ElideRight, int(name.width()) + 1));
        painter.setPen(color(Token::Text1));
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, values[i]);
    }
}

} // namespace strata
