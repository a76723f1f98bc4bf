// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/model_editor.h"
#include "core/base/text.h"
#include "core/formats/pytorch_source.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/model/code_view.h"
#include "widgets/model/layer_inspector.h"
#include "widgets/model/layer_palette.h"
#include "widgets/model/layer_stack.h"
#include "widgets/model/spec_repeat.h"
#include "widgets/model/summary_model.h"
#include "widgets/model/template_chooser.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyle>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace strata {
namespace {

constexpr int kPaletteWidth = 216, kInspectorWidth = 328, kColumnWidth = 96;
constexpr size_t kMostSelections = 500;

} // namespace

ModelEditor::ModelEditor(QWidget* parent) : QWidget(parent) {
    palette_ = new LayerPalette;
    palette_->setMinimumWidth(160);
    stack_ = new LayerStack;
    inspector_ = new LayerInspector;
    right_ = new QWidget(this);
    setSurface(right_, "2");
    right_->setMinimumWidth(264);
    makeColumn(right_, 0)->addWidget(inspector_);
    splitter_ = new QSplitter(Qt::Horizontal);
    splitter_->setChildrenCollapsible(false);
    splitter_->setHandleWidth(1);
    splitter_->addWidget(palette_);
    splitter_->addWidget(makeMiddle());
    splitter_->addWidget(right_);
    splitter_->setStretchFactor(1, 1);
    splitter_->setSizes({kPaletteWidth, 664, kInspectorWidth});
    makeColumn(this, 0)->addWidget(splitter_);
    hint_ = new QLabel(stack_);
    hint_->setTextFormat(Qt::PlainText);
    hint_->setProperty("role", "hint");
    hint_->setAttribute(Qt::WA_TransparentForMouseEvents);
    hint_->setAlignment(Qt::AlignCenter);
    hint_->hide();
    wire();
    refresh();
}

ModelEditor::~ModelEditor() {
    // Children that lose the focus while they go would still call back.
    for (QObject* child : findChildren<QObject*>()) child->disconnect(this);
}

QWidget* ModelEditor::makeTools() {
    auto* tools = new QWidget;
    tools->setFixedHeight(measure::kToolRow);
    auto* row = makeRow(tools, measure::kSpace8);
    row->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, 0);
    segments_ = new Segmented({tr("Stack"), tr("Summary"), tr("Code")}, tr("View of the network"));
    segments_->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    copy_ = makeIconButton("copy", tr("Copy to the clipboard"));
    problemButton_ = new QToolButton;
    problemButton_->setProperty("text-button", true);
    problemButton_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    problemButton_->setIcon(icon("error", Token::Error));
    problemButton_->setFocusPolicy(Qt::StrongFocus);
    template_ = makeButton(tr("Template"), ButtonKind::Normal, "model");
    drawerButton_ = makeIconButton("settings", tr("Inspector"));
    drawerButton_->setCheckable(true);
    row->addWidget(segments_);
    row->addStretch();
    row->addWidget(problemButton_);
    row->addWidget(copy_);
    row->addWidget(template_);
    row->addWidget(drawerButton_);
    copy_->hide();
    problemButton_->hide();
    drawerButton_->hide();
    return tools;
}

QWidget* ModelEditor::makeMiddle() {
    auto* middle = new QWidget;
    middle->setMinimumWidth(card::kMinWidth + card::kGutter);
    auto* column = makeColumn(middle, 0);
    column->addWidget(makeTools());
    views_ = new QStackedWidget;
    table_ = new QTableView;
    table_->setAccessibleName(tr("Summary of the network"));
    summaryModel_ = new SummaryModel(this);
    table_->setModel(summaryModel_);
    polishTable(table_, SummaryModel::Type);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->horizontalHeader()->setStretchLastSection(false);
    table_->horizontalHeader()->setMinimumSectionSize(kColumnWidth);
    for (const int column_ :
         {SummaryModel::Layer, SummaryModel::Output, SummaryModel::Parameters, SummaryModel::Flops, SummaryModel::Memory})
        table_->horizontalHeader()->setSectionResizeMode(column_, QHeaderView::ResizeToContents);
    code_ = new CodeView;
    const auto padded = [](QWidget* widget) {
        auto* page = new QWidget;
        auto* box = makeColumn(page, 0);
        box->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, measure::kSpace8);
        box->addWidget(widget);
        return page;
    };
    views_->addWidget(stack_);
    views_->addWidget(padded(table_));
    views_->addWidget(padded(code_));
    column->addWidget(views_, 1);
    return middle;
}

void ModelEditor::wire() {
    connect(stack_, &LayerStack::edited, this, &ModelEditor::apply);
    connect(inspector_, &LayerInspector::edited, this, &ModelEditor::apply);
    connect(palette_, &LayerPalette::chosen, this, &ModelEditor::insertLayer);
    connect(palette_, &LayerPalette::left, this, [this] { stack_->setFocus(Qt::OtherFocusReason); });
    connect(stack_, &LayerStack::selectionChanged, this, &ModelEditor::selectionMoved);
    connect(stack_, &LayerStack::inspectorWanted, this, &ModelEditor::openInspector);
    connect(stack_, &LayerStack::paletteWanted, this, &ModelEditor::openPalette);
    connect(stack_, &LayerStack::templatesWanted, this, &ModelEditor::openTemplates);
    connect(stack_, &LayerStack::hint, this, &ModelEditor::showHint);
    connect(inspector_, &LayerInspector::templatesWanted, this, &ModelEditor::openTemplates);
    connect(inspector_, &LayerInspector::left, this, [this] {
        openDrawer(false);
        stack_->setFocus(Qt::OtherFocusReason);
    });
    connect(inspector_, &LayerInspector::cardWanted, this, [this](const std::string& key) {
        setView(0);
        stack_->selectCard(key);
        stack_->setFocus(Qt::OtherFocusReason);
    });
    connect(splitter_, &QSplitter::splitterMoved, this, &ModelEditor::layoutChanged);
    connect(segments_, &Segmented::chosen, this, &ModelEditor::setView);
    connect(copy_, &QToolButton::clicked, this, &ModelEditor::copyView);
    connect(template_, &QPushButton::clicked, this, &ModelEditor::openTemplates);
    connect(problemButton_, &QToolButton::clicked, this, &ModelEditor::goToProblem);
    connect(drawerButton_, &QToolButton::clicked, this, [this](bool on) {
        openDrawer(on);
        if (on) inspector_->focusFirst();
    });
    connect(table_, &QTableView::activated, this, &ModelEditor::showTable);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
        const std::string key = index.data(SummaryModel::KeyRole).toString().toStdString();
        if (!key.empty() && stack_->currentKey() != key) stack_->select({key});
    });
}

void ModelEditor::showTable(const QModelIndex& index) {
    const std::string key = index.data(SummaryModel::KeyRole).toString().toStdString();
    if (key.empty()) return;
    setView(0);
    stack_->selectCard(key);
    stack_->setFocus(Qt::OtherFocusReason);
}

// The network

void ModelEditor::setModel(const ModelSpec& full) {
    full_ = full;
    refresh();
}

void ModelEditor::setData(const DataFacts& wanted) {
    if (wanted.input == data_.input && wanted.classes == data_.classes) return;
    data_ = wanted;
    refresh();
}

void ModelEditor::setBatch(int64_t batch) {
    if (batch == batch_) return;
    batch_ = batch;
    inspector_->setBatch(batch);
    refreshView();
}

void ModelEditor::refresh() {
    const std::string text = toText(full_.toJson());
    const std::string hash = hashHex(text.data(), text.size());
    const bool other = hash != hash_;
    hash_ = hash;
    facts_ = modelFacts(full_, data_);
    const std::optional<Selection> kept =
        !applying_ && other && selections_.contains(hash) ? std::optional(selections_[hash]) : std::nullopt;
    stack_->setFacts(facts_);
    inspector_->setFacts(facts_);
    if (kept) stack_->select(kept->ids, kept->current);
    refreshView();
    const int problems = int(facts_.problems.size());
    problemButton_->setVisible(problems > 0);
    problemButton_->setText(problems == 1 ? tr("1 problem") : tr("%n problems", nullptr, problems));
    problemButton_->setAccessibleName(tr("%1, go to the first").arg(problemButton_->text()));
}

void ModelEditor::refreshView() {
    if (view() == 1) {
        const QModelIndex current = table_->currentIndex();
        const int row = current.row();
        summaryModel_->setFacts(facts_, batch_);
        if (row >= 0 && row < summaryModel_->rowCount()) table_->setCurrentIndex(summaryModel_->index(row, 0));
    }
    if (view() != 2) return;
    if (full_.layers.empty()) return code_->setProblem(tr("The source appears here once there are layers."));
    try {
        code_->setCode(QString::fromStdString(pytorchSource(withoutBypassed(full_))));
    } catch (const Error& error) { code_->setProblem(tr("There is no source yet: %1").arg(QString::fromUtf8(error.what()))); }
}

void ModelEditor::apply(const modeledit::Edit& edit) {
    if (!edit.ok()) return showHint(edit.refused);
    ModelSpec full = modeledit::expandRepeats(edit.spec);
    // The first layer fixes what it is built for, until a dataset says otherwise.
    if (full.input.empty() && !full.layers.empty()) full.input = data_.input.empty() ? Shape{3, 32, 32} : data_.input;
    if (full.toJson() == full_.toJson()) return;
    const bool block = !stack_->selectedBlock().empty();
    const std::string current = stack_->currentKey();
    applying_ = true;
    emit edited(edit.text, full, edit.mergeKey);
    applying_ = false;
    showHint({});
    // A block whose header is selected stays so; else what the edit made is selected.
    const std::vector<std::string> members = block ? modeledit::blockMembers(facts_.spec, current.substr(6)) : std::vector<std::string>();
    const bool same = !members.empty() && members == modeledit::inOrder(facts_.spec, edit.select);
    if (!edit.select.empty()) stack_->select(edit.select, same ? current : std::string());
}

void ModelEditor::selectionMoved() {
    const modeledit::Ids ids = stack_->selectedIds();
    inspector_->setSelection(ids, stack_->currentKey(), stack_->selectedBlock());
    if (selections_.size() > kMostSelections) selections_.clear();
    if (!applying_) selections_[hash_] = {ids, stack_->currentKey()};
    emit selectionChanged();
}

void ModelEditor::insertLayer(const std::string& type) {
    setView(0);
    const bool empty = facts_.spec.layers.empty();
    const modeledit::Place place = empty ? modeledit::Place{} : stack_->placeBelow();
    apply(modeledit::insertLayer(facts_.spec, place, type, data_.classes > 0 ? data_.classes : 10));
    stack_->setFocus(Qt::OtherFocusReason);
}

// Moving about

void ModelEditor::openPalette() {
    setView(0);
    palette_->startSearch();
}

void ModelEditor::openInspector() {
    openDrawer(true);
    inspector_->focusFirst();
}

void ModelEditor::openTemplates() {
    auto* chooser = new TemplateChooser(data_, this);
    connect(chooser, &TemplateChooser::chosen, this, [this](const std::string& id) {
        setView(0);
        const Shape input = data_.input.empty() ? Shape{3, 32, 32} : data_.input;
        apply(modeledit::useTemplate(facts_.spec, id, input, data_.classes > 0 ? data_.classes : 10));
        stack_->select({}, "input"); // seen from its beginning
        stack_->setFocus(Qt::OtherFocusReason);
    });
    const bool slot = facts_.spec.layers.empty() && view() == 0;
    chooser->popup(slot ? static_cast<QWidget*>(stack_->findChild<QPushButton*>()) : template_);
}

void ModelEditor::goToProblem() {
    setView(0);
    stack_->setFocus(Qt::OtherFocusReason);
    if (facts_.problems.empty()) {
        if (facts_.spec.layers.empty()) showHint(tr("The network has no layers yet."));
        return;
    }
    const size_t at = facts_.problems.front().card;
    stack_->selectCard(at == kInputCard ? "input" : at == kOutputCard ? "output" : facts_.spec.layers[at].id);
}

void ModelEditor::setView(int view) {
    segments_->setCurrent(view);
    views_->setCurrentIndex(view);
    copy_->setVisible(view > 0);
    refreshView();
    if (view != 1) return;
    for (int row = 0; row < summaryModel_->rowCount(); ++row)
        if (summaryModel_->index(row, 0).data(SummaryModel::KeyRole).toString().toStdString() == stack_->currentKey())
            table_->setCurrentIndex(summaryModel_->index(row, 0));
}

int ModelEditor::view() const { return views_->currentIndex(); }

void ModelEditor::copyView() const {
    if (view() == 1) QApplication::clipboard()->setText(summaryModel_->text());
    if (view() == 2) code_->copy();
}

// Layout

void ModelEditor::setNarrow(bool narrow) {
    if (narrow == narrow_) return;
    narrow_ = narrow;
    drawerButton_->setVisible(narrow);
    const QByteArray state = splitter_->saveState();
    if (narrow) {
        right_->setParent(this);
        dressRight("drawer");
        right_->hide();
        openDrawer(false);
    } else {
        drawerOpen_ = false;
        dressRight("2");
        splitter_->addWidget(right_);
        right_->show();
        splitter_->setSizes({splitter_->sizes()[0], width() - splitter_->sizes()[0] - kInspectorWidth, kInspectorWidth});
    }
}

void ModelEditor::dressRight(const QString& surface) {
    setSurface(right_, surface);
    right_->style()->unpolish(right_); // the style sheet asks for the property once
    right_->style()->polish(right_);
}

void ModelEditor::openDrawer(bool open) {
    if (!narrow_) return;
    drawerOpen_ = open;
    drawerButton_->setChecked(open);
    right_->setVisible(open);
    placeOverlays();
    if (open) right_->raise();
}

void ModelEditor::placeOverlays() {
    if (narrow_ && drawerOpen_)
        right_->setGeometry(width() - kInspectorWidth, measure::kToolRow, kInspectorWidth, height() - measure::kToolRow);
    if (!hint_->isVisible()) return;
    hint_->setMaximumWidth(stack_->viewport()->width() - 2 * measure::kSpace16);
    hint_->adjustSize();
    hint_->move((stack_->viewport()->width() - hint_->width()) / 2, stack_->viewport()->height() - hint_->height() - measure::kSpace12);
}

void ModelEditor::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    placeOverlays();
}

void ModelEditor::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) problemButton_->setIcon(icon("error", Token::Error));
    QWidget::changeEvent(event);
}

void ModelEditor::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && drawerOpen_) {
        openDrawer(false);
        stack_->setFocus(Qt::OtherFocusReason);
        return;
    }
    QWidget::keyPressEvent(event);
}

void ModelEditor::showHint(const QString& sentence) {
    hint_->setText(sentence);
    hint_->setVisible(!sentence.isEmpty());
    hint_->setAccessibleName(sentence);
    if (sentence.isEmpty()) return;
    hint_->setWordWrap(hint_->fontMetrics().horizontalAdvance(sentence) > stack_->viewport()->width() - 80);
    placeOverlays();
    hint_->raise();
}

QString ModelEditor::hintText() const { return hint_->isVisibleTo(stack_) ? hint_->text() : QString(); }

QByteArray ModelEditor::saveLayout() const { return narrow_ ? QByteArray() : splitter_->saveState(); }
void ModelEditor::restoreLayout(const QByteArray& state) {
    if (!state.isEmpty() && !narrow_) splitter_->restoreState(state);
}

} // namespace strata
