// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/model_combo.h"
#include "app/studio/pages/evaluate_page.h"
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/evaluate/class_metrics.h"
#include "widgets/evaluate/confusion_matrix_view.h"
#include "widgets/evaluate/sample_gallery.h"

#include <QBuffer>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

namespace strata::studio {
namespace {

constexpr int kPanelWidth = 416, kPanelNarrow = 328;
constexpr int kModelWidth = 400;
constexpr int kPicture = 96, kLossPicture = 128;
constexpr int kTickMs = 100;

} // namespace

EvaluatePage::EvaluatePage(Context& context) : Page(context) {
    setAccessibleName(tr("Evaluate"));
    auto* column = makeColumn(this, 0);
    column->addWidget(makeToolbar());
    body_ = new QStackedWidget;
    column->addWidget(body_, 1);
    addActions();

    nothing_ = new EmptyState("evaluate", tr("Nothing to evaluate. Train a network or use the included CIFAR-10 network."));
    connect(nothing_->addAction(tr("Go to Train"), false), &QPushButton::clicked, this, [this] { context_.go(PageId::Train, {}); });
    connect(nothing_->addAction(tr("Use included network"), true), &QPushButton::clicked, this, &EvaluatePage::useIncluded);
    notYet_ = new EmptyState("evaluate", {});
    notYetButton_ = notYet_->addAction(tr("Evaluate"), true);
    connect(notYetButton_, &QPushButton::clicked, this, &EvaluatePage::evaluate);
    body_->addWidget(nothing_);
    body_->addWidget(notYet_);
    body_->addWidget(makeViews());

    tick_.setInterval(kTickMs);
    connect(&tick_, &QTimer::timeout, this, &EvaluatePage::refreshRunning);
    const auto another = [this] {
        problem_.clear();
        refresh();
    };
    connect(model_, &ModelCombo::chosen, this, another);
    connect(split_, &Segmented::chosen, this, another);
    connect(&context_.data, &DataCenter::changed, this, &EvaluatePage::dataChanged);
    connect(&context_.evaluations, &EvaluationStore::changed, this, &EvaluatePage::refresh);
    connect(&context_.runs, &RunCenter::runsChanged, this, &EvaluatePage::refresh);
    connect(&context_.document, &ProjectDocument::changed, this, [this](Section section) {
        if (section == Section::Edits) refreshFooter();
    });
    lastData_ = context_.data.data();
    list({}, {});
    setView(0);
    refresh();
}

QWidget* EvaluatePage::makeToolbar() {
    auto* bar = new QWidget;
    bar->setMinimumHeight(measure::kToolRow);
    auto* row = makeRow(bar, measure::kSpace12);
    row->setContentsMargins(measure::kSpace16, measure::kSpace8, measure::kSpace16, measure::kSpace8);
    model_ = new ModelCombo(context_.models);
    split_ = new Segmented({tr("Test"), tr("Validation")}, tr("Images to measure on"));
    accuracy_ = makeTitle({});
    accuracy_->setAccessibleDescription(tr("Accuracy"));
    loss_ = makeLabel({});
    bar_ = new QProgressBar;
    bar_->setFixedWidth(measure::kPrimaryWidth);
    bar_->setTextVisible(false);
    bar_->setAccessibleName(tr("Progress of the evaluation"));
    progressText_ = makeLabel({});
    progressText_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    more_ = makeIconButton("more", tr("More"));
    run_ = makeButton(tr("Evaluate"), ButtonKind::Primary);
    connect(run_, &QPushButton::clicked, this, [this] { jobs_.running("evaluate") ? stop() : evaluate(); });
    model_->setMaximumWidth(kModelWidth);
    split_->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    row->addWidget(model_, 2);
    row->addWidget(split_);
    row->addWidget(accuracy_);
    row->addWidget(loss_);
    row->addWidget(bar_);
    row->addWidget(progressText_, 2);
    row->addStretch(1);
    row->addWidget(more_);
    row->addWidget(run_);
    return bar;
}

QWidget* EvaluatePage::makeViews() {
    auto* page = new QWidget;
    auto* column = makeColumn(page, measure::kSpace8);
    auto* head = makeRow(nullptr, measure::kSpace16);
    head->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, 0);
    view_ = new Segmented({tr("Matrix"), tr("Classes"), tr("Top losses")}, tr("View"));
    scale_ = new Segmented({tr("Counts"), tr("Rows"), tr("Columns")}, tr("What the cells show"));
    for (Segmented* segmented : {view_, scale_}) segmented->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    scale_->buttonAt(1)->setToolTip(tr("Part of the true class, in percent"));
    scale_->buttonAt(2)->setToolTip(tr("Part of what was predicted as the class, in percent"));
    legend_ = new ScaleLegend;
    matrixTools_ = new QWidget;
    auto* tools = makeRow(matrixTools_, measure::kSpace16);
    tools->addWidget(scale_);
    tools->addWidget(legend_);
    head->addWidget(view_);
    head->addWidget(matrixTools_);
    head->addStretch();
    column->addLayout(head);

    matrix_ = new ConfusionMatrixView;
    classes_ = new ClassMetricsTable;
    losses_ = new SampleGallery(kLossPicture, 2, tr("Images with the largest loss"));
    left_ = new QStackedWidget;
    for (QWidget* view : std::initializer_list<QWidget*>{matrix_, classes_, losses_}) {
        auto* frame = new QWidget;
        auto* inside = makeColumn(frame, 0);
        inside->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, measure::kSpace16);
        inside->addWidget(view);
        left_->addWidget(frame);
    }
    splitter_ = new QSplitter(Qt::Horizontal);
    splitter_->setChildrenCollapsible(false);
    splitter_->setHandleWidth(1);
    splitter_->addWidget(left_);
    splitter_->addWidget(makePanel());
    splitter_->setStretchFactor(0, 1);
    splitter_->setStretchFactor(1, 0);
    splitter_->setSizes({1208 - kPanelWidth, kPanelWidth});
    splitter_->restoreState(context_.settings.value("evaluate/splitter").toByteArray());
    connect(splitter_, &QSplitter::splitterMoved, this,
            [this] { context_.settings.setValue("evaluate/splitter", splitter_->saveState()); });
    column->addWidget(splitter_, 1);

    connect(view_, &Segmented::chosen, this, &EvaluatePage::setView);
    connect(scale_, &Segmented::chosen, this, &EvaluatePage::setScale);
    connect(matrix_, &ConfusionMatrixView::cellChosen, this, &EvaluatePage::listCell);
    connect(classes_, &ClassMetricsTable::classChosen, this, &EvaluatePage::listClass);
    connect(losses_, &SampleGallery::opened, this, [this](const SamplePrediction& sample) { goToData({sample.index}, tr("Top loss")); });
    return page;
}

QWidget* EvaluatePage::makePanel() {
    panel_ = new QWidget;
    setSurface(panel_, "2");
    panel_->setMinimumWidth(kPanelNarrow);
    auto* column = makeColumn(panel_, measure::kSpace8, measure::kSpace16);
    auto* head = makeRow(nullptr, measure::kSpace8);
    imagesTitle_ = new ElidedLabel;
    imagesTitle_->setType(Type::BodyMedium, Token::Text1);
    closePanel_ = makeIconButton("close", tr("Close the images"));
    closePanel_->hide();
    connect(closePanel_, &QToolButton::clicked, this, [this] { showPanel(false); });
    head->addWidget(imagesTitle_, 1);
    head->addWidget(closePanel_);
    imagesHint_ = makeCaption({});
    images_ = new SampleGallery(kPicture, 1, tr("Images of the cell"));
    images_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    showInData_ = makeButton(tr("Show in Data"), ButtonKind::Normal, "data");
    connect(showInData_, &QPushButton::clicked, this, [this] { goToData(listed_, listedText_); });
    connect(images_, &SampleGallery::opened, this, [this](const SamplePrediction& sample) { goToData({sample.index}, listedText_); });
    column->addLayout(head);
    column->addWidget(imagesHint_);
    column->addWidget(images_, 1);
    column->addStretch();
    column->addWidget(showInData_, 0, Qt::AlignLeft);
    return panel_;
}

void EvaluatePage::addActions() {
    ActionTable& actions = context_.actions;
    const QString group = tr("Evaluate");
    actions.add(
        "evaluate.run", group, tr("Evaluate the network"), "evaluate", QKeySequence("Ctrl+E"),
        [this] { jobs_.running("evaluate") ? stop() : evaluate(); }, this);
    actions.add(
        "evaluate.matrix", group, tr("Show the confusion matrix"), "table", {}, [this] { view_->buttonAt(0)->click(); }, this);
    actions.add(
        "evaluate.classes", group, tr("Show the classes"), "sort", {}, [this] { view_->buttonAt(1)->click(); }, this);
    actions.add(
        "evaluate.losses", group, tr("Show the top losses"), "image", {}, [this] { view_->buttonAt(2)->click(); }, this);
    actions.add(
        "evaluate.show_in_data", group, tr("Show these images in Data"), "data", {}, [this] { goToData(listed_, listedText_); }, this);
    QMenu* menu = new QMenu(more_);
    menu->addAction(actions.add(
        "evaluate.export_csv", group, tr("Save the matrix as CSV…"), "table", {}, [this] { exportMatrix(false); }, this));
    menu->addAction(actions.add(
        "evaluate.export_png", group, tr("Save the matrix as PNG…"), "image", {}, [this] { exportMatrix(true); }, this));
    menu->addSeparator();
    menu->addAction(actions.add(
        "evaluate.copy_command", group, tr("Copy command"), "copy", {},
        [this] {
            try {
                QGuiApplication::clipboard()->setText(command());
                context_.messages.success(tr("The command that measures the same is in the clipboard."), "evaluate");
            } catch (const Error& error) { context_.messages.error(QString::fromUtf8(error.what()), "evaluate"); }
        },
        this));
    more_->setMenu(menu);
    more_->setPopupMode(QToolButton::InstantPopup);
}

void EvaluatePage::exportMatrix(bool picture) {
    if (!shown_) return;
    const QString folder = context_.settings.value("evaluate/folder", QString()).toString();
    const QString name = folder + (folder.isEmpty() ? "" : "/") + (picture ? "confusion.png" : "confusion.csv");
    const QString path = QFileDialog::getSaveFileName(this, picture ? tr("Save the matrix as PNG") : tr("Save the matrix as CSV"), name,
                                                      picture ? tr("PNG picture (*.png)") : tr("CSV table (*.csv)"));
    if (path.isEmpty()) return;
    context_.settings.setValue("evaluate/folder", QFileInfo(path).path());
    try {
        if (picture) {
            QByteArray bytes;
            QBuffer buffer(&bytes);
            buffer.open(QIODevice::ReadWrite); // in memory
            check(matrix_->toImage(2).save(&buffer, "PNG"), "a picture in memory is encoded");
            writeFileAtomically(path.toStdString(), std::string_view(bytes.constData(), size_t(bytes.size())));
        } else {
            writeFileAtomically(path.toStdString(), matrixCsv(*shown_));
        }
        context_.messages.success(tr("Saved %1.").arg(QFileInfo(path).fileName()), "evaluate");
    } catch (const Error& error) { context_.messages.error(QString::fromUtf8(error.what()), "evaluate"); }
}

} // namespace strata::studio
