// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/settings.h"
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/log.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace strata::studio {
namespace {

constexpr int kDelayMs = 400;
constexpr auto kBytes = "base64:";

QJsonValue toJson(const QVariant& value) {
    if (value.typeId() == QMetaType::QByteArray) return kBytes + QString::fromLatin1(value.toByteArray().toBase64());
    return QJsonValue::fromVariant(value);
}

QVariant fromJson(const QJsonValue& value) {
    if (value.isString() && value.toString().startsWith(kBytes))
        return QByteArray::fromBase64(value.toString().mid(int(qstrlen(kBytes))).toLatin1());
    if (value.isArray()) return value.toVariant().toStringList();
    return value.toVariant();
}

} // namespace

QString Settings::defaultFile() {
    const QString base = qEnvironmentVariable("XDG_CONFIG_HOME");
    return (base.startsWith('/') ? base : QDir::homePath() + "/.config") + "/strata/studio.json";
}

Settings::Settings(QString file, QObject* parent) : QObject(parent), file_(std::move(file)) {
    timer_.setSingleShot(true);
    timer_.setInterval(kDelayMs);
    connect(&timer_, &QTimer::timeout, this, &Settings::sync);
    try {
        if (!QFileInfo::exists(file_)) return;
        const std::string text = readTextFile(file_.toStdString(), 1 << 22);
        const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
        for (auto it = object.begin(); it != object.end(); ++it) values_[it.key()] = fromJson(it.value());
    } catch (const Error& error) { logMessage(LogLevel::Warning, std::string("settings: ") + error.what()); } // defaults do
}

Settings::~Settings() { sync(); }

QVariant Settings::value(const QString& key, const QVariant& fallback) const {
    const auto found = values_.find(key);
    return found == values_.end() ? fallback : found->second;
}

void Settings::setValue(const QString& key, const QVariant& value) {
    if (const auto found = values_.find(key); found != values_.end() && found->second == value) return;
    values_[key] = value;
    touch();
}

void Settings::remove(const QString& key) {
    if (values_.erase(key)) touch();
}

void Settings::touch() {
    dirty_ = true;
    timer_.start();
}

void Settings::sync() {
    if (!dirty_) return;
    QJsonObject object;
    for (const auto& [key, value] : values_) object[key] = toJson(value);
    try {
        makeFolders(parentFolder(file_.toStdString()));
        writeFileAtomically(file_.toStdString(), QJsonDocument(object).toJson().toStdString());
        dirty_ = false;
    } catch (const Error& error) {
        logMessage(LogLevel::Warning, std::string("settings: ") + error.what());
    } // a window that forgets its sizes is no reason to stop
}

} // namespace strata::studio
