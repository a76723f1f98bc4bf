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
constexpr int kReadRow = 18, kReadPad = 8, kReadSample = 16;

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

/// The line at the cursor and a box of values on its freer side, as many rows as fit.
void CurvePlot::paintMark(QPainter& painter) {
    const QRectF inner = axisRect()->rect();
    const double px = xAxis->coordToPixel(*mark_);
    if (px < inner.left() - 0.5 || px > inner.right() + 0.5) return;
    painter.setPen(QPen(color(Token::LineStrong), 1));
    const double line = std::floor(px) + 0.5;
    painter.drawLine(QPointF(line, inner.top()), QPointF(line, inner.bottom()));
    const std::vector<Reading> all = readings();
    for (const Reading& reading : all) {
        const double y = yAxis->coordToPixel(reading.value), x = xAxis->coordToPixel(reading.x);
        if (!inner.contains(QPointF(x, y))) continue;
        painter.setPen(QPen(color(Token::Surface2), 1.5));
        painter.setBrush(curvePen(reading.style).color());
        painter.drawEllipse(QPointF(x, y), 3.5, 3.5);
    }
    painter.setFont(strata::font(Type::Caption));
    const QFontMetrics metrics = painter.fontMetrics();
    const auto rows = std::min(all.size(), size_t(std::max(1.0, (inner.height() - 2 * kReadPad - kReadRow) / kReadRow)));
    const bool heading = inner.height() >= 2 * kReadPad + 2 * kReadRow;
    QStringList names, values;
    int nameWidth = 0, valueWidth = 0;
    for (size_t i = 0; i < rows; ++i) {
        const bool more = i + 1 == rows && rows < all.size();
        names << (more ? tr("%n more", nullptr, int(all.size() - i))
                       : all[i].style.run +
                             (all[i].style.smoothable || unit_ == CurveUnit::Rate || unit_ == CurveUnit::Count || all[i].style.validation
                                  ? QString()
                                  : tr(", training")));
        values << (more ? QString() : curveValueText(all[i].value, unit_));
        nameWidth = std::max(nameWidth, metrics.horizontalAdvance(names.back()));
        valueWidth = std::max(valueWidth, metrics.horizontalAdvance(values.back()));
    }
    const QString title = curveXText(*mark_, xKind_);
    int width = kReadPad + kReadSample + 6 + nameWidth + 12 + valueWidth + kReadPad;
    if (heading) width = std::max(width, metrics.horizontalAdvance(title) + 2 * kReadPad);
    width = std::min(width, int(inner.width()));
    const double height = int(rows) * kReadRow + (heading ? kReadRow : 0) + kReadPad;
    const bool rightSide = px < inner.center().x();
    QRectF box(rightSide ? inner.right() - width : inner.left(), inner.top(), width, height);
    if (box.contains(QPointF(px, box.center().y()))) box.moveLeft(rightSide ? inner.right() - width : inner.left());
    QColor back = color(Token::Surface3);
    back.setAlphaF(0.94f);
    painter.setPen(Qt::NoPen);
    painter.setBrush(back);
    painter.drawRoundedRect(box, measure::kRadiusControl, measure::kRadiusControl);
    double y = box.top() + kReadPad / 2;
    if (heading) {
        painter.setPen(color(Token::Text2));
        painter.drawText(QRectF(box.left() + kReadPad, y, width - 2 * kReadPad, kReadRow), Qt::AlignVCenter | Qt::AlignLeft, title);
        y += kReadRow;
    }
    for (size_t i = 0; i < rows; ++i, y += kReadRow) {
        const QRectF row(box.left() + kReadPad, y, width - 2 * kReadPad, kReadRow);
        if (!values[qsizetype(i)].isEmpty()) {
            painter.setPen(curvePen(all[i].style));
            painter.drawLine(QPointF(row.left(), row.center().y()), QPointF(row.left() + kReadSample, row.center().y()));
        }
        painter.setPen(color(Token::Text2));
        const double textLeft = row.left() + kReadSample + 6;
        painter.drawText(QRectF(textLeft, y, row.right() - textLeft - valueWidth - 4, kReadRow), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(names[qsizetype(i)], Qt::ElideRight, int(row.right() - textLeft - valueWidth - 4)));
        painter.setPen(color(Token::Text1));
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, values[qsizetype(i)]);
    }
}

} // namespace strata
