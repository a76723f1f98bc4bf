// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/count_list.h"
#include "widgets/common/theme.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>

namespace strata {
namespace {

constexpr int kBarHeight = 8;

class CountDelegate : public QStyledItemDelegate {
public:
    explicit CountDelegate(CountList* list) : QStyledItemDelegate(list), list_(list) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {0, measure::kRow}; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const bool checked = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
        const bool focused = (option.state & QStyle::State_HasFocus) && list_->hasFocus();
        const QRect row = option.rect.adjusted(0, 1, 0, -1);
        if (checked || (option.state & QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(color(checked ? Token::Selection : Token::Surface3));
            painter->drawRoundedRect(row, measure::kRadiusControl, measure::kRadiusControl);
        }
        const QRect inside = row.adjusted(measure::kSpace8, 0, -measure::kSpace8, 0);
        const QString count = QLocale().toString(index.data(CountModel::Count).toInt());
        painter->setFont(font(Type::Caption));
        const int countWidth = painter->fontMetrics().horizontalAdvance(QLocale().toString(std::max(list_->rows().largest(), 1000)));
        painter->setPen(color(Token::Text2));
        painter->drawText(inside, Qt::AlignRight | Qt::AlignVCenter, count);
        const int room = inside.width() - countWidth - measure::kSpace8;
        painter->setFont(font(checked ? Type::BodyMedium : Type::Body));
        const int nameWidth = list_->bars() ? std::min(room * 3 / 5, widestName(painter->fontMetrics())) : room;
        painter->setPen(color(Token::Text1));
        painter->drawText(QRect(inside.left(), inside.top(), nameWidth, inside.height()), Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, nameWidth));
        if (list_->bars()) {
            const QRectF track(inside.left() + nameWidth + measure::kSpace8, inside.center().y() - kBarHeight / 2 + 0.5,
                               room - nameWidth - measure::kSpace8, kBarHeight);
            const double share = index.data(CountModel::Share).toDouble();
            painter->setPen(Qt::NoPen);
            painter->setBrush(color(list_->rows().checked().empty() || checked ? Token::Accent : Token::LineStrong));
            if (share > 0)
                painter->drawRoundedRect(QRectF(track.topLeft(), QSizeF(std::max(2.0, track.width() * share), kBarHeight)), 2, 2);
        }
        if (focused) {
            painter->setPen(QPen(color(Token::Accent), measure::kFocusRing));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(row).adjusted(1, 1, -1, -1), measure::kRadiusControl, measure::kRadiusControl);
        }
        painter->restore();
    }

private:
    CountList* list_;
    int widestName(const QFontMetrics& metrics) const {
        int widest = 0;
        for (const QString& name : list_->rows().names()) widest = std::max(widest, metrics.horizontalAdvance(name) + 2);
        return widest;
    }
};

} // namespace

// CountModel

void CountModel::setNames(const QStringList& names) {
    if (names == names_) return;
    beginResetModel();
    names_ = names;
    counts_.assign(size_t(names.size()), 0);
    checked_.clear();
    largest_ = 0;
    endResetModel();
}

void CountModel::setCounts(const std::vector<int>& counts) {
    if (names_.isEmpty()) return;
    counts_ = counts;
    counts_.resize(size_t(names_.size()));
    largest_ = *std::max_element(counts_.begin(), counts_.end());
    emit dataChanged(index(0), index(rowCount() - 1), {Count, Share, Qt::AccessibleTextRole});
}

void CountModel::setChecked(const std::set<int>& rows) {
    if (rows == checked_ || names_.isEmpty()) return;
    checked_ = rows;
    emit dataChanged(index(0), index(rowCount() - 1), {Qt::CheckStateRole});
}

QVariant CountModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const auto row = size_t(index.row());
    switch (role) {
    case Qt::DisplayRole: return names_[index.row()];
    case Qt::ToolTipRole: return names_[index.row()] + ": " + QLocale().toString(counts_[row]);
    case Qt::AccessibleTextRole: return names_[index.row()] + ", " + QLocale().toString(counts_[row]);
    case Qt::CheckStateRole: return checked_.contains(index.row()) ? Qt::Checked : Qt::Unchecked;
    case Count: return counts_[row];
    case Share: return largest_ > 0 ? double(counts_[row]) / largest_ : 0.0;
    default: return {};
    }
}

// CountList

CountList::CountList(const QString& accessibleName, bool exclusive, bool bars, QWidget* parent)
    : QListView(parent), exclusive_(exclusive), bars_(bars) {
    setAccessibleName(accessibleName);
    setProperty("plain-list", true);
    setModel(&model_);
    setItemDelegate(new CountDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(NoSelection);
    setEditTriggers(NoEditTriggers);
    setMouseTracking(true);
    setUniformItemSizes(true);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTabKeyNavigation(false);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    viewport()->setAutoFillBackground(false);
}

void CountList::setMostRows(int rows) {
    mostRows_ = rows;
    contentChanged();
}

void CountList::contentChanged() {
    const int all = model_.rowCount() * measure::kRow;
    setMaximumHeight(mostRows_ > 0 ? std::min(all, mostRows_ * measure::kRow) : all);
    updateGeometry();
}

QSize CountList::sizeHint() const { return {200, maximumHeight()}; }
QSize CountList::minimumSizeHint() const { return {120, std::min(maximumHeight(), 3 * measure::kRow)}; }

void CountList::choose(int row, bool add) {
    std::set<int> rows = model_.checked();
    if (exclusive_)
        rows = {row};
    else if (add && rows.contains(row))
        rows.erase(row);
    else if (add)
        rows.insert(row);
    else if (rows == std::set<int>{row})
        rows.clear();
    else
        rows = {row};
    if (rows == model_.checked()) return;
    model_.setChecked(rows);
    emit filtered(rows);
}

void CountList::mousePressEvent(QMouseEvent* event) {
    pressed_ = event->button() == Qt::LeftButton ? indexAt(event->pos()) : QModelIndex();
    if (pressed_.isValid()) setCurrentIndex(pressed_);
}

void CountList::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() == Qt::NoButton) QListView::mouseMoveEvent(event);
}

void CountList::mouseReleaseEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (index.isValid() && index == pressed_) choose(index.row(), event->modifiers() & Qt::ControlModifier);
    pressed_ = QModelIndex();
}

void CountList::keyPressEvent(QKeyEvent* event) {
    const bool choosing = event->key() == Qt::Key_Space || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (choosing && currentIndex().isValid()) return choose(currentIndex().row(), event->modifiers() & Qt::ControlModifier);
    QListView::keyPressEvent(event);
}

void CountList::focusInEvent(QFocusEvent* event) {
    if (!currentIndex().isValid() && model_.rowCount() > 0)
        setCurrentIndex(model_.index(model_.checked().empty() ? 0 : *model_.checked().begin()));
    QListView::focusInEvent(event);
}

} // namespace strata
