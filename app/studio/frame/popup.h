// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/theme.h"

#include <QPainter>
#include <QWidget>

/// The one shadow of the design (0 4 16, black 20 %) and the card of panels that float over the window.
namespace strata::studio::popup {

constexpr int kShadow = 16; ///< margin around the card inside the widget

inline void paint(QWidget& widget) {
    QPainter painter(&widget);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF card = QRectF(widget.rect()).adjusted(kShadow, kShadow, -kShadow, -kShadow);
    painter.setPen(Qt::NoPen);
    QColor shade = color(Token::Shadow);
    shade.setAlphaF(0.2f / kShadow);
    painter.setBrush(shade);
    for (int i = 1; i <= kShadow; ++i)
        painter.drawRoundedRect(card.adjusted(-i, -i + 4, i, std::min(i + 4, kShadow)), measure::kRadiusCard + i, measure::kRadiusCard + i);
    painter.setBrush(color(Token::Surface2));
    painter.setPen(color(Token::Line));
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), measure::kRadiusCard, measure::kRadiusCard);
}

} // namespace strata::studio::popup
