// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset.h"

#include <QAbstractTableModel>
#include <QWidget>
#include <vector>

class QBoxLayout;
class QPushButton;
class QTableView;

namespace strata {

/// Index, name and counts of each class.
class ClassTable : public QAbstractTableModel {
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;
    void setClasses(const DataSource& source, const DataStatistics& statistics);
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(names_.size()); }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : 4; }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<std::string> names_;
    std::vector<int64_t> train_, validation_, test_;
};

/// What `strata data info` prints, as a panel: length, shape, mean, deviation, fingerprint, facts, classes with their index and
/// counts. Copyable as text.
class FactsSheet : public QWidget {
    Q_OBJECT
public:
    explicit FactsSheet(QWidget* parent = nullptr);
    void setFacts(const DataSource& source, const DataStatistics& statistics);
    /// The same as `strata data info` prints it.
    static QString text(const DataSource& source, const DataStatistics& statistics);

private:
    QWidget* rows_ = nullptr;
    QBoxLayout* column_;
    QTableView* table_;
    ClassTable model_;
    QPushButton* copy_;
    QString text_;
};

} // namespace strata
