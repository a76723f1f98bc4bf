// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/layer_stack.h"
#include "widgets/common/controls.h"
#include "widgets/model/spec_repeat.h"
#include "widgets/model/stack_accessible.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QLabel>
#include <QPaintEvent>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

namespace strata {

LayerStack::LayerStack(QWidget* parent) : QAbstractScrollArea(parent) {
    installStackAccessible();
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setFocusPolicy(Qt::StrongFocus);
    setAcceptDrops(true);
    setAccessibleName(tr("Layers of the network"));
    setObjectName("layerStack");
    viewport()->setMouseTracking(true);
    viewport()->setAcceptDrops(true);
    viewport()->setAutoFillBackground(false);
    verticalScrollBar()->setSingleStep(32);
    scroll_.setInterval(30);
    connect(&scroll_, &QTimer::timeout, this, &LayerStack::autoScroll);
    slot_ = new QWidget(viewport());
    auto* column = makeColumn(slot_, measure::kSpace8, measure::kSpace12);
    auto* text = makeText(tr("Add the first layer. Double-click one at the left, press Insert, or start from a template."));
    text->setAlignment(Qt::AlignCenter);
    text->setProperty("role", "label");
    chooseTemplate_ = makeButton(tr("Choose template"), ButtonKind::Normal, "model");
    column->addStretch();
    column->addWidget(text);
    column->addWidget(chooseTemplate_, 0, Qt::AlignHCenter);
    column->addStretch();
    connect(chooseTemplate_, &QPushButton::clicked, this, &LayerStack::templatesWanted);
    relayout();
}

void LayerStack::setFacts(const ModelFacts& facts) {
    const int before = currentItem();
    if (before >= 0) lastIndex_ = before;
    state_.facts = facts;
    std::erase_if(state_.selected, [&](const std::string& id) { return facts.spec.find(id) < 0; });
    std::erase_if(closed_, [&](const std::string& block) { return modeledit::blockMembers(facts.spec, block).empty(); });
    if (state_.dragging || state_.connecting) {
        state_.dragging.reset();
        state_.connecting.reset();
        scroll_.stop();
    }
    relayout();
    if (state_.selectedArc) {
        const StackArc old = *state_.selectedArc;
        state_.selectedArc.reset();
        for (const StackArc& arc : state_.layout.arcs)
            if (arc.sameAs(old)) state_.selectedArc = arc;
    }
    if (!state_.current.empty() && currentItem() < 0) {
        // What was current is gone: its place in the stack is what one looks at.
        const int last = int(state_.layout.items.size()) - 1;
        state_.current = state_.layout.items[size_t(std::clamp(lastIndex_, 0, last))].key;
        if (state_.current == "slot") state_.current = "input";
    }
    finishSelection();
}

void LayerStack::relayout() {
    // Room for the scroll bar is kept, so that cards do not move when it comes.
    state_.layout = layoutStack(state_.facts, closed_, width() - verticalScrollBar()->sizeHint().width());
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setRange(0, std::max(0, int(std::ceil(state_.layout.height)) - viewport()->height()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setRange(0, std::max(0, int(std::ceil(state_.layout.width)) - viewport()->width()));
    state_.hoverItem = state_.hoverArc = -1;
    placeSlot();
    viewport()->update();
}

void LayerStack::placeSlot() {
    const int at = state_.layout.itemOf("slot");
    slot_->setVisible(at >= 0);
    if (at < 0) return;
    const QRectF rect = state_.layout.items[size_t(at)].rect;
    slot_->setGeometry(QRect(fromStack(rect.topLeft()), rect.size().toSize()).adjusted(2, 2, -2, -2));
}

QPointF LayerStack::toStack(const QPoint& point) const {
    return QPointF(point) + QPointF(horizontalScrollBar()->value(), verticalScrollBar()->value());
}
QPoint LayerStack::fromStack(const QPointF& point) const {
    return (point - QPointF(horizontalScrollBar()->value(), verticalScrollBar()->value())).toPoint();
}

QRect LayerStack::cardRect(const std::string& key) const {
    const int at = state_.layout.itemOf(key);
    if (at < 0) return {};
    const QRectF rect = state_.layout.items[size_t(at)].rect;
    return QRect(fromStack(rect.topLeft()), rect.size().toSize());
}

QPoint LayerStack::partPoint(const std::string& key, CardPart part) const {
    const int at = state_.layout.itemOf(key);
    if (at < 0) return {};
    const StackItem& item = state_.layout.items[size_t(at)];
    const CardParts parts = cardParts(state_, item);
    switch (part) {
    case CardPart::Grip: return fromStack(parts.grip.center());
    case CardPart::Port: return fromStack(parts.port.center());
    case CardPart::More: return fromStack(parts.more.center());
    case CardPart::Fix: return fromStack(parts.fix.center());
    case CardPart::Chevron: return fromStack(parts.chevron.center());
    case CardPart::Body:
    case CardPart::None: break;
    }
    return fromStack(parts.text.center());
}

QPoint LayerStack::arcPoint(const std::string& layer, size_t input) const {
    for (const StackArc& arc : state_.layout.arcs)
        if (arc.layer == layer && arc.input == input)
            return fromStack(arc.disc.isEmpty() ? arc.end + QPointF(4, 0) : arc.discRect.center());
    return {};
}

void LayerStack::reveal(const std::string& key) {
    const int at = state_.layout.itemOf(key);
    if (at < 0) return;
    const QRectF rect = state_.layout.items[size_t(at)].rect.adjusted(0, -card::kTop - 8, 0, 56); // room for the hint below
    const int top = verticalScrollBar()->value(), bottom = top + viewport()->height();
    if (rect.top() < top)
        verticalScrollBar()->setValue(int(rect.top()));
    else if (rect.bottom() > bottom)
        verticalScrollBar()->setValue(int(rect.bottom()) - viewport()->height());
}

// Selection

modeledit::Ids LayerStack::selectedIds() const {
    return modeledit::inOrder(state_.facts.spec, modeledit::Ids(state_.selected.begin(), state_.selected.end()));
}

std::string LayerStack::selectedBlock() const {
    if (state_.current.rfind("block:", 0) != 0 || state_.selected.empty()) return {};
    return state_.current.substr(6);
}

void LayerStack::select(const modeledit::Ids& ids, const std::string& current) {
    state_.selected.clear();
    for (const std::string& id : ids)
        if (state_.facts.spec.find(id) >= 0) state_.selected.insert(id);
    state_.selectedArc.reset();
    const std::string wanted = current.empty() && !ids.empty() ? ids.back() : current;
    // Layers of a closed block are shown by its card.
    if (const int at = state_.layout.itemOf(wanted); at >= 0) state_.current = state_.layout.items[size_t(at)].key;
    anchor_ = state_.current;
    finishSelection();
    reveal(state_.current);
}

void LayerStack::selectCard(const std::string& key) {
    if (const auto layer = state_.layout.hidden.find(key); layer != state_.layout.hidden.end() && closed_.contains(layer->second))
        setBlockOpen(layer->second, true);
    const int at = state_.layout.itemOf(key);
    if (at < 0) return;
    setCurrent(at, Qt::NoModifier);
}

void LayerStack::setCurrent(int item, Qt::KeyboardModifiers modifiers) {
    if (item < 0) return;
    const StackItem& it = state_.layout.items[size_t(item)];
    state_.selectedArc.reset();
    state_.current = it.key;
    const auto take = [&](const StackItem& each) {
        if (each.kind != StackKind::Layer && each.kind != StackKind::Block) return;
        if (each.kind == StackKind::Block && each.open && &each != &it) return;
        for (size_t i = each.first; i <= each.last; ++i) state_.selected.insert(state_.facts.spec.layers[i].id);
    };
    const int anchor = state_.layout.itemOf(anchor_);
    if (modifiers & Qt::ShiftModifier && anchor >= 0) {
        state_.selected.clear();
        for (int i = std::min(anchor, item); i <= std::max(anchor, item); ++i) take(state_.layout.items[size_t(i)]);
    } else if (modifiers & Qt::ControlModifier) {
        if (it.kind == StackKind::Layer && state_.selected.contains(it.key))
            state_.selected.erase(it.key);
        else
            take(it);
        anchor_ = it.key;
    } else {
        state_.selected.clear();
        take(it);
        anchor_ = it.key;
    }
    lastIndex_ = item;
    finishSelection();
    reveal(it.key);
}

void LayerStack::finishSelection() {
    viewport()->update();
    if (const int at = currentItem(); at >= 0 && state_.focus) {
        QAccessibleEvent event(this, QAccessible::Focus);
        event.setChild(at);
        QAccessible::updateAccessibility(&event);
    }
    emit selectionChanged();
}

modeledit::Place LayerStack::placeBelow() const {
    const size_t count = state_.facts.spec.layers.size();
    const int at = currentItem();
    if (state_.current == "input") return {0, {}};
    if (at < 0 || state_.current == "output" || state_.current == "slot") return {count, {}};
    const StackItem& item = state_.layout.items[size_t(at)];
    if (item.kind == StackKind::Block) return {item.last + 1, {}};
    return {item.first + 1, item.block};
}

void LayerStack::setBlockOpen(const std::string& block, bool open) {
    if (open ? closed_.erase(block) == 0 : !closed_.insert(block).second) return;
    if (!open && state_.layout.hidden.contains(state_.current) && state_.layout.hidden.at(state_.current) == block) {
        state_.current = "block:" + block;
        for (const std::string& id : modeledit::blockMembers(state_.facts.spec, block)) state_.selected.insert(id);
    }
    relayout();
    finishSelection();
}

void LayerStack::toggleBlock(int item) {
    const StackItem it = state_.layout.items[size_t(item)];
    setBlockOpen(it.block, !it.open);
}

int LayerStack::nextItem(int from, int step) const {
    for (int i = from + step; i >= 0 && i < int(state_.layout.items.size()); i += step)
        if (state_.layout.items[size_t(i)].kind != StackKind::Slot) return i;
    return from;
}

void LayerStack::request(const modeledit::Edit& edit) {
    if (edit.ok()) {
        emit hint({});
        emit edited(edit);
    } else
        emit hint(edit.refused);
}

// Painting

void LayerStack::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    state_.focus = hasFocus();
    const QPointF offset(horizontalScrollBar()->value(), verticalScrollBar()->value());
    painter.save();
    painter.translate(-offset);
    paintStack(painter, state_, QRectF(event->rect()).translated(offset));
    painter.restore();
    painter.translate(-offset.x(), 0);
    paintColumnHeads(painter, state_, state_.layout.width);
    painter.translate(offset.x(), 0);
    if (state_.focusRing && state_.focus && state_.current.empty())
        drawFocusRing(painter, QRectF(viewport()->rect()).adjusted(2, 2, -2, -2), measure::kRadiusCard);
}

void LayerStack::resizeEvent(QResizeEvent*) { relayout(); }

void LayerStack::scrollContentsBy(int, int) {
    placeSlot();
    viewport()->update();
}

void LayerStack::focusInEvent(QFocusEvent* event) {
    state_.focus = true;
    state_.focusRing = event->reason() != Qt::MouseFocusReason;
    if (state_.current.empty() && state_.focusRing) {
        state_.current = anchor_ = "input";
        finishSelection();
    }
    viewport()->update();
}

void LayerStack::focusOutEvent(QFocusEvent* event) {
    state_.focus = false;
    if (state_.connecting && state_.connecting->keyboard && event->reason() != Qt::PopupFocusReason) cancelConnection();
    viewport()->update();
}

bool LayerStack::event(QEvent* event) {
    // While a connection or a drag is under way all keys are ours, also those that are shortcuts.
    if (event->type() == QEvent::ShortcutOverride && (state_.connecting || state_.dragging)) {
        event->accept();
        return true;
    }
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) relayout();
    return QAbstractScrollArea::event(event);
}

bool LayerStack::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave && !state_.dragging && !state_.connecting) {
        state_.hoverItem = state_.hoverArc = -1;
        viewport()->update();
    }
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QPointF at = toStack(help->pos());
        const int item = state_.layout.itemAt(at);
        QString text;
        if (const int arc = state_.layout.arcAt(at); arc >= 0 && item < 0) {
            const StackArc& a = state_.layout.arcs[size_t(arc)];
            text = tr("%1 reads %2")
                       .arg(QString::fromStdString(a.layer),
                            QString::fromStdString(state_.facts.spec.inputsOf(size_t(state_.facts.spec.find(a.layer)))[a.input]));
        } else if (item >= 0) {
            const StackItem& it = state_.layout.items[size_t(item)];
            text = spokenCard(state_.facts, it);
            if (it.kind == StackKind::Layer) text = QString::fromStdString(it.key) + ": " + text;
            if (it.problem) text += "\n" + it.problem->sentence;
        }
        setToolTip(text);
    }
    return QAbstractScrollArea::viewportEvent(event);
}

QString spokenCard(const ModelFacts& facts, const StackItem& item) {
    if (item.kind == StackKind::Slot) return LayerStack::tr("Empty: add the first layer");
    const CardText text = cardText(facts, item);
    QStringList parts{text.name};
    if (item.kind == StackKind::Layer) {
        const LayerFacts& known = facts.layers[item.first];
        parts << shapeSpoken(known.known ? known.output : Shape());
        if (facts.spec.layers[item.first].bypassed)
            parts << LayerStack::tr("bypassed");
        else if (known.parameters > 0)
            parts << LayerStack::tr("%1 parameters").arg(countText(double(known.parameters)));
    } else if (item.kind == StackKind::Block) {
        parts << text.details << LayerStack::tr("%1 parameters").arg(text.parameters);
        if (const int times = modeledit::repeatsOf(facts.spec, item.block); times > 1)
            parts << LayerStack::tr("repeated %1 times").arg(times);
        parts << (item.open ? LayerStack::tr("open") : LayerStack::tr("closed"));
    } else {
        parts << (item.kind == StackKind::Input ? shapeSpoken(facts.spec.input)
                  : text.details.isEmpty()      ? shapeSpoken(facts.output)
                                                : text.details);
    }
    return parts.join(", ");
}

} // namespace strata
