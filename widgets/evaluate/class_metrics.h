// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/evaluate.h"

#include <QAbstractTableModel>
#include <QTableView>
#include <string>
#include <vector>

class QSortFilterProxyModel;

namespace strata {

/// Count, precision, recall and F1 of each class.
class ClassMetricsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { NameColumn, CountColumn, PrecisionColumn, RecallColumn, F1Column, Columns };
    static constexpr int kSortRole = Qt::UserRole + 1; ///< text or number to sort by; a part of 1 for the quotients
    using QAbstractTableModel::QAbstractTableModel;

    void setMetrics(std::vector<ClassMetrics> metrics, std::vector<std::string> names);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<ClassMetrics> metrics_;
    std::vector<std::string> names_;
};

/// The classes as a table that can be sorted, a bar beside each quotient. Enter or a click on a row chooses its class.
class ClassMetricsTable : public QTableView {
    Q_OBJECT
public:
    explicit ClassMetricsTable(QWidget* parent = nullptr);
    ClassMetricsModel& metrics() { return *model_; }
    /// Class of a row as shown, after sorting.
    int classAt(int row) const;

signals:
    void classChosen(int index);

private:
    ClassMetricsModel* model_;
    QSortFilterProxyModel* sorted_;
};

} // namespace strata
