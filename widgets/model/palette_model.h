// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/layers/layer.h"

#include <QAbstractListModel>
#include <QStyledItemDelegate>
#include <vector>

namespace strata {

/// Layers under the heads of their groups, filtered by a text that may stand in title, id, group or help.
class PaletteModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { TypeRole = Qt::UserRole + 1, HeadRole };
    explicit PaletteModel(QObject* parent = nullptr);
    void setFilter(const QString& text);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;
    Qt::DropActions supportedDragActions() const override { return Qt::CopyAction; }

private:
    struct Row {
        const LayerDef* layer = nullptr; ///< null: a head
        QString text;
    };
    std::vector<Row> rows_;
};

/// Rows of 32 with the icon in the colour of the group; heads as captions.
class PaletteDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace strata
