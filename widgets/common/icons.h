// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/theme.h"

#include <QIcon>
#include <QPixmap>
#include <QString>

namespace strata {

/// An icon of our own: resources/icons/NAME.svg, 20x20, stroke 1.5, `currentColor`. Drawn in the theme's colours when it is
/// painted (text-2; disabled text-disabled; selected or on: accent), sharp at every scale factor, also after a theme switch.
/// An unknown name gives an empty icon (a test lists the names in use).
QIcon icon(const QString& name);
/// With a colour of its own.
QIcon icon(const QString& name, Token token);
/// For own painting: `size` device-independent pixels at that ratio.
QPixmap iconPixmap(const QString& name, int size, const QColor& color, double devicePixelRatio);
bool hasIcon(const QString& name);
void clearIconCache();

} // namespace strata
