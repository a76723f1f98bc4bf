// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/command_palette.h"
#include "app/studio/frame/popup.h"
#include "widgets/common/controls.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

namespace strata::studio {
namespace {
constexpr int kWidth = 720, kHeight = 560;

/// Keys in the order of the table, without those that have none.
QWidget* groupPanel(const QString& group, const std::vector<const ActionTable::Item*>& items) {
    auto* panel = new QWidget;
    auto* grid = new QGridLayout(panel);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(measure::kSpace16);
    grid->setVerticalSpacing(measure::kSpace4);
    grid->setColumnStretch(0, 1);
    grid->addWidget(makeHeading(group), 0, 0, 1, 2);
    int row = 1;
    for (const ActionTable::Item* item : items) {
        auto* name = new ElidedLabel(QString(item->action->text()).remove('&'));
        auto* keys = makeCaption(item->action->shortcut().toString(QKeySequence::NativeText));
        keys->setWordWrap(false);
        grid->addWidget(name, row, 0);
        grid->addWidget(keys, row++, 1, Qt::AlignRight);
    }
    return panel;
}

} // namespace

ShortcutSheet::ShortcutSheet(ActionTable& actions, QWidget* window) : QFrame(window), actions_(actions) {
    hide();
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Shortcuts"));
    auto* column = makeColumn(this, measure::kSpace12, popup::kShadow + measure::kSpace16);
    auto* head = makeRow(nullptr, measure::kSpace8);
    auto* close = makeIconButton("close", tr("Close"), "Esc");
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
    head->addWidget(makeTitle(tr("Shortcuts")));
    head->addStretch();
    head->addWidget(close);
    column->addLayout(head);
    scroll_ = makeScroll(new QWidget);
    column->addWidget(scroll_, 1);
}

void ShortcutSheet::fill() {
    content_ = new QWidget;
    auto* columns = makeRow(content_, measure::kSpace32);
    columns->setContentsMargins(0, 0, measure::kSpace16, 0);
    QBoxLayout* sides[2] = {makeColumn(nullptr, measure::kSpace24), makeColumn(nullptr, measure::kSpace24)};
    std::vector<std::pair<QString, std::vector<const ActionTable::Item*>>> groups;
    for (const ActionTable::Item& item : actions_.items()) {
        if (item.action->shortcut().isEmpty() || item.action->text().isEmpty()) continue;
        auto found = std::ranges::find_if(groups, [&](const auto& g) { return g.first == item.group; });
        if (found == groups.end()) found = groups.insert(groups.end(), {item.group, {}});
        found->second.push_back(&item);
    }
    size_t rows[2] = {0, 0};
    for (const auto& [group, items] : groups) {
        const int side = rows[0] <= rows[1] ? 0 : 1;
        rows[side] += items.size() + 2;
        sides[side]->addWidget(groupPanel(group, items));
    }
    for (QBoxLayout* side : sides) {
        side->addStretch();
        columns->addLayout(side, 1);
    }
    setSurface(content_, "none");
    scroll_->setWidget(content_);
}

void ShortcutSheet::open() {
    fill();
    const QSize room = parentWidget()->size();
    resize(std::min(kWidth, room.width() - 64) + 2 * popup::kShadow, std::min(kHeight, room.height() - 64) + 2 * popup::kShadow);
    move((room.width() - width()) / 2, (room.height() - height()) / 2);
    show();
    raise();
    setFocus(Qt::PopupFocusReason);
}

void ShortcutSheet::keyPressEvent(QKeyEvent* event) {
    QScrollBar* bar = scroll_->verticalScrollBar();
    switch (event->key()) {
    case Qt::Key_Escape: hide(); break;
    case Qt::Key_Down: bar->setValue(bar->value() + measure::kRow); break;
    case Qt::Key_Up: bar->setValue(bar->value() - measure::kRow); break;
    case Qt::Key_PageDown: bar->setValue(bar->value() + bar->pageStep()); break;
    case Qt::Key_PageUp: bar->setValue(bar->value() - bar->pageStep()); break;
    default: QFrame::keyPressEvent(event);
    }
}

void ShortcutSheet::focusOutEvent(QFocusEvent* event) {
    QFrame::focusOutEvent(event);
    if (!isAncestorOf(focusWidget()) && !isAncestorOf(window()->focusWidget())) hide();
}

void ShortcutSheet::paintEvent(QPaintEvent*) { popup::paint(*this); }

} // namespace strata::studio
