// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/rail.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QButtonGroup>
#include <QPainter>
#include <QVBoxLayout>

namespace strata::studio {
namespace {
constexpr int kBar = 3; ///< accent bar of the current page
}

RailButton::RailButton(const QString& iconName, const QString& text, QWidget* parent) : QAbstractButton(parent), iconName_(iconName) {
    setText(text);
    setAccessibleName(text);
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setFixedSize(sizeHint());
}

void RailButton::enterEvent(QEnterEvent*) { update(); }
void RailButton::leaveEvent(QEvent*) { update(); }

void RailButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF body = QRectF(rect()).adjusted(4, 2, -4, -2);
    if (isChecked() || underMouse()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(isChecked() ? Token::Selection : Token::Surface3));
        painter.drawRoundedRect(body, measure::kRadiusControl, measure::kRadiusControl);
    }
    if (isChecked()) {
        painter.setBrush(color(Token::Accent));
        painter.drawRoundedRect(QRectF(0, 12, kBar, height() - 24), 1.5, 1.5);
    }
    const QColor ink = color(isChecked() ? Token::Accent : Token::Text2);
    const bool labelled = !text().isEmpty();
    const int top = labelled ? 9 : (height() - measure::kIcon) / 2;
    painter.drawPixmap((width() - measure::kIcon) / 2, top, iconPixmap(iconName_, measure::kIcon, ink, devicePixelRatioF()));
    painter.setFont(strata::font(Type::Caption));
    painter.setPen(isChecked() ? color(Token::Text1) : ink);
    const QString shown = painter.fontMetrics().elidedText(text(), Qt::ElideRight, width() - 8);
    painter.drawText(QRect(0, 32, width(), lineHeight(Type::Caption)), Qt::AlignCenter, shown);
    if (shown != text()) setToolTip(text());
    if (hasFocus()) drawFocusRing(painter, body, measure::kRadiusControl);
}

Rail::Rail(QWidget* parent) : QWidget(parent) {
    setSurface(this, "0");
    setFixedWidth(measure::kRailWidth);
    setAccessibleName(tr("Pages"));
    auto* column = makeColumn(this, 0);
    auto* group = new QButtonGroup(this);
    const std::array<std::pair<const char*, QString>, 6> items{{{"logo", tr("Start")},
                                                                {"data", tr("Data")},
                                                                {"model", tr("Model")},
                                                                {"train", tr("Train")},
                                                                {"evaluate", tr("Evaluate")},
                                                                {"predict", tr("Predict")}}};
    for (size_t i = 0; i < items.size(); ++i) {
        auto* button = new RailButton(items[i].first, items[i].second);
        if (i > 0) button->setToolTip(items[i].second + QString(" (Ctrl+%1)").arg(i));
        buttons_[i] = button;
        group->addButton(button, int(i));
        column->addWidget(button);
    }
    column->addStretch();
    auto* help = new RailButton("help", tr("Help"));
    help->setCheckable(false);
    help->setToolTip(tr("Shortcuts and help (F1)"));
    column->addWidget(help);
    column->addSpacing(measure::kSpace8);
    connect(group, &QButtonGroup::idClicked, this, [this](int id) { emit chosen(PageId(id)); });
    connect(help, &QAbstractButton::clicked, this, &Rail::helpAsked);
}

void Rail::setCurrent(PageId page) { buttons_[size_t(page)]->setChecked(true); }

} // namespace strata::studio
