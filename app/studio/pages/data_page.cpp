// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/data_page.h"
#include "app/studio/pages/data_page_side.h"
#include "widgets/common/controls.h"
#include "widgets/data/chip_row.h"
#include "widgets/data/download_panel.h"
#include "widgets/data/draw_strip.h"
#include "widgets/data/facts_sheet.h"
#include "widgets/data/filter_panel.h"
#include "widgets/data/picture_view.h"
#include "widgets/data/sample_details.h"
#include "widgets/data/sample_grid.h"
#include "widgets/data/sample_viewer.h"
#include "widgets/data/transform_list.h"

#include <QBoxLayout>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

namespace strata::studio {
namespace {

constexpr int kLeft = 248, kMiddle = 664, kRight = 296; ///< widths of the design at 1280
constexpr int kTileSize = 64;

} // namespace

Page* makeDataPage(Context& context) { return new DataPage(context); }

DataPage::DataPage(Context& context, QWidget* parent) : Page(context, parent) {
    setSurface(this, "1");
    build();
    connectViews();
    addActions();
    refreshData();
    refreshPipeline();
}

DataPage::~DataPage() {
    saveSizes();
    delete footer_;
}

void DataPage::build() {
    auto* column = makeColumn(this, 0);
    splitter_ = new QSplitter(Qt::Horizontal);
    splitter_->setHandleWidth(1);
    splitter_->setChildrenCollapsible(false);
    makeFooter();
    makeSide();
    splitter_->addWidget(makeLeft());
    splitter_->addWidget(makeMiddle());
    splitter_->addWidget(side_);
    splitter_->setStretchFactor(0, 0);
    splitter_->setStretchFactor(1, 1);
    splitter_->setStretchFactor(2, 0);
    if (!splitter_->restoreState(context_.settings.value("data/splitter").toByteArray())) splitter_->setSizes({kLeft, kMiddle, kRight});
    column->addWidget(splitter_);
    grid_->setTileSize(context_.settings.value("data/tile_size", kTileSize).toInt());
}

void DataPage::makeSide() {
    side_ = new DataSide;
    side_->setMinimumWidth(kRight);
    details_ = new SampleDetails;
    facts_ = new FactsSheet;
    auto* steps = new QWidget;
    auto* column = makeColumn(steps, measure::kSpace24);
    column->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, measure::kSpace16);
    transforms_ = new TransformList;
    transformDraws_ = new DrawStrip;
    column->addWidget(transforms_);
    column->addWidget(transformDraws_);
    column->addStretch();
    side_->addPanel({}, details_);
    side_->addPanel(tr("Facts"), facts_);
    side_->addPanel(tr("Transforms"), steps);
}

void DataPage::connectViews() {
    connect(&context_.data, &DataCenter::changed, this, [this] {
        refreshData();
        refreshPipeline();
    });
    connect(&context_.document, &ProjectDocument::changed, this, [this](Section section) {
        if (section == Section::Edits) refreshEdits(); // Data and Pipeline come through the data centre
        if (section == Section::Training) details_->setSeed(context_.document.project().training.seed);
    });
    connect(&context_.evaluations, &EvaluationStore::changed, this, &DataPage::refreshPredictions);
    connect(grid_, &SampleGrid::currentChanged, this, [this](int id) {
        details_->showSample(id);
        if (middle_->currentWidget() == viewer_) viewer_->showSample(index_, id, grid_->describe(id));
    });
    connect(grid_, &SampleGrid::selectionChanged, this, &DataPage::refreshFooter);
    connect(grid_, &SampleGrid::opened, this, &DataPage::openLarge);
    connect(splitter_, &QSplitter::splitterMoved, this, &DataPage::saveSizes);
    connect(grid_, &SampleGrid::tileSizeChanged, this, [this] {
        saveSizes();
        const QSignalBlocker blocker(size_);
        size_->setRange(0, grid_->sizeSteps() - 1);
        size_->setValue(grid_->sizeStep());
    });
    connect(viewer_, &SampleViewer::closed, this, &DataPage::closeLarge);
    connect(viewer_, &SampleViewer::stepped, grid_, &SampleGrid::step);
    connect(filters_, &FilterPanel::changed, this, [this](const SampleFilter& wanted) {
        SampleFilter filter = wanted; // text and order are not the panel's
        filter.text = filter_.text;
        filter.sort = filter_.sort;
        filter.descending = filter_.descending;
        setFilter(filter);
    });
    connect(filters_, &FilterPanel::evaluateWanted, this, [this] { context_.go(PageId::Evaluate, {}); });
    connect(details_, &SampleDetails::relabelled, this, [this](int id, int label) { relabelSamples({id}, label); });
    connect(details_, &SampleDetails::tagRemoved, this, [this](int id, const QString& tag) { untagSamples({id}, tag); });
    connect(details_, &SampleDetails::tagWanted, this, [this](int id, QWidget* anchor) { askTag({id}, anchor); });
    connect(details_, &SampleDetails::loaded, this, [this] {
        if (index_ && details_->sample() >= 0)
            transformDraws_->setSample(details_->original().bytes, context_.document.project().training.seed,
                                       index_->index(details_->sample()));
    });
    connect(side_, &DataSide::closed, this, [this] {
        side_->showPanel(int(Side::Details));
        refreshSide();
        if (narrow_) side_->hide();
        sideButton_->setChecked(!side_->isHidden());
        grid_->setFocus();
    });
    connect(transforms_, &TransformList::edited, this, [this](const QString& text, const Json& pipeline, const QString& mergeKey) {
        context_.document.edit(
            text, Section::Pipeline, [&](Project& project) { project.pipeline = pipeline; }, mergeKey);
    });
    connect(transforms_, &TransformList::resetRequested, this, [this] {
        context_.document.edit(tr("Reset transforms"), Section::Pipeline, [](Project& project) { project.pipeline = nullptr; });
    });
    connect(download_, &DownloadPanel::finished, this, [this](const QString& folder) { openSpec("cifar10:" + folder); });
    connect(download_, &DownloadPanel::closed, this, &DataPage::refreshData);
}

// Data

void DataPage::refreshData() {
    const std::shared_ptr<const OpenData> opened = context_.data.data();
    if (opened != shown_) takeData(opened);
    const QString spec = QString::fromStdString(context_.document.project().data);
    QString title = opened ? QString::fromStdString(opened->source.title) : spec.section(':', 0, 0);
    if (!opened && !spec.isEmpty())
        for (const DataCenter::Found& found : context_.data.found())
            if (found.spec == spec) title = found.title;
    source_->setText(spec.isEmpty() ? tr("No dataset") : title);
    source_->setAccessibleName(tr("Dataset: %1").arg(source_->text()));
    source_->setToolTip(spec);
    if (download_->running()) {
        middle_->setCurrentWidget(download_);
    } else if (index_) {
        if (middle_->currentWidget() != viewer_) middle_->setCurrentWidget(browse_);
    } else if (context_.data.opening() || jobs_.running("index")) {
        openingText_->setText(tr("Opening %1").arg(title));
        middle_->setCurrentWidget(opening_);
    } else if (!context_.data.problem().isEmpty()) {
        failed_->setText(context_.data.problem());
        middle_->setCurrentWidget(failed_);
    } else {
        middle_->setCurrentWidget(empty_);
    }
    refreshSide();
    refreshFooter();
}

void DataPage::takeData(const std::shared_ptr<const OpenData>& opened) {
    shown_ = opened;
    jobs_.cancelAll();
    if (index_) showIndex({});
    filterArea_->setVisible(opened != nullptr);
    if (!opened) return;
    context_.data.addFound(QString::fromStdString(opened->source.spec), QString::fromStdString(opened->source.title));
    facts_->setFacts(opened->source, opened->statistics);
    jobs_.start(
        "index", [source = opened->source](std::stop_token) { return std::make_shared<const SampleIndex>(source); },
        [this](SampleIndexPtr index) { showIndex(std::move(index)); },
        [this](const QString& sentence) {
            failed_->setText(sentence);
            middle_->setCurrentWidget(failed_);
        });
}

void DataPage::showIndex(SampleIndexPtr index) {
    index_ = std::move(index);
    states_.reset();
    filter_ = {};
    const QSignalBlocker blocker(search_);
    search_->clear();
    grid_->setSamples(index_);
    details_->setSamples(index_);
    details_->setSeed(context_.document.project().training.seed);
    filters_->setSamples(index_);
    viewer_->showSample({}, -1, {});
    size_->setRange(0, grid_->sizeSteps() - 1);
    {
        const QSignalBlocker sizeBlocker(size_);
        size_->setValue(grid_->sizeStep());
    }
    refreshPredictions();
    refreshEdits();
    if (!index_) return;
    if (!download_->running()) middle_->setCurrentWidget(browse_);
    refreshPipeline();
    refreshSide();
    applyPending();
}

// The right panel

void DataPage::refreshSide() {
    const bool wanted = shown_ != nullptr;
    sideButton_->setVisible(narrow_);
    if (!narrow_)
        side_->setVisible(wanted);
    else if (!wanted)
        side_->hide();
    sideButton_->setChecked(side_->isVisible());
}

void DataPage::openSide(Side side) {
    side_->showPanel(int(side));
    if (narrow_ && side != Side::Details) {
        placeDrawer();
        side_->show();
        side_->raise();
    }
    sideButton_->setChecked(!side_->isHidden());
}

void DataPage::setNarrow(bool narrow) {
    if (narrow == narrow_) return;
    if (narrow) saveSizes();
    narrow_ = narrow;
    side_->setDrawer(narrow);
    if (narrow) {
        side_->setParent(this);
        side_->hide();
        placeDrawer();
    } else {
        splitter_->addWidget(side_);
        if (!splitter_->restoreState(context_.settings.value("data/splitter").toByteArray())) splitter_->setSizes({kLeft, kMiddle, kRight});
    }
    refreshSide();
}

void DataPage::placeDrawer() {
    const int width = kRight + measure::kSpace16;
    side_->setGeometry(this->width() - width, measure::kToolRow, width, height() - measure::kToolRow);
}

void DataPage::resizeEvent(QResizeEvent* event) {
    Page::resizeEvent(event);
    if (narrow_) placeDrawer();
}

void DataPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    if (middle_->currentWidget() == browse_ && !focusWidget()) grid_->setFocus(Qt::OtherFocusReason);
}

void DataPage::saveSizes() {
    if (!narrow_ && splitter_->count() == 3 && shown_) context_.settings.setValue("data/splitter", splitter_->saveState());
    context_.settings.setValue("data/tile_size", grid_->tileSize());
}

// The large view

void DataPage::openLarge(int id) {
    middle_->setCurrentWidget(viewer_);
    viewer_->showSample(index_, id, grid_->describe(id));
    viewer_->setFocus(Qt::OtherFocusReason);
}

void DataPage::closeLarge() {
    middle_->setCurrentWidget(browse_);
    grid_->setFocus(Qt::OtherFocusReason);
}

void DataPage::enter(const Request& request) {
    if (!request.paths.isEmpty()) return openPaths(request.paths);
    if (request.text == "download") return startDownload();
    if (request.text == "facts") return openSide(Side::Facts);
    if (request.text == "transforms") return openSide(Side::Transforms);
    if (!request.samples.empty()) {
        pending_ = request;
        applyPending();
    }
}

QWidget* DataPage::footerActions() { return footer_; }

} // namespace strata::studio
