// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/sample_grid.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

namespace strata {
namespace {

constexpr int kScrollMs = 16;   ///< between two steps of scrolling while the rubber band is dragged out of the view
constexpr int kScrollEdge = 16; ///< it starts this near to the edge

} // namespace

// Selection

void SampleGrid::setSelected(int32_t id, bool on) {
    uint8_t& flag = selected_[size_t(id)];
    if (bool(flag) == on) return;
    flag = on;
    selectedCount_ += on ? 1 : -1;
}

void SampleGrid::selectionEdited() {
    viewport()->update();
    emit selectionChanged(selectedCount_);
}

std::vector<int32_t> SampleGrid::selection() const {
    std::vector<int32_t> ids;
    ids.reserve(size_t(selectedCount_));
    std::vector<uint8_t> seen(selected_);
    for (const int32_t id : order_) {
        if (!seen[size_t(id)]) continue;
        seen[size_t(id)] = 0;
        ids.push_back(id);
    }
    return ids;
}

void SampleGrid::setSelection(const std::vector<int32_t>& ids) {
    std::fill(selected_.begin(), selected_.end(), uint8_t(0));
    selectedCount_ = 0;
    for (const int32_t id : ids)
        if (id >= 0 && size_t(id) < selected_.size()) setSelected(id, true);
    selectionEdited();
}

void SampleGrid::selectAll() { setSelection(order_); }

void SampleGrid::clearSelection() {
    if (selectedCount_ > 0) setSelection({});
}

void SampleGrid::selectOnly(int position) {
    anchor_ = position;
    setSelection({order_[size_t(position)]});
}

void SampleGrid::toggle(int position) {
    const int32_t id = order_[size_t(position)];
    anchor_ = position;
    setSelected(id, !isSelected(id));
    selectionEdited();
}

void SampleGrid::selectRange(int from, int to, bool add) {
    if (!add) {
        std::fill(selected_.begin(), selected_.end(), uint8_t(0));
        selectedCount_ = 0;
    }
    for (int position = std::max(0, std::min(from, to)); position <= std::max(from, to); ++position)
        setSelected(order_[size_t(position)], true);
    selectionEdited();
}

// Keys

void SampleGrid::moveTo(int position, Qt::KeyboardModifiers modifiers) {
    if (modifiers & Qt::ShiftModifier)
        selectRange(anchor_ < 0 ? position : anchor_, position, modifiers & Qt::ControlModifier);
    else if (!(modifiers & Qt::ControlModifier))
        selectOnly(position);
    setCurrentPosition(position, true);
}

bool SampleGrid::moveKey(QKeyEvent* event) {
    const int columns = geometry_.columns(), last = int(order_.size()) - 1;
    const int page = std::max(1, int(viewport()->height() * ratio_) / geometry_.cell()) * columns;
    const int at = std::max(0, current_);
    int to = at;
    switch (event->key()) {
    case Qt::Key_Left: to = at - 1; break;
    case Qt::Key_Right: to = at + 1; break;
    case Qt::Key_Up: to = at - columns < 0 ? at : at - columns; break;
    case Qt::Key_Down: to = at / columns == last / columns ? at : std::min(last, at + columns); break;
    case Qt::Key_PageUp: to = at - page < 0 ? at % columns : at - page; break;
    case Qt::Key_PageDown: to = std::min(last, at + page); break;
    case Qt::Key_Home: to = 0; break;
    case Qt::Key_End: to = last; break;
    default: return false;
    }
    moveTo(std::clamp(to, 0, last), event->modifiers());
    return true;
}

void SampleGrid::keyPressEvent(QKeyEvent* event) {
    if (order_.empty()) return event->ignore();
    if (event->matches(QKeySequence::SelectAll)) return selectAll();
    if (moveKey(event)) return;
    switch (event->key()) {
    case Qt::Key_Space:
        if (current_ < 0) return;
        if (event->modifiers() & Qt::ControlModifier)
            toggle(current_);
        else
            selectOnly(current_);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (current() >= 0 && event->modifiers() == Qt::NoModifier) return emit opened(current());
        break;
    case Qt::Key_Escape:
        if (selectedCount_ > 0) return clearSelection();
        break;
    default: break;
    }
    event->ignore();
}

// Mouse

void SampleGrid::mousePressEvent(QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    const int position = positionAt(event->pos());
    if (event->button() == Qt::RightButton) {
        if (position >= 0 && !isSelected(order_[size_t(position)])) selectOnly(position);
        if (position >= 0) setCurrentPosition(position, false);
        return;
    }
    if (event->button() != Qt::LeftButton) return event->ignore();
    const bool control = event->modifiers() & Qt::ControlModifier, shift = event->modifiers() & Qt::ShiftModifier;
    Band band;
    band.origin = band.last = toContent(event->pos());
    if (control || shift) {
        band.base = selected_;
        band.baseCount = selectedCount_;
    }
    if (position >= 0) {
        if (shift)
            selectRange(anchor_ < 0 ? position : anchor_, position, control);
        else if (control)
            toggle(position);
        else
            selectOnly(position);
        setCurrentPosition(position, false);
    } else if (!control && !shift) {
        clearSelection();
    }
    if (band.base.empty()) band.base.assign(selected_.size(), 0);
    band_ = std::move(band);
}

void SampleGrid::mouseMoveEvent(QMouseEvent* event) {
    if (!band_ || !(event->buttons() & Qt::LeftButton)) return;
    if (!band_->active && (toContent(event->pos()) - band_->origin).manhattanLength() < QApplication::startDragDistance() * ratio_) return;
    band_->active = true;
    updateBand(event->pos());
    const int height = viewport()->height();
    const bool outside = event->pos().y() < kScrollEdge || event->pos().y() >= height - kScrollEdge;
    scrollPoint_ = event->pos();
    if (outside && !scrollTimer_.isActive()) scrollTimer_.start(kScrollMs, this);
    if (!outside) scrollTimer_.stop();
}

void SampleGrid::updateBand(const QPoint& point) {
    band_->last = toContent(point);
    selected_ = band_->base;
    selectedCount_ = band_->baseCount;
    int nearest = -1;
    for (const int position : geometry_.positionsIn(QRect(band_->origin, band_->last))) {
        setSelected(order_[size_t(position)], true);
        nearest = position;
    }
    if (const int under = geometry_.positionAt(band_->last); under >= 0) nearest = under;
    if (nearest >= 0) setCurrentPosition(nearest, false);
    selectionEdited();
}

void SampleGrid::timerEvent(QTimerEvent* event) {
    if (event->timerId() != scrollTimer_.timerId()) return QAbstractScrollArea::timerEvent(event);
    if (!band_) return scrollTimer_.stop();
    const int height = viewport()->height();
    const int beyond = scrollPoint_.y() < kScrollEdge ? scrollPoint_.y() - kScrollEdge : scrollPoint_.y() - (height - kScrollEdge);
    verticalScrollBar()->setValue(verticalScrollBar()->value() + std::clamp(beyond, -64, 64));
    updateBand(scrollPoint_);
}

void SampleGrid::endBand() {
    band_.reset();
    scrollTimer_.stop();
    viewport()->update();
}

void SampleGrid::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) endBand();
}

void SampleGrid::mouseDoubleClickEvent(QMouseEvent* event) {
    endBand();
    const int position = positionAt(event->pos());
    if (event->button() == Qt::LeftButton && position >= 0) emit opened(order_[size_t(position)]);
}

void SampleGrid::wheelEvent(QWheelEvent* event) {
    if (!(event->modifiers() & Qt::ControlModifier)) return QAbstractScrollArea::wheelEvent(event);
    if (event->angleDelta().y() != 0) zoom(event->angleDelta().y() > 0 ? 1 : -1);
    event->accept();
}

bool SampleGrid::showToolTip(QHelpEvent* event) {
    const int position = positionAt(event->pos());
    if (position < 0) {
        QToolTip::hideText();
        event->ignore();
        return true;
    }
    const int32_t id = order_[size_t(position)];
    QToolTip::showText(event->globalPos(), describe(id) + "\n" + QString::fromStdString(index_->origin(id)), viewport(), rectOf(position));
    return true;
}

bool SampleGrid::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) return showToolTip(static_cast<QHelpEvent*>(event));
    return QAbstractScrollArea::viewportEvent(event);
}

} // namespace strata
