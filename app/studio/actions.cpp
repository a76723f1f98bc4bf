// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/actions.h"
#include "core/base/error.h"
#include "widgets/common/icons.h"

#include <QWidget>

namespace strata::studio {

ActionTable::ActionTable(QWidget* window) : QObject(window), window_(window) {}

QAction* ActionTable::add(const QString& id, const QString& group, const QString& text, const QString& icon, const QKeySequence& shortcut,
                          const std::function<void()>& handler, QWidget* page) {
    check(!byId_.contains(id), "action " + id.toStdString() + " is registered once");
    auto* action = new QAction(strata::icon(icon), text, this);
    action->setShortcut(shortcut);
    action->setShortcutContext(page ? Qt::WidgetWithChildrenShortcut : Qt::WindowShortcut);
    connect(action, &QAction::triggered, this, [handler] { handler(); });
    (page ? page : window_)->addAction(action);
    items_.push_back({id, group, action});
    byId_[id] = action;
    return action;
}

QAction* ActionTable::operator[](const QString& id) const {
    const auto found = byId_.find(id);
    return found == byId_.end() ? nullptr : found->second;
}

} // namespace strata::studio
