// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAction>
#include <QKeySequence>
#include <QObject>
#include <QString>
#include <functional>
#include <map>
#include <vector>

namespace strata::studio {

/// The table of all actions: id -> text, icon, shortcut, handler. Menus, buttons, the command palette and the shortcut sheet read
/// from it; nothing else defines a shortcut.
class ActionTable : public QObject {
    Q_OBJECT
public:
    struct Item {
        QString id;    ///< "model.group_layers"
        QString group; ///< "Model": heading in the shortcut sheet
        QAction* action = nullptr;
    };
    explicit ActionTable(QWidget* window);

    /// `page`: the shortcut acts only while that widget (or a child of it) has the focus or is visible (Qt::WidgetWithChildrenShortcut);
    /// null: the whole window. Shown in the palette always unless the text is empty.
    QAction* add(const QString& id, const QString& group, const QString& text, const QString& icon, const QKeySequence& shortcut,
                 const std::function<void()>& handler, QWidget* page = nullptr);
    QAction* operator[](const QString& id) const; ///< nullptr if there is none
    const std::vector<Item>& items() const { return items_; }

private:
    QWidget* window_;
    std::vector<Item> items_;
    std::map<QString, QAction*> byId_;
};

} // namespace strata::studio
