// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>

namespace strata::studio {

/// Catches what a handler throws: Qt would end the program. Actions and jobs tell their errors themselves; this is the net below them.
class Application : public QApplication {
    Q_OBJECT
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override;
signals:
    void failed(const QString& sentence);
};

} // namespace strata::studio
