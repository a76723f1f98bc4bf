// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/stack_painter.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/model/spec_repeat.h"

#include <QCoreApplication>

namespace strata {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("LayerCard", text); }

void drawIcon(QPainter& p, const QString& name, const QRectF& rect, const QColor& tint) {
    const double ratio = p.device() ? p.device()->devicePixelRatioF() : 1;
    const int size = int(rect.width());
    p.drawPixmap(QPointF(std::round(rect.x()), std::round(rect.y())), iconPixmap(name, size, tint, ratio));
}

void drawElided(QPainter& p, const QRectF& rect, Qt::Alignment alignment, const QString& text) {
    p.drawText(rect, int(alignment | Qt::TextSingleLine), p.fontMetrics().elidedText(text, Qt::ElideRight, int(rect.width())));
}

class Painter {
public:
    Painter(QPainter& painter, const StackState& state, const QRectF& clip) : p(painter), s(state), clip_(clip) {}

    void paint() {
        p.setRenderHint(QPainter::Antialiasing);
        frames();
        connectors();
        for (size_t i = 0; i < s.layout.items.size(); ++i)
            if (item(i).rect.adjusted(-20, -20, 80, 20).intersects(clip_)) drawItem(i);
        arcs();
        ends();
        connecting();
        dropLine();
        ghost();
    }

private:
    const StackItem& item(size_t i) const { return s.layout.items[i]; }

    bool dragged(const StackItem& it) const {
        if (!s.dragging) return false;
        const auto& ids = s.dragging->ids;
        const auto holds = [&](const std::string& id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); };
        if (it.kind == StackKind::Layer) return holds(it.key);
        return it.kind == StackKind::Block && holds(s.facts.spec.layers[it.first].id) && holds(s.facts.spec.layers[it.last].id);
    }

    double opacity(const StackItem& it) const {
        if (dragged(it)) return 0.4;
        if (s.connecting && it.key != s.connecting->from && !s.whyNotTarget(it).isEmpty()) return 0.4;
        return 1;
    }

    void frames() {
        p.setPen(Qt::NoPen);
        p.setBrush(color(Token::Surface0));
        for (const StackItem& it : s.layout.items)
            if (it.kind == StackKind::Block && it.open) p.drawRoundedRect(it.frame, measure::kRadiusCard, measure::kRadiusCard);
    }

    /// The line from a card to the one below, where that reads it.
    void connectors() {
        const double x = s.layout.cardLeft + s.layout.cardWidth / 2;
        p.setPen(QPen(color(Token::LineStrong), 2));
        int above = -1;
        for (size_t i = 0; i < s.layout.items.size(); ++i) {
            const StackItem& it = item(i);
            if (it.kind == StackKind::Block && it.open) continue;
            if (above >= 0 && joined(item(size_t(above)), it)) {
                const double from = item(size_t(above)).rect.bottom(), to = it.rect.top();
                for (const auto& [top, bottom] : visibleParts(from, to)) p.drawLine(QPointF(x, top), QPointF(x, bottom));
            }
            above = int(i);
        }
    }

    /// The stretch between two cards without the header that may lie between them.
    std::vector<std::pair<double, double>> visibleParts(double from, double to) const {
        for (const StackItem& it : s.layout.items)
            if (it.kind == StackKind::Block && it.open && it.rect.top() >= from && it.rect.bottom() <= to)
                return {{from, it.rect.top()}, {it.rect.bottom() - 4, to}};
        return {{from, to}};
    }

    bool joined(const StackItem& over, const StackItem& under) const {
        if (under.kind == StackKind::Slot || over.kind == StackKind::Slot || under.kind == StackKind::Output) return true;
        for (size_t i = under.first; i <= under.last && i < s.facts.spec.layers.size(); ++i)
            for (const std::string& id : s.facts.spec.inputsOf(i)) {
                if (over.kind == StackKind::Input && id == "input") return true;
                const int source = s.facts.spec.find(id);
                if (source >= 0 && over.kind != StackKind::Input && over.holds(size_t(source))) return true;
            }
        return false;
    }

    void drawItem(size_t i) {
        const StackItem& it = item(i);
        p.save();
        p.setOpacity(opacity(it));
        if (it.kind == StackKind::Slot)
            slot(it);
        else if (it.kind == StackKind::Block && it.open)
            header(i);
        else
            drawCard(i);
        p.restore();
    }

    void background(size_t i) {
        const StackItem& it = item(i);
        const bool selected = s.isSelected(it), hover = s.hoverItem == int(i) && !s.dragging && !s.connecting;
        const bool target = s.connecting && s.connecting->target == int(i);
        QColor fill = color(Token::Surface2);
        if (it.problem)
            fill = color(Token::ErrorBackground);
        else if (selected)
            fill = color(Token::Selection);
        else if (hover)
            fill = color(Token::Surface3);
        if (it.kind == StackKind::Block && it.open && !selected && !hover) fill = color(Token::Surface0);
        p.setPen(Qt::NoPen);
        p.setBrush(fill);
        p.drawRoundedRect(it.rect, measure::kRadiusCard, measure::kRadiusCard);
        const bool arcEnd = endOfShownArc(i);
        if (selected || target || arcEnd) {
            p.setPen(QPen(color(it.problem && !target ? Token::Error : Token::Accent), 2));
            p.setBrush(Qt::NoBrush);
            p.drawRoundedRect(it.rect.adjusted(1, 1, -1, -1), measure::kRadiusCard - 1, measure::kRadiusCard - 1);
        }
        if (s.focusRing && s.focus && !s.selectedArc && s.current == it.key) {
            drawFocusRing(p, it.rect.adjusted(-4, -4, 4, 4), measure::kRadiusCard + 3);
        }
    }

    bool endOfShownArc(size_t i) const {
        for (size_t a = 0; a < s.layout.arcs.size(); ++a)
            if (strong(a) && (s.layout.arcs[a].from == i || s.layout.arcs[a].to == i)) return true;
        return false;
    }
    bool strong(size_t a) const { return s.hoverArc == int(a) || (s.selectedArc && s.selectedArc->sameAs(s.layout.arcs[a])); }

    void band(const StackItem& it, LayerGroup group, bool bypassed) {
        QColor tint = groupColor(group);
        if (bypassed) tint.setAlphaF(0.4f);
        p.save();
        QPainterPath shape;
        shape.addRoundedRect(it.rect, measure::kRadiusCard, measure::kRadiusCard);
        p.setClipPath(shape, Qt::IntersectClip);
        p.fillRect(QRectF(it.rect.left(), it.rect.top(), card::kBand, it.rect.height()), tint);
        p.restore();
    }

    void columns(const CardParts& parts, const CardText& text, bool pale) {
        p.setFont(font(Type::Caption));
        p.setPen(color(pale ? Token::TextDisabled : Token::Text1));
        const auto right = Qt::AlignRight | Qt::AlignVCenter;
        p.drawText(parts.shape, int(right), text.shape);
        p.setPen(color(pale ? Token::TextDisabled : Token::Text2));
        if (!parts.parameters.isNull()) p.drawText(parts.parameters, int(right), text.parameters);
        if (!parts.flops.isNull()) p.drawText(parts.flops, int(right), text.flops);
    }

    void drawCard(size_t i) {
        const StackItem& it = item(i);
        const CardParts parts = cardParts(s, it);
        const CardText text = cardText(s.facts, it);
        background(i);
        const bool end = it.kind == StackKind::Input || it.kind == StackKind::Output;
        if (it.kind != StackKind::Block) band(it, text.group, text.bypassed);
        const bool hover = s.hoverItem == int(i) && !s.connecting;
        if (hover && !end) drawIcon(p, "grip", QRectF(parts.grip.center() - QPointF(8, 8), QSizeF(16, 16)), color(Token::Text3));
        const QColor tint = it.problem                           ? color(Token::Error)
                            : text.bypassed                      ? color(Token::TextDisabled)
                            : end || it.kind == StackKind::Block ? color(Token::Text2)
                                                                 : groupColor(text.group);
        drawIcon(p, it.problem ? QString("error") : text.icon, parts.icon, tint);
        if (!parts.chevron.isNull()) drawIcon(p, "chevron-right", parts.chevron.adjusted(2, 2, -2, -2), color(Token::Text2));
        names(parts, text, it);
        columns(parts, text, text.bypassed);
        if (!parts.more.isNull() && hover)
            drawIcon(p, "more", parts.more.adjusted(2, 2, -2, -2), color(s.hoverPart == CardPart::More ? Token::Accent : Token::Text2));
        if (it.problem) problem(parts, it, hover);
    }

    void names(const CardParts& parts, const CardText& text, const StackItem& it) {
        QRectF name(parts.text.left(), it.rect.top() + 8, parts.text.width(), 20),
            details(parts.text.left(), it.rect.top() + 28, parts.text.width(), 18);
        if (text.details.isEmpty()) name = QRectF(parts.text.left(), it.rect.top(), parts.text.width(), card::kHeight);
        p.setFont(font(Type::BodyMedium));
        p.setPen(color(text.bypassed ? Token::TextDisabled : Token::Text1));
        const double used = std::min(name.width(), p.fontMetrics().horizontalAdvance(text.name) + 8.0);
        drawElided(p, name, Qt::AlignLeft | Qt::AlignVCenter, text.name);
        const int times = it.kind == StackKind::Block ? modeledit::repeatsOf(s.facts.spec, it.block) : 1;
        if (times > 1) badge(QPointF(name.left() + used, name.center().y()), times);
        p.setFont(font(Type::Caption));
        p.setPen(color(text.bypassed ? Token::TextDisabled : Token::Text2));
        drawElided(p, details, Qt::AlignLeft | Qt::AlignVCenter, text.details);
    }

    void badge(QPointF left, int times) {
        p.setFont(font(Type::Caption));
        const QString text = QChar(0x00D7) + QString::number(times);
        const double width = p.fontMetrics().horizontalAdvance(text) + 12.0;
        const QRectF rect(left.x(), left.y() - 9, width, 18);
        p.setPen(Qt::NoPen);
        p.setBrush(color(Token::Accent));
        p.drawRoundedRect(rect, 9, 9);
        p.setPen(color(Token::OnAccent));
        p.drawText(rect, Qt::AlignCenter, text);
    }

    void problem(const CardParts& parts, const StackItem& it, bool hover) {
        p.setFont(font(Type::Caption));
        p.setPen(color(Token::Error));
        drawElided(p, QRectF(parts.text.left(), it.rect.top() + 46, it.rect.right() - parts.text.left() - 28, 16),
                   Qt::AlignLeft | Qt::AlignVCenter, it.problem->sentence);
        if (parts.fix.isNull()) return;
        QFont link = font(Type::Caption);
        link.setUnderline(hover && s.hoverPart == CardPart::Fix);
        p.setFont(link);
        p.setPen(color(Token::Accent));
        drawElided(p, parts.fix.adjusted(measure::kSpace4, 0, -measure::kSpace4 + 2, 0), Qt::AlignLeft | Qt::AlignVCenter,
                   it.problem->fixTitle);
    }

    void header(size_t i) {
        const StackItem& it = item(i);
        const CardParts parts = cardParts(s, it);
        const CardText text = cardText(s.facts, it);
        background(i);
        const bool hover = s.hoverItem == int(i) && !s.connecting;
        if (hover) drawIcon(p, "grip", QRectF(parts.grip.center() - QPointF(8, 8), QSizeF(16, 16)), color(Token::Text3));
        drawIcon(p, "chevron-down", parts.chevron.adjusted(2, 2, -2, -2), color(Token::Text2));
        p.setFont(font(Type::BodyMedium));
        p.setPen(color(Token::Text1));
        const double used = std::min(parts.text.width() - 32, p.fontMetrics().horizontalAdvance(text.name) + 8.0);
        drawElided(p, QRectF(parts.text.topLeft(), QSizeF(used, parts.text.height())), Qt::AlignLeft | Qt::AlignVCenter, text.name);
        if (const int times = modeledit::repeatsOf(s.facts.spec, it.block); times > 1)
            badge(QPointF(parts.text.left() + used, parts.text.center().y()), times);
        columns(parts, text, false);
        if (hover)
            drawIcon(p, "more", parts.more.adjusted(2, 2, -2, -2), color(s.hoverPart == CardPart::More ? Token::Accent : Token::Text2));
    }

    void slot(const StackItem& it) {
        QPen pen(color(Token::LineStrong), 1.5, Qt::DashLine);
        pen.setDashPattern({4, 4});
        p.setPen(pen);
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(it.rect.adjusted(1, 1, -1, -1), measure::kRadiusCard, measure::kRadiusCard);
    }

    void arcs() {
        for (int pass = 0; pass < 2; ++pass) // the shown one above the others
            for (size_t a = 0; a < s.layout.arcs.size(); ++a)
                if (strong(a) == (pass == 1)) drawArc(a);
    }

    void drawArc(size_t a) {
        const StackArc& arc = s.layout.arcs[a];
        const bool shown = strong(a);
        p.save();
        if (s.connecting && s.connecting->rerouted && s.connecting->rerouted->sameAs(arc)) p.setOpacity(0.4);
        QPen pen(color(arc.error ? Token::Error : shown ? Token::Accent : Token::LineStrong), shown ? 3 : 2);
        if (arc.error) pen.setDashPattern({3, 2});
        p.setPen(pen);
        p.setBrush(Qt::NoBrush);
        p.drawPath(arc.path);
        p.setPen(Qt::NoPen);
        p.setBrush(pen.color());
        const QPointF tip = arc.end + QPointF(arc.disc.isEmpty() ? 1 : 0, 0);
        p.drawPolygon(QPolygonF({tip, tip + QPointF(7, -4.5), tip + QPointF(7, 4.5)}));
        if (!arc.disc.isEmpty()) disc(arc, pen.color());
        if (shown && s.selectedArc && s.selectedArc->sameAs(arc) && s.focus && s.focusRing) {
            p.setPen(QPen(color(Token::Accent), 2));
            p.setBrush(Qt::NoBrush);
            p.drawEllipse(tip + QPointF(3, 0), 9, 9);
        }
        p.restore();
    }

    void disc(const StackArc& arc, const QColor& tint) {
        p.setPen(QPen(tint, 2));
        p.setBrush(color(Token::Surface2));
        p.drawRoundedRect(arc.discRect.adjusted(1, 1, -1, -1), card::kDisc / 2, card::kDisc / 2);
        p.setFont(font(Type::Caption));
        p.setPen(color(arc.error ? Token::Error : Token::Text1));
        if (arc.disc == "+") {
            const QPointF c = arc.discRect.center();
            p.setPen(QPen(color(arc.error ? Token::Error : Token::Text1), 1.5));
            p.drawLine(c - QPointF(4, 0), c + QPointF(4, 0));
            p.drawLine(c - QPointF(0, 4), c + QPointF(0, 4));
        } else
            p.drawText(arc.discRect.adjusted(0, -1, 0, -1), Qt::AlignCenter, arc.disc);
    }

    /// Ports: of the card under the mouse and of the source of a connection.
    void ends() {
        for (size_t i = 0; i < s.layout.items.size(); ++i) {
            const StackItem& it = item(i);
            if (it.kind == StackKind::Output || it.kind == StackKind::Slot || (it.kind == StackKind::Block && it.open)) continue;
            const bool source = s.connecting && s.connecting->from == it.key;
            const bool hover = s.hoverItem == int(i) && !s.dragging && !s.connecting;
            if (!source && !hover) continue;
            const QRectF port = cardParts(s, it).port;
            p.setPen(QPen(color(Token::Accent), 2));
            p.setBrush(source || s.hoverPart == CardPart::Port ? color(Token::Accent) : color(Token::Surface2));
            p.drawEllipse(port.center(), card::kPort, card::kPort);
        }
    }

    void connecting() {
        if (!s.connecting) return;
        const int from = s.layout.itemOf(s.connecting->from);
        if (from < 0) return;
        const StackItem& source = item(size_t(from));
        const QPointF start = cardParts(s, source).port.center();
        QPointF end = s.connecting->mouse;
        const int target = s.connecting->target;
        const bool valid = target >= 0 && s.whyNotTarget(item(size_t(target))).isEmpty();
        if (valid) end = QPointF(item(size_t(target)).rect.right(), item(size_t(target)).rect.top() + 16);
        QPainterPath path(start);
        const double x = s.layout.cardLeft + s.layout.cardWidth + 40;
        path.cubicTo(QPointF(x, start.y()), QPointF(valid ? x : end.x(), end.y()), end);
        QPen pen(color(target >= 0 && !valid ? Token::Error : Token::Accent), 2.5);
        if (!valid) pen.setDashPattern({3, 2});
        p.setPen(pen);
        p.setBrush(Qt::NoBrush);
        p.drawPath(path);
        if (target >= 0) label(target, valid);
    }

    /// Beside the target: what a drop would do, or why it cannot be.
    void label(int target, bool valid) {
        const StackItem& it = item(size_t(target));
        QString text = s.whyNotTarget(it);
        if (valid) {
            const bool joins = it.kind == StackKind::Layer &&
                               (s.facts.spec.layers[it.first].type == "add" || s.facts.spec.layers[it.first].type == "concat");
            text = joins                  ? tr("Joins %1").arg(QString::fromStdString(it.key))
                   : s.connecting->concat ? tr("Inserts Concat before it")
                                          : tr("Inserts Add before it");
        }
        bubble(text, QPointF(it.rect.left() + 24, it.rect.bottom() - 4), !valid);
    }

    void bubble(const QString& text, QPointF at, bool error) {
        p.setFont(font(Type::Caption));
        const double width = std::min(p.fontMetrics().horizontalAdvance(text) + 24.0, s.layout.cardWidth);
        const QRectF rect(at.x(), at.y(), width, 28);
        p.setPen(QPen(color(error ? Token::Error : Token::Accent), 1));
        p.setBrush(color(error ? Token::ErrorBackground : Token::InfoBackground));
        p.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), measure::kRadiusControl, measure::kRadiusControl);
        p.setPen(color(error ? Token::Error : Token::Text1));
        drawElided(p, rect.adjusted(12, 0, -10, 0), Qt::AlignLeft | Qt::AlignVCenter, text);
    }

    void dropLine() {
        const int gap = s.dragging ? s.dragging->gap : s.dropGap;
        if (gap < 0) return;
        const QLineF line = s.layout.gaps[size_t(gap)].line;
        const bool refused = s.dragging && !s.dragging->refused.isEmpty();
        const QColor tint = color(refused ? Token::Error : Token::Accent);
        p.setPen(QPen(tint, 2));
        p.drawLine(line);
        p.setBrush(tint);
        p.setPen(Qt::NoPen);
        p.drawEllipse(line.p1(), 4, 4);
        if (refused) bubble(s.dragging->refused, line.p1() + QPointF(24, 6), true);
    }

    void ghost() {
        if (!s.dragging || s.dragging->item < 0) return;
        const StackItem& it = item(size_t(s.dragging->item));
        const CardText text = cardText(s.facts, it);
        const QRectF rect(s.dragging->mouse - s.dragging->grab, QSizeF(it.rect.width(), std::min(it.rect.height(), card::kHeight)));
        p.save();
        p.setOpacity(0.9);
        for (int i = 4; i >= 1; --i) { // the popup's shadow, softly
            QColor shade = color(Token::Shadow);
            shade.setAlphaF(0.04f);
            p.setPen(Qt::NoPen);
            p.setBrush(shade);
            p.drawRoundedRect(rect.adjusted(-i, -i + 3, i, i + 3), measure::kRadiusCard + i, measure::kRadiusCard + i);
        }
        p.setPen(QPen(color(Token::Accent), 1));
        p.setBrush(color(Token::Surface2));
        p.drawRoundedRect(rect, measure::kRadiusCard, measure::kRadiusCard);
        drawIcon(p, text.icon, QRectF(rect.left() + 24, rect.center().y() - 10, 20, 20), groupColor(text.group));
        p.setFont(font(Type::BodyMedium));
        p.setPen(color(Token::Text1));
        const size_t count = s.dragging->ids.size();
        const QString name = count > 1 ? QCoreApplication::translate("LayerCard", "%n layers", nullptr, int(count)) : text.name;
        drawElided(p, rect.adjusted(52, 0, -16, 0), Qt::AlignLeft | Qt::AlignVCenter, name);
        p.restore();
    }

    QPainter& p;
    const StackState& s;
    QRectF clip_;
};

} // namespace

void paintStack(QPainter& painter, const StackState& state, const QRectF& clip) { Painter(painter, state, clip).paint(); }

void paintColumnHeads(QPainter& painter, const StackState& state, double viewportWidth) {
    painter.fillRect(QRectF(0, 0, viewportWidth, card::kTop), color(Token::Surface1));
    if (state.layout.items.empty()) return;
    const CardParts parts = cardParts(state, state.layout.items.front());
    painter.setFont(font(Type::Caption));
    painter.setPen(color(Token::Text3));
    const auto head = [&](const QRectF& column, const QString& text) {
        if (column.isNull()) return;
        painter.drawText(QRectF(column.left(), 0, column.width(), card::kTop), int(Qt::AlignRight | Qt::AlignVCenter), text);
    };
    head(parts.shape, columnHead(0));
    head(parts.parameters, columnHead(1));
    head(parts.flops, columnHead(2));
}

} // namespace strata
