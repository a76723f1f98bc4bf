// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/controls.h"
#include "widgets/model/layer_inspector.h"
#include "widgets/model/layer_look.h"
#include "widgets/model/spec_wire.h"

#include <QComboBox>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace strata {
namespace {

QString sourceText(const ModelSpec& spec, const std::string& id) {
    if (id == "input") return InputList::tr("Input");
    const int at = spec.find(id);
    const QString name = QString::fromStdString(id);
    return at < 0 ? InputList::tr("%1 (missing)").arg(name) : name + "  " + layerTitle(spec.layers[size_t(at)].type);
}

/// Everything above a layer that it may read, nearest first.
std::vector<std::string> sourcesOf(const ModelSpec& spec, size_t layer) {
    std::vector<std::string> sources;
    for (size_t i = layer; i-- > 0;) sources.push_back(spec.layers[i].id);
    sources.push_back("input");
    return sources;
}

} // namespace

InputList::InputList(QWidget* parent) : QWidget(parent) { makeColumn(this, measure::kSpace8); }

void InputList::setLayer(const ModelSpec& spec, size_t layer) {
    // Rebuilt only where something it shows changed, so that the focus stays where it is.
    std::string shown = spec.layers[layer].id + ":" + spec.layers[layer].type;
    for (const std::string& id : spec.inputsOf(layer)) shown += "," + id;
    for (size_t i = 0; i < layer; ++i) shown += ";" + spec.layers[i].id;
    spec_ = spec;
    layer_ = spec.layers[layer].id;
    if (shown == shown_) return;
    shown_ = shown;
    rebuild();
}

void InputList::rebuild() {
    while (QLayoutItem* item = layout()->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    const size_t at = size_t(spec_.find(layer_));
    const std::vector<std::string> inputs = spec_.inputsOf(at), sources = sourcesOf(spec_, at);
    for (size_t k = 0; k < inputs.size(); ++k) {
        auto* line = new QWidget;
        auto* row = makeRow(line, measure::kSpace4);
        auto* combo = new QComboBox;
        combo->setAccessibleName(tr("Input %1 of %2").arg(k + 1).arg(QString::fromStdString(layer_)));
        combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        combo->setMinimumContentsLength(8);
        for (const std::string& id : sources) combo->addItem(sourceText(spec_, id), QString::fromStdString(id));
        int chosen = combo->findData(QString::fromStdString(inputs[k]));
        if (chosen < 0) {
            combo->insertItem(0, sourceText(spec_, inputs[k]), QString::fromStdString(inputs[k]));
            chosen = 0;
        }
        combo->setCurrentIndex(chosen);
        connect(combo, &QComboBox::activated, this, [this, combo, k](int index) {
            const std::string source = combo->itemData(index).toString().toStdString();
            if (const int i = spec_.find(layer_); i >= 0 && spec_.inputsOf(size_t(i))[k] != source)
                emit edited(modeledit::setInput(spec_, layer_, k, source));
        });
        row->addWidget(combo, 1);
        if (inputs.size() > 1) {
            auto* remove = makeIconButton("close", tr("Remove input %1").arg(k + 1));
            connect(remove, &QToolButton::clicked, this, [this, k] { emit edited(modeledit::removeInput(spec_, layer_, k)); });
            row->addWidget(remove);
        }
        layout()->addWidget(line);
    }
    auto* add = new QComboBox;
    add->setAccessibleName(tr("Connect another layer to %1").arg(QString::fromStdString(layer_)));
    add->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    add->setMinimumContentsLength(8);
    add->addItem(modeledit::isCombine(spec_.layers[at].type) ? tr("Add an input...") : tr("Add a skip connection from..."));
    for (const std::string& id : sources)
        if (modeledit::whyNotConnect(spec_, id, layer_).isEmpty()) add->addItem(sourceText(spec_, id), QString::fromStdString(id));
    connect(add, &QComboBox::activated, this, [this, add](int index) {
        if (index <= 0) return;
        const std::string source = add->itemData(index).toString().toStdString();
        add->setCurrentIndex(0);
        emit edited(modeledit::connectLayers(spec_, source, layer_, "add"));
    });
    if (add->count() > 1)
        layout()->addWidget(add);
    else
        delete add;
}

} // namespace strata
