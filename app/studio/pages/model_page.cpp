// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/model_page.h"
#include "core/base/text.h"
#include "core/model/memory.h"
#include "widgets/common/controls.h"
#include "widgets/model/layer_look.h"
#include "widgets/model/layer_stack.h"
#include "widgets/model/model_editor.h"
#include "widgets/model/spec_repeat.h"

#include <QVBoxLayout>
#include <unistd.h>

namespace strata::studio {
namespace {

const char* const kLayoutKey = "model/splitter";

uint64_t machineMemory() {
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    return pages > 0 && size > 0 ? uint64_t(pages) * uint64_t(size) : 0;
}

/// "1.2 GB of 8.2 GB at batch 128", or "" where there is nothing to forecast.
QString memoryText(const ModelSpec& model, const TrainConfig& training) {
    try {
        const bool adam = training.optimizer.id.find("adam") != std::string::npos;
        const uint64_t bytes = memoryForecast(withoutBypassed(model), training.batchSize, adam ? 2 : 1).total();
        const QString used = QString::fromStdString(formatBytes(bytes));
        const uint64_t room = training.device.rfind("cuda", 0) == 0 ? 0 : machineMemory();
        if (room == 0) return ModelPage::tr("%1 at batch %2").arg(used).arg(training.batchSize);
        return ModelPage::tr("%1 of %2 at batch %3").arg(used, QString::fromStdString(formatBytes(room))).arg(training.batchSize);
    } catch (const Error&) { return {}; } // a network with problems: they are told on the cards
}

} // namespace

ModelPage::ModelPage(Context& context, QWidget* parent) : Page(context, parent), editor_(new ModelEditor) {
    makeColumn(this, 0)->addWidget(editor_);
    connect(editor_, &ModelEditor::edited, this, [this](const QString& text, const ModelSpec& full, const QString& mergeKey) {
        context_.document.edit(
            text, Section::Model, [&full](Project& project) { project.model = full; }, mergeKey);
    });
    connect(editor_, &ModelEditor::selectionChanged, this, &ModelPage::refreshFooter);
    connect(editor_, &ModelEditor::layoutChanged, this, [this] { context_.settings.setValue(kLayoutKey, editor_->saveLayout()); });
    connect(&context.document, &ProjectDocument::changed, this, &ModelPage::documentChanged);
    connect(&context.data, &DataCenter::changed, this, &ModelPage::dataChanged);
    addActions();
    editor_->restoreLayout(context.settings.value(kLayoutKey).toByteArray());
    editor_->setBatch(context.document.project().training.batchSize);
    dataChanged();
    documentChanged(Section::Model);
}

void ModelPage::enter(const Request& request) {
    if (!request.problem.isEmpty()) return editor_->goToProblem();
    if (editor_->view() == 0) editor_->stack()->setFocus(Qt::MouseFocusReason); // ready for keys, without a ring until one is pressed
}

void ModelPage::setNarrow(bool narrow) { editor_->setNarrow(narrow); }

void ModelPage::documentChanged(Section section) {
    if (section == Section::Training) {
        editor_->setBatch(context_.document.project().training.batchSize);
        return refreshFooter();
    }
    if (section != Section::Model) return;
    editor_->setModel(context_.document.project().model);
    refreshFooter();
}

void ModelPage::dataChanged() {
    DataFacts facts;
    if (context_.data.data()) {
        facts.input = context_.data.networkInput();
        facts.classes = int64_t(context_.data.classes().size());
    }
    editor_->setData(facts);
    const ModelSpec& model = context_.document.project().model;
    if (facts.input.empty() || facts.classes < 1 || model.layers.empty()) return refreshFooter();
    // Follows the data without a step of its own: undo of the data brings the network back in the same way.
    const ModelSpec adapted =
        modeledit::expandRepeats(modeledit::adaptTo(modeledit::collapseRepeats(model), facts.input, facts.classes).spec);
    if (adapted.toJson() != model.toJson()) {
        context_.document.set(Section::Model, [&adapted](Project& project) { project.model = adapted; });
        context_.messages.info(tr("The network now takes %1 and tells %n classes apart, as the data ask.", nullptr, int(facts.classes))
                                   .arg(shapeText(facts.input)),
                               "model.adapted");
    }
    refreshFooter();
}

void ModelPage::refreshFooter() {
    const ModelFacts& facts = editor_->facts();
    if (facts.spec.layers.empty()) return setFooter(tr("No layers yet"));
    QStringList parts;
    if (!facts.problems.empty())
        parts << (facts.problems.size() == 1 ? tr("1 problem") : tr("%n problems", nullptr, int(facts.problems.size())));
    parts << tr("%1 params").arg(countText(facts.parameters)) << tr("%1FLOPs").arg(countText(facts.flops));
    if (facts.problems.empty())
        if (const QString memory = memoryText(editor_->model(), context_.document.project().training); !memory.isEmpty()) parts << memory;
    if (const size_t selected = editor_->stack()->selectedIds().size(); selected > 1) parts << tr("%n selected", nullptr, int(selected));
    setFooter(parts.join("  |  "));
}

void ModelPage::addActions() {
    const QString group = tr("Model");
    LayerStack* stack = editor_->stack();
    const auto add = [&](const char* id, const QString& text, const char* icon, const QKeySequence& keys, QWidget* where,
                         const std::function<void()>& act) { context_.actions.add(id, group, text, icon, keys, act, where); };
    add("model.add_layer", tr("Add layer below"), "add", Qt::Key_Insert, this, [this] { editor_->openPalette(); });
    add("model.template", tr("Choose template"), "model", {}, this, [this] { editor_->openTemplates(); });
    add("model.problem", tr("Go to the first problem"), "error", Qt::Key_F8, this, [this] { editor_->goToProblem(); });
    add("model.inspector", tr("Inspect layer"), "settings", {}, this, [this] { editor_->openInspector(); });
    add("model.stack", tr("Show stack"), "model", {}, this, [this] { editor_->setView(0); });
    add("model.summary", tr("Show summary"), "table", {}, this, [this] { editor_->setView(1); });
    add("model.code", tr("Show PyTorch source"), "code", {}, this, [this] { editor_->setView(2); });
    // These act on the selected cards, so their keys count only while the stack has the focus.
    add("model.connect", tr("Connect layer to..."), "link", Qt::Key_S, stack, [stack] { stack->startConnection(); });
    add("model.copy", tr("Copy layers"), "copy", QKeySequence::Copy, stack, [stack] { stack->copySelected(); });
    add("model.cut", tr("Cut layers"), "remove", QKeySequence::Cut, stack, [stack] { stack->cutSelected(); });
    add("model.paste", tr("Paste layers below"), "paste", QKeySequence::Paste, stack, [stack] { stack->paste(); });
    add("model.duplicate", tr("Duplicate layers"), "copy", QKeySequence(Qt::CTRL | Qt::Key_D), stack,
        [stack] { stack->duplicateSelected(); });
    add("model.bypass", tr("Bypass layers"), "bypass", Qt::Key_B, stack, [stack] { stack->toggleBypass(); });
    add("model.group_layers", tr("Group layers into a block"), "group", QKeySequence(Qt::CTRL | Qt::Key_G), stack,
        [stack] { stack->groupSelected(); });
    add("model.ungroup", tr("Ungroup block"), "group", QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_G), stack,
        [stack] { stack->ungroupSelected(); });
    add("model.move_up", tr("Move layers up"), "chevron-up", QKeySequence(Qt::ALT | Qt::Key_Up), stack,
        [stack] { stack->moveSelected(-1); });
    add("model.move_down", tr("Move layers down"), "chevron-down", QKeySequence(Qt::ALT | Qt::Key_Down), stack,
        [stack] { stack->moveSelected(1); });
    add("model.delete", tr("Delete layers"), "delete", QKeySequence::Delete, stack, [stack] { stack->removeSelected(); });
    add("model.select_all", tr("Select all layers"), "check", QKeySequence::SelectAll, stack, [stack] { stack->selectAll(); });
}

Page* makeModelPage(Context& context) { return new ModelPage(context); }

} // namespace strata::studio
