// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/data_page.h"
#include "app/studio/pages/data_page_side.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/data/chip_row.h"
#include "widgets/data/download_panel.h"
#include "widgets/data/filter_panel.h"
#include "widgets/data/sample_grid.h"
#include "widgets/data/sample_viewer.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QStackedWidget>
#include <QToolButton>

namespace strata::studio {
namespace {

constexpr int kSizeSlider = 96;
constexpr int kBusyBar = 200;

} // namespace

QWidget* DataPage::makeLeft() {
    left_ = new QWidget;
    left_->setMinimumWidth(200);
    auto* column = makeColumn(left_, 0);
    auto* head = new QWidget;
    head->setFixedHeight(measure::kToolRow);
    auto* row = makeRow(head);
    row->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, 0);
    source_ = makeButton(tr("No dataset"), ButtonKind::Normal, "data");
    source_->setObjectName("source");
    source_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    source_->setProperty("align", "left");
    source_->setAccessibleDescription(tr("Open other data, facts, transforms"));
    sourceMenu_ = new QMenu(source_);
    sourceMenu_->setToolTipsVisible(true);
    source_->setMenu(sourceMenu_);
    connect(sourceMenu_, &QMenu::aboutToShow, this, &DataPage::fillSourceMenu);
    row->addWidget(source_, 1);
    column->addWidget(head);
    filters_ = new FilterPanel;
    filterArea_ = makeScroll(filters_);
    filterArea_->hide();
    column->addWidget(filterArea_, 1);
    column->addStretch();
    return left_;
}

QWidget* DataPage::makeToolRow() {
    auto* tools = new QWidget;
    tools->setFixedHeight(measure::kToolRow);
    auto* row = makeRow(tools);
    row->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, 0);
    search_ = new QLineEdit;
    search_->setPlaceholderText(tr("Search class, file or tag"));
    search_->setAccessibleName(search_->placeholderText());
    search_->addAction(icon("search"), QLineEdit::LeadingPosition);
    search_->setClearButtonEnabled(true);
    search_->setMinimumWidth(120);
    sort_ = new QComboBox;
    sort_->setAccessibleName(tr("Sort by"));
    direction_ = makeIconButton("sort", tr("Reverse the order"));
    direction_->setCheckable(true);
    QToolButton* smaller = makeIconButton("zoom-out", tr("Smaller pictures"), "Ctrl+-");
    QToolButton* larger = makeIconButton("zoom-in", tr("Larger pictures"), "Ctrl++");
    size_ = new QSlider(Qt::Horizontal);
    size_->setAccessibleName(tr("Size of the pictures"));
    size_->setFixedWidth(kSizeSlider);
    size_->setPageStep(1);
    sideButton_ = makeIconButton("info", tr("Show details"), "I");
    sideButton_->setCheckable(true);
    row->addWidget(search_, 1);
    row->addWidget(sort_);
    row->addWidget(direction_);
    row->addWidget(smaller);
    row->addWidget(size_);
    row->addWidget(larger);
    row->addWidget(sideButton_);
    connect(smaller, &QToolButton::clicked, this, [this] { grid_->zoom(-1); });
    connect(larger, &QToolButton::clicked, this, [this] { grid_->zoom(1); });
    connect(size_, &QSlider::valueChanged, this, [this](int step) { grid_->setSizeStep(step); });
    connect(search_, &QLineEdit::textChanged, this, [this](const QString& text) {
        SampleFilter filter = filter_;
        filter.text = text.toStdString();
        setFilter(filter);
    });
    connect(sort_, &QComboBox::activated, this, [this](int item) {
        SampleFilter filter = filter_;
        filter.sort = SampleSort(sort_->itemData(item).toInt());
        setFilter(filter);
    });
    connect(direction_, &QToolButton::toggled, this, [this](bool on) {
        SampleFilter filter = filter_;
        filter.descending = on;
        setFilter(filter);
    });
    connect(sideButton_, &QToolButton::clicked, this, [this](bool on) {
        if (on) placeDrawer();
        side_->setVisible(on);
        side_->raise();
    });
    return tools;
}

QWidget* DataPage::makeMiddle() {
    middle_ = new QStackedWidget;
    middle_->setMinimumWidth(320);
    browse_ = new QWidget;
    auto* column = makeColumn(browse_, 0);
    grid_ = new SampleGrid;
    grid_->setObjectName("grid");
    grid_->setContextMenuPolicy(Qt::ActionsContextMenu);
    column->addWidget(makeToolRow());
    chips_ = new ChipRow(tr("Active filters"), tr("Remove filter %1"));
    chips_->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, measure::kSpace8);
    chips_->hide();
    auto* clearAll = makeButton(tr("Clear all"), ButtonKind::Link);
    chips_->setEnd(clearAll);
    column->addWidget(chips_);
    shelf_ = new QStackedWidget;
    noMatch_ = new EmptyState("filter", {});
    QPushButton* clear = noMatch_->addAction(tr("Clear filters"), true);
    shelf_->addWidget(grid_);
    shelf_->addWidget(noMatch_);
    column->addWidget(shelf_, 1);
    for (QPushButton* button : {clearAll, clear})
        connect(button, &QPushButton::clicked, this, [this] {
            SampleFilter filter = filter_;
            filter.clear();
            setFilter(filter);
            grid_->setFocus();
        });
    connect(chips_, &ChipRow::removed, this, [this](int chip) {
        SampleFilter filter = filter_;
        chipRemovers_[size_t(chip)](filter);
        setFilter(filter);
    });
    viewer_ = new SampleViewer;

    empty_ = new EmptyState("data", tr("No dataset open. Open CIFAR-10, a folder with one sub-folder per class, or use Shapes, which needs no download."));
    const auto menuBelow = [this](QPushButton* button) {
        connect(button, &QPushButton::clicked, this, [this, button] { sourceMenu_->popup(button->mapToGlobal(QPoint(0, button->height() + measure::kSpace4))); });
    };
    menuBelow(empty_->addAction(tr("Open…"), true));
    connect(empty_->addAction(tr("Use Shapes"), false), &QPushButton::clicked, this, [this] { openSpec("shapes"); });
    failed_ = new EmptyState("warning", {});
    connect(failed_->addAction(tr("Try again"), true), &QPushButton::clicked, this, [this] { context_.data.reload(); });
    menuBelow(failed_->addAction(tr("Open other data…"), false));
    connect(failed_->addAction(tr("Use Shapes"), false), &QPushButton::clicked, this, [this] { openSpec("shapes"); });
    opening_ = new QWidget;
    auto* busy = makeColumn(opening_, measure::kSpace16, measure::kSpace24);
    openingText_ = makeText({});
    openingText_->setAlignment(Qt::AlignCenter);
    auto* bar = new QProgressBar;
    bar->setRange(0, 0);
    bar->setTextVisible(false);
    bar->setFixedWidth(kBusyBar);
    bar->setAccessibleName(tr("Opening"));
    busy->addStretch(2);
    busy->addWidget(openingText_);
    busy->addWidget(bar, 0, Qt::AlignHCenter);
    busy->addStretch(3);
    download_ = new DownloadPanel;
    for (QWidget* widget : std::initializer_list<QWidget*>{browse_, viewer_, empty_, opening_, failed_, download_}) middle_->addWidget(widget);
    return middle_;
}

void DataPage::makeFooter() {
    footer_ = new QWidget;
    auto* row = makeRow(footer_, measure::kSpace8);
    relabel_ = makeButton(tr("Relabel"), ButtonKind::Normal, "rename");
    tag_ = makeButton(tr("Tag"), ButtonKind::Normal, "tag");
    exclude_ = makeButton(tr("Exclude"), ButtonKind::Normal, "exclude");
    for (QPushButton* button : {relabel_, tag_, exclude_}) row->addWidget(button);
    connect(relabel_, &QPushButton::clicked, this, [this] { askLabel(relabel_); });
    connect(tag_, &QPushButton::clicked, this, [this] { askTag(grid_->selection(), tag_); });
    connect(exclude_, &QPushButton::clicked, this, &DataPage::excludeSelection);
}

} // namespace strata::studio
