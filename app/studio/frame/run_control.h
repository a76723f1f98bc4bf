// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"

#include <QWidget>

class QProgressBar;
class QPushButton;

namespace strata {
class ElidedLabel;
}

namespace strata::studio {

/// The run control of the top bar, visible on every page: idle [Train]; blocked [2 problems], which goes to the first; running:
/// bar, epoch, images/s, time left, Pause, Stop; paused: Resume, Stop. The slots keep their places between ticks.
class RunControl : public QWidget {
    Q_OBJECT
public:
    explicit RunControl(Context& context, QWidget* parent = nullptr);
    /// Below 1200 px images/s goes first, then the time left.
    void setNarrow(bool narrow);

private:
    Context& context_;
    QProgressBar* bar_;
    ElidedLabel *epoch_, *rate_, *left_;
    QPushButton *main_, *pause_, *stop_;
    bool narrow_ = false;
    void refresh();
    void showIdle();
    void showRun(const RunView& run);
};

} // namespace strata::studio
