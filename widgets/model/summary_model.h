// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/model/model_facts.h"

#include <QAbstractTableModel>

namespace strata {

/// The network as a table: one row a layer (a repeated block once, its counts for all copies), the totals last.
class SummaryModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Layer, Type, Output, Parameters, Flops, Memory, Columns };
    enum Role { KeyRole = Qt::UserRole + 1, SortRole, TotalRole };
    explicit SummaryModel(QObject* parent = nullptr);
    void setFacts(const ModelFacts& facts, int64_t batch);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// The whole table as text with tabs, for the clipboard.
    QString text() const;

private:
    struct Row {
        QString cells[Columns];
        QString key;
        bool problem = false, bypassed = false;
        int group = 0;
    };
    std::vector<Row> rows_;
    int64_t batch_ = 128;
};

} // namespace strata
