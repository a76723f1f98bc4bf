// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predict/photo_table.h"
#include "widgets/common/controls.h"
#include "widgets/common/text.h"
#include "widgets/common/theme.h"

#include <QFileInfo>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <fmt/format.h>

namespace strata {
namespace {

constexpr int kThumbnail = 32, kTableRow = 40;

/// Numbers by value, text by locale, what is not there yet last.
class PhotoOrder : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override {
        const QVariant a = left.data(PhotoTableModel::kSortRole), b = right.data(PhotoTableModel::kSortRole);
        if (a.isValid() != b.isValid()) return (sortOrder() == Qt::AscendingOrder) == a.isValid();
        if (a.typeId() == QMetaType::Double) return a.toDouble() < b.toDouble();
        return QString::compare(a.toString(), b.toString(), Qt::CaseInsensitive) < 0;
    }
};

/// Thumbnail and name; a problem's sentence spans nothing but is in error colour.
class FileDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem empty = option;
        initStyleOption(&empty, index);
        empty.text.clear();
        empty.icon = {};
        option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &empty, painter, option.widget);
        const QRect cell = option.rect.adjusted(measure::kSpace8, 0, -measure::kSpace8, 0);
        const QRect box(cell.x(), cell.center().y() - kThumbnail / 2 + 1, kThumbnail, kThumbnail);
        const QImage picture = index.data(Qt::DecorationRole).value<QImage>();
        painter->save();
        if (picture.isNull()) {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(color(Token::Surface3));
            painter->drawRoundedRect(box, 4, 4);
        } else {
            painter->setRenderHint(QPainter::SmoothPixmapTransform);
            painter->drawImage(box, picture);
        }
        const QRect text = cell.adjusted(kThumbnail + measure::kSpace12, 0, 0, 0);
        painter->setFont(strata::font(Type::Body));
        painter->setPen(color(Token::Text1));
        painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideMiddle, text.width()));
        painter->restore();
    }
};

} // namespace

void PhotoTableModel::setPaths(const std::vector<std::string>& paths) {
    beginResetModel();
    rows_.assign(paths.size(), {});
    for (size_t i = 0; i < paths.size(); ++i) rows_[i].result.path = paths[i];
    done_ = problems_ = 0;
    endResetModel();
}

void PhotoTableModel::setRows(int first, std::vector<PhotoRow> rows) {
    for (size_t i = 0; i < rows.size(); ++i) {
        PhotoRow& row = rows_[size_t(first) + i];
        if (!row.done) ++done_;
        row = std::move(rows[i]);
        row.done = true;
        if (!row.result.problem.empty()) ++problems_;
    }
    if (!rows.empty()) emit dataChanged(index(first, 0), index(first + int(rows.size()) - 1, Columns - 1));
}

std::vector<PhotoResult> PhotoTableModel::results() const {
    std::vector<PhotoResult> list;
    for (const PhotoRow& row : rows_)
        if (row.done) list.push_back(row.result);
    return list;
}

int PhotoTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(rows_.size()); }
int PhotoTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : Columns; }

QVariant PhotoTableModel::shown(const PhotoRow& row, int column) const {
    if (column == FileColumn) return QFileInfo(QString::fromStdString(row.result.path)).fileName();
    if (!row.done) return column == AnswerColumn ? QVariant(QStringLiteral("…")) : QVariant();
    if (!row.result.problem.empty()) {
        // The sentence begins with the path, which the first column shows.
        const std::string prefix = row.result.path + ": ";
        const bool prefixed = row.result.problem.starts_with(prefix);
        const std::string sentence = prefixed ? row.result.problem.substr(prefix.size()) : row.result.problem;
        return column == AnswerColumn ? QVariant(QString::fromStdString(sentence)) : QVariant();
    }
    const auto& top = row.result.prediction.top;
    switch (column) {
    case AnswerColumn: return top.empty() ? QVariant() : QVariant(QString::fromStdString(top[0].name));
    case ProbabilityColumn: return top.empty() ? QVariant() : QVariant(percentText(top[0].probability));
    case SecondColumn:
        return top.size() < 2 ? QVariant()
                              : QVariant(tr("%1, %2").arg(QString::fromStdString(top[1].name), percentText(top[1].probability)));
    default: return QString::fromStdString(fmt::format("{:.1f}", row.result.prediction.milliseconds));
    }
}

QVariant PhotoTableModel::sortKey(const PhotoRow& row, int column) const {
    const auto& top = row.result.prediction.top;
    if (column == FileColumn) return shown(row, column);
    if (!row.done || top.empty()) return {};
    switch (column) {
    case AnswerColumn: return QString::fromStdString(top[0].name);
    case ProbabilityColumn: return top[0].probability;
    case SecondColumn: return top.size() < 2 ? QVariant() : QVariant(QString::fromStdString(top[1].name));
    default: return row.result.prediction.milliseconds;
    }
}

QVariant PhotoTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const PhotoRow& row = rows_[size_t(index.row())];
    const bool number = index.column() == ProbabilityColumn || index.column() == TimeColumn;
    switch (role) {
    case Qt::DisplayRole: return shown(row, index.column());
    case kSortRole: return sortKey(row, index.column());
    case kProblemRole: return QString::fromStdString(row.result.problem);
    case Qt::DecorationRole: return index.column() == FileColumn && !row.thumbnail.isNull() ? QVariant(row.thumbnail) : QVariant();
    case Qt::TextAlignmentRole: return QVariant((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::ForegroundRole:
        if (!row.result.problem.empty() && index.column() == AnswerColumn) return color(Token::Error);
        return index.column() == SecondColumn || index.column() == TimeColumn ? QVariant(color(Token::Text2)) : QVariant();
    case Qt::ToolTipRole:
        return row.result.problem.empty() ? QString::fromStdString(row.result.path) : QString::fromStdString(row.result.problem);
    default: return {};
    }
}

QVariant PhotoTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= Columns) return {};
    const QString titles[] = {tr("Photo"), tr("Answer"), tr("Probability"), tr("Second"), tr("ms")};
    if (role == Qt::DisplayRole) return titles[section];
    if (role == Qt::TextAlignmentRole)
        return QVariant((section == ProbabilityColumn || section == TimeColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

PhotoTable::PhotoTable(QWidget* parent) : QTableView(parent), model_(new PhotoTableModel(this)), sorted_(new PhotoOrder(this)) {
    setAccessibleName(tr("Photos"));
    sorted_->setSourceModel(model_);
    sorted_->setSortRole(PhotoTableModel::kSortRole);
    setModel(sorted_);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setSortingEnabled(true);
    sortByColumn(PhotoTableModel::FileColumn, Qt::AscendingOrder);
    polishTable(this, PhotoTableModel::FileColumn);
    verticalHeader()->setDefaultSectionSize(kTableRow);
    setItemDelegateForColumn(PhotoTableModel::FileColumn, new FileDelegate(this));
    setColumnWidth(PhotoTableModel::AnswerColumn, 136);
    setColumnWidth(PhotoTableModel::ProbabilityColumn, 96);
    setColumnWidth(PhotoTableModel::SecondColumn, 152);
    setColumnWidth(PhotoTableModel::TimeColumn, 64);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
        if (current.isValid()) emit photoSelected(sorted_->mapToSource(current).row());
    });
    connect(this, &QTableView::activated, this, [this](const QModelIndex& index) { emit photoOpened(sorted_->mapToSource(index).row()); });
}

int PhotoTable::currentPhoto() const { return currentIndex().isValid() ? sorted_->mapToSource(currentIndex()).row() : -1; }

void PhotoTable::selectPhoto(int row) { setCurrentIndex(sorted_->mapFromSource(model_->index(row, 0))); }

bool PhotoTable::step(int by) {
    const int next = currentIndex().isValid() ? currentIndex().row() + by : 0;
    if (next < 0 || next >= sorted_->rowCount()) return false;
    setCurrentIndex(sorted_->index(next, 0));
    return true;
}

void PhotoTable::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        step(event->key() == Qt::Key_Left ? -1 : 1);
        return;
    }
    QTableView::keyPressEvent(event);
}

} // namespace strata
