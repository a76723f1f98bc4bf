// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/messages.h"

#include <QTimer>
#include <QWidget>
#include <deque>

class QLabel;
class QPushButton;
class QToolButton;

namespace strata {
class ElidedLabel;
}

namespace strata::studio {

/// The line under the top bar: icon, one sentence, at most one action, Details, Close. Errors stay, success leaves after 6 s;
/// several show "1 of 3". F6 focuses it, Esc closes it. Hidden when there is nothing to say.
class MessageBar : public QWidget {
    Q_OBJECT
public:
    explicit MessageBar(Messages& messages, QWidget* parent = nullptr);
    void focusFirst();
    int count() const { return int(waiting_.size()); }
    QString sentence() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    std::deque<Message> waiting_; ///< the first is shown
    QTimer leave_;
    QLabel* icon_;
    ElidedLabel* text_;
    QLabel* position_;
    QPushButton *action_, *details_;
    QToolButton* close_;
    void add(const Message& message);
    void remove(const QString& key);
    void close();
    void refresh();
    void showDetails();
};

} // namespace strata::studio
