// SPDX-License-Identifier: Apache-2.0
// Every operation is a row of opCases(); every slot checks all rows in one way.
#include "core/backend/registry.h"
#include "tests/support/case_test.h"

using namespace strata;
using namespace strata::test;

class TstOps : public QObject {
    Q_OBJECT

private slots:
    void agreesWithPyTorchInF64_data() { addRows(opCases()); }
    void agreesWithPyTorchInF64() { STRATA_VERIFY(checkGolden(currentCase(opCases()), golden_, DType::F64)); }

    void agreesWithPyTorchInF32_data() { addRows(opCases()); }
    void agreesWithPyTorchInF32() { STRATA_VERIFY(checkGolden(currentCase(opCases()), golden_, DType::F32)); }

    void gradientEqualsFiniteDifferences_data() {
        addRows(opCases(), [](const OpCase& row) { return row.differentiable; });
    }
    void gradientEqualsFiniteDifferences() { STRATA_VERIFY(checkFiniteDifferences(currentCase(opCases()))); }

    void gradientOfTheGradientEqualsFiniteDifferences_data() {
        addRows(opCases(), [](const OpCase& row) { return row.twice; });
    }
    void gradientOfTheGradientEqualsFiniteDifferences() { STRATA_VERIFY(checkSecondDifferences(currentCase(opCases()))); }

    void otherGradientsOfGradientsAreRefusedWithASentence_data() {
        addRows(opCases(), [](const OpCase& row) { return row.differentiable && !row.twice; });
    }
    void otherGradientsOfGradientsAreRefusedWithASentence() {
        const OpCase& row = currentCase(opCases());
        const std::string sentence = sentenceOf([&] { checkSecondDifferences(row, 1); });
        if (sentence.empty())
            STRATA_VERIFY(checkSecondDifferences(row)); // not refused: then it must be right
        else
            QVERIFY2(sentence.find("the gradient of its gradient is not available") != std::string::npos, sentence.c_str());
    }

    void f32EqualsF64_data() { addRows(opCases()); }
    void f32EqualsF64() { STRATA_VERIFY(checkSinglePrecision(currentCase(opCases()))); }

    void stridedInputsGiveTheSame_data() { addRows(opCases()); }
    void stridedInputsGiveTheSame() { STRATA_VERIFY(checkStrides(currentCase(opCases()))); }

    void layoutsGiveTheSame_data() {
        addRows(opCases(), [](const OpCase& row) { return !row.inputs.empty() && row.inputs[0].shape.rank() == 4; });
    }
    void layoutsGiveTheSame() { STRATA_VERIFY(checkLayouts(currentCase(opCases()))); }

    void anInPlaceChangeOfASavedTensorIsFoundAndNamed_data() {
        addRows(opCases(), [](const OpCase& row) { return !row.saves.empty(); });
    }
    void anInPlaceChangeOfASavedTensorIsFoundAndNamed() { STRATA_VERIFY(checkSavedVersions(currentCase(opCases()))); }

    void everyGoldenRowStillHasACase() {
        std::set<std::string> names;
        for (const OpCase& row : opCases()) QVERIFY2(names.insert(row.name).second, row.name.c_str());
        for (const std::string& key : golden_.keys()) QVERIFY2(names.contains(key.substr(0, key.find('/'))), key.c_str());
    }

private:
    Golden golden_{"ops"};
};

QTEST_GUILESS_MAIN(TstOps)
#include "tst_ops.moc"
