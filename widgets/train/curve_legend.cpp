// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/curve_legend.h"
#include "widgets/common/theme.h"
#include "widgets/train/curve_style.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace strata {
namespace {

constexpr int kHeight = 32, kSample = 20, kGap = 6, kPad = 8, kWidest = 160, kMore = 40;

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

/// From the newest backwards as many as fit, then in order.
std::vector<CurveLegend::Entry> CurveLegend::entries() const {
    const QFontMetrics metrics(strata::font(Type::Caption));
    std::vector<int> widths;
    int all = 0;
    for (const CurveRun& run : runs_) {
        widths.push_back(std::min(2 * kPad + kSample + kGap + metrics.horizontalAdvance(run.name), kWidest));
        all += widths.back();
    }
    size_t first = 0;
    for (; first < runs_.size() && all > width() - (first > 0 ? kMore : 0); ++first) all -= widths[first];
    std::vector<Entry> entries;
    int x = 0;
    for (size_t i = first; i < runs_.size(); x += widths[i], ++i) entries.push_back({i, QRect(x, 0, widths[i], height())});
    return entries;
}

QRect CurveLegend::entryRect(size_t run) const {
    for (const Entry& entry : entries())
        if (entry.run == run) return entry.place;
    return {};
}

int CurveLegend::entryAt(const QPoint& place) const {
    const std::vector<Entry> all = entries();
    for (size_t i = 0; i < all.size(); ++i)
        if (all[i].place.contains(place)) return int(i);
    return -1;
}

void CurveLegend::toggle(int index) {
    const std::vector<Entry> all = entries();
    if (index < 0 || index >= int(all.size())) return;
    current_ = index;
    const CurveRun run = runs_[all[size_t(index)].run];
    emit toggled(run.id, !run.shown);
    update();
}

bool CurveLegend::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::vector<Entry> all = entries();
    const int index = entryAt(help->pos());
    QString text;
    if (index >= 0) {
        const CurveRun& run = runs_[all[size_t(index)].run];
        text = (run.shown ? tr("%1: click to hide") : tr("%1: click to show")).arg(run.name);
    } else if (all.size() < runs_.size()) {
        QStringList names;
        for (size_t i = 0; i < runs_.size() - all.size(); ++i) names << runs_[i].name;
        text = names.join(", ");
    }
    QToolTip::showText(help->globalPos(), text, this);
    return true;
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
    const int last = int(entries().size()) - 1;
    current_ = std::clamp(current_, 0, std::max(0, last));
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
    const std::vector<Entry> all = entries();
    for (int index = 0; index < int(all.size()); ++index) {
        const CurveRun& run = runs_[all[size_t(index)].run];
        const QRect place = all[size_t(index)].place;
        const QRect entry = place.adjusted(0, 4, 0, -4);
        if (index == hovered_) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(color(Token::Surface3));
            painter.drawRoundedRect(entry, 4, 4);
        }
        drawLineSample(painter, QRectF(place.left() + kPad, 0, kSample, height()), run.number, run.shown);
        painter.setPen(color(run.shown ? Token::Text2 : Token::TextDisabled));
        const QRect text = place.adjusted(kPad + kSample + kGap, 0, -kPad, 0);
        painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                         painter.fontMetrics().elidedText(run.name, Qt::ElideRight, text.width() + 1));
        if (hasFocus() && index == current_) drawFocusRing(painter, QRectF(entry).adjusted(1, 1, -1, -1), 4);
    }
    if (all.size() == runs_.size()) return;
    const int left = all.empty() ? 0 : all.back().place.right() + 1;
    painter.setPen(color(Token::Text3));
    painter.drawText(QRect(left + kPad, 0, kMore, height()), Qt::AlignVCenter | Qt::AlignLeft,
                     QString("+%1").arg(runs_.size() - all.size()));
}

} // namespace strata
