// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/theme.h"
#include "widgets/evaluate/confusion_matrix_view.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace strata {
namespace {

constexpr double kTitle = 20; ///< "True class" at the left, "Predicted class" on top
constexpr double kNames = 72; ///< class names
constexpr double kNominalCell = 52;
constexpr double kLargestCell = 72;
constexpr int kNumbered = 40; ///< with more classes: no numbers, names only where one points
constexpr double kNameGap = 8;

QColor blend(const QColor& a, const QColor& b, double part) {
    const auto mix = [&](int x, int y) { return int(std::lround(x + (y - x) * part)); };
    return QColor(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue()));
}

} // namespace

QColor errorColor(double part) {
    const double strength = std::clamp(0.30 + 2.0 * part, 0.0, 1.0);
    return blend(color(Token::Surface2), theme().sequential(0.04 + 0.96 * part), strength);
}

ConfusionMatrixView::Geometry ConfusionMatrixView::geometry(double ratio) const {
    Geometry g;
    const int n = std::max(1, classes());
    const double room = std::min(double(width()), double(height())) - kTitle - kNames;
    // Whole device pixels, so that all cells are alike and sharp; with very many classes they may be smaller than a pixel.
    const double device = std::floor(std::max(room, 1.0) * ratio / n);
    g.cell = std::min(kLargestCell, device >= 1 ? device / ratio : room / n);
    g.gap = g.cell >= 20 ? 2 : g.cell >= 8 ? 1 : 0;
    const double whole = kTitle + kNames + g.cell * n;
    g.left = std::round(std::max(0.0, (double(width()) - whole) / 2)) + kTitle + kNames;
    g.top = kTitle + kNames;
    return g;
}

QRectF ConfusionMatrixView::cellRect(Cell cell) const {
    const Geometry g = geometry(devicePixelRatioF());
    return {g.left + cell.predicted * g.cell, g.top + cell.truth * g.cell, g.cell, g.cell};
}

ConfusionMatrixView::Cell ConfusionMatrixView::cellAt(const QPointF& position) const {
    const Geometry g = geometry(devicePixelRatioF());
    const double column = std::floor((position.x() - g.left) / g.cell), row = std::floor((position.y() - g.top) / g.cell);
    if (column < 0 || row < 0 || column >= classes() || row >= classes()) return {};
    return {int(row), int(column)};
}

QSize ConfusionMatrixView::sizeHint() const {
    const int n = classes() > 0 ? classes() : 10;
    const int side = int(kTitle + kNames + (n <= 10 ? n * kNominalCell : 10 * kNominalCell));
    return {side, side};
}
QSize ConfusionMatrixView::minimumSizeHint() const { return {int(kTitle + kNames) + 200, int(kTitle + kNames) + 200}; }

/// The longest form that fits: "93.1 %", "93.1", "93"; nothing where not even the last does.
QString ConfusionMatrixView::text(Cell cell, double width) const {
    const double v = value(cell);
    if (v <= 0 || classes() > kNumbered) return {};
    QStringList forms;
    if (scale_ == MatrixScale::Counts)
        forms << QString::number(count(cell));
    else
        forms << QString::fromStdString(fmt::format("{:.1f}", 100 * v)) << QString::fromStdString(fmt::format("{:.0f}", 100 * v));
    const QFontMetrics metrics(strata::font(Type::Caption));
    for (const QString& form : forms)
        if (metrics.horizontalAdvance(form) + 2 <= width && metrics.height() <= width + 2) return form;
    return {};
}

void ConfusionMatrixView::paintCells(QPainter& painter, const Geometry& g) const {
    painter.setFont(strata::font(Type::Caption));
    painter.setRenderHint(QPainter::Antialiasing, g.cell >= 20);
    const double radius = g.cell >= 20 ? 4 : 0;
    for (int t = 0; t < classes(); ++t)
        for (int p = 0; p < classes(); ++p) {
            const Cell cell{t, p};
            const double v = value(cell);
            const bool diagonal = t == p;
            if (v <= 0 && !diagonal && g.gap == 0) continue;
            const QColor fill = diagonal ? color(Token::Surface3) : v > 0 ? errorColor(v / largestError_) : color(Token::Surface1);
            const QRectF rect = QRectF(p * g.cell, t * g.cell, g.cell, g.cell).adjusted(g.gap / 2, g.gap / 2, -g.gap / 2, -g.gap / 2);
            painter.setPen(Qt::NoPen);
            painter.setBrush(fill);
            if (radius > 0)
                painter.drawRoundedRect(rect, radius, radius);
            else
                painter.fillRect(rect, fill);
            const QString number = text(cell, g.cell - g.gap);
            if (number.isEmpty()) continue;
            painter.setPen(diagonal ? color(Token::Text1) : Theme::textOn(fill));
            painter.drawText(rect, Qt::AlignCenter, number);
        }
}

void ConfusionMatrixView::paintName(QPainter& painter, const Geometry& g, int index, bool row, bool strong) const {
    painter.save();
    painter.setFont(strata::font(Type::Caption));
    painter.setPen(color(strong ? Token::Text1 : Token::Text2));
    const double center = (index + 0.5) * g.cell;
    const QString elided = painter.fontMetrics().elidedText(name(index), Qt::ElideMiddle, int(kNames - kNameGap));
    if (row) {
        painter.drawText(QRectF(g.left - kNames, g.top + center - 10, kNames - kNameGap, 20), Qt::AlignRight | Qt::AlignVCenter, elided);
    } else {
        painter.translate(g.left + center, g.top - kNameGap);
        painter.rotate(-90);
        painter.drawText(QRectF(0, -10, kNames - kNameGap, 20), Qt::AlignLeft | Qt::AlignVCenter, elided);
    }
    painter.restore();
}

void ConfusionMatrixView::paintNames(QPainter& painter, const Geometry& g) const {
    const Cell pointed = hover_.valid() ? hover_ : hasFocus() || chosen_.valid() ? cursor_ : Cell{};
    painter.setFont(strata::font(Type::Caption));
    painter.setPen(color(Token::Text3));
    const double side = g.cell * classes();
    painter.drawText(QRectF(g.left, g.top - kNames - kTitle, side, kTitle), Qt::AlignCenter, tr("Predicted class"));
    painter.save();
    painter.translate(g.left - kNames - kTitle, g.top + side);
    painter.rotate(-90);
    painter.drawText(QRectF(0, 0, side, kTitle), Qt::AlignCenter, tr("True class"));
    painter.restore();
    const bool all = classes() <= kNumbered && g.cell >= 12;
    for (int i = 0; i < classes(); ++i) {
        if (all || i == pointed.truth) paintName(painter, g, i, true, i == pointed.truth);
        if (all || i == pointed.predicted) paintName(painter, g, i, false, i == pointed.predicted);
    }
}

void ConfusionMatrixView::paintMarks(QPainter& painter) const {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    const auto outline = [&](Cell cell, Token token, double grow, double thickness) {
        if (!cell.valid()) return;
        painter.setPen(QPen(color(token), thickness));
        painter.drawRoundedRect(cellRect(cell).adjusted(-grow, -grow, grow, grow), 4 + grow, 4 + grow);
    };
    outline(chosen_, Token::Text1, 0, 2);
    outline(hover_, Token::Accent, 0, 2);
    if (hasFocus()) outline(cursor_, Token::Accent, chosen_ == cursor_ ? 3 : 0, 2);
}

void ConfusionMatrixView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (classes() == 0) return;
    const double ratio = devicePixelRatioF();
    const Geometry g = geometry(ratio);
    if (cells_.isNull() || cells_.devicePixelRatio() != ratio) {
        const int side = std::max(1, int(std::ceil(g.cell * classes() * ratio)));
        cells_ = QPixmap(side, side);
        cells_.setDevicePixelRatio(ratio);
        cells_.fill(color(Token::Surface2));
        QPainter onto(&cells_);
        paintCells(onto, g);
    }
    painter.drawPixmap(QPointF(g.left, g.top), cells_);
    paintNames(painter, g);
    paintMarks(painter);
}

QImage ConfusionMatrixView::toImage(double ratio) const {
    const Geometry g = geometry(ratio);
    const double side = g.cell * classes();
    const QSizeF size(kTitle + kNames + side + 16, kTitle + kNames + side + 16);
    QImage image((size * ratio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(ratio);
    image.fill(color(Token::Surface2));
    QPainter painter(&image);
    Geometry moved = g;
    moved.left = moved.top = kTitle + kNames;
    painter.save();
    painter.translate(moved.left, moved.top);
    paintCells(painter, g);
    painter.restore();
    paintNames(painter, moved);
    return image;
}

// ScaleLegend

ScaleLegend::ScaleLegend(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Colours of errors"));
}

void ScaleLegend::setEnds(const QString& low, const QString& high) {
    low_ = low;
    high_ = high;
    setAccessibleDescription(tr("From %1 to %2").arg(low, high));
    updateGeometry();
    update();
}

QSize ScaleLegend::sizeHint() const {
    const QFontMetrics metrics(strata::font(Type::Caption));
    return {96 + 2 * measure::kSpace8 + metrics.horizontalAdvance(low_) + metrics.horizontalAdvance(high_) + 2, measure::kRow};
}

void ScaleLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(strata::font(Type::Caption));
    painter.setPen(color(Token::Text3));
    const double lowWidth = painter.fontMetrics().horizontalAdvance(low_);
    const QRectF bar(lowWidth + measure::kSpace8, (height() - 8) / 2.0, 96, 8);
    painter.drawText(QRectF(0, 0, lowWidth + 1, height()), Qt::AlignVCenter | Qt::AlignLeft, low_);
    painter.drawText(QRectF(bar.right() + measure::kSpace8, 0, width() - bar.right(), height()), Qt::AlignVCenter | Qt::AlignLeft, high_);
    QLinearGradient gradient(bar.topLeft(), bar.topRight());
    for (int i = 0; i <= 16; ++i) gradient.setColorAt(i / 16.0, errorColor(i / 16.0));
    painter.setPen(Qt::NoPen);
    painter.setBrush(gradient);
    painter.drawRoundedRect(bar, 4, 4);
}

} // namespace strata
