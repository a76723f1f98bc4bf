// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

class QWidget;

namespace strata::studio {

/// The only question that stops a person: where data would be lost. Escape cancels.
enum class Answer { Save, Discard, Cancel };
Answer confirmLeave(QWidget* window, const QString& projectName);

} // namespace strata::studio
