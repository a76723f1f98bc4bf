// SPDX-License-Identifier: GPL-3.0-or-later
// The keyboard: everything the mouse can do.
#include "widgets/model/layer_stack.h"
#include "widgets/model/spec_repeat.h"
#include "widgets/model/spec_wire.h"

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QScrollBar>

namespace strata {

void LayerStack::keyPressEvent(QKeyEvent* event) {
    state_.focusRing = true;
    viewport()->update();
    if (connectionKey(event) || arcKey(event) || navigationKey(event) || horizontalKey(event) || editKey(event)) return;
    QAbstractScrollArea::keyPressEvent(event);
}

void LayerStack::keyReleaseEvent(QKeyEvent* event) {
    if (state_.connecting && event->key() == Qt::Key_Shift) {
        state_.connecting->concat = false;
        viewport()->update();
    }
    QAbstractScrollArea::keyReleaseEvent(event);
}

bool LayerStack::navigationKey(QKeyEvent* event) {
    if (event->modifiers() & (Qt::AltModifier | Qt::ControlModifier) && event->key() != Qt::Key_Home && event->key() != Qt::Key_End)
        return false;
    const int last = int(state_.layout.items.size()) - 1, at = currentItem();
    const Qt::KeyboardModifiers shift = event->modifiers() & Qt::ShiftModifier;
    const auto page = [&](int step) {
        int to = std::max(at, 0);
        for (double moved = 0; moved < viewport()->height() * 0.8 && nextItem(to, step) != to; to = nextItem(to, step))
            moved += state_.layout.items[size_t(to)].rect.height() + card::kGap;
        return to;
    };
    switch (event->key()) {
    case Qt::Key_Up: setCurrent(nextItem(at < 0 ? 1 : at, -1), shift); return true;
    case Qt::Key_Down: setCurrent(nextItem(at, 1), shift); return true;
    case Qt::Key_PageUp: setCurrent(page(-1), shift); return true;
    case Qt::Key_PageDown: setCurrent(page(1), shift); return true;
    case Qt::Key_Home: setCurrent(0, shift); return true;
    case Qt::Key_End: setCurrent(last, shift); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: emit inspectorWanted(); return true;
    case Qt::Key_Insert: emit paletteWanted(); return true;
    case Qt::Key_Menu: {
        QContextMenuEvent menu(QContextMenuEvent::Keyboard, cardRect(state_.current).center(),
                               viewport()->mapToGlobal(cardRect(state_.current).center()));
        contextMenuEvent(&menu);
        return true;
    }
    default: return false;
    }
}

std::vector<size_t> LayerStack::arcsOf(int item) const {
    std::vector<size_t> result;
    for (size_t a = 0; a < state_.layout.arcs.size(); ++a)
        if (int(state_.layout.arcs[a].from) == item || int(state_.layout.arcs[a].to) == item) result.push_back(a);
    return result;
}

void LayerStack::selectArc(size_t arc) {
    state_.selectedArc = state_.layout.arcs[arc];
    state_.selected.clear();
    const StackArc& a = *state_.selectedArc;
    const int at = state_.facts.spec.find(a.layer);
    emit hint(tr("%1 reads %2. Delete removes the connection.")
                  .arg(QString::fromStdString(a.layer), QString::fromStdString(state_.facts.spec.inputsOf(size_t(at))[a.input])));
    reveal(state_.current); // beside the hint
    finishSelection();
}

/// Right: from a card to its connections, and from one to the next. On a block's header it opens the block.
bool LayerStack::horizontalKey(QKeyEvent* event) {
    if (event->modifiers() & (Qt::AltModifier | Qt::ControlModifier)) return false;
    const int at = currentItem();
    if (at < 0 || (event->key() != Qt::Key_Right && event->key() != Qt::Key_Left)) return false;
    const StackItem item = state_.layout.items[size_t(at)];
    if (event->key() == Qt::Key_Left) {
        if (item.kind == StackKind::Block)
            setBlockOpen(item.block, false);
        else if (!item.block.empty())
            selectCard("block:" + item.block);
        return true;
    }
    if (item.kind == StackKind::Block && !item.open) {
        setBlockOpen(item.block, true);
        return true;
    }
    const std::vector<size_t> arcs = arcsOf(at);
    if (arcs.empty())
        emit hint(tr("This card has no connection beside the stack. S starts one."));
    else
        selectArc(arcs.front());
    return true;
}

bool LayerStack::arcKey(QKeyEvent* event) {
    if (!state_.selectedArc) return false;
    const std::vector<size_t> arcs = arcsOf(currentItem());
    size_t at = 0;
    for (size_t i = 0; i < arcs.size(); ++i)
        if (state_.layout.arcs[arcs[i]].sameAs(*state_.selectedArc)) at = i;
    switch (event->key()) {
    case Qt::Key_Right:
    case Qt::Key_Down:
        if (at + 1 < arcs.size()) selectArc(arcs[at + 1]);
        return true;
    case Qt::Key_Up:
    case Qt::Key_Left:
    case Qt::Key_Escape:
        if (event->key() != Qt::Key_Escape && at > 0)
            selectArc(arcs[at - 1]);
        else {
            emit hint({});
            setCurrent(currentItem(), Qt::NoModifier);
        }
        return true;
    case Qt::Key_Delete:
    case Qt::Key_Backspace: removeArc(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: {
        const std::string reader = state_.selectedArc->layer;
        selectCard(reader);
        emit inspectorWanted();
        return true;
    }
    default: return false;
    }
}

void LayerStack::removeArc() {
    if (!state_.selectedArc) return;
    const StackArc arc = *state_.selectedArc;
    request(modeledit::removeInput(state_.facts.spec, arc.layer, arc.input));
}

// Connections by keyboard

void LayerStack::startConnection() {
    if (state_.selectedArc) { // its end moves
        const StackArc arc = *state_.selectedArc;
        beginConnection(state_.facts.spec.inputsOf(size_t(state_.facts.spec.find(arc.layer)))[arc.input], arc.end, arc);
        state_.connecting->keyboard = true;
        state_.connecting->target = int(arc.to);
        return emit hint(tr("Up and Down pick the new target, Enter moves the connection there, Esc cancels."));
    }
    const int at = currentItem();
    if (at < 0) return;
    const StackItem& item = state_.layout.items[size_t(at)];
    const std::string from = item.kind == StackKind::Block ? state_.facts.spec.layers[item.last].id : item.key;
    if (item.kind == StackKind::Output || item.kind == StackKind::Slot) return emit hint(tr("Nothing comes after the output."));
    state_.focusRing = true;
    beginConnection(from, item.rect.center(), std::nullopt);
    state_.connecting->keyboard = true;
    state_.connecting->target = at;
    pickTarget(1);
    preferFitting(from);
    emit hint(tr("Up and Down pick the target, Enter adds, Shift+Enter concatenates, Esc cancels."));
}

/// The first target on offer is the nearest one whose shapes fit.
void LayerStack::preferFitting(const std::string& from) {
    for (int i = state_.connecting->target; i >= 0 && i < int(state_.layout.items.size()); ++i) {
        const StackItem& item = state_.layout.items[size_t(i)];
        if ((item.kind == StackKind::Block && item.open) || !state_.whyNotTarget(item).isEmpty()) continue;
        const std::string to = item.kind == StackKind::Block ? state_.facts.spec.layers[item.first].id : item.key;
        const modeledit::Edit edit = modeledit::connectLayers(state_.facts.spec, from, to, "add");
        if (!edit.ok() || modelFacts(modeledit::expandRepeats(edit.spec), state_.facts.data).problems.size() > state_.facts.problems.size())
            continue;
        state_.connecting->target = i;
        reveal(item.key);
        return;
    }
}

void LayerStack::pickTarget(int step) {
    for (int i = state_.connecting->target + step; i >= 0 && i < int(state_.layout.items.size()); i += step)
        if (state_.whyNotTarget(state_.layout.items[size_t(i)]).isEmpty() &&
            !(state_.layout.items[size_t(i)].kind == StackKind::Block && state_.layout.items[size_t(i)].open)) {
            state_.connecting->target = i;
            reveal(state_.layout.items[size_t(i)].key);
            viewport()->update();
            return;
        }
}

bool LayerStack::connectionKey(QKeyEvent* event) {
    if (!state_.connecting) return false;
    switch (event->key()) {
    case Qt::Key_Up: pickTarget(-1); return true;
    case Qt::Key_Down: pickTarget(1); return true;
    case Qt::Key_Shift:
        state_.connecting->concat = true;
        viewport()->update();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: finishConnection(event->modifiers() & Qt::ShiftModifier); return true;
    case Qt::Key_Escape: cancelConnection(); return true;
    default: return state_.connecting->keyboard; // nothing else while the keys pick a target
    }
}

void LayerStack::finishConnection(bool concat) {
    const StackConnecting how = *state_.connecting;
    state_.connecting.reset();
    scroll_.stop();
    viewport()->update();
    emit hint({});
    if (how.target < 0) return;
    const StackItem item = state_.layout.items[size_t(how.target)];
    const std::string to = item.kind == StackKind::Block ? state_.facts.spec.layers[item.first].id : item.key;
    const std::string type = concat ? "concat" : "add";
    if (how.rerouted && to == how.rerouted->layer) return;
    if (how.rerouted)
        request(modeledit::rerouteTarget(state_.facts.spec, how.rerouted->layer, how.rerouted->input, to, type));
    else
        request(modeledit::connectLayers(state_.facts.spec, how.from, to, type));
}

void LayerStack::cancelConnection() {
    if (!state_.connecting) return;
    state_.connecting.reset();
    scroll_.stop();
    emit hint({});
    viewport()->update();
}

// Edits of the selection

bool LayerStack::editKey(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return copySelected(), true;
    if (event->matches(QKeySequence::Cut)) return cutSelected(), true;
    if (event->matches(QKeySequence::Paste)) return paste(), true;
    if (event->matches(QKeySequence::SelectAll)) return selectAll(), true;
    const Qt::KeyboardModifiers mods = event->modifiers() & ~Qt::KeypadModifier;
    const int key = event->key();
    if (mods == Qt::AltModifier && (key == Qt::Key_Up || key == Qt::Key_Down)) return moveSelected(key == Qt::Key_Up ? -1 : 1), true;
    if (mods == Qt::ControlModifier && key == Qt::Key_D) return duplicateSelected(), true;
    if (mods == Qt::ControlModifier && key == Qt::Key_G) return groupSelected(), true;
    if (mods == (Qt::ControlModifier | Qt::ShiftModifier) && key == Qt::Key_G) return ungroupSelected(), true;
    if (mods != Qt::NoModifier) return false;
    if (key == Qt::Key_Delete || key == Qt::Key_Backspace) return removeSelected(), true;
    if (key == Qt::Key_B) return toggleBypass(), true;
    if (key == Qt::Key_S) return startConnection(), true;
    if (key == Qt::Key_Escape && state_.dragging) {
        state_.dragging.reset();
        scroll_.stop();
        viewport()->update();
        return true;
    }
    return false;
}

void LayerStack::selectAll() {
    modeledit::Ids ids;
    for (const LayerSpec& layer : state_.facts.spec.layers) ids.push_back(layer.id);
    if (!ids.empty()) select(ids);
}

void LayerStack::removeSelected() {
    if (state_.selectedArc) return removeArc();
    if (!state_.selected.empty()) request(modeledit::removeLayers(state_.facts.spec, selectedIds()));
}

void LayerStack::duplicateSelected() {
    if (!state_.selected.empty()) request(modeledit::duplicateLayers(state_.facts.spec, selectedIds()));
}

void LayerStack::toggleBypass() {
    const modeledit::Ids ids = selectedIds();
    if (ids.empty()) return;
    const bool all = std::all_of(ids.begin(), ids.end(), [&](const std::string& id) {
        return state_.facts.spec.layers[size_t(state_.facts.spec.find(id))].bypassed;
    });
    request(modeledit::setBypassed(state_.facts.spec, ids, !all));
}

void LayerStack::groupSelected() {
    if (!state_.selected.empty()) request(modeledit::groupLayers(state_.facts.spec, selectedIds()));
}

void LayerStack::ungroupSelected() {
    const modeledit::Ids ids = selectedIds();
    const std::string block = ids.empty() ? std::string() : state_.facts.spec.layers[size_t(state_.facts.spec.find(ids.front()))].block;
    request(modeledit::ungroupBlock(state_.facts.spec, block));
}

void LayerStack::repeatSelected(int times) {
    const modeledit::Ids ids = selectedIds();
    if (ids.empty()) return;
    request(modeledit::repeatBlock(state_.facts.spec, state_.facts.spec.layers[size_t(state_.facts.spec.find(ids.front()))].block, times));
}

void LayerStack::moveSelected(int direction) {
    const modeledit::Ids ids = selectedIds();
    if (ids.empty()) return;
    const ModelSpec& spec = state_.facts.spec;
    const size_t first = size_t(spec.find(ids.front())), last = size_t(spec.find(ids.back()));
    const std::string block = selectedBlock().empty() ? spec.layers[direction < 0 ? first : last].block : std::string();
    const bool whole = !selectedBlock().empty();
    const auto& gaps = state_.layout.gaps;
    int at = -1;
    for (size_t g = 0; g < gaps.size(); ++g)
        if (gaps[g].place.at == (direction < 0 ? first : last + 1) && gaps[g].place.block == block) at = int(g);
    for (int g = at + direction; at >= 0 && g >= 0 && g < int(gaps.size()); g += direction) {
        if (whole && !gaps[size_t(g)].place.block.empty()) continue; // blocks step over blocks
        return request(modeledit::moveLayers(spec, ids, gaps[size_t(g)].place));
    }
}

void LayerStack::copySelected() const {
    const modeledit::Ids ids = selectedIds();
    if (!ids.empty()) QApplication::clipboard()->setText(modeledit::copyText(state_.facts.spec, ids));
}

void LayerStack::cutSelected() {
    copySelected();
    removeSelected();
}

void LayerStack::paste() { request(modeledit::pasteText(state_.facts.spec, placeBelow(), QApplication::clipboard()->text())); }

} // namespace strata
