// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/curve_plot.h"
#include "widgets/common/theme.h"
#include "widgets/train/curve_ticker.h"
#include "widgets/train/range_editor.h"

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr int kLeft = 52, kRight = 16, kTop = 8, kTicks = 24, kLabel = 18;
constexpr int kDescribeMs = 1000;
constexpr double kRoom = 0.06; ///< of the extent, above and below

Extent widened(const Extent& extent, bool log) {
    Extent wide = extent;
    if (log) {
        const double room = std::max(std::pow(extent.high / extent.low, kRoom), 1.05);
        return {extent.low / room, extent.high * room, false};
    }
    const double size = extent.high - extent.low;
    const double room = size > 0 ? size * kRoom : std::max(std::abs(extent.high) * 0.1, 1e-6);
    wide.low -= room;
    wide.high += room;
    if (extent.low >= 0 && wide.low < 0) wide.low = 0; // a loss is never below nothing
    return wide;
}

} // namespace

CurvePlot::CurvePlot(const QString& title, CurveUnit unit, QWidget* parent) : QCustomPlot(parent), title_(title), unit_(unit) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(title);
    setMinimumSize(160, 72);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setInteractions(QCP::iNone);
    setNoAntialiasingOnDrag(false);
    setLocale(QLocale::c());
    axisRect()->setAutoMargins(QCP::msNone);
    axisRect()->setMinimumSize(10, 10);
    xAxis->setRange(0, 1);
    yAxis->setRange(0, 1);
    describe_.setSingleShot(true);
    describe_.setInterval(kDescribeMs);
    connect(&describe_, &QTimer::timeout, this, &CurvePlot::describe);
    dress();
    showEmptyAxes();
    describe();
}

/// Colours, fonts and margins of the theme.
void CurvePlot::dress() {
    setBackground(QBrush(color(Token::Surface2)));
    const bool label = xTitleShown_;
    axisRect()->setMargins(QMargins(kLeft, kTop, kRight, kTicks + (label ? kLabel : 0)));
    for (QCPAxis* axis : {xAxis, yAxis}) {
        axis->setBasePen(Qt::NoPen);
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelFont(strata::font(Type::Caption));
        axis->setTickLabelColor(color(Token::Text3));
        axis->setLabelFont(strata::font(Type::Caption));
        axis->setLabelColor(color(Token::Text3));
        axis->setTickLabelPadding(6);
        axis->setLabelPadding(2);
        axis->setTickLength(0, 0);
        axis->setSubTickLength(0, 0);
        axis->grid()->setPen(QPen(color(Token::Line), 1));
        axis->grid()->setZeroLinePen(QPen(color(Token::Line), 1));
        axis->grid()->setSubGridVisible(false);
    }
    xAxis->setLabel(label ? curveXTitle(xKind_) : QString());
    tickers();
}

void CurvePlot::tickers() {
    const int across = std::max(2, axisRect()->width() / 84), tall = axisRect()->height();
    const int up = tall < 132 ? std::clamp(tall / 18, 2, 3) : tall / 44;
    const CurveUnit xUnit = xKind_ == CurveX::Time ? CurveUnit::Seconds : xKind_ == CurveX::Step ? CurveUnit::Count : CurveUnit::Plain;
    const auto make = [](bool log, CurveUnit unit, int count, bool whole) -> QSharedPointer<QCPAxisTicker> {
        if (log) return QSharedPointer<CurveLogTicker>::create(unit, count);
        return QSharedPointer<CurveTicker>::create(unit, count, whole);
    };
    xAxis->setTicker(make(log(Qt::Horizontal), xUnit, across, xKind_ != CurveX::Time));
    yAxis->setTicker(make(log(Qt::Vertical), unit_, up, false));
}

void CurvePlot::setEmptyText(const QString& text) {
    emptyText_ = text;
    update();
}

void CurvePlot::setXTitleShown(bool shown) {
    xTitleShown_ = shown;
    dress();
    draw();
}

void CurvePlot::setCurve(const QString& key, const std::shared_ptr<CurveData>& points, const CurveStyle& style) {
    CurveItem*& item = items_[key];
    if (item && item->data() != points) {
        removePlottable(item);
        item = nullptr;
    }
    if (!item) item = new CurveItem(xAxis, yAxis, points, style);
    item->setXKind(xKind_);
    item->setStyle(style);
}

void CurvePlot::removeCurve(const QString& key) {
    const auto found = items_.find(key);
    if (found == items_.end()) return;
    removePlottable(found->second);
    items_.erase(found);
}

QStringList CurvePlot::curves() const {
    QStringList keys;
    for (const auto& [key, item] : items_) keys << key;
    return keys;
}

const CurveItem* CurvePlot::curve(const QString& key) const {
    const auto found = items_.find(key);
    return found == items_.end() ? nullptr : found->second;
}

bool CurvePlot::empty() const {
    return std::all_of(items_.begin(), items_.end(), [](const auto& item) { return item.second->data()->size() == 0; });
}

void CurvePlot::refresh() {
    fitFollowing();
    draw();
    if (!describe_.isActive()) describe_.start();
}

void CurvePlot::draw() { replot(QCustomPlot::rpQueuedReplot); }

Extent CurvePlot::xExtent() const {
    Extent extent;
    for (const auto& [key, item] : items_) extent.add(item->xExtent());
    return extent;
}

void CurvePlot::setSharedXExtent(const Extent& extent) { shared_ = extent; }

/// Round numbers of the usual size, until there are points.
void CurvePlot::showEmptyAxes() {
    if (xFollows_) xAxis->setRange(log(Qt::Horizontal) ? 1 : 0, xKind_ == CurveX::Epoch ? 10 : xKind_ == CurveX::Step ? 4000 : 600);
    if (!yFollows_) return;
    const double most = unit_ == CurveUnit::Percent ? 100 : unit_ == CurveUnit::Count ? 1000 : unit_ == CurveUnit::Rate ? 0.1 : 3;
    yAxis->setRange(log(Qt::Vertical) ? most / 1000 : 0, most);
}

/// Ranges of axes that follow the data.
void CurvePlot::fitFollowing() {
    Extent across = xExtent();
    across.add(shared_);
    if (across.empty && empty()) showEmptyAxes();
    if (xFollows_ && !across.empty) {
        const bool logX = log(Qt::Horizontal);
        double low = logX ? std::max(across.low, across.high * 1e-6) : 0, high = across.high;
        if (!(high > low)) high = low + 1;
        if (logX && low <= 0) low = high / 10;
        xAxis->setRange(low, high);
    }
    if (!yFollows_) return;
    Extent up;
    for (const auto& [key, item] : items_) up.add(item->valueExtent(xAxis->range(), log(Qt::Vertical)));
    if (up.empty) return;
    up = widened(up, log(Qt::Vertical));
    if (unit_ == CurveUnit::Percent) up.high = std::min(up.high, 100.0);
    if (unit_ == CurveUnit::Count && !log(Qt::Vertical)) up.low = 0;
    yAxis->setRange(up.low, up.high);
}

void CurvePlot::setXKind(CurveX kind) {
    xKind_ = kind;
    for (const auto& [key, item] : items_) item->setXKind(kind);
    xFollows_ = true;
    mark_.reset();
    dress();
    refresh();
}

void CurvePlot::setXRange(const QCPRange& range) {
    xFollows_ = false;
    xAxis->setRange(range);
    refresh();
}

void CurvePlot::setYRange(const QCPRange& range) {
    yFollows_ = false;
    yAxis->setRange(range);
    draw();
}

void CurvePlot::followX() {
    xFollows_ = true;
    refresh();
}

void CurvePlot::fit() {
    xFollows_ = yFollows_ = true;
    refresh();
    emit fitted();
}

bool CurvePlot::log(Qt::Orientation axis) const { return (axis == Qt::Horizontal ? xAxis : yAxis)->scaleType() == QCPAxis::stLogarithmic; }

void CurvePlot::setLog(Qt::Orientation axis, bool log) {
    (axis == Qt::Horizontal ? xAxis : yAxis)->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    (axis == Qt::Horizontal ? xFollows_ : yFollows_) = true;
    tickers();
    refresh();
}

void CurvePlot::zoom(Qt::Orientation axis, double factor, double center) {
    QCPAxis* target = axis == Qt::Horizontal ? xAxis : yAxis;
    QCPRange range = target->range();
    if (log(axis)) {
        const double low = std::log(range.lower), high = std::log(range.upper), middle = std::log(std::max(center, range.lower * 1e-3));
        range = {std::exp(middle + (low - middle) * factor), std::exp(middle + (high - middle) * factor)};
    } else {
        range = {center + (range.lower - center) * factor, center + (range.upper - center) * factor};
    }
    if (!QCPRange::validRange(range) || range.size() < std::max(std::abs(center), 1e-12) * 1e-9) return;
    if (axis == Qt::Vertical) return setYRange(range);
    setXRange(range);
    emit xRangeChosen(range);
}

std::vector<CurvePlot::Reading> CurvePlot::readings() const {
    std::vector<Reading> readings;
    if (!mark_) return readings;
    for (const auto& [key, item] : items_) {
        const CurveData& points = *item->data();
        const size_t at = points.nearest(*mark_, xKind_);
        if (at >= points.size()) continue;
        const double x = points.x(at, xKind_);
        // Beyond its ends a curve says nothing.
        const double reach = std::abs(xAxis->pixelToCoord(12) - xAxis->pixelToCoord(0));
        if ((*mark_ > points.x(points.size() - 1, xKind_) + reach) || (*mark_ < points.x(0, xKind_) - reach && item->style().smoothable))
            continue;
        readings.push_back({item->style(), x, points.smoothed(at)});
    }
    std::stable_sort(readings.begin(), readings.end(), [](const Reading& a, const Reading& b) {
        return a.style.number != b.style.number ? a.style.number < b.style.number : a.style.validation > b.style.validation;
    });
    return readings;
}

void CurvePlot::setMark(std::optional<double> x) {
    if (x == mark_) return;
    mark_ = x;
    update();
    if (hasFocus()) describe();
}

/// What a screen reader says: last values, or those at the cursor.
void CurvePlot::describe() {
    QStringList parts;
    if (mark_) {
        parts << curveXText(*mark_, xKind_);
        for (const Reading& reading : readings())
            parts << tr("%1 %2 %3")
                         .arg(reading.style.run, reading.style.validation ? tr("validation") : tr("training"),
                              curveValueText(reading.value, unit_));
    } else {
        for (const auto& [key, item] : items_)
            if (const size_t size = item->data()->size(); size > 0)
                parts << tr("%1 %2 %3 at %4")
                             .arg(item->style().run, item->style().validation ? tr("validation") : tr("training"),
                                  curveValueText(item->data()->y(size - 1), unit_), curveXText(item->data()->x(size - 1, xKind_), xKind_));
    }
    const QString text = parts.isEmpty() ? (emptyText_.isEmpty() ? tr("No points yet") : emptyText_) : parts.join(", ");
    if (text != accessibleDescription()) setAccessibleDescription(text);
}

void CurvePlot::changeEvent(QEvent* event) {
    QCustomPlot::changeEvent(event);
    if (event->type() != QEvent::PaletteChange) return;
    dress();
    draw();
}

void CurvePlot::resizeEvent(QResizeEvent* event) {
    QCustomPlot::resizeEvent(event);
    tickers();
    draw();
}

void CurvePlot::drawInto(QCPPainter& painter, const QRectF& place) {
    painter.save();
    painter.translate(place.topLeft());
    toPainter(&painter, int(place.width()), int(place.height()));
    painter.restore();
}

} // namespace strata
