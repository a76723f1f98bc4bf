// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/evaluate/class_metrics.h"
#include "widgets/common/controls.h"
#include "widgets/common/text.h"
#include "widgets/common/theme.h"

#include <QHeaderView>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <fmt/format.h>

namespace strata {
namespace {

constexpr int kNumberWidth = 56;

/// Draws the number right-aligned and a bar of its length behind it.
class QuotientDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem empty = option;
        initStyleOption(&empty, index);
        empty.text.clear();
        option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &empty, painter, option.widget);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF cell = QRectF(option.rect).adjusted(measure::kSpace8, 0, -measure::kSpace8, 0);
        painter->setFont(strata::font(Type::Body));
        painter->setPen(color(Token::Text1));
        painter->drawText(QRectF(cell.x(), cell.y(), kNumberWidth, cell.height()), Qt::AlignRight | Qt::AlignVCenter,
                          index.data(Qt::DisplayRole).toString());
        const QRectF track(cell.x() + kNumberWidth + measure::kSpace12, cell.center().y() - 3,
                           cell.width() - kNumberWidth - measure::kSpace12, 6);
        if (track.width() > measure::kSpace24) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(color(Token::Surface3));
            painter->drawRoundedRect(track, 3, 3);
            const double part = index.data(ClassMetricsModel::kSortRole).toDouble();
            painter->setBrush(color(Token::Accent));
            if (part > 0) painter->drawRoundedRect(QRectF(track.topLeft(), QSizeF(std::max(6.0, track.width() * part), 6)), 3, 3);
        }
        painter->restore();
    }
};

} // namespace

void ClassMetricsModel::setMetrics(std::vector<ClassMetrics> metrics, std::vector<std::string> names) {
    beginResetModel();
    metrics_ = std::move(metrics);
    names_ = std::move(names);
    endResetModel();
}

int ClassMetricsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(metrics_.size()); }
int ClassMetricsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : Columns; }

QVariant ClassMetricsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ClassMetrics& m = metrics_[size_t(index.row())];
    const QString name = QString::fromStdString(className(names_, index.row()));
    const double quotients[] = {m.precision, m.recall, m.f1};
    switch (role) {
    case Qt::DisplayRole:
        if (index.column() == NameColumn) return name;
        if (index.column() == CountColumn) return QLocale().toString(qlonglong(m.count));
        return percentText(quotients[index.column() - PrecisionColumn]);
    case kSortRole:
        if (index.column() == NameColumn) return name;
        if (index.column() == CountColumn) return qlonglong(m.count);
        return quotients[index.column() - PrecisionColumn];
    case Qt::TextAlignmentRole:
        return QVariant(index.column() == NameColumn ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
    case Qt::ToolTipRole: return index.column() == NameColumn ? name : QVariant();
    default: return {};
    }
}

QVariant ClassMetricsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= Columns) return {};
    const QString titles[] = {tr("Class"), tr("Images"), tr("Precision"), tr("Recall"), tr("F1")};
    const QString help[] = {{},
                            tr("Images of this class"),
                            tr("Of those predicted as this class, the part that is"),
                            tr("Of those of this class, the part that was found"),
                            tr("Harmonic mean of precision and recall")};
    if (role == Qt::DisplayRole) return titles[section];
    if (role == Qt::ToolTipRole) return help[section];
    if (role == Qt::TextAlignmentRole)
        return QVariant(section == CountColumn ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    return {};
}

ClassMetricsTable::ClassMetricsTable(QWidget* parent)
    : QTableView(parent), model_(new ClassMetricsModel(this)), sorted_(new QSortFilterProxyModel(this)) {
    setAccessibleName(tr("Classes"));
    sorted_->setSourceModel(model_);
    sorted_->setSortRole(ClassMetricsModel::kSortRole);
    sorted_->setSortCaseSensitivity(Qt::CaseInsensitive);
    setModel(sorted_);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setSortingEnabled(true);
    sortByColumn(ClassMetricsModel::F1Column, Qt::AscendingOrder);
    polishTable(this, ClassMetricsModel::NameColumn);
    for (int column = ClassMetricsModel::PrecisionColumn; column < ClassMetricsModel::Columns; ++column) {
        setItemDelegateForColumn(column, new QuotientDelegate(this));
        setColumnWidth(column, 160);
    }
    setColumnWidth(ClassMetricsModel::CountColumn, 88);
    horizontalHeader()->setMinimumSectionSize(80);
    const auto choose = [this](const QModelIndex& index) { emit classChosen(classAt(index.row())); };
    connect(this, &QTableView::activated, this, choose);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, [choose](const QModelIndex& current) {
        if (current.isValid()) choose(current);
    });
}

int ClassMetricsTable::classAt(int row) const { return sorted_->mapToSource(sorted_->index(row, 0)).row(); }

} // namespace strata
