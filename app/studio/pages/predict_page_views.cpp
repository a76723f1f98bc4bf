// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/model_combo.h"
#include "app/studio/pages/predict_empty.h"
#include "app/studio/pages/predict_page.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/predict/answer_list.h"
#include "widgets/predict/photo_table.h"
#include "widgets/predict/photo_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

namespace strata::studio {
namespace {

constexpr int kModelWidth = 400;
constexpr int kRightWidth = 400, kRightNarrow = 280;
constexpr int kPercent = 100, kOpacity = 60;

} // namespace

PredictPage::PredictPage(Context& context) : Page(context) {
    setAccessibleName(tr("Predict"));
    setAcceptDrops(true);
    auto* column = makeColumn(this, 0);
    column->addWidget(makeToolbar());
    body_ = new QStackedWidget;
    column->addWidget(body_, 1);
    empty_ = new PredictEmpty;
    connect(empty_, &PredictEmpty::openAsked, this, &PredictPage::askForPhotos);
    connect(empty_, &PredictEmpty::photoChosen, this, &PredictPage::openPhoto);
    splitter_ = new QSplitter(Qt::Horizontal);
    splitter_->setChildrenCollapsible(false);
    splitter_->setHandleWidth(1);
    splitter_->addWidget(makeLeft());
    splitter_->addWidget(makeRight());
    splitter_->setStretchFactor(0, 1);
    splitter_->setStretchFactor(1, 0);
    splitter_->setSizes({1208 - kRightWidth, kRightWidth});
    splitter_->restoreState(context_.settings.value("predict/splitter").toByteArray());
    connect(splitter_, &QSplitter::splitterMoved, this, [this] { context_.settings.setValue("predict/splitter", splitter_->saveState()); });
    body_->addWidget(empty_);
    body_->addWidget(splitter_);
    addActions();
    connectServices();
}

QWidget* PredictPage::makeToolbar() {
    auto* bar = new QWidget;
    bar->setMinimumHeight(measure::kToolRow);
    auto* row = makeRow(bar, measure::kSpace8);
    row->setContentsMargins(measure::kSpace16, measure::kSpace8, measure::kSpace16, measure::kSpace8);
    model_ = new ModelCombo(context_.models);
    auto* open = makeButton(tr("Open…"), ButtonKind::Normal, "open");
    auto* pasteButton = makeButton(tr("Paste"), ButtonKind::Normal, "paste");
    auto* folder = makeButton(tr("Folder…"), ButtonKind::Normal, "folder");
    more_ = makeIconButton("more", tr("More"));
    connect(open, &QPushButton::clicked, this, &PredictPage::askForPhotos);
    connect(pasteButton, &QPushButton::clicked, this, &PredictPage::paste);
    connect(folder, &QPushButton::clicked, this, &PredictPage::askForFolder);
    model_->setMaximumWidth(kModelWidth);
    row->addWidget(model_, 2);
    row->addStretch(3);
    for (QWidget* widget : std::initializer_list<QWidget*>{open, pasteButton, folder, more_}) row->addWidget(widget);
    return bar;
}

QWidget* PredictPage::makeLeft() {
    auto* page = new QWidget;
    auto* column = makeColumn(page, measure::kSpace8);
    column->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, measure::kSpace8);

    stepTools_ = new QWidget;
    auto* steps = makeRow(stepTools_, measure::kSpace8);
    back_ = makeButton(tr("All photos"), ButtonKind::Link, "chevron-left");
    position_ = new ElidedLabel({}, Qt::ElideMiddle);
    position_->setType(Type::Body, Token::Text2);
    previous_ = makeIconButton("chevron-left", tr("Previous photo"), tr("Page up"));
    next_ = makeIconButton("chevron-right", tr("Next photo"), tr("Page down"));
    connect(back_, &QPushButton::clicked, this, &PredictPage::showTable);
    connect(previous_, &QToolButton::clicked, this, [this] { step(-1); });
    connect(next_, &QToolButton::clicked, this, [this] { step(1); });
    steps->addWidget(back_);
    steps->addWidget(position_, 1);
    steps->addWidget(previous_);
    steps->addWidget(next_);

    tableTools_ = new QWidget;
    auto* tools = makeRow(tableTools_, measure::kSpace8);
    folderBar_ = new QProgressBar;
    folderBar_->setTextVisible(false);
    folderBar_->setAccessibleName(tr("Progress of the folder"));
    stopFolder_ = makeButton(tr("Stop"));
    saveCsv_ = makeButton(tr("Save as CSV…"), ButtonKind::Normal, "save");
    connect(stopFolder_, &QPushButton::clicked, this, [this] {
        folder_.stop();
        refreshFolder();
    });
    connect(saveCsv_, &QPushButton::clicked, this, &PredictPage::saveCsv);
    tools->addWidget(folderBar_, 1);
    tools->addWidget(stopFolder_);
    tools->addStretch();
    tools->addWidget(saveCsv_);

    view_ = new PhotoView;
    table_ = new PhotoTable;
    left_ = new QStackedWidget;
    left_->addWidget(view_);
    left_->addWidget(table_);

    photoTools_ = new QWidget;
    photoTools_->setMinimumHeight(measure::kRow);
    auto* shows = makeRow(photoTools_, measure::kSpace12);
    show_ = new Segmented({tr("Photo"), tr("Grad-CAM")}, tr("Show"));
    show_->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    show_->buttonAt(1)->setToolTip(tr("Where the class in focus shows"));
    opacity_ = new QSlider(Qt::Horizontal);
    opacity_->setRange(0, kPercent);
    opacity_->setValue(kOpacity);
    opacity_->setAccessibleName(tr("Strength of the map"));
    opacity_->setToolTip(tr("Strength of the map"));
    opacity_->setMaximumWidth(120);
    opacity_->hide();
    mapHint_ = makeCaption({});
    mapHint_->setWordWrap(false);
    mapHint_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    resetCrop_ = makeButton(tr("Reset crop"), ButtonKind::Link, "crop");
    resetCrop_->setEnabled(false);
    view_->setOpacity(double(kOpacity) / kPercent);
    connect(show_, &Segmented::chosen, this, [this](int which) {
        opacity_->setVisible(which == 1);
        requestMap();
    });
    connect(opacity_, &QSlider::valueChanged, this, [this](int value) { view_->setOpacity(double(value) / kPercent); });
    connect(resetCrop_, &QPushButton::clicked, this, [this] { photo_.setCrop(std::nullopt); });
    shows->addWidget(show_);
    shows->addWidget(opacity_);
    shows->addWidget(mapHint_, 1);
    shows->addWidget(resetCrop_);

    column->addWidget(stepTools_);
    column->addWidget(tableTools_);
    column->addWidget(left_, 1);
    column->addWidget(photoTools_);
    stepTools_->hide();
    tableTools_->hide();
    return page;
}

QWidget* PredictPage::makeRight() {
    auto* content = new QWidget;
    auto* column = makeColumn(content, measure::kSpace12, measure::kSpace16);
    answers_ = new AnswerList;
    unsure_ = makeText({});
    unsure_->setProperty("role", "warning");
    unsure_->setAccessibleName(tr("Warning"));
    unsure_->hide();
    problem_ = makeText({});
    problem_->setProperty("role", "error");
    problem_->hide();
    received_ = new ReceivedView;
    receivedText_ = makeCaption({});
    column->addWidget(problem_);
    column->addWidget(answers_);
    column->addWidget(unsure_);
    receivedBox_ = new QWidget;
    auto* box = makeColumn(receivedBox_, measure::kSpace8);
    box->setContentsMargins(0, measure::kSpace12, 0, 0);
    box->addWidget(makeHeading(tr("Network received")));
    box->addWidget(received_);
    box->addWidget(receivedText_);
    column->addWidget(receivedBox_);
    column->addStretch();
    auto* panel = new QWidget;
    setSurface(panel, "2");
    makeColumn(panel, 0)->addWidget(makeScroll(content));
    panel->setMinimumWidth(kRightNarrow);
    right_ = panel;
    return panel;
}

void PredictPage::addActions() {
    ActionTable& actions = context_.actions;
    const QString group = tr("Predict");
    QMenu* menu = new QMenu(more_);
    actions.add(
        "predict.open", group, tr("Open photos…"), "open", QKeySequence("Ctrl+Shift+O"), [this] { askForPhotos(); }, this);
    actions.add(
        "predict.paste", group, tr("Paste a photo"), "paste", QKeySequence::Paste, [this] { paste(); }, this);
    actions.add(
        "predict.folder", group, tr("Predict a folder…"), "folder", {}, [this] { askForFolder(); }, this);
    actions.add(
        "predict.photo", group, tr("Show the photo"), "photo", {}, [this] { show_->buttonAt(0)->click(); }, this);
    actions.add(
        "predict.grad_cam", group, tr("Show where the class shows (Grad-CAM)"), "eye", QKeySequence("Ctrl+G"),
        [this] { show_->buttonAt(show_->current() == 1 ? 0 : 1)->click(); }, this);
    menu->addAction(actions.add(
        "predict.reset_crop", group, tr("Reset crop"), "crop", {}, [this] { photo_.setCrop(std::nullopt); }, this));
    menu->addAction(actions.add(
        "predict.copy_command", group, tr("Copy command"), "copy", {},
        [this] {
            const QString line = command();
            if (line.isEmpty()) return context_.messages.info(tr("Open a photo from a file first."), "predict");
            QGuiApplication::clipboard()->setText(line);
            context_.messages.success(tr("The command that says the same is in the clipboard."), "predict");
        },
        this));
    more_->setMenu(menu);
    more_->setPopupMode(QToolButton::InstantPopup);
}

} // namespace strata::studio
