// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/template_chooser.h"
#include "widgets/common/controls.h"
#include "widgets/model/layer_look.h"
#include "widgets/model/template_thumbnail.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QScreen>

namespace strata {

TemplateCard::TemplateCard(const TemplateDef& def, const DataFacts& given, QWidget* parent)
    : QAbstractButton(parent), id_(def.id), help_(QString::fromStdString(def.help)) {
    setText(QString::fromStdString(def.title));
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    const Shape input = given.input.empty() ? Shape{3, 32, 32} : given.input;
    try {
        spec_ = makeTemplate(def.id, input, given.classes > 0 ? given.classes : 10);
        double parameters = 0;
        for (const LayerFacts& facts : checkSpec(spec_).layers) parameters += double(facts.parameters);
        count_ = tr("%1 parameters").arg(countText(parameters));
    } catch (const Error& error) {
        why_ = QString::fromUtf8(error.what());
        setEnabled(false);
    }
    setToolTip(why_.isEmpty() ? help_ : why_);
    setAccessibleName(text());
    setAccessibleDescription(why_.isEmpty() ? help_ + " " + count_ : why_);
}

void TemplateCard::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const QRectF card = QRectF(rect()).adjusted(3, 3, -3, -3);
    p.setPen(Qt::NoPen);
    p.setBrush(color(isDown() ? Token::Selection : underMouse() && isEnabled() ? Token::Surface3 : Token::Surface1));
    p.drawRoundedRect(card, measure::kRadiusCard, measure::kRadiusCard);
    paintSpecThumbnail(p, card.adjusted(12, 8, -12, -78), spec_);
    const QRectF name(card.left() + 12, card.bottom() - 72, card.width() - 24, 20);
    p.setFont(strata::font(Type::Caption));
    const double counted = p.fontMetrics().horizontalAdvance(count_);
    p.setPen(color(Token::Text3));
    p.drawText(name, int(Qt::AlignRight | Qt::AlignVCenter), count_);
    p.setFont(strata::font(Type::BodyMedium));
    p.setPen(color(isEnabled() ? Token::Text1 : Token::TextDisabled));
    p.drawText(name, int(Qt::AlignLeft | Qt::AlignVCenter),
               p.fontMetrics().elidedText(text(), Qt::ElideRight, int(name.width() - counted - 8)));
    p.setFont(strata::font(Type::Caption));
    p.setPen(color(isEnabled() ? Token::Text2 : Token::TextDisabled));
    const QRectF help(name.left(), name.bottom(), name.width(), 48);
    QTextOption wrap(Qt::AlignLeft | Qt::AlignTop);
    wrap.setWrapMode(QTextOption::WordWrap);
    p.setClipRect(help);
    p.drawText(help, why_.isEmpty() ? help_ : why_, wrap);
    p.setClipping(false);
    if (hasFocus()) drawFocusRing(p, QRectF(rect()).adjusted(1, 1, -1, -1), measure::kRadiusCard + 2);
}

TemplateChooser::TemplateChooser(const DataFacts& given, QWidget* parent) : QFrame(parent, Qt::Popup | Qt::FramelessWindowHint) {
    setAttribute(Qt::WA_DeleteOnClose);
    setAccessibleName(tr("Templates"));
    setFrameShape(QFrame::NoFrame);
    auto* column = makeColumn(this, measure::kSpace8, measure::kSpace12);
    auto* heading = makeHeading(tr("Start from a template"));
    heading->setContentsMargins(measure::kSpace4, 0, 0, 0);
    column->addWidget(heading);
    auto* grid = new QGridLayout;
    grid->setSpacing(measure::kSpace4);
    column->addLayout(grid);
    int at = 0;
    for (const TemplateDef& def : modelTemplates()) {
        auto* card = new TemplateCard(def, given);
        grid->addWidget(card, at / columns_, at % columns_);
        connect(card, &QAbstractButton::clicked, this, [this, id = def.id] {
            close();
            emit chosen(id);
        });
        cards_.push_back(card);
        ++at;
    }
}

void TemplateChooser::popup(QWidget* anchor) {
    adjustSize();
    const QRect room = anchor->screen()->availableGeometry();
    QPoint at = anchor->mapToGlobal(QPoint(0, anchor->height() + measure::kSpace4));
    at.setX(std::clamp(at.x(), room.left(), std::max(room.left(), room.right() - width())));
    at.setY(std::clamp(at.y(), room.top(), std::max(room.top(), room.bottom() - height())));
    move(at);
    show();
    for (TemplateCard* card : cards_)
        if (card->isEnabled()) {
            card->setFocus(Qt::PopupFocusReason);
            break;
        }
}

void TemplateChooser::keyPressEvent(QKeyEvent* event) {
    int step = 0;
    switch (event->key()) {
    case Qt::Key_Right: step = 1; break;
    case Qt::Key_Left: step = -1; break;
    case Qt::Key_Down: step = columns_; break;
    case Qt::Key_Up: step = -columns_; break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        for (TemplateCard* card : cards_)
            if (card->hasFocus()) return card->click();
        return;
    case Qt::Key_Escape: close(); return;
    default: return QFrame::keyPressEvent(event);
    }
    int at = -1;
    for (size_t i = 0; i < cards_.size(); ++i)
        if (cards_[i]->hasFocus()) at = int(i);
    for (int to = at + step; to >= 0 && to < int(cards_.size()); to += step)
        if (cards_[size_t(to)]->isEnabled()) return cards_[size_t(to)]->setFocus(Qt::OtherFocusReason);
}

void TemplateChooser::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.fillRect(rect(), color(Token::Surface2));
    p.setPen(color(Token::Line));
    p.drawRect(rect().adjusted(0, 0, -1, -1));
}

} // namespace strata
