// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/layer_inspector.h"
#include "core/base/text.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/common/param_form.h"
#include "widgets/model/layer_formula.h"
#include "widgets/model/layer_look.h"
#include "widgets/model/spec_repeat.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

namespace strata {
namespace {

QString qt(const std::string& text) { return QString::fromStdString(text); }

/// A part of the panel with a heading.
QWidget* makePart(const QString& heading, QLabel** head = nullptr) {
    auto* part = new QWidget;
    auto* column = makeColumn(part, measure::kSpace12);
    auto* label = makeHeading(heading);
    if (head) *head = label;
    column->addWidget(label);
    return part;
}

} // namespace

LayerInspector::LayerInspector(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Inspector"));
    auto* content = new QWidget;
    auto* column = makeColumn(content, measure::kSpace24, measure::kSpace16);

    auto* head = new QWidget;
    auto* headRow = makeRow(head, measure::kSpace12);
    icon_ = new QLabel;
    icon_->setFixedSize(measure::kIcon, measure::kIcon);
    auto* titles = makeColumn(nullptr, 0);
    title_ = new ElidedLabel;
    title_->setType(Type::BodyMedium, Token::Text1);
    detail_ = new ElidedLabel;
    detail_->setType(Type::Caption, Token::Text3);
    titles->addWidget(title_);
    titles->addWidget(detail_);
    headRow->addWidget(icon_);
    headRow->addLayout(titles, 1);
    column->addWidget(head);

    problem_ = new QWidget;
    auto* problemColumn = makeColumn(problem_, measure::kSpace4);
    sentence_ = makeText({});
    sentence_->setProperty("role", "error");
    fix_ = makeButton({}, ButtonKind::Link);
    problemColumn->addWidget(sentence_);
    problemColumn->addWidget(fix_, 0, Qt::AlignLeft);
    connect(fix_, &QPushButton::clicked, this, [this] {
        if (shownProblem_ && shownProblem_->fix) emit edited(shownProblem_->fix(facts_.spec));
    });
    column->addWidget(problem_);

    column->addWidget(makeName());
    form_ = new ParamForm;
    connect(form_, &ParamForm::edited, this, [this](const QString& param, const Json& value) {
        emit edited(modeledit::setParam(facts_.spec, ids_, param.toStdString(), value));
    });
    column->addWidget(form_);
    column->addWidget(blockPart_ = makeBlock());

    inputsPart_ = makePart(tr("Inputs"));
    inputs_ = new InputList;
    connect(inputs_, &InputList::edited, this, &LayerInspector::edited);
    inputsPart_->layout()->addWidget(inputs_);
    column->addWidget(inputsPart_);

    factsPart_ = makePart(tr("Result"), &factsHead_);
    rows_ = new QGridLayout;
    rows_->setHorizontalSpacing(measure::kSpace12);
    rows_->setVerticalSpacing(measure::kSpace4);
    rows_->setColumnStretch(0, 1);
    static_cast<QVBoxLayout*>(factsPart_->layout())->addLayout(rows_);
    column->addWidget(factsPart_);

    helpPart_ = makePart(tr("About"));
    help_ = makeText({});
    help_->setProperty("role", "label");
    formula_ = makeText({});
    foreign_ = makeCaption({});
    for (QLabel* label : {help_, formula_, foreign_}) helpPart_->layout()->addWidget(label);
    column->addWidget(helpPart_);

    overview_ = makePart(tr("Problems"));
    problems_ = new QVBoxLayout;
    problems_->setSpacing(measure::kSpace12);
    static_cast<QVBoxLayout*>(overview_->layout())->addLayout(problems_);
    column->addWidget(overview_);
    templates_ = makeButton(tr("Choose template"), ButtonKind::Normal, "model");
    connect(templates_, &QPushButton::clicked, this, &LayerInspector::templatesWanted);
    column->addWidget(templates_, 0, Qt::AlignLeft);
    column->addStretch();

    makeColumn(this, 0)->addWidget(makeScroll(content));
    refresh();
}

LayerInspector::~LayerInspector() {
    for (QObject* child : findChildren<QObject*>()) child->disconnect(this); // a field that loses the focus reports its end
}

QWidget* LayerInspector::makeName() {
    auto* part = new QWidget;
    auto* column = makeColumn(part, measure::kSpace12);
    auto* line = new QLineEdit;
    line->setObjectName("layerName");
    name_ = new Field(tr("Name"), line);
    bypass_ = new QCheckBox(tr("Bypass: the input passes through"));
    freeze_ = new QCheckBox(tr("Freeze: training leaves its weights alone"));
    for (QCheckBox* box : {bypass_, freeze_}) box->setAccessibleName(box->text());
    column->addWidget(name_);
    column->addWidget(bypass_);
    column->addWidget(freeze_);
    connect(line, &QLineEdit::editingFinished, this, &LayerInspector::commitName);
    connect(bypass_, &QCheckBox::clicked, this, [this](bool on) { emit edited(modeledit::setBypassed(facts_.spec, ids_, on)); });
    connect(freeze_, &QCheckBox::clicked, this, [this](bool on) { emit edited(modeledit::setFrozen(facts_.spec, ids_, on)); });
    return part;
}

void LayerInspector::commitName() {
    if (ids_.size() != 1) return;
    const QString typed = static_cast<QLineEdit*>(name_->editor())->text().trimmed();
    if (typed.toStdString() == ids_.front()) return name_->setProblem({});
    const modeledit::Edit edit = modeledit::renameLayer(facts_.spec, ids_.front(), typed.toStdString());
    name_->setProblem(edit.refused);
    if (edit.ok()) emit edited(edit);
}

QWidget* LayerInspector::makeBlock() {
    auto* part = new QWidget;
    auto* column = makeColumn(part, measure::kSpace12);
    auto* line = new QLineEdit;
    blockName_ = new Field(tr("Block"), line);
    auto* spin = new QSpinBox;
    spin->setRange(1, 100);
    spin->setObjectName("blockRepeats");
    repeat_ = new Field(tr("Repeat"), spin);
    repeat_->setHint(tr("times, one after the other"));
    ungroup_ = makeButton(tr("Ungroup"), ButtonKind::Normal, "group");
    column->addWidget(blockName_);
    column->addWidget(repeat_);
    column->addWidget(ungroup_, 0, Qt::AlignLeft);
    connect(line, &QLineEdit::editingFinished, this, [this, line] {
        if (block_.empty() || line->text().trimmed().toStdString() == block_) return blockName_->setProblem({});
        const modeledit::Edit edit = modeledit::renameBlock(facts_.spec, block_, line->text().trimmed().toStdString());
        blockName_->setProblem(edit.refused);
        if (edit.ok()) emit edited(edit);
    });
    connect(spin, &QSpinBox::valueChanged, this, [this](int times) {
        if (!block_.empty() && times != modeledit::repeatsOf(facts_.spec, block_))
            emit edited(modeledit::repeatBlock(facts_.spec, block_, times));
    });
    connect(ungroup_, &QPushButton::clicked, this, [this] { emit edited(modeledit::ungroupBlock(facts_.spec, block_)); });
    return part;
}

void LayerInspector::setFacts(const ModelFacts& facts) {
    facts_ = facts;
    refresh();
}

void LayerInspector::setSelection(const modeledit::Ids& ids, const std::string& card, const std::string& block) {
    if (ids != ids_ && ids_.size() == 1 && name_->editor()->hasFocus()) commitName();
    ids_ = ids;
    card_ = card;
    block_ = block;
    refresh();
}

void LayerInspector::setBatch(int64_t batch) {
    if (batch == batch_) return;
    batch_ = batch;
    refresh();
}

void LayerInspector::focusFirst() {
    focusField();
    // One types over what is there.
    if (auto* spin = qobject_cast<QAbstractSpinBox*>(focusWidget())) spin->selectAll();
    if (auto* line = qobject_cast<QLineEdit*>(focusWidget())) line->selectAll();
}

void LayerInspector::focusField() {
    if (!block_.empty()) return repeat_->editor()->setFocus(Qt::OtherFocusReason);
    if (problem_->isVisibleTo(this) && fix_->isVisibleTo(this)) return fix_->setFocus(Qt::OtherFocusReason);
    if (form_->isVisibleTo(this) && form_->layout()->count() > 0) return form_->focusFirst();
    if (name_->isVisibleTo(this)) return name_->editor()->setFocus(Qt::OtherFocusReason);
    if (templates_->isVisibleTo(this)) templates_->setFocus(Qt::OtherFocusReason);
}

void LayerInspector::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return emit left();
    QWidget::keyPressEvent(event);
}

void LayerInspector::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) refresh();
    QWidget::changeEvent(event);
}

void LayerInspector::refresh() {
    modeledit::Ids known;
    for (const std::string& id : ids_)
        if (facts_.spec.find(id) >= 0) known.push_back(id);
    ids_ = known;
    if (modeledit::blockMembers(facts_.spec, block_).empty()) block_.clear();
    const bool one = ids_.size() == 1 && block_.empty(), several = ids_.size() > 1 && block_.empty();
    name_->setVisible(one);
    name_->parentWidget()->setVisible(one || several);
    form_->setVisible(one || several);
    blockPart_->setVisible(!block_.empty());
    inputsPart_->setVisible(one);
    helpPart_->setVisible(one);
    factsPart_->show();
    overview_->hide();
    templates_->setVisible(ids_.empty() && card_ != "input" && card_ != "output");
    if (!block_.empty())
        showBlock();
    else if (one)
        showLayer(size_t(facts_.spec.find(ids_.front())));
    else if (several)
        showSeveral();
    else if (card_ == "input" || card_ == "output")
        showEnd(card_ == "input");
    else
        showOverview();
}

void LayerInspector::showHead(const QString& iconName, const QColor& tint, const QString& title, const QString& detail) {
    icon_->setPixmap(iconPixmap(iconName, measure::kIcon, tint, devicePixelRatioF()));
    title_->setText(title);
    detail_->setText(detail);
    detail_->setVisible(!detail.isEmpty());
}

void LayerInspector::showProblem(const CardProblem* problem) {
    shownProblem_ = problem;
    problem_->setVisible(problem != nullptr);
    if (!problem) return;
    sentence_->setText(problem->sentence);
    fix_->setVisible(bool(problem->fix));
    fix_->setText(problem->fixTitle);
    fix_->setAccessibleName(problem->fixTitle);
}

void LayerInspector::showLayer(size_t at) {
    const LayerSpec& layer = facts_.spec.layers[at];
    const LayerFacts& known = facts_.layers[at];
    const LayerDef* def = findLayer(layer.type);
    const LayerGroup group = layerGroup(layer.type);
    showHead(groupIcon(group), groupColor(group), layerTitle(layer.type),
             layer.block.empty() ? groupTitle(group) : groupTitle(group) + ", " + qt(layer.block));
    const CardProblem* problem = facts_.problemAt(at);
    showProblem(problem);
    auto* line = static_cast<QLineEdit*>(name_->editor());
    if (line->text() != qt(layer.id)) {
        line->setText(qt(layer.id));
        name_->setProblem({});
    }
    bypass_->setChecked(layer.bypassed);
    freeze_->setVisible(std::any_of(known.weights.begin(), known.weights.end(), [](const WeightDef& w) { return w.trainable; }));
    freeze_->setChecked(!layer.frozen.empty());
    form_->setVisible(def && !def->spec.params.empty());
    form_->setParams(def ? def->spec.params : std::vector<ParamDef>(), layer.params);
    form_->setProblem({}, {});
    if (problem && !problem->param.isEmpty()) form_->setProblem(problem->param, problem->sentence);
    inputs_->setLayer(facts_.spec, at);
    factsHead_->setText(tr("Result"));
    QList<QPair<QString, QString>> rows{{tr("Output"), shapeText(known.known ? known.output : Shape())}};
    if (known.known) {
        rows << qMakePair(tr("Parameters"), countText(double(known.parameters))) << qMakePair(tr("Multiply-adds"), countText(known.flops))
             << qMakePair(tr("Activations at batch %1").arg(batch_), qt(formatBytes(uint64_t(batch_ * known.output.elements() * 4))));
        if (facts_.times[at] > 1) rows << qMakePair(tr("Repeated"), tr("%1 times").arg(facts_.times[at]));
    }
    setRows(rows);
    help_->setText(def ? qt(def->spec.help) : tr("This program does not know the layer; it is kept as it is."));
    const QString formula = layerFormula(layer, known);
    formula_->setText(formula);
    formula_->setVisible(!formula.isEmpty());
    foreign_->setText(def && !def->pytorch.name.empty() ? tr("PyTorch: %1").arg(qt(def->pytorch.name)) : QString());
    foreign_->setVisible(!foreign_->text().isEmpty());
}

void LayerInspector::showBlock() {
    const modeledit::Ids members = modeledit::blockMembers(facts_.spec, block_);
    showHead("group", color(Token::Text2), qt(block_), tr("Block of %n layers", nullptr, int(members.size())));
    showProblem(nullptr);
    if (auto* line = static_cast<QLineEdit*>(blockName_->editor()); line->text() != qt(block_)) line->setText(qt(block_));
    const int times = modeledit::repeatsOf(facts_.spec, block_);
    static_cast<QSpinBox*>(repeat_->editor())->setValue(times);
    double parameters = 0, flops = 0;
    for (size_t i = 0; i < facts_.layers.size(); ++i)
        if (facts_.spec.layers[i].block == block_) {
            parameters += double(facts_.layers[i].parameters) * facts_.times[i];
            flops += facts_.layers[i].flops * facts_.times[i];
        }
    factsHead_->setText(times > 1 ? tr("All %1 copies").arg(times) : tr("Result"));
    const LayerFacts& last = facts_.layers[size_t(facts_.spec.find(members.back()))];
    setRows({{tr("Output"), shapeText(last.known ? last.output : Shape())},
             {tr("Parameters"), countText(parameters)},
             {tr("Multiply-adds"), countText(flops)}});
}

void LayerInspector::showSeveral() {
    showHead("layer-combine", color(Token::Text2), tr("%n layers", nullptr, int(ids_.size())), tr("Changes apply to all of them"));
    showProblem(nullptr);
    const LayerSpec& first = facts_.spec.layers[size_t(facts_.spec.find(ids_.front()))];
    double parameters = 0, flops = 0;
    bool same = true, all = true;
    for (const std::string& id : ids_) {
        const size_t at = size_t(facts_.spec.find(id));
        same = same && facts_.spec.layers[at].type == first.type;
        all = all && facts_.spec.layers[at].bypassed;
        parameters += double(facts_.layers[at].parameters) * facts_.times[at];
        flops += facts_.layers[at].flops * facts_.times[at];
    }
    const LayerDef* def = findLayer(first.type);
    form_->setVisible(same && def);
    if (same && def) form_->setParams(def->spec.params, first.params);
    form_->setProblem({}, {});
    bypass_->setChecked(all);
    freeze_->hide();
    factsHead_->setText(tr("Together"));
    setRows({{tr("Parameters"), countText(parameters)}, {tr("Multiply-adds"), countText(flops)}});
}

void LayerInspector::showEnd(bool input) {
    showHead(input ? "input" : "output", color(Token::Text2), input ? tr("Input") : tr("Output"), {});
    showProblem(facts_.problemAt(input ? kInputCard : kOutputCard));
    factsHead_->setText(input ? tr("What comes in") : tr("What comes out"));
    if (input) {
        const Shape& shape = facts_.spec.input.empty() ? facts_.data.input : facts_.spec.input;
        QList<QPair<QString, QString>> rows{{tr("Shape"), shapeText(shape)}};
        if (shape.rank() == 3)
            rows << qMakePair(tr("Channels"), QString::number(shape[0])) << qMakePair(tr("Height"), QString::number(shape[1]))
                 << qMakePair(tr("Width"), QString::number(shape[2]));
        return setRows(rows);
    }
    QList<QPair<QString, QString>> rows{{tr("Shape"), shapeText(facts_.output)}};
    if (facts_.data.classes > 0) rows << qMakePair(tr("Classes of the data"), QString::number(facts_.data.classes));
    setRows(rows);
}

void LayerInspector::showOverview() {
    showHead("model", color(Token::Accent), facts_.spec.name.empty() ? tr("Network") : qt(facts_.spec.name), {});
    showProblem(nullptr);
    factsHead_->setText(tr("Totals"));
    setRows({{tr("Layers"), QString::number(facts_.spec.layers.size())},
             {tr("Parameters"), countText(facts_.parameters)},
             {tr("Multiply-adds a picture"), countText(facts_.flops)},
             {tr("Input"), shapeText(facts_.spec.input.empty() ? facts_.data.input : facts_.spec.input)},
             {tr("Output"), facts_.spec.layers.empty() ? QString(QChar(0x2013)) : shapeText(facts_.output)}});
    overview_->setVisible(!facts_.problems.empty());
    while (QLayoutItem* item = problems_->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    for (size_t i = 0; i < facts_.problems.size(); ++i) {
        const CardProblem& problem = facts_.problems[i];
        const std::string key = problem.card == kInputCard    ? "input"
                                : problem.card == kOutputCard ? "output"
                                                              : facts_.spec.layers[problem.card].id;
        auto* part = new QWidget;
        auto* column = makeColumn(part, 0);
        auto* go = makeButton(qt(key == "input" ? "Input" : key == "output" ? "Output" : key), ButtonKind::Link);
        auto* text = makeText(problem.sentence);
        text->setProperty("role", "error");
        column->addWidget(go, 0, Qt::AlignLeft);
        column->addWidget(text);
        connect(go, &QPushButton::clicked, this, [this, key] { emit cardWanted(key); });
        problems_->addWidget(part);
    }
}

void LayerInspector::setRows(const QList<QPair<QString, QString>>& rows) {
    while (rows_->count() > rows.size() * 2) {
        QLayoutItem* item = rows_->takeAt(rows_->count() - 1);
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (int i = 0; i < rows.size(); ++i) {
        if (rows_->count() <= i * 2) {
            auto* value = new QLabel;
            value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
            value->setTextFormat(Qt::PlainText);
            rows_->addWidget(makeLabel({}), i, 0);
            rows_->addWidget(value, i, 1);
        }
        static_cast<QLabel*>(rows_->itemAtPosition(i, 0)->widget())->setText(rows[i].first);
        static_cast<QLabel*>(rows_->itemAtPosition(i, 1)->widget())->setText(rows[i].second);
    }
}

} // namespace strata
