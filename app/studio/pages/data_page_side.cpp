// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/data_page_side.h"
#include "widgets/common/controls.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

namespace strata::studio {

DataSide::DataSide(QWidget* parent) : QWidget(parent), stack_(new QStackedWidget) {
    makeColumn(this, 0)->addWidget(stack_);
    setAccessibleName(tr("Details"));
}

void DataSide::addPanel(const QString& title, QWidget* content) {
    auto* panel = new QWidget;
    auto* column = makeColumn(panel, 0);
    if (!title.isEmpty()) {
        auto* head = new QWidget;
        head->setFixedHeight(measure::kToolRow);
        auto* row = makeRow(head);
        row->setContentsMargins(measure::kSpace16, 0, measure::kSpace8, 0);
        row->addWidget(makeHeading(title), 1);
        QToolButton* close = makeIconButton("close", tr("Close %1").arg(title), tr("Esc"));
        connect(close, &QToolButton::clicked, this, &DataSide::closed);
        row->addWidget(close);
        column->addWidget(head);
    }
    QScrollArea* area = makeScroll(content);
    // The scroll bar lies in the margin, so that the content keeps its width whether there is one or not.
    connect(area->verticalScrollBar(), &QScrollBar::rangeChanged, content, [area, content](int, int last) {
        QMargins margins = content->layout()->contentsMargins();
        margins.setRight(last > 0 ? measure::kSpace16 - area->verticalScrollBar()->sizeHint().width() : measure::kSpace16);
        content->layout()->setContentsMargins(margins);
    });
    column->addWidget(area, 1);
    stack_->addWidget(panel);
}

void DataSide::showPanel(int index) { stack_->setCurrentIndex(index); }

void DataSide::setDrawer(bool drawer) {
    drawer_ = drawer;
    layout()->setContentsMargins(drawer ? 1 : 0, 0, 0, 0);
    update();
}

void DataSide::paintEvent(QPaintEvent*) {
    if (!drawer_) return;
    QPainter painter(this);
    painter.fillRect(rect(), color(Token::Surface1));
    painter.fillRect(QRect(0, 0, 1, height()), color(Token::LineStrong));
}

void DataSide::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return emit closed();
    QWidget::keyPressEvent(event);
}

} // namespace strata::studio
