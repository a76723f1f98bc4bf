// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/chip_row.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QToolButton>

namespace strata {
namespace {

constexpr int kMostTextWidth = 200; ///< of a chip

} // namespace

FlowLayout::FlowLayout(QWidget* parent, int spacing) : QLayout(parent) {
    setSpacing(spacing);
    setContentsMargins(0, 0, 0, 0);
}

FlowLayout::~FlowLayout() {
    while (QLayoutItem* item = takeAt(0)) delete item;
}

int FlowLayout::place(const QRect& rect, bool apply) const {
    int x = rect.x(), y = rect.y(), lineHeight = 0;
    for (QLayoutItem* item : items_) {
        if (item->isEmpty()) continue;
        const QSize size = item->sizeHint().boundedTo(QSize(std::max(1, rect.width()), QWIDGETSIZE_MAX));
        if (x > rect.x() && x + size.width() > rect.x() + rect.width()) {
            x = rect.x();
            y += lineHeight + spacing();
            lineHeight = 0;
        }
        if (apply) item->setGeometry(QRect(QPoint(x, y), size));
        x += size.width() + spacing();
        lineHeight = std::max(lineHeight, size.height());
    }
    return y + lineHeight - rect.y();
}

void FlowLayout::setGeometry(const QRect& rect) {
    QLayout::setGeometry(rect);
    place(rect, true);
}

QSize FlowLayout::minimumSize() const {
    QSize size;
    for (QLayoutItem* item : items_) size = size.expandedTo(QSize(0, item->minimumSize().height()));
    return size;
}

ChipRow::ChipRow(const QString& accessibleName, const QString& removeText, QWidget* parent)
    : QWidget(parent), removeText_(removeText), flow_(new FlowLayout(this, measure::kSpace8)) {
    setAccessibleName(accessibleName);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void ChipRow::setEnd(QWidget* widget) {
    end_ = widget;
    flow_->addWidget(widget);
}

void ChipRow::setChips(const QStringList& texts) {
    if (texts == texts_) return;
    const bool hadFocus = focusWidget() && isAncestorOf(focusWidget()) && focusWidget() != end_;
    texts_ = texts;
    for (QToolButton* button : buttons_) {
        flow_->removeWidget(button);
        button->hide();
        button->deleteLater();
    }
    buttons_.clear();
    if (end_) flow_->removeWidget(end_);
    for (int i = 0; i < texts.size(); ++i) {
        auto* button = new QToolButton;
        button->setProperty("chip", true);
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setLayoutDirection(Qt::RightToLeft); // the cross stands behind the text
        button->setIcon(icon("close"));
        button->setIconSize(QSize(measure::kSpace12, measure::kSpace12));
        const QString shown = QFontMetrics(strata::font(Type::Body)).elidedText(texts[i], Qt::ElideMiddle, kMostTextWidth);
        button->setText(shown);
        button->setToolTip(shown == texts[i] ? removeText_.arg(texts[i]) : texts[i]);
        button->setAccessibleName(removeText_.arg(texts[i]));
        button->setFocusPolicy(Qt::StrongFocus);
        connect(button, &QToolButton::clicked, this, [this, i] { emit removed(i); });
        flow_->addWidget(button);
        button->show();
        buttons_.push_back(button);
    }
    if (end_) flow_->addWidget(end_);
    if (hadFocus && !buttons_.empty()) buttons_.back()->setFocus();
    updateGeometry();
}

} // namespace strata
