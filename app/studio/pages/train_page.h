// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"

#include <map>

class QSplitter;
class QStackedWidget;
class QToolButton;

namespace strata {
class CurvePanel;
}

namespace strata::studio {

class RateFinder;
class RunTable;
class TrainSettings;

/// Settings at the left (below 1200 px a drawer), plots above the table of runs at the right.
class TrainPage : public Page {
    Q_OBJECT
public:
    explicit TrainPage(Context& context, QWidget* parent = nullptr);

    void enter(const Request& request) override;
    void setNarrow(bool narrow) override;
    QWidget* footerActions() override { return nullptr; }

    TrainSettings* settings() const { return settings_; }
    CurvePanel* plots() const { return plots_; }
    RunTable* table() const { return table_; }
    RateFinder* finder() const { return finder_; }
    bool finderShown() const;
    bool drawerOpen() const;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    /// How much of a run's curves the plots hold.
    struct Taken {
        uint64_t revision = 0;
        std::array<size_t, 7> sizes{};
    };
    TrainSettings* settings_;
    CurvePanel* plots_;
    RunTable* table_;
    RateFinder* finder_;
    QSplitter *across_, *down_;
    QStackedWidget* upper_;
    QWidget* drawerBar_;
    QToolButton* drawerButton_;
    std::map<QString, Taken> taken_;
    bool narrow_ = false;

    void build();
    void registerActions();
    void remember();
    void refreshRuns();
    void takeCurves(const QString& path);
    void refreshFooter();
    void setDrawer(bool open);
    void placeDrawer();
    void showFinder(bool shown);
    void attempt(const std::function<void()>& work);
};

} // namespace strata::studio
