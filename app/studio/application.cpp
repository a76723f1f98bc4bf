// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/application.h"

#include <exception>

namespace strata::studio {

bool Application::notify(QObject* receiver, QEvent* event) {
    try {
        return QApplication::notify(receiver, event);
    } catch (const std::exception& error) {
        // Said from a fresh event, not from the middle of the one that failed.
        QMetaObject::invokeMethod(
            this, [this, sentence = QString::fromUtf8(error.what())] { emit failed(sentence); }, Qt::QueuedConnection);
        return true;
    }
}

} // namespace strata::studio
