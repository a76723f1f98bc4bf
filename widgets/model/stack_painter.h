// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/model/layer_look.h"
#include "widgets/model/stack_layout.h"

#include <QPainter>
#include <optional>

namespace strata {

/// A connection that is being drawn, by mouse or by keyboard.
struct StackConnecting {
    std::string from;                 ///< source: a layer or "input"
    std::optional<StackArc> rerouted; ///< the connection whose end is dragged
    int target = -1;                  ///< item under the mouse or picked by the keys
    bool keyboard = false;
    bool concat = false; ///< Shift is held
    QPointF mouse;       ///< stack coordinates
};

/// Cards that are being dragged.
struct StackDragging {
    modeledit::Ids ids;
    QPointF grab;    ///< from the top left corner of the grabbed card to the mouse
    QPointF mouse;   ///< stack coordinates
    int item = -1;   ///< the grabbed card
    int gap = -1;    ///< where it would land, or -1
    QString refused; ///< why it cannot land there
};

/// Parts of a card that react to the mouse.
enum class CardPart { None, Body, Grip, Port, More, Fix, Chevron };

/// All that decides how the stack looks at this moment.
struct StackState {
    ModelFacts facts;
    StackLayout layout;
    std::set<std::string> selected; ///< ids of layers
    std::string current;            ///< key of the item with the keyboard focus, or ""
    bool focus = false, focusRing = false;
    int hoverItem = -1;
    CardPart hoverPart = CardPart::None;
    int hoverArc = -1;
    std::optional<StackArc> selectedArc;
    std::optional<StackConnecting> connecting;
    std::optional<StackDragging> dragging;
    int dropGap = -1; ///< something from the palette hovers here

    bool isSelected(const StackItem& item) const;
    /// Where a connection would go: "" if `item` may be its target, else the reason.
    QString whyNotTarget(const StackItem& item) const;
};

/// Where the parts of a card lie; the same for painting, mouse and tests.
struct CardParts {
    QRectF grip, icon, chevron, text, shape, parameters, flops, more, port, fix;
};
CardParts cardParts(const StackState& state, const StackItem& item);
CardPart partAt(const StackState& state, const StackItem& item, const QPointF& point);

/// What a card says: name, line below it, shape, counts.
struct CardText {
    QString name, details, shape, parameters, flops, icon;
    LayerGroup group = LayerGroup::Shape;
    bool bypassed = false;
};
CardText cardText(const ModelFacts& facts, const StackItem& item);

/// Paints the part of the stack that lies in `clip` (stack coordinates; the painter is translated to them).
void paintStack(QPainter& painter, const StackState& state, const QRectF& clip);
/// "Output", "Params", "FLOPs".
QString columnHead(int column);
/// The heads of the columns, drawn over the scrolled stack at its top edge.
void paintColumnHeads(QPainter& painter, const StackState& state, double viewportWidth);

} // namespace strata
