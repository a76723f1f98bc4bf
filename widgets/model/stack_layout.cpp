// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/stack_layout.h"
#include "widgets/common/measures.h"
#include "widgets/model/spec_wire.h"

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr int kLanes = 6;
constexpr double kArrow = 6, kCorner = 8;

double heightOf(const CardProblem* problem) {
    if (!problem) return card::kHeight;
    return problem->fix ? card::kErrorHeight : card::kErrorHeightNoFix;
}

class Builder {
public:
    Builder(const ModelFacts& facts, const std::set<std::string>& closed, StackLayout& layout)
        : facts_(facts), closed_(closed), layout_(layout), y_(card::kTop + measure::kSpace8) {}

    void build() {
        addCard(StackKind::Input, "input", 0, 0, facts_.problemAt(kInputCard));
        gap({0, {}}, 0);
        const auto& layers = facts_.spec.layers;
        for (size_t i = 0; i < layers.size();) {
            size_t end = i + 1;
            while (!layers[i].block.empty() && end < layers.size() && layers[end].block == layers[i].block) ++end;
            if (layers[i].block.empty())
                addLayer(i, 0);
            else
                addBlock(i, end);
            i = end;
            gap({i, {}}, 0);
        }
        if (layers.empty()) {
            StackItem slot{StackKind::Slot, "slot", 0, 0, {}, false, {}, {}, nullptr};
            slot.rect = QRectF(layout_.cardLeft, y_, layout_.cardWidth, card::kSlotHeight);
            layout_.items.push_back(slot);
            y_ += card::kSlotHeight + card::kGap;
        }
        addCard(StackKind::Output, "output", layers.size(), layers.size(), facts_.problemAt(kOutputCard));
        layout_.height = y_ + measure::kSpace24;
    }

private:
    void addCard(StackKind kind, const std::string& key, size_t first, size_t last, const CardProblem* problem) {
        StackItem item{kind, key, first, last, {}, false, {}, {}, problem};
        item.rect = QRectF(layout_.cardLeft, y_, layout_.cardWidth, heightOf(problem));
        layout_.items.push_back(item);
        y_ += item.rect.height() + card::kGap;
    }

    void addLayer(size_t i, double indent) {
        const double right = indent > 0 ? measure::kSpace8 : 0;
        StackItem item{StackKind::Layer, facts_.spec.layers[i].id, i, i, facts_.spec.layers[i].block, false, {}, {}, facts_.problemAt(i)};
        item.rect = QRectF(layout_.cardLeft + indent, y_, layout_.cardWidth - indent - right, heightOf(item.problem));
        layout_.items.push_back(item);
        y_ += item.rect.height() + card::kGap;
    }

    void addBlock(size_t from, size_t end) {
        const std::string& name = facts_.spec.layers[from].block;
        StackItem header{StackKind::Block, "block:" + name, from, end - 1, name, !closed_.contains(name), {}, {}, nullptr};
        if (!header.open) {
            for (size_t i = from; i < end && !header.problem; ++i) header.problem = facts_.problemAt(i);
            header.rect = QRectF(layout_.cardLeft, y_, layout_.cardWidth, heightOf(header.problem));
            layout_.items.push_back(header);
            y_ += header.rect.height() + card::kGap;
            return;
        }
        const double top = y_;
        const size_t at = layout_.items.size();
        header.rect = QRectF(layout_.cardLeft, y_, layout_.cardWidth, card::kHeader);
        layout_.items.push_back(header);
        y_ += card::kHeader + measure::kSpace4;
        for (size_t i = from; i < end; ++i) {
            gap({i, name}, card::kIndent);
            addLayer(i, card::kIndent);
        }
        gap({end, name}, card::kIndent);
        layout_.items[at].frame = QRectF(layout_.cardLeft, top, layout_.cardWidth, y_ - top);
        y_ += card::kGap;
    }

    void gap(modeledit::Place place, double indent) {
        const double y = y_ - card::kGap / 2;
        layout_.gaps.push_back({std::move(place), QLineF(layout_.cardLeft + indent, y,
                                                         layout_.cardLeft + layout_.cardWidth - (indent > 0 ? measure::kSpace8 : 0), y)});
    }

    const ModelFacts& facts_;
    const std::set<std::string>& closed_;
    StackLayout& layout_;
    double y_;
};

/// The card directly above a card, leaving headers out.
int cardAbove(const StackLayout& layout, int item) {
    for (int i = item - 1; i >= 0; --i)
        if (layout.items[size_t(i)].kind != StackKind::Block || !layout.items[size_t(i)].open) return i;
    return -1;
}

void findArcs(const ModelFacts& facts, StackLayout& layout) {
    for (size_t i = 0; i < facts.spec.layers.size(); ++i) {
        const LayerSpec& layer = facts.spec.layers[i];
        const std::vector<std::string> inputs = facts.spec.inputsOf(i);
        const int to = layout.itemOfLayer(i);
        for (size_t k = 0; k < inputs.size(); ++k) {
            const int from = layout.itemOf(inputs[k]);
            if (from < 0 || from == to || from == cardAbove(layout, to) || from > to) continue;
            StackArc arc;
            arc.layer = layer.id;
            arc.input = k;
            arc.from = size_t(from);
            arc.to = size_t(to);
            arc.error = facts.problemAt(i) && modeledit::isCombine(layer.type);
            const LayerDef* def = findLayer(layer.type);
            if (def && def->role == Role::Add) arc.disc = "+";
            if (def && def->role == Role::Concat) arc.disc = "cat";
            layout.arcs.push_back(std::move(arc));
        }
    }
}

/// Shortest innermost; arcs in one lane do not overlap.
int assignLanes(StackLayout& layout) {
    std::vector<size_t> order(layout.arcs.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto length = [&](size_t i) { return layout.arcs[i].end.y() - layout.arcs[i].start.y(); };
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return length(a) < length(b); });
    std::vector<size_t> placed;
    int most = 0;
    for (const size_t i : order) {
        StackArc& arc = layout.arcs[i];
        std::set<int> taken;
        for (const size_t other : placed) {
            const StackArc& o = layout.arcs[other];
            if (o.start.y() <= arc.end.y() && arc.start.y() <= o.end.y()) taken.insert(o.lane);
        }
        while (taken.contains(arc.lane)) ++arc.lane;
        most = std::max(most, arc.lane + 1);
        placed.push_back(i);
    }
    return most;
}

void routeArcs(StackLayout& layout) {
    for (StackArc& arc : layout.arcs) {
        const QRectF from = layout.items[arc.from].rect, to = layout.items[arc.to].rect;
        arc.start = QPointF(from.right(), from.top() + std::min(from.height(), card::kHeight) - 14);
        arc.end = QPointF(to.right(), to.top() + 16);
    }
    const int lanes = assignLanes(layout);
    const double pitch = lanes > kLanes ? 6 : 10;
    const double right = layout.cardLeft + layout.cardWidth;
    for (StackArc& arc : layout.arcs) {
        const double x = right + std::min(16 + arc.lane * pitch, card::kGutter - 4);
        const double r = std::min(kCorner, (arc.end.y() - arc.start.y()) / 2);
        if (!arc.disc.isEmpty()) {
            const double w = arc.disc.size() > 1 ? card::kDisc + 8 : card::kDisc;
            arc.discRect = QRectF(arc.end.x() - w / 2, arc.end.y() - card::kDisc / 2, w, card::kDisc);
            arc.end.setX(arc.discRect.right());
        }
        QPainterPath path(arc.start);
        path.lineTo(x - r, arc.start.y());
        path.quadTo(x, arc.start.y(), x, arc.start.y() + r);
        path.lineTo(x, arc.end.y() - r);
        path.quadTo(x, arc.end.y(), x - r, arc.end.y());
        path.lineTo(arc.end.x() + kArrow, arc.end.y());
        arc.path = path;
    }
}

} // namespace

int StackLayout::itemAt(const QPointF& point) const {
    for (size_t i = 0; i < items.size(); ++i)
        if (items[i].rect.contains(point)) return int(i);
    return -1;
}

int StackLayout::itemOf(const std::string& key) const {
    for (size_t i = 0; i < items.size(); ++i)
        if (items[i].key == key) return int(i);
    for (size_t i = 0; i < items.size(); ++i)
        if (items[i].kind == StackKind::Block && !items[i].open && hidden.contains(key) && hidden.at(key) == items[i].block) return int(i);
    return -1;
}

int StackLayout::itemOfLayer(size_t layer) const {
    for (size_t i = 0; i < items.size(); ++i)
        if ((items[i].kind == StackKind::Layer || (items[i].kind == StackKind::Block && !items[i].open)) && items[i].holds(layer))
            return int(i);
    return -1;
}

int StackLayout::arcAt(const QPointF& point, double within) const {
    for (size_t i = 0; i < arcs.size(); ++i) {
        if (arcs[i].discRect.contains(point)) return int(i);
        QPainterPathStroker stroker;
        stroker.setWidth(within * 2);
        if (stroker.createStroke(arcs[i].path).contains(point)) return int(i);
    }
    return -1;
}

const StackGap& StackLayout::gapAt(double y) const {
    return *std::min_element(gaps.begin(), gaps.end(),
                             [y](const StackGap& a, const StackGap& b) { return std::abs(a.line.y1() - y) < std::abs(b.line.y1() - y); });
}

StackLayout layoutStack(const ModelFacts& facts, const std::set<std::string>& closedBlocks, double viewportWidth) {
    StackLayout layout;
    const double room = viewportWidth - card::kGutter;
    layout.cardWidth = std::floor(std::clamp(room - 2 * card::kMargin, card::kMinWidth, card::kMaxWidth));
    // The gutter counts as the right margin's share, so that cards and arcs together stand in the middle.
    layout.cardLeft = std::floor(std::max(double(measure::kSpace16), (room - layout.cardWidth) / 2));
    layout.width = std::max(viewportWidth, layout.cardLeft + layout.cardWidth + card::kGutter);
    layout.showFlops = layout.cardWidth >= 440;
    layout.showParameters = layout.cardWidth >= 400;
    for (const LayerSpec& layer : facts.spec.layers)
        if (!layer.block.empty()) layout.hidden[layer.id] = layer.block;
    Builder(facts, closedBlocks, layout).build();
    findArcs(facts, layout);
    routeArcs(layout);
    return layout;
}

} // namespace strata
