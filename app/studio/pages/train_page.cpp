// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/train_page.h"
#include "app/studio/pages/train_page_finder.h"
#include "app/studio/pages/train_page_runs.h"
#include "app/studio/pages/train_page_settings.h"
#include "core/base/error.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/train/curve_panel.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QPushButton>
#include <QSlider>
#include <QSplitter>
#include <QStyle>
#include <QTableView>
#include <QToolButton>
#include <algorithm>
#include <fmt/format.h>

namespace strata::studio {
namespace {

constexpr int kSettingsWidth = 344, kSettingsLeast = 288, kTableHeight = 216, kPlotsLeast = 320, kTableLeast = 120;
constexpr int kSmoothing = 80; ///< percent, at first

/// Seconds of training at a step, from the batches' own.
double secondsAt(const RunCurves& curves, double step) {
    const auto at = std::lower_bound(curves.loss.x.begin(), curves.loss.x.end(), step);
    if (curves.stepSeconds.empty()) return 0;
    return at == curves.loss.x.end() ? curves.stepSeconds.back() : curves.stepSeconds[size_t(at - curves.loss.x.begin())];
}

} // namespace

Page* makeTrainPage(Context& context) { return new TrainPage(context); }

TrainPage::TrainPage(Context& context, QWidget* parent)
    : Page(context, parent), settings_(new TrainSettings(context)), plots_(new CurvePanel), table_(new RunTable(context)),
      finder_(new RateFinder(context)), across_(new QSplitter(Qt::Horizontal)), down_(new QSplitter(Qt::Vertical)),
      upper_(new QStackedWidget), drawerBar_(new QWidget(this)), drawerButton_(makeIconButton("settings", tr("Settings of the next run"))) {
    build();
    registerActions();
    connect(settings_, &TrainSettings::findAsked, this, [this] {
        showFinder(true);
        finder_->start();
    });
    connect(settings_, &TrainSettings::advancedToggled, this, [this](bool shown) { context_.settings.setValue("train/advanced", shown); });
    connect(finder_, &RateFinder::applied, settings_, &TrainSettings::setLearningRate);
    connect(finder_, &RateFinder::closed, this, [this] { showFinder(false); });
    connect(plots_, &CurvePanel::runToggled, this, [this](const QString& path, bool shown) { context_.runs.setHidden(path, !shown); });
    connect(plots_, &CurvePanel::viewChanged, this, &TrainPage::remember);
    connect(plots_, &CurvePanel::exported, this,
            [this](const QString& path) { context_.messages.success(tr("Written: %1").arg(path), "plots"); });
    connect(plots_, &CurvePanel::failed, this, [this](const QString& sentence) { context_.messages.error(sentence, "plots"); });
    connect(&context_.runs, &RunCenter::runsChanged, this, &TrainPage::refreshRuns);
    connect(&context_.runs, &RunCenter::curvesChanged, this, [this](const QString& path) {
        takeCurves(path);
        plots_->refresh();
        refreshFooter();
    });
    refreshRuns();
}

void TrainPage::build() {
    setSurface(this, "1");
    auto* row = makeRow(this, 0);
    auto* right = new QWidget;
    auto* column = makeColumn(right, 0);
    column->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, measure::kSpace16);
    upper_->addWidget(plots_);
    auto* finderFrame = new QWidget;
    auto* finderColumn = makeColumn(finderFrame, 0);
    finderColumn->setContentsMargins(0, measure::kSpace16, 0, 0);
    finderColumn->addWidget(finder_);
    upper_->addWidget(finderFrame);
    down_->addWidget(upper_);
    down_->addWidget(table_);
    down_->setChildrenCollapsible(false);
    down_->setHandleWidth(measure::kSpace16);
    down_->setStretchFactor(0, 1);
    down_->setStretchFactor(1, 0);
    upper_->setMinimumHeight(kPlotsLeast);
    table_->setMinimumHeight(kTableLeast);
    column->addWidget(down_);
    auto* bar = makeRow(drawerBar_, 0);
    bar->addWidget(drawerButton_, 0, Qt::AlignTop);
    bar->setContentsMargins(measure::kSpace8, measure::kSpace8, 0, 0);
    drawerButton_->setCheckable(true);
    drawerBar_->hide();
    row->addWidget(drawerBar_);
    settings_->setMinimumWidth(kSettingsLeast);
    across_->addWidget(settings_);
    across_->addWidget(right);
    across_->setHandleWidth(1);
    across_->setChildrenCollapsible(false);
    across_->setStretchFactor(0, 0);
    across_->setStretchFactor(1, 1);
    row->addWidget(across_, 1);
    across_->setSizes({kSettingsWidth, 864});
    down_->setSizes({480, kTableHeight});
    across_->restoreState(context_.settings.value("train/across").toByteArray());
    down_->restoreState(context_.settings.value("train/down").toByteArray());
    plots_->setXKind(CurveX(std::clamp(context_.settings.value("train/axis", int(CurveX::Epoch)).toInt(), 0, 2)));
    plots_->setSmoothing(std::clamp(context_.settings.value("train/smoothing", kSmoothing).toInt(), 0, 99));
    settings_->setAdvancedShown(context_.settings.value("train/advanced", false).toBool());
    connect(across_, &QSplitter::splitterMoved, this, &TrainPage::remember);
    connect(down_, &QSplitter::splitterMoved, this, &TrainPage::remember);
    connect(drawerButton_, &QToolButton::toggled, this, &TrainPage::setDrawer);
}

void TrainPage::registerActions() {
    const QString group = tr("Train");
    const auto add = [&](const char* id, const QString& text, const char* iconName, const QKeySequence& keys,
                         const std::function<void()>& work) {
        context_.actions.add(
            id, group, text, iconName, keys, [this, work] { attempt(work); }, keys.isEmpty() ? nullptr : this);
    };
    const auto selectedRun = [this] {
        const QStringList paths = table_->selected();
        return paths.isEmpty() ? (context_.runs.runs().empty() ? QString() : context_.runs.runs().back().path) : paths.front();
    };
    add("train.find_rate", tr("Find a learning rate"), "learning-rate", QKeySequence("Ctrl+Shift+F"), [this] {
        if (context_.go) context_.go(PageId::Train, {});
        showFinder(true);
        finder_->start();
    });
    add("train.settings", tr("Go to the training settings"), "settings", {}, [this] {
        if (context_.go) context_.go(PageId::Train, {});
        if (narrow_) setDrawer(true);
        settings_->focusFirst();
    });
    add("train.advanced", tr("Show or hide the advanced settings"), "settings", {},
        [this] { settings_->setAdvancedShown(!settings_->advancedShown()); });
    add("train.resume_run", tr("Resume the selected run"), "play", {}, [this, selectedRun] {
        if (const QString path = selectedRun(); !path.isEmpty()) context_.runs.resume(path);
    });
    add("train.continue_run", tr("Continue the selected run for 10 epochs"), "repeat", {}, [this, selectedRun] {
        if (const QString path = selectedRun(); !path.isEmpty()) context_.runs.continueRun(path, 10);
    });
    add("train.fit_plots", tr("Fit all plots"), "fit", {}, [this] { plots_->fit(); });
    add("train.export_plots", tr("Export the plots"), "export", {}, [this] { plots_->askExport(); });
}

void TrainPage::attempt(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) { context_.messages.error(QString::fromUtf8(error.what()), "train"); }
}

void TrainPage::enter(const Request& request) {
    if (!request.run.isEmpty()) table_->select(request.run);
    refreshRuns();
}

void TrainPage::remember() {
    if (!narrow_) context_.settings.setValue("train/across", across_->saveState());
    context_.settings.setValue("train/down", down_->saveState());
    context_.settings.setValue("train/axis", int(plots_->xKind()));
    context_.settings.setValue("train/smoothing", plots_->smoothing()->value());
}

void TrainPage::refreshRuns() {
    std::vector<CurveRun> runs;
    for (const RunView& run : context_.runs.runs()) runs.push_back({run.path, run.name, std::max(1, run.number), !run.hidden});
    plots_->setRuns(runs);
    std::erase_if(taken_, [&](const auto& item) { return context_.runs.find(item.first) == nullptr; });
    for (const RunView& run : context_.runs.runs()) takeCurves(run.path);
    plots_->refresh();
    refreshFooter();
}

/// Hands new points of a run on to the plots.
void TrainPage::takeCurves(const QString& path) {
    const RunView* run = context_.runs.find(path);
    if (!run || !run->curves || run->hidden) return;
    const RunCurves& curves = *run->curves;
    Taken& taken = taken_[path];
    if (taken.revision != curves.revision) {
        plots_->clear(path);
        taken = {curves.revision, {}};
    }
    plots_->setStepsPerEpoch(path, double(curves.stepsPerEpoch));
    const auto append = [&](size_t which, const RunCurves::Column& column, Series series, double factor) {
        CurveData& points = plots_->data(path, series);
        for (size_t& i = taken.sizes[which]; i < column.x.size(); ++i)
            points.append(column.x[i], which < 3 ? curves.stepSeconds[i] : secondsAt(curves, column.x[i]), column.y[i] * factor);
    };
    append(0, curves.loss, Series::BatchLoss, 1);
    append(1, curves.learningRate, Series::LearningRate, 1);
    append(2, curves.imagesPerSecond, Series::ImagesPerSecond, 1);
    append(3, curves.validationLoss, Series::ValidationLoss, 1);
    append(4, curves.trainAccuracy, Series::TrainAccuracy, 100);
    append(5, curves.validationAccuracy, Series::ValidationAccuracy, 100);
}

void TrainPage::refreshFooter() {
    const std::vector<RunView>& runs = context_.runs.runs();
    if (runs.empty()) return setFooter(tr("No runs yet"));
    QStringList parts{runs.size() == 1 ? tr("1 run") : tr("%1 runs").arg(runs.size())};
    const RunView* best = nullptr;
    for (const RunView& run : runs)
        if (run.info.bestAccuracy && (!best || *run.info.bestAccuracy > *best->info.bestAccuracy)) best = &run;
    if (best)
        parts << tr("best %1 % on validation: %2, epoch %3")
                     .arg(QString::fromStdString(fmt::format("{:.1f}", *best->info.bestAccuracy * 100)), best->name)
                     .arg(best->info.bestEpoch + 1);
    if (const RunView* run = context_.runs.active())
        parts << (run->starting ? tr("%1 is starting").arg(run->name)
                  : run->paused ? tr("%1 is paused in epoch %2").arg(run->name).arg(std::min(run->info.epochs, run->info.epoch + 1))
                                : tr("%1 trains epoch %2 of %3")
                                      .arg(run->name)
                                      .arg(std::min(run->info.epochs, run->info.epoch + 1))
                                      .arg(run->info.epochs));
    setFooter(parts.join("   |   "));
}

bool TrainPage::finderShown() const { return upper_->currentIndex() == 1; }

void TrainPage::showFinder(bool shown) {
    if (shown == finderShown()) return;
    upper_->setCurrentIndex(shown ? 1 : 0);
    if (!shown) settings_->findButton()->setFocus(Qt::OtherFocusReason);
    if (shown && narrow_) setDrawer(false);
}

bool TrainPage::drawerOpen() const { return narrow_ && settings_->isVisibleTo(this); }

void TrainPage::setNarrow(bool narrow) {
    if (narrow == narrow_) return;
    narrow_ = narrow;
    drawerBar_->setVisible(narrow);
    if (narrow) {
        settings_->setParent(this);
        setSurface(settings_, "drawer-left");
        setDrawer(context_.runs.runs().empty());
    } else {
        setSurface(settings_, "2");
        across_->insertWidget(0, settings_);
        across_->setStretchFactor(0, 0);
        across_->setStretchFactor(1, 1);
        settings_->setVisible(true);
        across_->setSizes({kSettingsWidth, std::max(1, width() - kSettingsWidth)});
        across_->restoreState(context_.settings.value("train/across").toByteArray());
    }
    settings_->style()->polish(settings_); // its tone and edge
}

void TrainPage::setDrawer(bool open) {
    if (!narrow_) return;
    settings_->setVisible(open);
    if (drawerButton_->isChecked() != open) drawerButton_->setChecked(open);
    placeDrawer();
    if (open) settings_->raise();
}

void TrainPage::placeDrawer() {
    if (narrow_) settings_->setGeometry(drawerBar_->width(), 0, std::min(kSettingsWidth, width() - drawerBar_->width()), height());
}

void TrainPage::resizeEvent(QResizeEvent* event) {
    Page::resizeEvent(event);
    placeDrawer();
    if (context_.settings.contains("train/down")) return;
    const int table = std::clamp(height() * 3 / 10, kTableLeast, kTableHeight); // the plots keep their share of a low window
    down_->setSizes({height() - table, table});
}

void TrainPage::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && drawerOpen()) {
        setDrawer(false);
        drawerButton_->setFocus();
        return;
    }
    Page::keyPressEvent(event);
}

} // namespace strata::studio
