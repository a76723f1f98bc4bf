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

/// Each point, for stretches with few.
QPolygonF CurveItem::points(const Pyramid& values, size_t begin, size_t end) const {
    QPolygonF line;
    for (size_t i = begin; i < end; ++i)
        if (std::isfinite(values[i]))
            line.append(QPointF(std::clamp(keyAxis()->coordToPixel(data_->x(i, kind_)), -kFar, kFar), yPixel(values[i])));
    return line;
}

/// Many points: a bar from low to high in each pixel column that they spread over, and a line through the middles where they
/// hardly do. (Stroking every zigzag costs a hundred times as much and looks the same.)
void CurveItem::drawColumns(QCPPainter* painter, const Pyramid& values, const QPen& pen, double columnsPerPixel) const {
    const double left = keyAxis()->axisRect()->left(), width = keyAxis()->axisRect()->width();
    const auto count = size_t(std::max(1.0, std::ceil(width * columnsPerPixel)));
    std::vector<double> edges(count + 1);
    for (size_t c = 0; c <= count; ++c) edges[c] = keyAxis()->pixelToCoord(left + double(c) / columnsPerPixel);
    QPolygonF middles;
    QList<QRectF> bars, tall;
    const double half = pen.widthF() / 2, columnWidth = 1 / columnsPerPixel;
    double above = 0, below = 0; // of the column before
    for (const CurveColumn& column : curveColumns(*data_, values, kind_, edges)) {
        double top = yPixel(column.extent.high), bottom = yPixel(column.extent.low);
        const double px = left + double(column.column) * columnWidth;
        middles.append(QPointF(px + columnWidth / 2, (top + bottom) / 2));
        const bool spread = bottom - top > 2 * pen.widthF();
        if (!bars.isEmpty()) { // joined to its neighbour
            const double highest = top, lowest = bottom;
            top = std::min(top, above);
            bottom = std::max(bottom, below);
            above = lowest, below = highest;
        } else {
            above = bottom, below = top;
        }
        bars.append(QRectF(px, top - half, columnWidth, bottom - top + 2 * half));
        if (spread) tall.append(bars.back());
    }
    const bool noisy = tall.size() * 2 > bars.size();
    painter->setAntialiasing(false);
    painter->setPen(Qt::NoPen);
    painter->setBrush(pen.color());
    painter->drawRects(noisy ? bars : tall);
    if (noisy) return;
    painter->setAntialiasing(true);
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    painter->drawPolyline(middles);
}

void CurveItem::drawLine(QCPPainter* painter, const Pyramid& values, const QPen& pen, bool dots) const {
    const QCPRange range = keyAxis()->range();
    size_t begin = data_->lowerBound(range.lower, kind_), end = data_->lowerBound(range.upper, kind_);
    begin -= begin > 0 ? 1 : 0; // the neighbours outside, so that the line leaves the plot at its edges
    end = std::min(end + 1, data_->size());
    const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
    const double columnsPerPixel = vector ? 2 : painter->device()->devicePixelRatioF();
    if (double(end - begin) > 2 * keyAxis()->axisRect()->width() * columnsPerPixel)
        return drawColumns(painter, values, pen, columnsPerPixel);
    const QPolygonF line = points(values, begin, end);
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
