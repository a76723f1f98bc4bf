// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/template_thumbnail.h"
#include "widgets/common/theme.h"
#include "widgets/model/layer_look.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

struct Bar {
    double from = 0, thickness = 0; ///< along the flow
    double extent = 0;              ///< across it, 0 to 1
    LayerGroup group = LayerGroup::Shape;
    bool known = true;
};

/// Weight of a layer along the flow, in units.
double thicknessOf(LayerGroup group) {
    switch (group) {
    case LayerGroup::Convolution:
    case LayerGroup::Linear: return 4;
    case LayerGroup::Pooling:
    case LayerGroup::Combine: return 2;
    default: return 1.25;
    }
}

/// Length of a bar: the logarithm of the picture's side; vectors by the logarithm of their length, but short.
double extentOf(const Shape& shape, const Shape& input) {
    if (shape.rank() == 3) {
        const double full = std::log2(double(std::max<int64_t>({input.rank() == 3 ? input[1] : 1, shape[1], 4})));
        return 0.28 + 0.72 * std::log2(double(std::max<int64_t>(shape[1], 1))) / full;
    }
    if (shape.rank() == 1) return std::clamp(0.1 + 0.04 * std::log2(double(std::max<int64_t>(shape[0], 1))), 0.14, 0.6);
    return 0.28;
}

std::vector<Bar> barsOf(const ModelSpec& spec, const SpecCheck& check, double length) {
    std::vector<Bar> bars(spec.layers.size());
    double units = 0;
    for (size_t i = 0; i < bars.size(); ++i) {
        bars[i].group = layerGroup(spec.layers[i].type);
        bars[i].known = check.layers[i].known;
        bars[i].thickness = thicknessOf(bars[i].group);
        bars[i].extent = extentOf(check.layers[i].output, spec.input);
        units += bars[i].thickness;
    }
    // The gaps shrink with the bars, so that a deep network still fits.
    const double gapUnits = 0.9, total = units + gapUnits * double(bars.size() - 1);
    const double unit = std::min(length / total, 4.0);
    double at = (length - unit * total) / 2;
    for (Bar& bar : bars) {
        bar.from = at;
        bar.thickness *= unit;
        at += bar.thickness + gapUnits * unit;
    }
    return bars;
}

struct Frame {
    QRectF rect;
    bool wide;
    double arcRoom;
    double length() const { return wide ? rect.width() : rect.height(); }
    double across() const { return (wide ? rect.height() : rect.width()) - arcRoom; }
    /// `along` the flow from its start, `up` from the far edge of the bars' band towards the arcs.
    QPointF point(double along, double up) const {
        return wide ? QPointF(rect.left() + along, rect.bottom() - up) : QPointF(rect.left() + up, rect.top() + along);
    }
    QRectF bar(const Bar& b) const {
        const double size = b.extent * across(), off = (across() - size) / 2;
        return QRectF(point(b.from, off), point(b.from + b.thickness, off + size)).normalized();
    }
};

void drawArc(QPainter& painter, const Frame& frame, const Bar& from, const Bar& to) {
    const double a = from.from + from.thickness / 2, b = to.from + to.thickness / 2, base = frame.across() + 1;
    const double top = base + std::min(frame.arcRoom - 2, 3 + (b - a) * 0.12), radius = std::min({5.0, (b - a) / 2, top - base});
    QPainterPath path(frame.point(a, base));
    path.lineTo(frame.point(a, top - radius));
    path.quadTo(frame.point(a, top), frame.point(a + radius, top));
    path.lineTo(frame.point(b - radius, top));
    path.quadTo(frame.point(b, top), frame.point(b, top - radius));
    path.lineTo(frame.point(b, base));
    painter.drawPath(path);
}

} // namespace

void paintSpecThumbnail(QPainter& painter, const QRectF& rect, const ModelSpec& spec) {
    if (spec.layers.empty() || rect.isEmpty()) return;
    const SpecCheck check = checkSpec(spec);
    const bool wide = rect.width() >= rect.height();
    const double room = std::clamp((wide ? rect.height() : rect.width()) * 0.2, 6.0, 16.0);
    const Frame frame{rect, wide, room};
    const std::vector<Bar> bars = barsOf(spec, check, frame.length());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color(Token::LineStrong), 1.25));
    painter.setBrush(Qt::NoBrush);
    for (size_t i = 0; i < bars.size(); ++i)
        for (const std::string& id : spec.inputsOf(i)) {
            const int source = spec.find(id);
            if (source >= 0 && size_t(source) + 1 < i) drawArc(painter, frame, bars[size_t(source)], bars[i]);
        }
    painter.setPen(Qt::NoPen);
    for (const Bar& bar : bars) {
        QColor fill = groupColor(bar.group);
        if (!bar.known) fill.setAlphaF(0.35f);
        painter.setBrush(fill);
        const QRectF shape = frame.bar(bar);
        const double radius = std::min({2.0, shape.width() / 2, shape.height() / 2});
        painter.drawRoundedRect(shape, radius, radius);
    }
    painter.restore();
}

TemplateThumbnail::TemplateThumbnail(QWidget* parent) : QWidget(parent) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAccessibleName(tr("Drawing of a network"));
}

void TemplateThumbnail::setSpec(const ModelSpec& spec) {
    spec_ = spec;
    if (!spec.name.empty()) setAccessibleName(tr("Drawing of %1").arg(QString::fromStdString(spec.name)));
    setAccessibleDescription(tr("%n layers", nullptr, int(spec.layers.size())));
    update();
}

QSize TemplateThumbnail::sizeHint() const { return {240, 64}; }

void TemplateThumbnail::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintSpecThumbnail(painter, rect(), spec_);
}

} // namespace strata
