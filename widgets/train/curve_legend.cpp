// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/curve_legend.h"
#include "widgets/common/theme.h"
#include "widgets/train/curve_style.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <numeric>

namespace strata {
namespace {

constexpr int kHeight = 32, kSample = 20, kGap = 6, kPad = 8, kNarrowest = 44;

} // namespace

CurveLegend::CurveLegend(QWidget* parent) : QWidget(parent) {
    setFixedHeight(kHeight);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
    setAccessibleName(tr("Runs in the plots"));
}

void CurveLegend::setRuns(const std::vector<CurveRun>& runs) {
    if (runs == runs_) return;
    runs_ = runs;
    current_ = std::clamp(current_, 0, std::max(0, int(runs.size()) - 1));
    setFocusPolicy(runs.empty() ? Qt::NoFocus : Qt::StrongFocus);
    describe();
    update();
}

void CurveLegend::describe() {
    QStringList parts;
    for (const CurveRun& run : runs_) parts << (run.shown ? tr("%1 shown") : tr("%1 hidden")).arg(run.name);
    setAccessibleDescription(parts.join(", "));
}

QSize CurveLegend::sizeHint() const { return {200, kHeight}; }
QSize CurveLegend::minimumSizeHint() const { return {80, kHeight}; }

/// Natural widths, or shares of the room where they need more: the longest give first.
std::vector<int> CurveLegend::widths() const {
    const QFontMetrics metrics(strata::font(Type::Caption));
    std::vector<int> widths;
    for (const CurveRun& run : runs_) widths.push_back(2 * kPad + kSample + kGap + metrics.horizontalAdvance(run.name));
    while (std::accumulate(widths.begin(), widths.end(), 0) > width() && !widths.empty()) {
        int& longest = *std::max_element(widths.begin(), widths.end());
        if (longest <= kNarrowest) break;
        --longest;
    }
    return widths;
}

QRect CurveLegend::entryRect(size_t i) const {
    const std::vector<int> all = widths();
    return {std::accumulate(all.begin(), all.begin() + std::ptrdiff_t(i), 0), 0, all[i], height()};
}

int CurveLegend::entryAt(const QPoint& place) const {
    int x = 0, index = 0;
    for (const int w : widths()) {
        if (place.x() >= x && place.x() < x + w) return index;
        x += w;
        ++index;
    }
    return -1;
}

void CurveLegend::toggle(int index) {
    if (index < 0 || index >= int(runs_.size())) return;
    current_ = index;
    emit toggled(runs_[size_t(index)].id, !runs_[size_t(index)].shown);
    update();
}

bool CurveLegend::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int index = entryAt(help->pos());
        if (index < 0)
            QToolTip::hideText();
        else
            QToolTip::showText(
                help->globalPos(),
                (runs_[size_t(index)].shown ? tr("%1: click to hide") : tr("%1: click to show")).arg(runs_[size_t(index)].name), this);
        return true;
    }
    return QWidget::event(event);
}

void CurveLegend::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) toggle(entryAt(event->pos()));
}

void CurveLegend::mouseMoveEvent(QMouseEvent* event) {
    const int index = entryAt(event->pos());
    if (index != hovered_) update();
    hovered_ = index;
}

void CurveLegend::leaveEvent(QEvent*) {
    hovered_ = -1;
    update();
}

void CurveLegend::keyPressEvent(QKeyEvent* event) {
    const int last = int(runs_.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Left: current_ = std::max(0, current_ - 1); break;
    case Qt::Key_Right: current_ = std::min(last, current_ + 1); break;
    case Qt::Key_Home: current_ = 0; break;
    case Qt::Key_End: current_ = last; break;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter: return toggle(current_);
    default: return event->ignore();
    }
    update();
}

void CurveLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(strata::font(Type::Caption));
    int x = 0, index = 0;
    for (const int w : widths()) {
        const CurveRun& run = runs_[size_t(index)];
        const QRect entry(x, 4, w, height() - 8);
        if (index == hovered_) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(color(Token::Surface3));
            painter.drawRoundedRect(entry, 4, 4);
        }
        drawLineSample(painter, QRectF(x + kPad, 0, kSample, height()), run.number, run.shown);
        painter.setPen(color(run.shown ? Token::Text2 : Token::TextDisabled));
        const QRect text(x + kPad + kSample + kGap, 0, w - 2 * kPad - kSample - kGap, height());
        painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                         painter.fontMetrics().elidedText(run.name, Qt::ElideRight, text.width() + 1));
        if (hasFocus() && index == current_) drawFocusRing(painter, QRectF(entry).adjusted(1, 1, -1, -1), 4);
        x += w;
        ++index;
    }
}

} // namespace strata
