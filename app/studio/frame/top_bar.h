// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"

#include <QWidget>

class QComboBox;
class QMenu;
class QProcess;
class QToolButton;

namespace strata::studio {

class RunControl;

/// Project name with its menu and dirty mark, undo / redo with the step's name, device selector, run control.
class TopBar : public QWidget {
    Q_OBJECT
public:
    TopBar(Context& context, QWidget* parent = nullptr);
    ~TopBar() override;
    void setNarrow(bool narrow);
    /// The menu behind the project's name; the main window fills it.
    QMenu* menu() const { return menu_; }

private:
    Context& context_;
    QMenu* menu_;
    QToolButton *name_, *undo_, *redo_;
    QComboBox* device_;
    RunControl* control_;
    QProcess* devices_ = nullptr;
    void refreshName();
    void refreshUndo();
    void listDevices();
    void fillDevices(const QByteArray& json);
    void showDevice();
};

} // namespace strata::studio
