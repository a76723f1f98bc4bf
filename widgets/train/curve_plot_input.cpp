// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/theme.h"
#include "widgets/train/curve_plot.h"
#include "widgets/train/range_editor.h"

#include <QMenu>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr double kWheelFactor = 0.85, kKeyFactor = 0.7;

double middle(QCPAxis* axis) {
    const QCPRange range = axis->range();
    return axis->scaleType() == QCPAxis::stLogarithmic ? std::sqrt(range.lower * range.upper) : range.center();
}

} // namespace

/// Horizontal: on the x axis; vertical: on the y axis; both: within the plot.
Qt::Orientations CurvePlot::axisAt(const QPoint& place) const {
    const QRect inner = axisRect()->rect();
    if (inner.contains(place)) return Qt::Horizontal | Qt::Vertical;
    if (place.x() < inner.left() && place.y() <= inner.bottom()) return Qt::Vertical;
    if (place.y() > inner.bottom() && place.x() >= inner.left()) return Qt::Horizontal;
    return {};
}

void CurvePlot::mousePressEvent(QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    if (event->button() != Qt::LeftButton || !axisAt(event->pos())) return;
    drag_ = event->pos();
    dragX_ = xAxis->range();
    dragY_ = yAxis->range();
    dragged_ = false;
}

void CurvePlot::mouseMoveEvent(QMouseEvent* event) {
    const Qt::Orientations over = axisAt(drag_ ? *drag_ : event->pos());
    if (!drag_) {
        setMark(over == (Qt::Horizontal | Qt::Vertical) ? std::optional<double>(xAxis->pixelToCoord(event->pos().x())) : std::nullopt);
        emit markMoved(mark_);
        return;
    }
    const QPoint by = event->pos() - *drag_;
    if (!dragged_ && by.manhattanLength() < QApplication::startDragDistance()) return;
    dragged_ = true;
    const auto moved = [](QCPAxis* axis, const QCPRange& range, int pixels) {
        const double length = axis->orientation() == Qt::Horizontal ? axis->axisRect()->width() : -axis->axisRect()->height();
        if (axis->scaleType() == QCPAxis::stLogarithmic) {
            const double factor = std::pow(range.upper / range.lower, -pixels / length);
            return QCPRange(range.lower * factor, range.upper * factor);
        }
        const double shift = -pixels * range.size() / length;
        return QCPRange(range.lower + shift, range.upper + shift);
    };
    if (over & Qt::Vertical && by.y() != 0) setYRange(moved(yAxis, dragY_, by.y()));
    if (over & Qt::Horizontal && by.x() != 0) {
        setXRange(moved(xAxis, dragX_, by.x()));
        emit xRangeChosen(xAxis->range());
    }
}

void CurvePlot::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) drag_.reset();
}

void CurvePlot::mouseDoubleClickEvent(QMouseEvent* event) {
    drag_.reset();
    if (event->button() != Qt::LeftButton) return;
    const Qt::Orientations over = axisAt(event->pos());
    if (over == (Qt::Horizontal | Qt::Vertical))
        fit();
    else if (over == Qt::Horizontal)
        editRange(Qt::Horizontal);
    else if (over == Qt::Vertical)
        editRange(Qt::Vertical);
}

void CurvePlot::wheelEvent(QWheelEvent* event) {
    const QPoint place = event->position().toPoint();
    const Qt::Orientations over = axisAt(place);
    const int delta = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    if (!over || delta == 0 || empty()) return event->ignore();
    const double factor = std::pow(kWheelFactor, delta / 120.0);
    const bool vertical = over == Qt::Vertical || event->modifiers() & Qt::ShiftModifier;
    if (vertical)
        zoom(Qt::Vertical, factor, yAxis->pixelToCoord(place.y()));
    else
        zoom(Qt::Horizontal, factor, xAxis->pixelToCoord(place.x()));
    event->accept();
}

void CurvePlot::leaveEvent(QEvent* event) {
    QCustomPlot::leaveEvent(event);
    if (hasFocus()) return; // the keyboard's cursor stays
    setMark(std::nullopt);
    emit markMoved(std::nullopt);
}

void CurvePlot::focusInEvent(QFocusEvent* event) {
    QCustomPlot::focusInEvent(event);
    update();
}

void CurvePlot::focusOutEvent(QFocusEvent* event) {
    QCustomPlot::focusOutEvent(event);
    if (mark_ && !underMouse()) {
        setMark(std::nullopt);
        emit markMoved(std::nullopt);
    }
    update();
}

void CurvePlot::moveMark(int direction, int times) {
    const Extent extent = xExtent();
    if (extent.empty) return;
    double x = mark_.value_or(direction > 0 ? extent.low : extent.high);
    if (mark_) {
        // To the next point of any curve, but at least a pixel away.
        for (int i = 0; i < times; ++i) {
            const double pixel = std::abs(xAxis->pixelToCoord(xAxis->coordToPixel(x) + direction) - x);
            double best = direction > 0 ? extent.high : extent.low;
            for (const auto& [key, item] : items_) {
                const CurveData& points = *item->data();
                if (direction > 0) {
                    if (const size_t at = points.lowerBound(x + pixel * 0.999, xKind_); at < points.size())
                        best = std::min(best, points.x(at, xKind_));
                } else {
                    const size_t at = points.lowerBound(x - pixel * 0.999, xKind_);
                    if (at < points.size() && points.x(at, xKind_) <= x - pixel * 0.999)
                        best = std::max(best, points.x(at, xKind_));
                    else if (at > 0)
                        best = std::max(best, points.x(at - 1, xKind_));
                }
            }
            x = best;
        }
    }
    setMark(x);
    emit markMoved(mark_);
}

void CurvePlot::keyPressEvent(QKeyEvent* event) {
    const int times = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
    const double center = mark_.value_or(middle(xAxis));
    switch (event->key()) {
    case Qt::Key_Left: return moveMark(-1, times);
    case Qt::Key_Right: return moveMark(1, times);
    case Qt::Key_Home:
    case Qt::Key_End:
        if (const Extent extent = xExtent(); !extent.empty) {
            setMark(event->key() == Qt::Key_Home ? extent.low : extent.high);
            emit markMoved(mark_);
        }
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: return zoom(Qt::Horizontal, kKeyFactor, center);
    case Qt::Key_Minus: return zoom(Qt::Horizontal, 1 / kKeyFactor, center);
    case Qt::Key_0: return fit();
    case Qt::Key_L: return setLog(Qt::Vertical, !log(Qt::Vertical));
    case Qt::Key_R: return editRange(event->modifiers() & Qt::ShiftModifier ? Qt::Horizontal : Qt::Vertical);
    case Qt::Key_Escape:
        if (mark_) {
            setMark(std::nullopt);
            emit markMoved(std::nullopt);
            return;
        }
        break;
    default: break;
    }
    event->ignore();
}

void CurvePlot::editRange(Qt::Orientation axis) {
    if (!editor_) editor_ = new RangeEditor(this);
    editor_->disconnect(this);
    const bool x = axis == Qt::Horizontal;
    const double scale = x && xKind_ == CurveX::Time ? 60 : 1; // minutes are what the axis says
    connect(editor_, &RangeEditor::chosen, this, [this, x, scale](double from, double to) {
        if (!x) return setYRange({from, to});
        setXRange({from * scale, to * scale});
        emit xRangeChosen(xAxis->range());
    });
    connect(editor_, &RangeEditor::fitAsked, this, [this, x] {
        if (x) return fit();
        yFollows_ = true;
        refresh();
    });
    const QCPRange range = x ? xAxis->range() : yAxis->range();
    const QString title =
        x ? (xKind_ == CurveX::Time ? tr("Time range, minutes") : tr("%1 range").arg(curveXTitle(xKind_))) : tr("%1 range").arg(title_);
    editor_->open(title, range.lower / scale, range.upper / scale, log(axis),
                  x ? QPoint(axisRect()->rect().center().x() - 90, height() - 4) : QPoint(4, axisRect()->rect().bottom()));
}

void CurvePlot::fillMenu(QMenu& menu) {
    const auto add = [&](const QString& text, const QString& keys, bool checkable, bool checked, const std::function<void()>& action) {
        QAction* item = menu.addAction(keys.isEmpty() ? text : text + "\t" + keys);
        item->setCheckable(checkable);
        item->setChecked(checked);
        connect(item, &QAction::triggered, this, action);
    };
    add(tr("Fit"), "0", false, false, [this] { fit(); });
    add(tr("Zoom in"), "+", false, false, [this] { zoom(Qt::Horizontal, kKeyFactor, mark_.value_or(middle(xAxis))); });
    add(tr("Zoom out"), "-", false, false, [this] { zoom(Qt::Horizontal, 1 / kKeyFactor, mark_.value_or(middle(xAxis))); });
    menu.addSeparator();
    add(tr("Range of %1...").arg(title_), "R", false, false, [this] { editRange(Qt::Vertical); });
    add(tr("Range of %1...").arg(curveXTitle(xKind_)), "Shift+R", false, false, [this] { editRange(Qt::Horizontal); });
    add(tr("Log scale of %1").arg(title_), "L", true, log(Qt::Vertical), [this] { setLog(Qt::Vertical, !log(Qt::Vertical)); });
    add(tr("Log scale of %1").arg(curveXTitle(xKind_)), {}, true, log(Qt::Horizontal), [this] {
        const bool now = !log(Qt::Horizontal);
        setLog(Qt::Horizontal, now);
        emit xLogChosen(now);
    });
}

void CurvePlot::contextMenuEvent(QContextMenuEvent* event) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillMenu(*menu);
    menu->popup(event->reason() == QContextMenuEvent::Mouse ? event->globalPos() : mapToGlobal(rect().center()));
}

} // namespace strata
