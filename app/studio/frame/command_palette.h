// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/actions.h"

#include <QFrame>

class QLineEdit;
class QListView;
class QScrollArea;
class QSortFilterProxyModel;

namespace strata::studio {

/// Ctrl+K: every action by name. Type to filter (all words must occur), arrows choose, Enter runs, Esc closes. Actions that cannot be
/// used now are shown disabled, with their reason where they have one.
class CommandPalette : public QFrame {
    Q_OBJECT
public:
    CommandPalette(ActionTable& actions, QWidget* window);
    void open();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    ActionTable& actions_;
    QLineEdit* search_;
    QListView* list_;
    class Model;
    Model* model_;
    QSortFilterProxyModel* proxy_;
    void filter(const QString& text);
    void run();
};

/// F1 or ?: the shortcuts by group, read from the same table.
class ShortcutSheet : public QFrame {
    Q_OBJECT
public:
    ShortcutSheet(ActionTable& actions, QWidget* window);
    void open();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    ActionTable& actions_;
    QWidget* content_ = nullptr;
    QScrollArea* scroll_ = nullptr;
    void fill();
};

} // namespace strata::studio
