// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/message_bar.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QWidgetAction>

namespace strata::studio {
namespace {

constexpr int kSuccessMs = 6000;

struct Look {
    const char* icon;
    Token ink, background;
};
Look lookOf(MessageKind kind) {
    switch (kind) {
    case MessageKind::Success: return {"success", Token::Success, Token::SuccessBackground};
    case MessageKind::Warning: return {"warning", Token::Warning, Token::WarningBackground};
    case MessageKind::Error: return {"error", Token::Error, Token::ErrorBackground};
    case MessageKind::Info: break;
    }
    return {"info", Token::Accent, Token::InfoBackground};
}

} // namespace

MessageBar::MessageBar(Messages& messages, QWidget* parent)
    : QWidget(parent), icon_(new QLabel), text_(new ElidedLabel), position_(makeCaption({})), action_(makeButton({}, ButtonKind::Link)),
      details_(makeButton(tr("Details"), ButtonKind::Link)), close_(makeIconButton("close", tr("Close"), "Esc")) {
    setFixedHeight(measure::kMessageBar);
    setAccessibleName(tr("Messages"));
    auto* row = makeRow(this, measure::kSpace12);
    row->setContentsMargins(measure::kSpace16, 0, measure::kSpace8, 0);
    position_->setWordWrap(false);
    icon_->setFixedSize(measure::kIcon, measure::kIcon);
    row->addWidget(icon_);
    row->addWidget(text_, 1);
    row->addWidget(action_);
    row->addWidget(details_);
    row->addWidget(position_);
    row->addWidget(close_);
    leave_.setSingleShot(true);
    connect(&leave_, &QTimer::timeout, this, &MessageBar::close);
    connect(close_, &QToolButton::clicked, this, &MessageBar::close);
    connect(details_, &QPushButton::clicked, this, &MessageBar::showDetails);
    connect(action_, &QPushButton::clicked, this, [this] {
        const auto action = waiting_.front().action;
        close();
        if (action) action();
    });
    connect(&messages, &Messages::shown, this, &MessageBar::add);
    connect(&messages, &Messages::dismissed, this, &MessageBar::remove);
    hide();
}

QString MessageBar::sentence() const { return waiting_.empty() ? QString() : waiting_.front().sentence; }

void MessageBar::add(const Message& message) {
    if (!message.key.isEmpty()) std::erase_if(waiting_, [&](const Message& m) { return m.key == message.key; });
    // A success that nobody has looked at gives way; what needs a person stays in line.
    std::erase_if(waiting_, [](const Message& m) { return m.kind == MessageKind::Success || (m.kind == MessageKind::Info && !m.action); });
    waiting_.push_front(message);
    refresh();
}

void MessageBar::remove(const QString& key) {
    std::erase_if(waiting_, [&](const Message& m) { return m.key == key; });
    refresh();
}

void MessageBar::close() {
    if (!waiting_.empty()) waiting_.pop_front();
    refresh();
}

void MessageBar::refresh() {
    leave_.stop();
    setVisible(!waiting_.empty());
    if (waiting_.empty()) return;
    const Message& message = waiting_.front();
    icon_->setPixmap(iconPixmap(lookOf(message.kind).icon, measure::kIcon, color(lookOf(message.kind).ink), devicePixelRatioF()));
    text_->setText(message.sentence);
    action_->setText(message.actionText);
    action_->setAccessibleName(message.actionText);
    action_->setVisible(!message.actionText.isEmpty());
    details_->setVisible(!message.details.isEmpty());
    position_->setText(tr("1 of %1").arg(waiting_.size()));
    position_->setVisible(waiting_.size() > 1);
    if (message.kind == MessageKind::Success) leave_.start(kSuccessMs);
    QAccessibleEvent event(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
    update();
}

void MessageBar::showDetails() {
    QMenu menu(this);
    auto* label = makeText(waiting_.front().details);
    label->setMinimumWidth(440);
    label->setContentsMargins(measure::kSpace12, measure::kSpace12, measure::kSpace12, measure::kSpace12);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* item = new QWidgetAction(&menu);
    item->setDefaultWidget(label);
    menu.addAction(item);
    menu.exec(details_->mapToGlobal(QPoint(0, details_->height())));
}

void MessageBar::focusFirst() {
    if (!isVisible()) return;
    (action_->isVisible() ? static_cast<QWidget*>(action_) : close_)->setFocus(Qt::ShortcutFocusReason);
}

void MessageBar::paintEvent(QPaintEvent*) {
    if (waiting_.empty()) return;
    QPainter(this).fillRect(rect(), color(lookOf(waiting_.front().kind).background));
}

void MessageBar::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return close();
    QWidget::keyPressEvent(event);
}

} // namespace strata::studio
