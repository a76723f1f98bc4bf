// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/command_palette.h"
#include "app/studio/frame/popup.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QAbstractListModel>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace strata::studio {
namespace {

constexpr int kWidth = 560, kRows = 10;

QString plain(const QString& text) { return QString(text).remove('&'); }

/// Group, name, shortcut at the right.
class ActionDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const bool enabled = index.flags() & Qt::ItemIsEnabled;
        const QRect box = option.rect.adjusted(4, 1, -4, -1);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_Selected) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(color(Token::Selection));
            painter->drawRoundedRect(box, measure::kRadiusControl, measure::kRadiusControl);
        }
        const QIcon image = index.data(Qt::DecorationRole).value<QIcon>();
        image.paint(painter, QRect(box.x() + 8, box.center().y() - 8, 16, 16), Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled);
        const QString keys = index.data(Qt::UserRole + 1).toString();
        painter->setFont(strata::font(Type::Caption));
        painter->setPen(color(Token::Text3));
        const int keysWidth = painter->fontMetrics().horizontalAdvance(keys);
        painter->drawText(box.adjusted(0, 0, -8, 0), Qt::AlignRight | Qt::AlignVCenter, keys);
        painter->setFont(strata::font(Type::Body));
        const QString group = index.data(Qt::UserRole).toString() + "  ";
        painter->setPen(color(enabled ? Token::Text3 : Token::TextDisabled));
        QRect text = box.adjusted(32, 0, -keysWidth - 16, 0);
        painter->drawText(text, Qt::AlignVCenter, group);
        text.setLeft(text.left() + painter->fontMetrics().horizontalAdvance(group));
        painter->setPen(color(enabled ? Token::Text1 : Token::TextDisabled));
        painter->drawText(text, Qt::AlignVCenter, painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, text.width()));
        painter->restore();
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {100, measure::kRow}; }
};

class Filter : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    QStringList words;
    void refresh() { invalidateFilter(); }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
        const QModelIndex index = sourceModel()->index(row, 0, parent);
        const QString text = index.data(Qt::UserRole).toString() + " " + index.data().toString();
        return std::ranges::all_of(words, [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
    }
};

} // namespace

class CommandPalette::Model : public QAbstractListModel {
public:
    Model(ActionTable& actions, QObject* parent) : QAbstractListModel(parent), actions_(actions) {}
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(shown_.size()); }
    Qt::ItemFlags flags(const QModelIndex& index) const override {
        if (!index.isValid()) return Qt::NoItemFlags;
        return shown_[size_t(index.row())].action->isEnabled() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::ItemIsSelectable;
    }
    QVariant data(const QModelIndex& index, int role) const override {
        if (!index.isValid()) return {};
        const ActionTable::Item& item = shown_[size_t(index.row())];
        switch (role) {
        case Qt::DisplayRole: return plain(item.action->text());
        case Qt::DecorationRole: return item.action->icon();
        case Qt::UserRole: return item.group;
        case Qt::UserRole + 1: return item.action->shortcut().toString(QKeySequence::NativeText);
        case Qt::AccessibleTextRole: return item.group + ": " + plain(item.action->text());
        default: return {};
        }
    }
    void reload() {
        beginResetModel();
        shown_.clear();
        for (const ActionTable::Item& item : actions_.items())
            if (!item.action->text().isEmpty()) shown_.push_back(item);
        endResetModel();
    }
    QAction* action(int row) const { return shown_[size_t(row)].action; }

private:
    ActionTable& actions_;
    std::vector<ActionTable::Item> shown_;
};

CommandPalette::CommandPalette(ActionTable& actions, QWidget* window)
    : QFrame(window), actions_(actions), search_(new QLineEdit), list_(new QListView), model_(new Model(actions, this)),
      proxy_(new Filter(this)) {
    hide();
    setAccessibleName(tr("Command palette"));
    auto* column = makeColumn(this, measure::kSpace8, popup::kShadow + measure::kSpace8);
    search_->setPlaceholderText(tr("Type what you want to do"));
    search_->setAccessibleName(tr("Search actions"));
    search_->addAction(icon("search"), QLineEdit::LeadingPosition);
    proxy_->setSourceModel(model_);
    list_->setModel(proxy_);
    list_->setItemDelegate(new ActionDelegate(list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setAccessibleName(tr("Actions"));
    list_->setFixedHeight(kRows * measure::kRow);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    column->addWidget(search_);
    column->addWidget(list_);
    connect(search_, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(list_, &QListView::clicked, this, &CommandPalette::run);
    search_->installEventFilter(this);
}

void CommandPalette::open() {
    model_->reload();
    search_->clear();
    filter({});
    resize(std::min(kWidth, parentWidget()->width() - measure::kSpace32) + 2 * popup::kShadow, sizeHint().height());
    move((parentWidget()->width() - width()) / 2, measure::kTopBar);
    show();
    raise();
    search_->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::filter(const QString& text) {
    auto* filter = static_cast<Filter*>(proxy_);
    filter->words = text.split(' ', Qt::SkipEmptyParts);
    filter->refresh();
    list_->setCurrentIndex(proxy_->index(0, 0));
}

void CommandPalette::run() {
    const QModelIndex index = proxy_->mapToSource(list_->currentIndex());
    if (!index.isValid() || !model_->action(index.row())->isEnabled()) return;
    hide();
    parentWidget()->setFocus();
    model_->action(index.row())->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == search_ && event->type() == QEvent::FocusOut) hide();
    if (watched != search_ || event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    const int row = list_->currentIndex().row();
    const auto go = [&](int to) { list_->setCurrentIndex(proxy_->index(std::clamp(to, 0, std::max(0, proxy_->rowCount() - 1)), 0)); };
    switch (key) {
    case Qt::Key_Down: go(row + 1); return true;
    case Qt::Key_Up: go(row - 1); return true;
    case Qt::Key_PageDown: go(row + kRows); return true;
    case Qt::Key_PageUp: go(row - kRows); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: run(); return true;
    case Qt::Key_Escape:
        hide();
        parentWidget()->setFocus();
        return true;
    default: return false;
    }
}

void CommandPalette::paintEvent(QPaintEvent*) { popup::paint(*this); }

} // namespace strata::studio
