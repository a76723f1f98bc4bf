// SPDX-License-Identifier: GPL-3.0-or-later
// The mouse: selecting, dragging, connecting, dropping, and the context menu.
#include "widgets/common/icons.h"
#include "widgets/model/layer_stack.h"
#include "widgets/model/spec_repeat.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QDropEvent>
#include <QMenu>
#include <QMimeData>
#include <QMouseEvent>
#include <QScrollBar>

namespace strata {

void LayerStack::updateHover(const QPoint& point) {
    const QPointF at = toStack(point);
    const bool heads = point.y() < card::kTop;
    int item = heads ? -1 : state_.layout.itemAt(at), arc = heads ? -1 : state_.layout.arcAt(at);
    CardPart part = CardPart::None;
    // A port stands half outside its card.
    for (size_t i = 0; i < state_.layout.items.size() && !heads; ++i) {
        const StackItem& it = state_.layout.items[i];
        const bool port = !(it.kind == StackKind::Block && it.open) && cardParts(state_, it).port.contains(at);
        if (port && it.kind != StackKind::Output && it.kind != StackKind::Slot && (item < 0 || item == int(i))) item = int(i);
    }
    if (item >= 0) part = partAt(state_, state_.layout.items[size_t(item)], at);
    if (part != CardPart::None && part != CardPart::Port && arc >= 0 && !state_.layout.arcs[size_t(arc)].discRect.contains(at)) arc = -1;
    if (part == CardPart::Port) arc = -1;
    if (item == state_.hoverItem && part == state_.hoverPart && arc == state_.hoverArc) return;
    state_.hoverItem = item;
    state_.hoverPart = part;
    state_.hoverArc = arc;
    const bool hand = arc >= 0 || part == CardPart::Fix || part == CardPart::More || part == CardPart::Chevron;
    viewport()->setCursor(part == CardPart::Port   ? Qt::CrossCursor
                          : hand                   ? Qt::PointingHandCursor
                          : part == CardPart::Grip ? Qt::OpenHandCursor
                                                   : Qt::ArrowCursor);
    viewport()->update();
}

void LayerStack::mousePressEvent(QMouseEvent* event) {
    state_.focusRing = false;
    updateHover(event->pos());
    if (state_.connecting) {
        if (event->button() != Qt::LeftButton) return cancelConnection();
        connectTo(toStack(event->pos()), event->modifiers() & Qt::ShiftModifier);
        if (state_.connecting->target >= 0 && state_.whyNotTarget(state_.layout.items[size_t(state_.connecting->target)]).isEmpty())
            finishConnection(event->modifiers() & Qt::ShiftModifier);
        else
            cancelConnection();
        return;
    }
    pressed_ = mouse_ = event->pos();
    pressedItem_ = pressedArc_ = -1;
    collapseOnRelease_ = false;
    if (event->button() != Qt::LeftButton) return;
    if (state_.hoverArc >= 0) {
        pressedArc_ = state_.hoverArc;
        const StackArc& arc = state_.layout.arcs[size_t(pressedArc_)];
        state_.current = anchor_ = state_.layout.items[arc.to].key;
        return selectArc(size_t(pressedArc_));
    }
    if (state_.hoverItem >= 0) return pressCard(state_.hoverItem, state_.hoverPart, event);
    select({});
}

void LayerStack::pressCard(int item, CardPart part, QMouseEvent* event) {
    const StackItem it = state_.layout.items[size_t(item)];
    if (it.kind == StackKind::Slot) return;
    emit hint({});
    switch (part) {
    case CardPart::Fix: {
        const auto fix = it.problem->fix;
        setCurrent(item, Qt::NoModifier);
        return request(fix(state_.facts.spec));
    }
    case CardPart::Chevron: return toggleBlock(item);
    case CardPart::Port:
        return beginConnection(it.kind == StackKind::Block ? state_.facts.spec.layers[it.last].id : it.key, toStack(event->pos()),
                               std::nullopt);
    case CardPart::More: {
        if (!state_.isSelected(it)) setCurrent(item, Qt::NoModifier);
        QContextMenuEvent menu(QContextMenuEvent::Mouse, event->pos(), viewport()->mapToGlobal(event->pos()));
        return contextMenuEvent(&menu);
    }
    case CardPart::Body:
    case CardPart::Grip:
    case CardPart::None: break;
    }
    pressedItem_ = item;
    // A press on one of several selected cards may become a drag of all: the selection shrinks when the button goes up.
    if (event->modifiers() == Qt::NoModifier && state_.isSelected(it) && state_.selected.size() > 1)
        collapseOnRelease_ = true;
    else
        setCurrent(item, event->modifiers());
}

void LayerStack::mouseMoveEvent(QMouseEvent* event) {
    mouse_ = event->pos();
    if (state_.connecting) return connectTo(toStack(event->pos()), event->modifiers() & Qt::ShiftModifier);
    if (state_.dragging) return dragTo(toStack(event->pos()));
    const bool far = (event->pos() - pressed_).manhattanLength() >= QApplication::startDragDistance();
    if (event->buttons() & Qt::LeftButton && far && pressedArc_ >= 0) {
        const StackArc arc = state_.layout.arcs[size_t(pressedArc_)];
        const std::string from = state_.facts.spec.inputsOf(size_t(state_.facts.spec.find(arc.layer)))[arc.input];
        beginConnection(from, toStack(event->pos()), arc);
        return connectTo(toStack(event->pos()), event->modifiers() & Qt::ShiftModifier);
    }
    if (event->buttons() & Qt::LeftButton && far && pressedItem_ >= 0 && !state_.selected.empty()) {
        beginDrag();
        return dragTo(toStack(event->pos()));
    }
    updateHover(event->pos());
}

void LayerStack::mouseReleaseEvent(QMouseEvent* event) {
    scroll_.stop();
    if (event->button() != Qt::LeftButton) return;
    if (state_.connecting) {
        connectTo(toStack(event->pos()), event->modifiers() & Qt::ShiftModifier);
        const int target = state_.connecting->target;
        const bool moved = (event->pos() - pressed_).manhattanLength() >= QApplication::startDragDistance();
        if (!moved && !state_.connecting->rerouted) return; // a click on the port: the next click ends it
        if (target < 0) return cancelConnection();
        const QString why = state_.whyNotTarget(state_.layout.items[size_t(target)]);
        if (why.isEmpty()) return finishConnection(event->modifiers() & Qt::ShiftModifier);
        cancelConnection();
        emit hint(why);
        return;
    }
    if (state_.dragging) {
        const StackDragging drag = *state_.dragging;
        state_.dragging.reset();
        viewport()->update();
        if (drag.gap >= 0 && drag.refused.isEmpty())
            request(modeledit::moveLayers(state_.facts.spec, drag.ids, state_.layout.gaps[size_t(drag.gap)].place));
        else if (!drag.refused.isEmpty())
            emit hint(drag.refused);
    } else if (collapseOnRelease_ && pressedItem_ >= 0)
        setCurrent(pressedItem_, Qt::NoModifier);
    pressedItem_ = pressedArc_ = -1;
    collapseOnRelease_ = false;
    updateHover(event->pos());
}

void LayerStack::mouseDoubleClickEvent(QMouseEvent* event) {
    updateHover(event->pos());
    if (state_.hoverItem < 0 || (state_.hoverPart != CardPart::Body && state_.hoverPart != CardPart::None)) return mousePressEvent(event);
    const StackItem it = state_.layout.items[size_t(state_.hoverItem)];
    if (it.kind == StackKind::Block)
        toggleBlock(state_.hoverItem);
    else if (it.kind != StackKind::Slot)
        emit inspectorWanted();
}

// Reordering

void LayerStack::beginDrag() {
    const StackItem& it = state_.layout.items[size_t(pressedItem_)];
    StackDragging drag;
    drag.ids = selectedIds();
    drag.item = pressedItem_;
    drag.grab = toStack(pressed_) - it.rect.topLeft();
    state_.dragging = drag;
    state_.hoverItem = state_.hoverArc = -1;
    viewport()->setCursor(Qt::ClosedHandCursor);
    scroll_.start();
}

void LayerStack::dragTo(const QPointF& point) {
    StackDragging& drag = *state_.dragging;
    drag.mouse = point;
    const StackGap* best = &state_.layout.gapAt(point.y());
    drag.gap = int(best - state_.layout.gaps.data());
    const modeledit::Edit edit = modeledit::moveLayers(state_.facts.spec, drag.ids, best->place);
    drag.refused = edit.refused;
    viewport()->update();
}

void LayerStack::autoScroll() {
    const QPoint at = mouse_;
    const int edge = 48, bottom = viewport()->height();
    int step = 0;
    if (at.y() < edge + int(card::kTop)) step = -std::min(24, (edge + int(card::kTop) - at.y()) / 2);
    if (at.y() > bottom - edge) step = std::min(24, (at.y() - bottom + edge) / 2);
    if (step == 0 || !(state_.dragging || state_.connecting)) return;
    verticalScrollBar()->setValue(verticalScrollBar()->value() + step);
    if (state_.dragging)
        dragTo(toStack(at));
    else if (!state_.connecting->keyboard)
        connectTo(toStack(at), state_.connecting->concat);
}

// Connecting

void LayerStack::beginConnection(const std::string& from, const QPointF& at, std::optional<StackArc> rerouted) {
    StackConnecting connection;
    connection.from = from;
    connection.mouse = at;
    connection.rerouted = std::move(rerouted);
    state_.connecting = connection;
    state_.hoverItem = state_.hoverArc = -1;
    pressedItem_ = pressedArc_ = -1;
    viewport()->setCursor(Qt::CrossCursor);
    scroll_.start();
    viewport()->update();
}

void LayerStack::connectTo(const QPointF& point, bool concat) {
    state_.connecting->mouse = point;
    state_.connecting->concat = concat;
    state_.connecting->keyboard = false;
    int target = state_.layout.itemAt(point);
    if (target < 0) // the gutter beside a card counts as the card
        for (size_t i = 0; i < state_.layout.items.size(); ++i) {
            const QRectF& r = state_.layout.items[i].rect;
            if (point.y() >= r.top() && point.y() <= r.bottom() && point.x() > r.right() && point.x() < r.right() + card::kGutter)
                target = int(i);
        }
    if (target >= 0) {
        const StackItem& it = state_.layout.items[size_t(target)];
        if (it.key == state_.connecting->from || (it.kind == StackKind::Block && it.open)) target = -1;
    }
    state_.connecting->target = target;
    viewport()->update();
}

// Drops from the palette, and text

void LayerStack::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasFormat(kLayerMime)) event->acceptProposedAction();
}

void LayerStack::dragMoveEvent(QDragMoveEvent* event) {
    if (!event->mimeData()->hasFormat(kLayerMime)) return;
    const StackGap& gap = state_.layout.gapAt(toStack(event->position().toPoint()).y());
    state_.dropGap = int(&gap - state_.layout.gaps.data());
    const int y = event->position().toPoint().y();
    if (y < 56) verticalScrollBar()->setValue(verticalScrollBar()->value() - 12);
    if (y > viewport()->height() - 48) verticalScrollBar()->setValue(verticalScrollBar()->value() + 12);
    viewport()->update();
    event->acceptProposedAction();
}

void LayerStack::dragLeaveEvent(QDragLeaveEvent*) {
    state_.dropGap = -1;
    viewport()->update();
}

void LayerStack::dropEvent(QDropEvent* event) {
    if (!event->mimeData()->hasFormat(kLayerMime)) return;
    const StackGap gap = state_.layout.gapAt(toStack(event->position().toPoint()).y());
    state_.dropGap = -1;
    event->acceptProposedAction();
    setFocus(Qt::MouseFocusReason);
    const int64_t classes = state_.facts.data.classes > 0 ? state_.facts.data.classes : 10;
    request(modeledit::insertLayer(state_.facts.spec, gap.place, event->mimeData()->data(kLayerMime).toStdString(), classes));
}

// Menu

void LayerStack::fillMenu(QMenu& menu) {
    const auto add = [&menu, this](const QString& text, const QString& iconName, const QKeySequence& keys, const std::function<void()>& act,
                                   bool on = true) {
        QAction* action = menu.addAction(icon(iconName), text);
        action->setShortcut(keys); // shown only: the keys are the stack's and the action table's
        action->setShortcutContext(Qt::WidgetShortcut);
        action->setEnabled(on);
        connect(action, &QAction::triggered, this, act);
        return action;
    };
    if (state_.selectedArc) {
        add(tr("Remove connection"), "delete", QKeySequence(Qt::Key_Delete), [this] { removeArc(); });
        return;
    }
    const modeledit::Ids ids = selectedIds();
    const bool any = !ids.empty();
    const std::string block = any ? state_.facts.spec.layers[size_t(state_.facts.spec.find(ids.front()))].block : std::string();
    add(tr("Add layer below"), "add", QKeySequence(Qt::Key_Insert), [this] { emit paletteWanted(); });
    add(
        tr("Connect to..."), "link", QKeySequence(Qt::Key_S), [this] { startConnection(); }, state_.current != "output");
    menu.addSeparator();
    add(
        tr("Copy"), "copy", QKeySequence::Copy, [this] { copySelected(); }, any);
    add(
        tr("Cut"), "remove", QKeySequence::Cut, [this] { cutSelected(); }, any);
    add(tr("Paste below"), "paste", QKeySequence::Paste, [this] { paste(); });
    add(
        tr("Duplicate"), "copy", QKeySequence(Qt::CTRL | Qt::Key_D), [this] { duplicateSelected(); }, any);
    menu.addSeparator();
    add(
        tr("Bypass"), "bypass", QKeySequence(Qt::Key_B), [this] { toggleBypass(); }, any);
    add(
        tr("Group into a block"), "group", QKeySequence(Qt::CTRL | Qt::Key_G), [this] { groupSelected(); }, any);
    if (!block.empty()) {
        add(tr("Ungroup %1").arg(QString::fromStdString(block)), "group", QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_G),
            [this] { ungroupSelected(); });
        QMenu* repeat = menu.addMenu(icon("repeat"), tr("Repeat %1").arg(QString::fromStdString(block)));
        const int now = modeledit::repeatsOf(state_.facts.spec, block);
        for (const int times : {1, 2, 3, 4, 6, 8}) {
            QAction* action = repeat->addAction(times == 1 ? tr("Once") : tr("%1 times").arg(times));
            action->setCheckable(true);
            action->setChecked(times == now);
            connect(action, &QAction::triggered, this, [this, times] { repeatSelected(times); });
        }
    }
    menu.addSeparator();
    add(
        tr("Move up"), "chevron-up", QKeySequence(Qt::ALT | Qt::Key_Up), [this] { moveSelected(-1); }, any);
    add(
        tr("Move down"), "chevron-down", QKeySequence(Qt::ALT | Qt::Key_Down), [this] { moveSelected(1); }, any);
    menu.addSeparator();
    add(
        tr("Delete"), "delete", QKeySequence(Qt::Key_Delete), [this] { removeSelected(); }, any);
}

void LayerStack::contextMenuEvent(QContextMenuEvent* event) {
    if (event->reason() == QContextMenuEvent::Mouse) {
        updateHover(event->pos());
        if (state_.hoverArc >= 0) {
            state_.current = state_.layout.items[state_.layout.arcs[size_t(state_.hoverArc)].to].key;
            selectArc(size_t(state_.hoverArc));
        } else if (state_.hoverItem >= 0 && !state_.isSelected(state_.layout.items[size_t(state_.hoverItem)]))
            setCurrent(state_.hoverItem, Qt::NoModifier);
    }
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setAccessibleName(tr("Actions for the selected layers"));
    fillMenu(*menu);
    menu->popup(event->globalPos());
}

} // namespace strata
