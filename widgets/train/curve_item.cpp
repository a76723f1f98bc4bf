// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/curve_item.h"

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr double kDotRadius = 2.5;
constexpr qsizetype kMostDots = 40;
constexpr double kFar = 20000; ///< pixels; raster engines overflow far beyond

} // namespace

std::vector<CurveColumn> curveColumns(const CurveData& data, const Pyramid& values, CurveX axis, std::span<const double> edges) {
    std::vector<CurveColumn> columns;
    if (edges.size() < 2) return columns;
    size_t begin = data.lowerBound(edges[0], axis);
    for (size_t c = 0; c + 1 < edges.size(); ++c) {
        const size_t end = data.lowerBound(edges[c + 1], axis);
        if (end > begin) {
            const CurveColumn column{c, values[begin], values[end - 1], values.extent(begin, end)};
            if (!column.extent.empty) columns.push_back(column);
        }
        begin = end;
    }
    return columns;
}

CurveItem::CurveItem(QCPAxis* x, QCPAxis* y, std::shared_ptr<CurveData> data, const CurveStyle& style)
    : QCPAbstractPlottable(x, y), data_(std::move(data)), style_(style) {
    setSelectable(QCP::stNone);
    setAntialiased(true);
}

Extent CurveItem::xExtent() const {
    Extent extent;
    if (data_->size() == 0) return extent;
    extent.add(data_->x(0, kind_));
    extent.add(data_->x(data_->size() - 1, kind_));
    return extent;
}

Extent CurveItem::valueExtent(const QCPRange& x, bool positive) const {
    const size_t begin = data_->lowerBound(x.lower, kind_);
    const size_t end = std::min(data_->size(), data_->lowerBound(std::nextafter(x.upper, HUGE_VAL), kind_));
    Extent extent = data_->shown().extent(begin, end);
    if (&data_->shown() != &data_->raw()) extent.add(data_->raw().extent(begin, end));
    if (!positive || extent.empty) return extent;
    if (extent.high <= 0) return {};
    if (extent.low <= 0) extent.low = std::min(data_->smallestPositive(), extent.high);
    return extent;
}

double CurveItem::yPixel(double value) const {
    if (valueAxis()->scaleType() == QCPAxis::stLogarithmic && value <= 0) return valueAxis()->axisRect()->bottom() + kFar;
    return std::clamp(valueAxis()->coordToPixel(value), -kFar, kFar);
}

QPolygonF CurveItem::points(const Pyramid& values, double columnsPerPixel) const {
    const QCPRange range = keyAxis()->range();
    QPolygonF line;
    size_t begin = data_->lowerBound(range.lower, kind_), end = data_->lowerBound(range.upper, kind_);
    begin -= begin > 0 ? 1 : 0; // the neighbours outside, so that the line leaves the plot at its edges
    end = std::min(end + 1, data_->size());
    const auto add = [&](double px, double value) {
        if (std::isfinite(value)) line.append(QPointF(px, yPixel(value)));
    };
    const double left = keyAxis()->axisRect()->left(), width = keyAxis()->axisRect()->width();
    const auto columns = size_t(std::max(1.0, std::ceil(width * columnsPerPixel)));
    if (end - begin <= 2 * columns) {
        for (size_t i = begin; i < end; ++i) add(std::clamp(keyAxis()->coordToPixel(data_->x(i, kind_)), -kFar, kFar), values[i]);
        return line;
    }
    std::vector<double> edges(columns + 1);
    for (size_t c = 0; c <= columns; ++c) edges[c] = keyAxis()->pixelToCoord(left + double(c) / columnsPerPixel);
    add(std::clamp(keyAxis()->coordToPixel(data_->x(begin, kind_)), -kFar, kFar), values[begin]);
    for (const CurveColumn& column : curveColumns(*data_, values, kind_, edges)) {
        const double px = left + (double(column.column) + 0.5) / columnsPerPixel;
        add(px, column.first);
        const bool rising = column.last >= column.first;
        add(px, rising ? column.extent.low : column.extent.high);
        add(px, rising ? column.extent.high : column.extent.low);
        add(px, column.last);
    }
    add(std::clamp(keyAxis()->coordToPixel(data_->x(end - 1, kind_)), -kFar, kFar), values[end - 1]);
    return line;
}

void CurveItem::drawLine(QCPPainter* painter, const Pyramid& values, const QPen& pen, bool dots) const {
    const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
    const QPolygonF line = points(values, vector ? 2 : painter->device()->devicePixelRatioF());
    painter->setAntialiasing(true);
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    if (line.size() > 1) painter->drawPolyline(line);
    if (!dots || line.isEmpty() || line.size() > kMostDots) return;
    painter->setPen(Qt::NoPen);
    painter->setBrush(pen.color());
    for (const QPointF& point : line) painter->drawEllipse(point, kDotRadius, kDotRadius);
}

void CurveItem::draw(QCPPainter* painter) {
    if (data_->size() == 0 || !keyAxis() || !valueAxis()) return;
    const bool smoothed = &data_->shown() != &data_->raw();
    if (smoothed) drawLine(painter, data_->raw(), rawPen(style_), false);
    QPen pen = curvePen(style_);
    if (smoothed && !style_.validation) { // the trend is what is looked at; the raw line behind says "training" no less
        QColor full = pen.color();
        full.setAlphaF(1);
        pen.setColor(full);
    }
    drawLine(painter, data_->shown(), pen, !style_.smoothable || data_->size() == 1);
}

void CurveItem::drawLegendIcon(QCPPainter* painter, const QRectF& rect) const { drawLineSample(*painter, rect, style_.number); }

double CurveItem::selectTest(const QPointF&, bool, QVariant*) const { return -1; }

QCPRange CurveItem::getKeyRange(bool& found, QCP::SignDomain) const {
    const Extent extent = xExtent();
    found = !extent.empty;
    return {extent.low, extent.high};
}

QCPRange CurveItem::getValueRange(bool& found, QCP::SignDomain domain, const QCPRange& keys) const {
    const Extent all = xExtent();
    const Extent extent = valueExtent(keys == QCPRange() ? QCPRange(all.low, all.high) : keys, domain == QCP::sdPositive);
    found = !extent.empty;
    return {extent.low, extent.high};
}

} // namespace strata
