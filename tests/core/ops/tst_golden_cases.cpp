// SPDX-License-Identifier: Apache-2.0
// Keeps tests/data/golden/cases.json, which make_golden.py reads, equal to the tables. To renew it:
//   STRATA_WRITE_CASES=1 build/release/tests/tst_golden_cases && /usr/bin/python3 tests/support/make_golden.py
#include "core/base/atomic_file.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "tests/support/case_test.h"
#include "tests/support/case_train.h"

#include <cstdlib>

using namespace strata;
using namespace strata::test;

namespace {

/// One row a line, so that a change is a small difference.
std::string lineByLine(const Json& list) {
    std::string text = "{";
    for (const auto& [part, rows] : list.items()) {
        text += text == "{" ? "\n" : ",\n";
        text += toText(Json(part)) + ": [";
        for (size_t i = 0; i < rows.size(); ++i) text += (i == 0 ? "\n  " : ",\n  ") + toText(rows[i]);
        text += "\n]";
    }
    return text + "\n}\n";
}

} // namespace

class TstGoldenCases : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        list_ = caseList();
        addTrainCases(list_);
        if (std::getenv("STRATA_WRITE_CASES")) writeFileAtomically(goldenPath("cases.json"), lineByLine(list_));
    }

    void theCommittedListEqualsTheTables() {
        const Json committed = parseJson(readTestFile(goldenPath("cases.json")), "cases.json");
        for (const char* part : {"ops", "layers", "optimizers", "schedules", "losses"}) {
            const Json &ours = list_.at(part), &theirs = committed.at(part);
            for (size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i)
                QVERIFY2(i < ours.size() && i < theirs.size() && ours[i] == theirs[i],
                         fmt::format("row {} of {} is stale: see the head of tst_golden_cases.cpp", i, part).c_str());
        }
    }

    void everyLayerHasAnExample() {
        for (const LayerDef* layer : layers()) QVERIFY2(!layer->examples.empty(), layer->spec.id.c_str());
    }

    void everyOptimizerScheduleAndLossHasARow() {
        const auto has = [](const auto& table, const std::string& id) {
            return std::any_of(table.begin(), table.end(), [&](const auto& row) { return row.id == id; });
        };
        for (const OptimizerDef& def : optimizers()) QVERIFY2(has(optimizerCases(), def.spec.id), def.spec.id.c_str());
        for (const ScheduleDef& def : schedules()) QVERIFY2(has(scheduleCases(), def.spec.id), def.spec.id.c_str());
        for (const LossDef& def : losses()) QVERIFY2(has(lossCases(), def.spec.id), def.spec.id.c_str());
    }

private:
    Json list_;
};

QTEST_GUILESS_MAIN(TstGoldenCases)
#include "tst_golden_cases.moc"
