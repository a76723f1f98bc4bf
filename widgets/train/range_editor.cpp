// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/range_editor.h"
#include "widgets/common/controls.h"
#include "widgets/common/param_form.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <algorithm>

namespace strata {

RangeEditor::RangeEditor(QWidget* plot)
    : QFrame(plot), title_(makeHeading({})), from_(new QLineEdit), to_(new QLineEdit), problem_(makeCaption({})) {
    auto* column = makeColumn(this, measure::kSpace8, measure::kSpace12);
    column->addWidget(title_);
    auto* row = makeRow(nullptr);
    const auto addField = [&](QLineEdit* field, const QString& name) {
        field->setAccessibleName(name);
        field->setPlaceholderText(name);
        field->setMinimumWidth(QFontMetrics(strata::font(Type::Body)).horizontalAdvance("0.000000") + 2 * measure::kSpace12);
        connect(field, &QLineEdit::returnPressed, this, &RangeEditor::accept);
        row->addWidget(field);
    };
    addField(from_, tr("From"));
    addField(to_, tr("To"));
    column->addLayout(row);
    auto* buttons = makeRow(nullptr);
    auto* fit = makeButton(tr("Fit"));
    auto* set = makeButton(tr("Set range"), ButtonKind::Primary);
    buttons->addStretch();
    buttons->addWidget(fit);
    buttons->addWidget(set);
    problem_->setProperty("role", "error");
    problem_->hide();
    column->addWidget(problem_);
    column->addLayout(buttons);
    connect(set, &QPushButton::clicked, this, &RangeEditor::accept);
    connect(fit, &QPushButton::clicked, this, [this] {
        emit fitAsked();
        finish();
    });
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
        if (isVisible() && now && now != this && !isAncestorOf(now)) hide();
    });
    hide();
}

void RangeEditor::open(const QString& title, double from, double to, bool positive, const QPoint& place) {
    positive_ = positive;
    title_->setText(title);
    setAccessibleName(title);
    from_->setText(QString::number(from, 'g', 4));
    to_->setText(QString::number(to, 'g', 4));
    problem_->hide();
    adjustSize();
    const QSize size = sizeHint();
    move(std::clamp(place.x(), 0, std::max(0, parentWidget()->width() - size.width())),
         std::clamp(place.y() - size.height(), 0, std::max(0, parentWidget()->height() - size.height())));
    show();
    raise();
    from_->setFocus();
    from_->selectAll();
}

void RangeEditor::accept() {
    double from = 0, to = 0;
    QString problem;
    if (!parseNumber(from_->text(), from) || !parseNumber(to_->text(), to))
        problem = tr("Type two numbers, such as 0.1");
    else if (!(from < to))
        problem = tr("The first must be smaller");
    else if (positive_ && from <= 0)
        problem = tr("A log axis begins above 0");
    problem_->setText(problem);
    problem_->setVisible(!problem.isEmpty());
    adjustSize();
    if (!problem.isEmpty()) return;
    emit chosen(from, to);
    finish();
}

void RangeEditor::finish() {
    hide();
    parentWidget()->setFocus(Qt::OtherFocusReason);
}

void RangeEditor::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return finish();
    event->accept(); // nothing typed here is a key of the plot
}

void RangeEditor::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color(Token::LineStrong), 1));
    painter.setBrush(color(Token::Surface2));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), measure::kRadiusCard, measure::kRadiusCard);
}

} // namespace strata
