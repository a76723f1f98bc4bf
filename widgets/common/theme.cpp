// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/theme.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/evaluate/grad_cam.h"
#include "widgets/common/icons.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QPainter>
#include <QPalette>
#include <QProcess>
#include <QRegularExpression>
#include <QStyleFactory>
#include <QWidget>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr std::array<const char*, size_t(Token::Count)> kTokenNames = {
    "surface-0", "surface-1",          "surface-2", "surface-3",        "text-1",          "text-2",    "text-3",  "text-disabled",
    "line",      "line-strong",        "accent",    "accent-hover",     "on-accent",       "selection", "success", "success-background",
    "warning",   "warning-background", "error",     "error-background", "info-background", "shadow"};

QByteArray resource(const QString& path) {
    QFile file(path);
    check(file.open(QIODevice::ReadOnly), "resource " + path.toStdString() + " is compiled in");
    return file.readAll();
}

Theme loadTheme(const QString& name) {
    const QByteArray bytes = resource(":/strata/themes/" + name + ".json");
    const Json json = Json::parse(bytes.constData(), bytes.constData() + bytes.size());
    Theme theme;
    theme.name = name;
    theme.dark = name == "dark";
    for (size_t i = 0; i < kTokenNames.size(); ++i)
        theme.colors[i] = QColor(QString::fromStdString(json.at("colors").at(kTokenNames[i]).get<std::string>()));
    for (const Json& item : json.at("categorical")) theme.categorical.emplace_back(QString::fromStdString(item.get<std::string>()));
    theme.sequentialReversed = json.at("sequential").get<std::string>() == "cividis-reversed";
    return theme;
}

Theme& current() {
    static Theme instance = loadTheme("light");
    return instance;
}

QPalette paletteOf(const Theme& t) {
    QPalette p;
    const auto set = [&](QPalette::ColorRole role, Token token) { p.setColor(role, t.color(token)); };
    set(QPalette::Window, Token::Surface1);
    set(QPalette::WindowText, Token::Text1);
    set(QPalette::Base, Token::Surface2);
    set(QPalette::AlternateBase, Token::Surface1);
    set(QPalette::Text, Token::Text1);
    set(QPalette::Button, Token::Surface2);
    set(QPalette::ButtonText, Token::Text1);
    set(QPalette::BrightText, Token::Error);
    set(QPalette::Highlight, Token::Selection);
    set(QPalette::HighlightedText, Token::Text1);
    set(QPalette::ToolTipBase, Token::Surface2);
    set(QPalette::ToolTipText, Token::Text1);
    set(QPalette::PlaceholderText, Token::Text3);
    set(QPalette::Link, Token::Accent);
    set(QPalette::LinkVisited, Token::Accent);
    set(QPalette::Light, Token::Surface2);
    set(QPalette::Midlight, Token::Surface3);
    set(QPalette::Mid, Token::Line);
    set(QPalette::Dark, Token::LineStrong);
    set(QPalette::Shadow, Token::Shadow);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.color(Token::TextDisabled));
    return p;
}

/// style.qss with each @token replaced by its colour, longer names first, and @theme by the folder of the small drawings.
QString styleSheetOf(const Theme& t) {
    QString text = QString::fromUtf8(resource(":/strata/themes/style.qss"));
    std::vector<size_t> order(kTokenNames.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [](size_t a, size_t b) { return qstrlen(kTokenNames[a]) > qstrlen(kTokenNames[b]); });
    for (const size_t i : order) text.replace("@" + QString(kTokenNames[i]), t.colors[i].name());
    text.replace("@theme", t.name);
    return text;
}

void loadFonts() {
    // Debian's fonts-roboto-unhinted is a dependency; where it is missing Qt falls back to the system's sans serif.
    static const bool once = [] {
        for (const char* style : {"Regular", "Medium"}) {
            const QString path = QString("/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-%1.ttf").arg(style);
            if (QFile::exists(path)) QFontDatabase::addApplicationFont(path);
        }
        return true;
    }();
    (void)once;
}

double luminance(const QColor& c) { // WCAG 2.1, relative luminance
    const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

} // namespace

QColor Theme::sequential(double value) const {
    const double clamped = std::clamp(std::isfinite(value) ? value : 0.0, 0.0, 1.0);
    const std::array<uint8_t, 3> rgb = cividis(sequentialReversed ? 1 - clamped : clamped);
    return QColor(rgb[0], rgb[1], rgb[2]);
}

QColor Theme::textOn(const QColor& background) {
    const double l = luminance(background);
    return (l + 0.05) / 0.05 >= 1.05 / (l + 0.05) ? QColor(Qt::GlobalColor::black) : QColor(Qt::GlobalColor::white);
}

const Theme& theme() { return current(); }

void applyTheme(QApplication& app, ThemeMode mode) {
    loadFonts();
    const ThemeMode shown = mode == ThemeMode::System ? systemThemeMode() : mode;
    current() = loadTheme(shown == ThemeMode::Dark ? "dark" : "light");
    static const bool styled = [&app] {
        app.setStyle(QStyleFactory::create("Fusion"));
        return true;
    }();
    (void)styled;
    clearIconCache();
    app.setFont(font(Type::Body));
    app.setPalette(paletteOf(theme()));
    app.setStyleSheet(styleSheetOf(theme()));
    for (QWidget* widget : app.allWidgets()) widget->update();
}

ThemeMode systemThemeMode() {
    // The portal's answer is a variant: "(<<uint32 1>>,)" for dark. gdbus is part of libglib2.0-bin; no bus, no answer.
    static const ThemeMode answer = [] {
        if (!qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS")) return ThemeMode::Light;
        QProcess gdbus;
        gdbus.start("gdbus", {"call", "--session", "--timeout=1", "--dest", "org.freedesktop.portal.Desktop", "--object-path",
                              "/org/freedesktop/portal/desktop", "--method", "org.freedesktop.portal.Settings.Read",
                              "org.freedesktop.appearance", "color-scheme"});
        if (!gdbus.waitForFinished(300)) return ThemeMode::Light;
        return QString::fromUtf8(gdbus.readAllStandardOutput()).contains("uint32 1") ? ThemeMode::Dark : ThemeMode::Light;
    }();
    return answer;
}

bool motionAllowed() {
    static const bool allowed = !qEnvironmentVariableIsSet("STRATA_NO_MOTION") && QApplication::isEffectEnabled(Qt::UI_General);
    return allowed;
}

QFont font(Type type) {
    QFont font("Roboto");
    font.setStyleHint(QFont::SansSerif);
    font.setPixelSize(type == Type::Title ? 20 : type == Type::Caption ? 12 : 13);
    font.setWeight(type == Type::BodyMedium || type == Type::Title ? QFont::Medium : QFont::Normal);
    return font;
}

int lineHeight(Type type) { return type == Type::Title ? 28 : type == Type::Caption ? 16 : 20; }

void drawFocusRing(QPainter& painter, const QRectF& rect, double radius) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color(Token::Accent), measure::kFocusRing));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius);
    painter.restore();
}

} // namespace strata
