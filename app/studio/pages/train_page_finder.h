// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"

#include <QProcess>
#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace strata {
class RateFinderView;
}

namespace strata::studio {

/// The learning-rate finder: `strata lr-find --json` as a child process, its curve as it grows, a pick by click or keyboard.
class RateFinder : public QWidget {
    Q_OBJECT
public:
    RateFinder(Context& context, QWidget* parent = nullptr);
    ~RateFinder() override;

    void start(); ///< anew
    void cancel();
    bool running() const { return process_.state() != QProcess::NotRunning; }
    RateFinderView* view() const { return view_; }
    QPushButton* applyButton() const { return apply_; }

signals:
    void applied(double rate);
    void closed();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    Context& context_;
    QProcess process_;
    QByteArray rest_;
    int steps_ = 0;
    bool cancelled_ = false;
    RateFinderView* view_;
    QLabel* status_;
    QProgressBar* bar_;
    QPushButton *again_, *apply_, *close_;
    void readLines();
    void takeLine(const QByteArray& line);
    void ended();
    void refresh();
    void apply();
};

} // namespace strata::studio
