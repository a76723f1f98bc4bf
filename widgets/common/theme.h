// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/measures.h"

#include <QColor>
#include <QFont>
#include <QString>
#include <array>
#include <vector>

class QApplication;
class QPainter;
class QRectF;

namespace strata {

/// The colour tokens of screens.md, in the order of its table.
enum class Token {
    Surface0,
    Surface1,
    Surface2,
    Surface3,
    Text1,
    Text2,
    Text3,
    TextDisabled,
    Line,
    LineStrong,
    Accent,
    AccentHover,
    OnAccent,
    Selection,
    Success,
    SuccessBackground,
    Warning,
    WarningBackground,
    Error,
    ErrorBackground,
    InfoBackground,
    Shadow,
    Count
};

/// What a person chose; System: as the desktop.
enum class ThemeMode { System, Light, Dark };

/// A set of tokens, read from resources/themes/NAME.json.
struct Theme {
    QString name;
    bool dark = false;
    std::array<QColor, size_t(Token::Count)> colors;
    std::vector<QColor> categorical; ///< eight, told apart in four kinds of vision
    bool sequentialReversed = false;

    const QColor& color(Token token) const { return colors[size_t(token)]; }
    /// Line and group colours; repeats after eight.
    const QColor& category(int index) const { return categorical[size_t(index) % categorical.size()]; }
    /// cividis at `value` in [0, 1], reversed in the light theme so that zero recedes.
    QColor sequential(double value) const;
    /// Black or white, whichever reads better on `background`.
    static QColor textOn(const QColor& background);
};

/// The theme in force. GUI thread. Painting code asks it each time it paints, so a switch needs a repaint only.
const Theme& theme();
inline const QColor& color(Token token) { return theme().color(token); }

/// Puts a theme in force: palette, style sheet, fonts, repaint of all windows (each widget gets QEvent::PaletteChange).
/// System asks the desktop portal (D-Bus, color-scheme) and falls back to light. Fusion is the base style.
void applyTheme(QApplication& app, ThemeMode mode);
/// What the system wants, light or dark.
ThemeMode systemThemeMode();
/// False where the system asks for no motion; animations then last 0 ms.
bool motionAllowed();

/// Type sizes of the design: 12/16 captions, 13/20 body, 20/28 titles, in pixels; Medium for emphasis.
enum class Type { Caption, Body, BodyMedium, Title };
QFont font(Type type);
/// Line height that belongs to it.
int lineHeight(Type type);

/// Focus ring of the design around `rect` (2 px accent, offset 2 where there is room).
void drawFocusRing(QPainter& painter, const QRectF& rect, double radius);

} // namespace strata
