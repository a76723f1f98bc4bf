// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/icons.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>
#include <optional>

namespace strata {
namespace {

QString iconPath(const QString& name) { return ":/strata/icons/" + name + ".svg"; }

class ThemeIconEngine : public QIconEngine {
public:
    ThemeIconEngine(QString name, std::optional<Token> token) : name_(std::move(name)), token_(token) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
        const double ratio = painter->device() ? painter->device()->devicePixelRatioF() : qGuiApp->devicePixelRatio();
        const int size = std::min(rect.width(), rect.height());
        const QPixmap pixmap = iconPixmap(name_, size, color(colorOf(mode, state)), ratio);
        painter->drawPixmap(rect.x() + (rect.width() - size) / 2, rect.y() + (rect.height() - size) / 2, pixmap);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override { return scaledPixmap(size, mode, state, 1); }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal) override {
        // Asked for in device pixels: the caller sets the ratio.
        return iconPixmap(name_, std::min(size.width(), size.height()), color(colorOf(mode, state)), 1);
    }
    QIconEngine* clone() const override { return new ThemeIconEngine(*this); }
    QString key() const override { return "strata"; }

private:
    Token colorOf(QIcon::Mode mode, QIcon::State state) const {
        if (mode == QIcon::Disabled) return Token::TextDisabled;
        if (token_) return *token_;
        return state == QIcon::On || mode == QIcon::Selected ? Token::Accent : Token::Text2;
    }
    QString name_;
    std::optional<Token> token_;
};

} // namespace

QIcon icon(const QString& name) { return hasIcon(name) ? QIcon(new ThemeIconEngine(name, std::nullopt)) : QIcon(); }
QIcon icon(const QString& name, Token token) { return hasIcon(name) ? QIcon(new ThemeIconEngine(name, token)) : QIcon(); }
bool hasIcon(const QString& name) { return !name.isEmpty() && QFile::exists(iconPath(name)); }
void clearIconCache() { QPixmapCache::clear(); }

QPixmap iconPixmap(const QString& name, int size, const QColor& color, double ratio) {
    const QString key = QString("strata/%1/%2/%3/%4").arg(name).arg(size).arg(color.rgba(), 0, 16).arg(ratio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) return pixmap;
    QFile file(iconPath(name));
    if (!file.open(QIODevice::ReadOnly)) return {};
    QSvgRenderer renderer(file.readAll().replace("currentColor", color.name().toUtf8()));
    const int pixels = int(std::ceil(size * ratio));
    pixmap = QPixmap(pixels, pixels);
    pixmap.fill(Qt::GlobalColor::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    painter.end();
    pixmap.setDevicePixelRatio(ratio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

} // namespace strata
