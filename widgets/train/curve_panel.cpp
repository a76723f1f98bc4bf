// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/curve_panel.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QSlider>
#include <QToolButton>
#include <algorithm>

namespace strata {
namespace {

constexpr int kTallRow = 300, kShortRow = 132;

struct SeriesPlace {
    int plot;
    bool validation, smoothable;
};
constexpr std::array<SeriesPlace, size_t(Series::Count)> kPlaces = {
    {{0, false, true}, {0, true, false}, {1, false, false}, {1, true, false}, {2, true, false}, {3, true, true}}};

} // namespace

CurvePanel::CurvePanel(QWidget* parent) : QWidget(parent), jobs_(1) {
    plots_ = {new CurvePlot(tr("Loss"), CurveUnit::Plain), new CurvePlot(tr("Accuracy, %"), CurveUnit::Percent),
              new CurvePlot(tr("Learning rate"), CurveUnit::Rate), new CurvePlot(tr("Images/s"), CurveUnit::Count)};
    plots_[0]->setEmptyText(tr("Curves appear here after the first batch."));
    plots_[1]->setEmptyText(tr("Accuracy appears after the first epoch."));
    plots_[2]->setXTitleShown(false);
    plots_[3]->setXTitleShown(false);
    legend_ = new CurveLegend;
    connect(legend_, &CurveLegend::toggled, this, &CurvePanel::runToggled);
    auto* column = makeColumn(this, 0);
    column->addWidget(makeTools());
    auto* grid = new QGridLayout;
    grid->setSpacing(measure::kSpace16);
    grid->setContentsMargins(0, 0, 0, 0);
    for (int i = 0; i < 4; ++i) {
        plots_[size_t(i)]->setXKind(xKind_);
        connectPlot(plots_[size_t(i)]);
        grid->addWidget(makeCell(plots_[size_t(i)]), i / 2, i % 2);
    }
    grid->setRowStretch(0, kTallRow);
    grid->setRowStretch(1, kShortRow);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    column->addLayout(grid, 1);
}

QWidget* CurvePanel::makeTools() {
    auto* tools = new QWidget;
    tools->setFixedHeight(measure::kToolRow);
    auto* row = makeRow(tools, measure::kSpace12);
    axis_ = new Segmented({tr("Epoch"), tr("Step"), tr("Time")}, tr("Horizontal axis"));
    axis_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(axis_, &Segmented::chosen, this, [this](int index) {
        setXKind(index == 0 ? CurveX::Epoch : index == 1 ? CurveX::Step : CurveX::Time);
        emit viewChanged();
    });
    row->addWidget(axis_);
    row->addWidget(legend_, 1);
    auto* label = makeLabel(tr("Smoothing"));
    smoothing_ = new QSlider(Qt::Horizontal);
    smoothing_->setRange(0, 99);
    smoothing_->setPageStep(10);
    smoothing_->setFixedSize(96, measure::kHitTarget);
    smoothing_->setAccessibleName(tr("Smoothing"));
    smoothing_->setToolTip(tr("Average over neighbouring batches; the line as it was stays behind it"));
    label->setBuddy(smoothing_);
    smoothingText_ = makeLabel("0 %");
    smoothingText_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    smoothingText_->setMinimumWidth(QFontMetrics(strata::font(Type::Body)).horizontalAdvance("99 %") + 2);
    connect(smoothing_, &QSlider::valueChanged, this, [this](int percent) {
        setSmoothing(percent);
        emit viewChanged();
    });
    row->addWidget(label);
    row->addWidget(smoothing_);
    row->addWidget(smoothingText_);
    auto* fitButton = makeIconButton("fit", tr("Fit all plots"), "0");
    connect(fitButton, &QToolButton::clicked, this, &CurvePanel::fit);
    auto* exportButton = makeIconButton("export", tr("Export the plots or their points"));
    connect(exportButton, &QToolButton::clicked, this, &CurvePanel::askExport);
    row->addWidget(fitButton);
    row->addWidget(exportButton);
    return tools;
}

QWidget* CurvePanel::makeCell(CurvePlot* plot) {
    auto* cell = new QWidget;
    setSurface(cell, "card");
    auto* column = makeColumn(cell, 0);
    auto* head = makeRow(nullptr, 0);
    head->setContentsMargins(measure::kSpace16, 0, 0, 0);
    auto* title = new ElidedLabel(plot->title());
    title->setType(Type::BodyMedium, Token::Text1);
    head->addWidget(title, 1);
    auto* more = makeIconButton("more", tr("Options of %1").arg(plot->title()));
    connect(more, &QToolButton::clicked, this, [this, plot, more] {
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        plot->fillMenu(*menu);
        menu->popup(more->mapToGlobal(more->rect().bottomLeft()));
    });
    head->addWidget(more);
    column->addLayout(head);
    column->addWidget(plot, 1);
    column->setContentsMargins(0, 0, 0, measure::kSpace8); // the card's corners
    return cell;
}

/// Zoom, log scale and read-out along x are common to all.
void CurvePanel::connectPlot(CurvePlot* plot) {
    const auto others = [this, plot](const auto& action) {
        for (CurvePlot* other : plots_)
            if (other != plot) action(other);
    };
    connect(plot, &CurvePlot::xRangeChosen, this,
            [others](const QCPRange& range) { others([&](CurvePlot* other) { other->setXRange(range); }); });
    connect(plot, &CurvePlot::fitted, this, [others] { others([](CurvePlot* other) { other->followX(); }); });
    connect(plot, &CurvePlot::xLogChosen, this,
            [others](bool log) { others([&](CurvePlot* other) { other->setLog(Qt::Horizontal, log); }); });
    connect(plot, &CurvePlot::markMoved, this,
            [others](const std::optional<double>& x) { others([&](CurvePlot* other) { other->setMark(x); }); });
}

CurvePanel::RunCurves& CurvePanel::curvesOf(const QString& run) {
    RunCurves& curves = curves_[run];
    if (!curves.series[0])
        for (size_t i = 0; i < curves.series.size(); ++i) {
            curves.series[i] = std::make_shared<CurveData>();
            if (kPlaces[i].smoothable) curves.series[i]->setSmoothing(smoothing_->value() / 100.0);
        }
    return curves;
}

CurveData& CurvePanel::data(const QString& run, Series series) { return *curvesOf(run).series[size_t(series)]; }

void CurvePanel::setStepsPerEpoch(const QString& run, double steps) {
    for (const auto& series : curvesOf(run).series) series->setStepsPerEpoch(steps);
}

void CurvePanel::clear(const QString& run) {
    for (const auto& series : curvesOf(run).series) series->clear();
}

void CurvePanel::setRuns(const std::vector<CurveRun>& runs) {
    if (runs == runs_) return;
    runs_ = runs;
    std::erase_if(curves_, [&](const auto& item) {
        return std::none_of(runs.begin(), runs.end(), [&](const CurveRun& run) { return run.id == item.first; });
    });
    legend_->setRuns(runs);
    attach();
    refresh();
}

/// Puts the curves of shown runs into the plots and takes all others out.
void CurvePanel::attach() {
    for (size_t p = 0; p < plots_.size(); ++p)
        for (const QString& key : plots_[p]->curves()) {
            const QString id = key.section('\n', 0, 0);
            if (std::none_of(runs_.begin(), runs_.end(), [&](const CurveRun& run) { return run.shown && run.id == id; }))
                plots_[p]->removeCurve(key);
        }
    for (const CurveRun& run : runs_) {
        if (!run.shown) continue;
        const RunCurves& curves = curvesOf(run.id);
        for (size_t i = 0; i < kPlaces.size(); ++i)
            plots_[size_t(kPlaces[i].plot)]->setCurve(QString("%1\n%2").arg(run.id).arg(i), curves.series[i],
                                                      {run.name, run.number, kPlaces[i].validation, kPlaces[i].smoothable});
    }
}

void CurvePanel::refresh() {
    Extent extent;
    for (const CurvePlot* plot : plots_) extent.add(plot->xExtent());
    for (CurvePlot* plot : plots_) {
        plot->setSharedXExtent(extent);
        plot->refresh();
    }
}

void CurvePanel::setXKind(CurveX kind) {
    xKind_ = kind;
    axis_->setCurrent(kind == CurveX::Epoch ? 0 : kind == CurveX::Step ? 1 : 2);
    for (CurvePlot* plot : plots_) {
        plot->setSharedXExtent({});
        plot->setXKind(kind);
    }
    refresh();
}

void CurvePanel::setSmoothing(int percent) {
    smoothing_->setValue(percent);
    smoothingText_->setText(QString("%1 %").arg(percent));
    for (auto& [id, curves] : curves_)
        for (size_t i = 0; i < kPlaces.size(); ++i)
            if (kPlaces[i].smoothable) curves.series[i]->setSmoothing(percent / 100.0);
    refresh();
}

void CurvePanel::fit() { plots_[0]->fit(), plots_[1]->fit(), plots_[2]->fit(), plots_[3]->fit(); }

void CurvePanel::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_0) return fit();
    QWidget::keyPressEvent(event);
}

void CurvePanel::askExport() {
    auto* dialog = new QFileDialog(this, tr("Export plots"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("SVG picture (*.svg)"), tr("PDF document (*.pdf)"), tr("PNG picture (*.png)"), tr("Points as CSV (*.csv)")});
    dialog->setDefaultSuffix("svg");
    dialog->selectFile("training.svg");
    connect(dialog, &QFileDialog::filterSelected, dialog,
            [dialog](const QString& filter) { dialog->setDefaultSuffix(filter.section("*.", 1).chopped(1)); });
    connect(dialog, &QFileDialog::fileSelected, this, &CurvePanel::exportTo);
    dialog->open();
}

} // namespace strata
