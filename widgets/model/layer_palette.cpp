// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/layer_palette.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/model/palette_model.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QVBoxLayout>

namespace strata {

LayerPalette::LayerPalette(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Palette of layers"));
    auto* column = makeColumn(this, measure::kSpace8);
    column->setContentsMargins(measure::kSpace16, measure::kSpace8, measure::kSpace8, 0);
    search_ = new QLineEdit;
    search_->setPlaceholderText(tr("Search layers"));
    search_->setAccessibleName(tr("Search layers"));
    search_->setClearButtonEnabled(true);
    search_->addAction(icon("search", Token::Text3), QLineEdit::LeadingPosition);
    search_->setObjectName("paletteSearch");
    search_->installEventFilter(this);
    list_ = new QListView;
    list_->setObjectName("paletteList");
    list_->setAccessibleName(tr("Layers to add"));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setDragEnabled(true);
    list_->setDragDropMode(QAbstractItemView::DragOnly);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setMouseTracking(true);
    list_->viewport()->setAutoFillBackground(false);
    setSurface(list_, "1");
    model_ = new PaletteModel(this);
    list_->setModel(model_);
    list_->setItemDelegate(new PaletteDelegate(list_));
    list_->installEventFilter(this);
    nothing_ = makeCaption({});
    nothing_->hide();
    column->addWidget(search_);
    column->addWidget(nothing_);
    column->addWidget(list_, 1);
    connect(search_, &QLineEdit::textChanged, this, &LayerPalette::filter);
    connect(list_, &QListView::doubleClicked, this, &LayerPalette::choose);
}

void LayerPalette::startSearch() {
    search_->setFocus(Qt::ShortcutFocusReason);
    search_->selectAll();
}

void LayerPalette::filter(const QString& text) {
    model_->setFilter(text);
    const QModelIndex first = firstLayer();
    if (!text.isEmpty() && first.isValid()) list_->setCurrentIndex(first);
    nothing_->setText(tr("No layer is called \"%1\".").arg(text));
    nothing_->setVisible(!first.isValid());
}

QModelIndex LayerPalette::firstLayer() const {
    for (int row = 0; row < model_->rowCount(); ++row)
        if (const QModelIndex index = model_->index(row); !index.data(PaletteModel::HeadRole).toBool()) return index;
    return {};
}

void LayerPalette::choose(const QModelIndex& index) {
    if (!index.isValid() || index.data(PaletteModel::HeadRole).toBool()) return;
    emit chosen(index.data(PaletteModel::TypeRole).toString().toStdString());
}

bool LayerPalette::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    auto* key = static_cast<QKeyEvent*>(event);
    switch (key->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter: {
        const QModelIndex current = list_->currentIndex();
        choose(current.isValid() ? current : firstLayer());
        return true;
    }
    case Qt::Key_Escape:
        if (!search_->text().isEmpty())
            search_->clear();
        else
            emit left();
        return true;
    case Qt::Key_Down:
    case Qt::Key_Up:
        if (watched != search_) break;
        list_->setFocus(Qt::OtherFocusReason);
        if (!list_->currentIndex().isValid())
            list_->setCurrentIndex(firstLayer());
        else if (!search_->text().isEmpty())
            QCoreApplication::sendEvent(list_, event);
        return true;
    default:
        // Typing in the list goes on in the search field.
        if (watched == list_ && !key->text().isEmpty() && key->text().at(0).isLetterOrNumber() && key->modifiers() == Qt::NoModifier) {
            search_->setFocus();
            QCoreApplication::sendEvent(search_, event);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace strata
