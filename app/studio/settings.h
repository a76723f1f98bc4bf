// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QTimer>
#include <QVariant>
#include <map>

namespace strata::studio {

/// The window's own memory (sizes, theme, recent projects): $XDG_CONFIG_HOME/strata/studio.json, written through AtomicFile a moment
/// after a change and at the end. (Qt's own class for this destroys the old file on a full disk.) Keys "train/splitter";
/// values: text, numbers, booleans, byte arrays (splitter states) and lists of text. GUI thread; never throws.
class Settings : public QObject {
    Q_OBJECT
public:
    explicit Settings(QString file = defaultFile(), QObject* parent = nullptr);
    ~Settings() override;
    static QString defaultFile();

    QVariant value(const QString& key, const QVariant& fallback = {}) const;
    void setValue(const QString& key, const QVariant& value);
    bool contains(const QString& key) const { return values_.contains(key); }
    void remove(const QString& key);
    void sync();

private:
    QString file_;
    std::map<QString, QVariant> values_;
    QTimer timer_;
    bool dirty_ = false;
    void touch();
};

} // namespace strata::studio
