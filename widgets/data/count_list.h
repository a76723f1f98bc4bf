// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractListModel>
#include <QListView>
#include <QStringList>
#include <set>
#include <vector>

namespace strata {

/// Rows of a name and how many samples have it; some are checked (filters in force).
class CountModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { Count = Qt::UserRole + 1, Share };
    using QAbstractListModel::QAbstractListModel;

    void setNames(const QStringList& names); ///< counts become 0, nothing is checked
    void setCounts(const std::vector<int>& counts);
    void setChecked(const std::set<int>& rows);
    const std::set<int>& checked() const { return checked_; }
    const QStringList& names() const { return names_; }
    int largest() const { return largest_; }

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(names_.size()); }
    QVariant data(const QModelIndex& index, int role) const override;

private:
    QStringList names_;
    std::vector<int> counts_;
    std::set<int> checked_;
    int largest_ = 0;
};

/// The list of such rows: name, bar, count. A click filters by a row alone, or takes the filter away; Ctrl adds; Space does as a
/// click does. Arrows only move. Exclusive: always one row.
class CountList : public QListView {
    Q_OBJECT
public:
    CountList(const QString& accessibleName, bool exclusive, bool bars, QWidget* parent = nullptr);
    CountModel& rows() { return model_; }
    void setMostRows(int rows); ///< beyond that it scrolls; 0: as many as there are
    bool bars() const { return bars_; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    void contentChanged(); ///< after setNames: takes the new height

signals:
    void filtered(const std::set<int>& rows);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    CountModel model_;
    bool exclusive_, bars_;
    int mostRows_ = 0;
    QPersistentModelIndex pressed_;
    void choose(int row, bool add);
};

} // namespace strata
