// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/choice_popup.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScreen>

namespace strata {
namespace {

constexpr int kWidth = 256, kMostRows = 8;
constexpr int kNameRole = Qt::UserRole + 1;

} // namespace

ChoicePopup::ChoicePopup(const QString& title, const QStringList& names, const std::set<int>& checked, bool allowNew, QWidget* parent)
    : QWidget(parent, Qt::Popup | Qt::FramelessWindowHint), names_(names), field_(new QLineEdit), list_(new QListView),
      allowNew_(allowNew) {
    setAttribute(Qt::WA_DeleteOnClose);
    setAccessibleName(title);
    auto* column = makeColumn(this, measure::kSpace8, measure::kSpace12);
    column->addWidget(makeHeading(title));
    field_->setPlaceholderText(allowNew ? tr("Find or add") : tr("Find"));
    field_->setAccessibleName(field_->placeholderText());
    field_->installEventFilter(this);
    column->addWidget(field_);
    for (int i = 0; i < names.size(); ++i) {
        auto* item = new QStandardItem(names[i]);
        item->setData(names[i], kNameRole);
        item->setEditable(false);
        if (checked.contains(i)) item->setIcon(icon("check", Token::Accent));
        item->setData(checked.contains(i) ? tr("%1, chosen").arg(names[i]) : names[i], Qt::AccessibleTextRole);
        item->setToolTip(names[i]);
        model_.appendRow(item);
    }
    shown_.setSourceModel(&model_);
    shown_.setFilterCaseSensitivity(Qt::CaseInsensitive);
    list_->setModel(&shown_);
    list_->setAccessibleName(title);
    list_->setFrameShape(QFrame::NoFrame);
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setUniformItemSizes(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setTextElideMode(Qt::ElideRight);
    list_->setFixedHeight(std::clamp(int(names.size()) + (allowNew ? 1 : 0), 1, kMostRows) * measure::kRow + 4);
    column->addWidget(list_);
    setFixedWidth(kWidth);
    connect(field_, &QLineEdit::textChanged, this, &ChoicePopup::filter);
    connect(list_, &QListView::clicked, this, &ChoicePopup::take);
    filter({});
}

void ChoicePopup::filter(const QString& text) {
    const QString word = text.trimmed();
    while (model_.rowCount() > names_.size()) model_.removeRow(model_.rowCount() - 1);
    shown_.setFilterFixedString(word);
    if (allowNew_ && !word.isEmpty() && !names_.contains(word)) {
        auto* item = new QStandardItem(icon("add"), tr("Add \"%1\"").arg(word));
        item->setData(word, kNameRole);
        item->setEditable(false);
        model_.appendRow(item);
    }
    list_->setCurrentIndex(shown_.index(0, 0));
}

void ChoicePopup::take(const QModelIndex& index) {
    if (!index.isValid()) return;
    const QString name = index.data(kNameRole).toString();
    close();
    emit chosen(name);
}

bool ChoicePopup::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
        take(list_->currentIndex());
        return true;
    }
    const int by = key == Qt::Key_Down       ? 1
                   : key == Qt::Key_Up       ? -1
                   : key == Qt::Key_PageDown ? kMostRows
                   : key == Qt::Key_PageUp   ? -kMostRows
                                             : 0;
    if (by == 0) return QWidget::eventFilter(watched, event);
    list_->setCurrentIndex(shown_.index(std::clamp(list_->currentIndex().row() + by, 0, std::max(0, shown_.rowCount() - 1)), 0));
    return true;
}

void ChoicePopup::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Token::Surface2));
    painter.setPen(color(Token::LineStrong));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void ChoicePopup::popUp(QWidget* anchor) {
    adjustSize();
    QPoint corner = anchor->mapToGlobal(QPoint(anchor->width() - width(), anchor->height() + measure::kSpace4));
    const QRect room = anchor->screen()->availableGeometry();
    if (corner.y() + height() > room.bottom()) corner.setY(anchor->mapToGlobal(QPoint(0, 0)).y() - height() - measure::kSpace4);
    corner.setX(std::clamp(corner.x(), room.left(), std::max(room.left(), room.right() - width())));
    move(corner);
    show();
    field_->setFocus(Qt::PopupFocusReason);
}

} // namespace strata
