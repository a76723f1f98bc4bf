// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/evaluate/confusion_matrix_view.h"
#include "widgets/common/text.h"
#include "widgets/common/theme.h"
#include "widgets/evaluate/confusion_matrix_accessible.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>
#include <fmt/format.h>

namespace strata {

ConfusionMatrixView::ConfusionMatrixView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Confusion matrix"));
    installMatrixAccessibility();
}

void ConfusionMatrixView::setMatrix(const ConfusionMatrix& matrix, std::vector<std::string> names) {
    const bool sameClasses = matrix.classes() == matrix_.classes();
    matrix_ = matrix;
    names_ = std::move(names);
    const auto n = size_t(matrix.classes());
    rowSums_.assign(n, 0);
    columnSums_.assign(n, 0);
    for (size_t t = 0; t < n; ++t)
        for (size_t p = 0; p < n; ++p) {
            rowSums_[t] += double(matrix.at(int64_t(t), int64_t(p)));
            columnSums_[p] += double(matrix.at(int64_t(t), int64_t(p)));
        }
    hover_ = chosen_ = {};
    if (!sameClasses) cursor_ = n > 0 ? Cell{0, 0} : Cell{};
    setAccessibleDescription(tr("%n classes; rows are true classes, columns predicted ones", nullptr, int(n)));
    measure();
    updateGeometry();
}

void ConfusionMatrixView::setScale(MatrixScale scale) {
    scale_ = scale;
    measure();
}

void ConfusionMatrixView::measure() {
    largestError_ = 0;
    for (int t = 0; t < classes(); ++t)
        for (int p = 0; p < classes(); ++p)
            if (t != p) largestError_ = std::max(largestError_, value({t, p}));
    cells_ = {};
    update();
}

QString ConfusionMatrixView::name(int index) const { return QString::fromStdString(className(names_, index)); }

double ConfusionMatrixView::value(Cell cell) const {
    const auto amount = double(count(cell));
    if (scale_ == MatrixScale::Counts) return amount;
    const double whole = scale_ == MatrixScale::Rows ? rowSums_[size_t(cell.truth)] : columnSums_[size_t(cell.predicted)];
    return whole > 0 ? amount / whole : 0;
}

QString ConfusionMatrixView::sentence(Cell cell) const {
    const double whole = rowSums_[size_t(cell.truth)];
    const double part = whole > 0 ? double(count(cell)) / whole : 0;
    const QString percent = percentText(part);
    return tr("True %1, predicted %2: %3 (%4 of %1)").arg(name(cell.truth), name(cell.predicted)).arg(count(cell)).arg(percent);
}

void ConfusionMatrixView::setCurrent(Cell cell) {
    if (cell == cursor_) return;
    cursor_ = cell;
    update();
}

void ConfusionMatrixView::setChosen(Cell cell) {
    chosen_ = cell;
    if (cell.valid()) cursor_ = cell;
    update();
}

void ConfusionMatrixView::setHover(Cell cell) {
    if (cell == hover_) return;
    hover_ = cell;
    QWidget::setCursor(cell.valid() ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void ConfusionMatrixView::mouseMoveEvent(QMouseEvent* event) { setHover(cellAt(event->position())); }
void ConfusionMatrixView::leaveEvent(QEvent*) { setHover({}); }

void ConfusionMatrixView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) pressed_ = cellAt(event->position());
}

void ConfusionMatrixView::mouseReleaseEvent(QMouseEvent* event) {
    const Cell cell = cellAt(event->position());
    const bool clicked = event->button() == Qt::LeftButton && pressed_ && *pressed_ == cell && cell.valid();
    pressed_.reset();
    if (!clicked) return;
    setChosen(cell);
    emit cellChosen(cell.truth, cell.predicted);
}

void ConfusionMatrixView::keyPressEvent(QKeyEvent* event) {
    if (classes() == 0) return QWidget::keyPressEvent(event);
    const int last = classes() - 1;
    const int step = event->modifiers().testFlag(Qt::ControlModifier) ? last : 1;
    Cell next = cursor_.valid() ? cursor_ : Cell{0, 0};
    switch (event->key()) {
    case Qt::Key_Left: next.predicted -= step; break;
    case Qt::Key_Right: next.predicted += step; break;
    case Qt::Key_Up: next.truth -= step; break;
    case Qt::Key_Down: next.truth += step; break;
    case Qt::Key_Home: next.predicted = 0; break;
    case Qt::Key_End: next.predicted = last; break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        setChosen(next);
        emit cellChosen(next.truth, next.predicted);
        return;
    default: return QWidget::keyPressEvent(event);
    }
    next = {std::clamp(next.truth, 0, last), std::clamp(next.predicted, 0, last)};
    if (next == cursor_) return;
    cursor_ = next;
    update();
    announceMatrixCell(*this);
}

void ConfusionMatrixView::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
    if (cursor_.valid()) announceMatrixCell(*this);
}

void ConfusionMatrixView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        cells_ = {};
        update();
    }
    QWidget::changeEvent(event);
}

void ConfusionMatrixView::resizeEvent(QResizeEvent*) { cells_ = {}; }

bool ConfusionMatrixView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const Cell cell = cellAt(help->pos());
    if (cell.valid())
        QToolTip::showText(help->globalPos(), sentence(cell), this, cellRect(cell).toAlignedRect());
    else
        QToolTip::hideText();
    return true;
}

} // namespace strata
