// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/model/model_facts.h"

#include <QPainterPath>
#include <QRectF>
#include <map>
#include <set>

namespace strata {

/// What the stack shows, from top to bottom.
enum class StackKind { Input, Layer, Block, Slot, Output };

/// One row of the stack with its place. A block that is open is a header with a frame around its layers; closed it is a card.
struct StackItem {
    StackKind kind = StackKind::Layer;
    std::string key;            ///< layer id, "input", "output", "block:NAME", "slot"
    size_t first = 0, last = 0; ///< layers of the spec it stands for
    std::string block;          ///< the block it heads or belongs to
    bool open = false;          ///< of a block
    QRectF rect;                ///< the card or header
    QRectF frame;               ///< of an open block: header and layers
    const CardProblem* problem = nullptr;
    bool holds(size_t layer) const { return kind != StackKind::Input && kind != StackKind::Output && layer >= first && layer <= last; }
};

/// A connection that does not come from the card above.
struct StackArc {
    std::string layer;       ///< who reads
    size_t input = 0;        ///< which of its inputs
    size_t from = 0, to = 0; ///< items
    int lane = 0;
    bool error = false;
    QString disc; ///< "+", "cat", or nothing
    QPointF start, end;
    QPainterPath path;
    QRectF discRect;
    bool sameAs(const StackArc& other) const { return layer == other.layer && input == other.input; }
};

/// A place where layers can be dropped, and the line that shows it.
struct StackGap {
    modeledit::Place place;
    QLineF line;
};

/// Geometry of the whole stack in its own coordinates; pure, so that tests and painting agree.
struct StackLayout {
    std::vector<StackItem> items;
    std::vector<StackArc> arcs;
    std::vector<StackGap> gaps;
    double width = 0, height = 0;
    double cardLeft = 0, cardWidth = 0;
    bool showFlops = true, showParameters = true;
    std::map<std::string, std::string> hidden; ///< block of each layer that is in one

    int itemAt(const QPointF& point) const;   ///< or -1
    int itemOf(const std::string& key) const; ///< a layer in a closed block gives the block; or -1
    int itemOfLayer(size_t layer) const;
    int arcAt(const QPointF& point, double within = 5) const; ///< or -1
    const StackGap& gapAt(double y) const;
};

/// Measures of the card (screens.md, section 3).
namespace card {
constexpr double kHeight = 56, kErrorHeight = 92, kErrorHeightNoFix = 72, kMinWidth = 360, kMaxWidth = 600, kMargin = 36, kGutter = 72;
constexpr double kGap = 8, kBand = 4, kGrip = 16, kIndent = 16, kHeader = 40, kSlotHeight = 120, kTop = 28, kDisc = 20, kPort = 6;
constexpr double kMore = 24, kPortRoom = 16;
} // namespace card

StackLayout layoutStack(const ModelFacts& facts, const std::set<std::string>& closedBlocks, double viewportWidth);

} // namespace strata
