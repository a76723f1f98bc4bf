// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/transform_card.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/common/param_form.h"
#include "widgets/data/transform_list.h"

#include <QApplication>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>

namespace strata {
namespace {

QString valueText(const Json& value) {
    if (value.is_string()) return QString::fromStdString(value.get<std::string>());
    if (value.is_boolean()) return value.get<bool>() ? TransformCard::tr("on") : TransformCard::tr("off");
    if (value.is_number()) return numberText(value.get<double>());
    QStringList parts;
    for (const Json& item : value) parts << (item.is_number() ? numberText(item.get<double>()) : QString::fromStdString(item.dump()));
    return parts.join(value.size() == 2 ? "x" : " ");
}

/// The parameters that differ from their default, in words.
QString summaryOf(const TransformDef& def, const ParamValues& params) {
    QStringList parts;
    for (const ParamDef& param : def.spec.params) {
        if (!params.contains(param.id)) continue;
        const Json& value = params.at(param.id);
        if (value == param.defaultValue) continue;
        parts << QString::fromStdString(param.title).toLower() + " " + valueText(value);
    }
    return parts.join(", ");
}

const TransformDef* findDef(const std::string& type) {
    for (const TransformDef& def : transforms())
        if (def.spec.id == type) return &def;
    return nullptr;
}

} // namespace

TransformCard::TransformCard(TransformList* list) : QWidget(list), list_(list) {
    setFocusPolicy(Qt::StrongFocus);
    auto* column = makeColumn(this, measure::kSpace12);
    column->setContentsMargins(measure::kSpace24, measure::kSpace8, measure::kSpace8, measure::kSpace8);
    auto* head = makeRow(nullptr, measure::kSpace8);
    icon_ = new QLabel;
    head->addWidget(icon_);
    auto* texts = makeColumn(nullptr, 0);
    auto* line = makeRow(nullptr, measure::kSpace8);
    title_ = new ElidedLabel;
    title_->setType(Type::BodyMedium, Token::Text1);
    after_ = makeCaption({});
    after_->setWordWrap(false);
    line->addWidget(title_, 1);
    line->addWidget(after_);
    texts->addLayout(line);
    summary_ = new ElidedLabel;
    summary_->setType(Type::Caption, Token::Text2);
    texts->addWidget(summary_);
    head->addLayout(texts, 1);
    column->addLayout(head);
    sentence_ = makeCaption({});
    sentence_->setProperty("role", "error");
    sentence_->hide();
    column->addWidget(sentence_);
    help_ = makeCaption({});
    column->addWidget(help_);
    form_ = new ParamForm;
    column->addWidget(form_);
    actions_ = new QWidget;
    auto* actions = makeRow(actions_, measure::kSpace8);
    duplicate_ = makeButton(tr("Duplicate"), ButtonKind::Normal, "copy");
    remove_ = makeButton(tr("Remove"), ButtonKind::Normal, "delete");
    duplicate_->setToolTip("Ctrl+D");
    remove_->setToolTip(tr("Delete"));
    actions->addWidget(duplicate_);
    actions->addWidget(remove_);
    actions->addStretch();
    column->addWidget(actions_);
    connect(duplicate_, &QPushButton::clicked, this, [this] { list_->duplicate(list_->rowOf(this)); });
    connect(remove_, &QPushButton::clicked, this, [this] { list_->remove(list_->rowOf(this)); });
    connect(form_, &ParamForm::edited, this,
            [this](const QString& param, const Json& value) { list_->setParam(list_->rowOf(this), param, value); });
    setOpen(false);
}

void TransformCard::setStep(const std::string& type, const ParamValues& params, const QString& after, const QString& problem) {
    const TransformDef* def = findDef(type);
    const bool other = type != type_;
    type_ = type;
    problem_ = problem;
    const QString title = QString::fromStdString(def ? def->spec.title : type);
    title_->setText(title);
    const QString summary = def ? summaryOf(*def, params) : QString();
    summary_->setText(summary);
    summary_->setVisible(!summary.isEmpty());
    after_->setText(after);
    sentence_->setText(problem);
    sentence_->setVisible(!problem.isEmpty());
    if (def) form_->setParams(def->spec.params, params);
    help_->setText(def ? QString::fromStdString(def->spec.help) : QString());
    setAccessibleName(summary.isEmpty() ? title : title + ", " + summary);
    setAccessibleDescription(problem.isEmpty() ? tr("gives %1").arg(after) : problem);
    if (other) refreshIcon();
    update();
}

void TransformCard::setOpen(bool open) {
    const TransformDef* def = findDef(type_);
    open_ = open;
    form_->setVisible(open && def && !def->spec.params.empty());
    help_->setVisible(open && def);
    actions_->setVisible(open);
    update();
}

void TransformCard::setDragged(bool dragged) {
    dragged_ = dragged;
    update();
}

void TransformCard::refreshIcon() {
    const QString name = QString::fromStdString("transform-" + type_);
    icon_->setPixmap(iconPixmap(hasIcon(name) ? name : "image", measure::kIcon, color(Token::Text2), devicePixelRatioF()));
}

void TransformCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (dragged_) painter.setOpacity(0.4);
    const QRectF card = QRectF(rect()).adjusted(2, 2, -2, -2);
    painter.setPen(open_ ? QPen(color(Token::Accent), 1) : QPen(Qt::NoPen));
    painter.setBrush(color(!problem_.isEmpty() ? Token::ErrorBackground : hover_ && !open_ ? Token::Surface3 : Token::Surface2));
    painter.drawRoundedRect(open_ ? card.adjusted(0.5, 0.5, -0.5, -0.5) : card, measure::kRadiusCard, measure::kRadiusCard);
    const double middle = icon_->geometry().center().y() - measure::kIconRow / 2 + 1;
    painter.drawPixmap(QPointF(6, middle), iconPixmap("grip", measure::kIconRow, color(hover_ || hasFocus() ? Token::Text2 : Token::LineStrong), devicePixelRatioF()));
    if (hasFocus()) drawFocusRing(painter, card.adjusted(1, 1, -1, -1), measure::kRadiusCard);
}

void TransformCard::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) pressed_ = event->pos();
}

void TransformCard::mouseMoveEvent(QMouseEvent* event) {
    if (!pressed_ || !(event->buttons() & Qt::LeftButton)) return;
    if (!dragged_ && (event->pos() - *pressed_).manhattanLength() < QApplication::startDragDistance()) return;
    setDragged(true);
    list_->showDrop(list_->gapAt(mapTo(list_, event->pos()).y()));
}

void TransformCard::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !pressed_) return;
    pressed_.reset();
    const int row = list_->rowOf(this);
    if (!dragged_) return list_->select(open_ ? -1 : row);
    setDragged(false);
    const int gap = list_->gapAt(mapTo(list_, event->pos()).y());
    list_->showDrop(-1);
    list_->move(row, gap > row ? gap - 1 : gap);
}

void TransformCard::keyPressEvent(QKeyEvent* event) {
    const int row = list_->rowOf(this);
    const bool alt = event->modifiers() & Qt::AltModifier;
    switch (event->key()) {
    case Qt::Key_Up: return alt ? list_->move(row, row - 1) : list_->focusCard(row - 1);
    case Qt::Key_Down: return alt ? list_->move(row, row + 1) : list_->focusCard(row + 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        list_->select(row);
        return form_->focusFirst();
    case Qt::Key_Space: return list_->select(open_ ? -1 : row);
    case Qt::Key_Delete: return list_->remove(row);
    case Qt::Key_D:
        if (event->modifiers() & Qt::ControlModifier) return list_->duplicate(row);
        break;
    case Qt::Key_Escape:
        if (dragged_) {
            pressed_.reset();
            setDragged(false);
            return list_->showDrop(-1);
        }
        if (open_ && !hasFocus()) return setFocus(Qt::OtherFocusReason);
        break;
    default: break;
    }
    QWidget::keyPressEvent(event);
}

void TransformCard::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void TransformCard::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

void TransformCard::enterEvent(QEnterEvent*) {
    hover_ = true;
    update();
}

void TransformCard::leaveEvent(QEvent*) {
    hover_ = false;
    update();
}

void TransformCard::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && icon_) refreshIcon();
}

} // namespace strata
