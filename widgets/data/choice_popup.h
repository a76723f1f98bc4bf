// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QSortFilterProxyModel>
#include <QStandardItemModel>
#include <QStringList>
#include <QWidget>
#include <set>

class QLineEdit;
class QListView;

namespace strata {

/// A small panel by a button: type to find one of many names, Enter takes it. With `allowNew` a name that is not there yet can be
/// made. Closes by itself; one use, deletes itself.
class ChoicePopup : public QWidget {
    Q_OBJECT
public:
    ChoicePopup(const QString& title, const QStringList& names, const std::set<int>& checked, bool allowNew, QWidget* parent);
    /// Above `anchor` where there is no room below.
    void popUp(QWidget* anchor);
    QLineEdit* field() const { return field_; }
    QListView* list() const { return list_; }

signals:
    void chosen(const QString& name);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QStandardItemModel model_;
    QSortFilterProxyModel shown_;
    QStringList names_;
    QLineEdit* field_;
    QListView* list_;
    bool allowNew_;
    void filter(const QString& text);
    void take(const QModelIndex& index);
};

} // namespace strata
