// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/confirm.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

namespace strata::studio {
namespace {
QString tr(const char* text) { return QCoreApplication::translate("Confirm", text); }
} // namespace

Answer confirmLeave(QWidget* window, const QString& projectName) {
    QMessageBox box(window);
    box.setText(tr("Save %1 before it is replaced?").arg(projectName));
    box.setInformativeText(tr("It has not been saved under a name. Without saving, its changes are given up."));
    QPushButton* save = box.addButton(tr("Save…"), QMessageBox::AcceptRole);
    QPushButton* discard = box.addButton(tr("Do not save"), QMessageBox::DestructiveRole);
    box.addButton(tr("Cancel"), QMessageBox::RejectRole);
    box.setDefaultButton(save);
    box.exec();
    if (box.clickedButton() == save) return Answer::Save;
    return box.clickedButton() == discard ? Answer::Discard : Answer::Cancel;
}

} // namespace strata::studio
