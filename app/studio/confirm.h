// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

class QWidget;

namespace strata::studio {

/// The only questions that stop a person: where data would be lost. Escape cancels.
enum class Answer { Save, Discard, Cancel };
Answer confirmLeave(QWidget* window, const QString& projectName);
/// Yes or no with the verb on the button.
bool confirmDelete(QWidget* window, const QString& question, const QString& verb);

} // namespace strata::studio
