// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/sample_viewer.h"
#include "widgets/common/controls.h"
#include "widgets/data/picture_view.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QToolButton>
#include <QWheelEvent>

namespace strata {

SampleViewer::SampleViewer(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Large picture"));
    auto* column = makeColumn(this, measure::kSpace8);
    column->setContentsMargins(measure::kSpace16, measure::kSpace8, measure::kSpace16, measure::kSpace16);
    auto* head = makeRow(nullptr);
    QToolButton* back = makeIconButton("close", tr("Back to all pictures"), "Esc");
    QToolButton* previous = makeIconButton("chevron-left", tr("Previous picture"), tr("Left"));
    QToolButton* next = makeIconButton("chevron-right", tr("Next picture"), tr("Right"));
    caption_ = new ElidedLabel;
    caption_->setType(Type::BodyMedium, Token::Text1);
    values_ = makeCaption({});
    values_->setWordWrap(false);
    head->addWidget(previous);
    head->addWidget(next);
    head->addWidget(caption_, 1);
    head->addWidget(values_);
    head->addWidget(back);
    column->addLayout(head);
    view_ = new PictureView(tr("Picture"));
    view_->setKeyboardCross(false);
    view_->setFocusPolicy(Qt::NoFocus);
    column->addWidget(view_, 1);
    connect(back, &QToolButton::clicked, this, &SampleViewer::closed);
    connect(previous, &QToolButton::clicked, this, [this] { emit stepped(-1); });
    connect(next, &QToolButton::clicked, this, [this] { emit stepped(1); });
    connect(view_, &PictureView::pixelChanged, this, [this](const QPoint& pixel) { values_->setText(pixelText(view_->picture(), pixel)); });
}

void SampleViewer::showSample(const SampleIndexPtr& index, int32_t id, const QString& caption) {
    caption_->setText(caption);
    setAccessibleDescription(caption);
    if (index == index_ && id == id_) return;
    index_ = index;
    id_ = id;
    if (!index || id < 0) return view_->setMessage({});
    jobs_.start(
        "picture", [index, id](std::stop_token) { return shownPicture(index->sample(id).image); },
        [this](const ShownPicture& picture) { view_->setPicture(picture); },
        [this](const QString& sentence) { view_->setMessage(sentence); });
}

void SampleViewer::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Up: return emit stepped(-1);
    case Qt::Key_Right:
    case Qt::Key_Down: return emit stepped(1);
    case Qt::Key_Escape:
    case Qt::Key_Return:
    case Qt::Key_Enter: return emit closed();
    default: QWidget::keyPressEvent(event);
    }
}

void SampleViewer::wheelEvent(QWheelEvent* event) {
    if (event->angleDelta().y() != 0) emit stepped(event->angleDelta().y() > 0 ? -1 : 1);
    event->accept();
}

} // namespace strata
