// SPDX-License-Identifier: GPL-3.0-or-later
// What a card says and where its parts lie.
#include "widgets/common/theme.h"
#include "widgets/model/spec_repeat.h"
#include "widgets/model/stack_painter.h"

#include <QCoreApplication>

namespace strata {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("LayerCard", text); }
QString trn(const char* text, int n) { return QCoreApplication::translate("LayerCard", text, nullptr, n); }

/// Wide enough for the largest usual value and for the head, in any language.
double columnWidth(const char* widest, const QString& head) {
    const QFontMetricsF metrics(font(Type::Caption));
    return std::max(metrics.horizontalAdvance(QString::fromUtf8(widest)), metrics.horizontalAdvance(head)) + measure::kSpace12;
}

} // namespace

QString columnHead(int column) { return column == 0 ? tr("Output") : column == 1 ? tr("Params") : tr("FLOPs"); }

bool StackState::isSelected(const StackItem& item) const {
    if (item.kind == StackKind::Block)
        return current == item.key && selected.contains(facts.spec.layers[item.first].id) &&
               selected.contains(facts.spec.layers[item.last].id);
    if (item.kind == StackKind::Layer) return selected.contains(item.key);
    return current == item.key && selected.empty() && !selectedArc;
}

QString StackState::whyNotTarget(const StackItem& item) const {
    if (!connecting) return {};
    if (item.kind == StackKind::Slot) return tr("There is no layer here yet.");
    const std::string to = item.kind == StackKind::Block ? facts.spec.layers[item.first].id : item.key;
    if (connecting->rerouted) {
        if (to == connecting->rerouted->layer) return {};
        const modeledit::Edit removed = modeledit::removeInput(facts.spec, connecting->rerouted->layer, connecting->rerouted->input);
        return removed.ok() ? modeledit::whyNotConnect(removed.spec, connecting->from, to) : removed.refused;
    }
    return modeledit::whyNotConnect(facts.spec, connecting->from, to);
}

CardParts cardParts(const StackState& state, const StackItem& item) {
    CardParts parts;
    const QRectF& r = item.rect;
    const double row = item.kind == StackKind::Block && item.open ? card::kHeader : card::kHeight, middle = r.top() + row / 2;
    double x = r.left() + card::kBand;
    parts.grip = QRectF(x, r.top(), card::kGrip, row);
    x += card::kGrip + measure::kSpace4;
    const bool block = item.kind == StackKind::Block;
    if (block) {
        parts.chevron = QRectF(x, middle - 12, 24, 24);
        x += 24 + measure::kSpace4;
    }
    if (!block || !item.open) {
        parts.icon = QRectF(x, middle - measure::kIcon / 2.0, measure::kIcon, measure::kIcon);
        x += measure::kIcon + measure::kSpace8;
    }
    double right = r.right() - card::kPortRoom;
    // Cards in a block end earlier; their columns stay in line with the others.
    right = std::min(right, state.layout.cardLeft + state.layout.cardWidth - card::kPortRoom - measure::kSpace8);
    parts.port = QRectF(r.right() - 12, r.top() + row - 14 - 12, 24, 24);
    if (item.kind == StackKind::Layer || block) {
        parts.more = QRectF(right - card::kMore, middle - card::kMore / 2, card::kMore, card::kMore);
    }
    right -= card::kMore + measure::kSpace4;
    const auto column = [&](double width) {
        right -= width;
        return QRectF(right, r.top(), width, row);
    };
    if (state.layout.showFlops) parts.flops = column(columnWidth("888.8 M", columnHead(2)));
    if (state.layout.showParameters) parts.parameters = column(columnWidth("888.8 K", columnHead(1)));
    parts.shape = column(columnWidth("888\u00d7888\u00d7888", columnHead(0)));
    parts.text = QRectF(x, r.top(), std::max(0.0, right - x - measure::kSpace8), row);
    if (item.problem && item.problem->fix && !(block && item.open)) {
        const double width = QFontMetricsF(font(Type::Caption)).horizontalAdvance(item.problem->fixTitle) + measure::kSpace8;
        parts.fix = QRectF(parts.text.left() - measure::kSpace4, r.top() + 63, std::min(width, r.right() - parts.text.left() - 24), 24);
    }
    return parts;
}

CardPart partAt(const StackState& state, const StackItem& item, const QPointF& point) {
    const CardParts parts = cardParts(state, item);
    const bool ends = item.kind == StackKind::Output || item.kind == StackKind::Slot;
    if (!ends && parts.port.contains(point)) return CardPart::Port;
    if (parts.fix.contains(point)) return CardPart::Fix;
    if (parts.chevron.contains(point)) return CardPart::Chevron;
    if (parts.more.contains(point)) return CardPart::More;
    if (parts.grip.contains(point)) return CardPart::Grip;
    return item.rect.contains(point) ? CardPart::Body : CardPart::None;
}

namespace {

CardText blockText(const ModelFacts& facts, const StackItem& item) {
    CardText text;
    text.name = QString::fromStdString(item.block);
    text.group = LayerGroup::Combine;
    text.icon = "group";
    double parameters = 0, flops = 0;
    bool known = true;
    for (size_t i = item.first; i <= item.last; ++i) {
        parameters += double(facts.layers[i].parameters) * facts.times[i];
        flops += facts.layers[i].flops * facts.times[i];
        known = known && facts.known(i);
    }
    text.details = item.first == item.last ? tr("1 layer") : trn("%n layers", int(item.last - item.first + 1));
    text.shape = known ? shapeText(facts.layers[item.last].output) : "?";
    text.parameters = known ? countText(parameters) : "?";
    text.flops = known ? countText(flops) : "?";
    return text;
}

} // namespace

CardText cardText(const ModelFacts& facts, const StackItem& item) {
    CardText text;
    switch (item.kind) {
    case StackKind::Input:
        text.name = tr("Input");
        text.details = facts.data.input.empty() ? tr("until a dataset is open") : tr("from the data");
        text.shape = shapeText(facts.spec.input.empty() ? facts.data.input : facts.spec.input);
        text.icon = "input";
        return text;
    case StackKind::Output: {
        text.name = tr("Output");
        text.icon = "output";
        text.shape = facts.spec.layers.empty() ? QString(QChar(0x2013)) : shapeText(facts.output);
        if (facts.output.rank() == 1)
            text.details = trn("%n classes", int(facts.output[0]));
        else if (facts.data.classes > 0)
            text.details = trn("%n classes wanted", int(facts.data.classes));
        return text;
    }
    case StackKind::Slot: return text;
    case StackKind::Block: return blockText(facts, item);
    case StackKind::Layer: break;
    }
    const LayerSpec& layer = facts.spec.layers[item.first];
    const LayerFacts& known = facts.layers[item.first];
    text.name = layerTitle(layer.type);
    text.group = layerGroup(layer.type);
    text.icon = groupIcon(text.group);
    text.bypassed = layer.bypassed;
    const QString params = layerParamsText(layer);
    text.details = layer.bypassed ? tr("Bypassed") : params.isEmpty() ? QString::fromStdString(layer.id) : params;
    text.shape = known.known ? shapeText(known.output) : "?";
    text.parameters = known.known ? countText(double(known.parameters)) : "?";
    text.flops = known.known ? countText(known.flops) : "?";
    return text;
}

} // namespace strata
