// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <functional>

namespace strata::studio {

enum class MessageKind { Info, Success, Warning, Error };

/// What is to be said in the message bar. Success leaves after 6 s; errors stay.
struct Message {
    MessageKind kind = MessageKind::Info;
    QString sentence;
    QString details;    ///< shown by [Details]
    QString actionText; ///< at most one action
    std::function<void()> action;
    QString key; ///< a newer message with the same key replaces the older
};

/// Where pages and services leave their messages. GUI thread.
class Messages : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    void show(const Message& message) { emit shown(message); }
    void error(const QString& sentence, const QString& key = {}) { emit shown({MessageKind::Error, sentence, {}, {}, {}, key}); }
    void success(const QString& sentence, const QString& key = {}) { emit shown({MessageKind::Success, sentence, {}, {}, {}, key}); }
    void info(const QString& sentence, const QString& key = {}) { emit shown({MessageKind::Info, sentence, {}, {}, {}, key}); }
    void dismiss(const QString& key) { emit dismissed(key); }
signals:
    void shown(const strata::studio::Message& message);
    void dismissed(const QString& key);
};

} // namespace strata::studio
