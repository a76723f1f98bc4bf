// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/model_facts.h"
#include "widgets/model/model_fix.h"
#include "widgets/model/spec_repeat.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace strata {
namespace {

/// A fix is only offered where it clears the problem it stands under.
bool clears(const CardProblem& card, const ModelFacts& facts) {
    const modeledit::Edit edit = card.fix(facts.spec);
    if (!edit.ok()) return false;
    const SpecCheck after = checkSpec(modeledit::expandRepeats(edit.spec));
    if (card.card == kInputCard || card.card == kOutputCard) return true;
    const std::string& id = facts.spec.layers[card.card].id;
    const int at = edit.spec.find(id);
    if (at < 0) return true; // the fix took the layer
    const std::vector<std::vector<size_t>> copies = modeledit::copiesOf(edit.spec);
    for (const SpecProblem& problem : after.problems)
        for (const size_t copy : copies[size_t(at)])
            if (problem.layer == copy) return false;
    return true;
}

} // namespace

const CardProblem* ModelFacts::problemAt(size_t card) const {
    for (const CardProblem& problem : problems)
        if (problem.card == card) return &problem;
    return nullptr;
}

ModelFacts modelFacts(const ModelSpec& full, const DataFacts& data) {
    ModelFacts facts;
    facts.spec = modeledit::collapseRepeats(full);
    facts.data = data;
    const ModelSpec expanded = modeledit::expandRepeats(facts.spec);
    const SpecCheck check = checkSpec(expanded);
    facts.output = check.output;
    const std::vector<std::vector<size_t>> copies = modeledit::copiesOf(facts.spec);
    std::vector<std::pair<size_t, int>> shownOf(expanded.layers.size()); // layer, copy
    for (size_t i = 0; i < copies.size(); ++i) {
        facts.layers.push_back(check.layers[copies[i].front()]);
        facts.times.push_back(int(copies[i].size()));
        for (size_t c = 0; c < copies[i].size(); ++c) {
            shownOf[copies[i][c]] = {i, int(c)};
            facts.parameters += double(check.layers[copies[i][c]].parameters);
            facts.flops += check.layers[copies[i][c]].flops;
        }
    }
    if (facts.spec.layers.empty()) return facts;
    for (const SpecProblem& found : check.problems) {
        const auto [layer, copy] = shownOf[found.layer];
        CardProblem card;
        card.card = layer;
        card.sentence = QString::fromStdString(found.problem.sentence);
        static const QRegularExpression sizes("(?<=\\d)x(?=\\d)"); // the engine writes shapes for terminals
        card.sentence.replace(sizes, QString(QChar(0x00D7)));
        if (copy > 0) card.sentence = QCoreApplication::translate("ModelFacts", "In repeat %1: %2").arg(copy + 1).arg(card.sentence);
        findFix(card, found.problem, facts.spec, layer, check.layers[found.layer].inputs, data);
        if (card.fix && !clears(card, facts)) {
            card.fix = nullptr;
            card.fixTitle.clear();
        }
        facts.problems.push_back(std::move(card));
    }
    findEndProblems(facts);
    return facts;
}

} // namespace strata
