// SPDX-License-Identifier: Apache-2.0
// Losses, ten steps of every optimizer and the factors of every schedule against PyTorch.
#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "tests/support/case_test.h"
#include "tests/support/case_train.h"

using namespace strata;
using namespace strata::test;

namespace {

constexpr int64_t kWeights = 37;
constexpr int kSteps = 10;

/// As golden_train.py: the gradient is a formula vector plus 0.3 of the weights, the rate falls by a twentieth a step.
std::string followOptimizer(const OptimizerCase& row, const Golden& golden, DType dtype, double tolerance) {
    Tensor weights = formulaTensor({kWeights}, 1, -1, 1, dtype);
    const auto optimizer = makeOptimizer(row.id, row.params, weights);
    for (int t = 0; t < kSteps; ++t) {
        std::vector<double> gradient = weights.toVector<double>();
        for (size_t i = 0; i < gradient.size(); ++i) gradient[i] = formulaValue(100 + uint64_t(t), i, -1, 1) + 0.3 * gradient[i];
        optimizer->step(weights, Tensor::of(gradient).to(dtype), row.params.at("lr").get<double>() * (1 - 0.05 * t));
        const std::string problem = golden.compare(weights, fmt::format("{}/step{}", row.name, t), tolerance);
        if (!problem.empty()) return problem;
    }
    return {};
}

template <class Row> void addNamed(const std::vector<Row>& table) {
    QTest::addColumn<int>("at");
    for (size_t i = 0; i < table.size(); ++i) QTest::newRow(table[i].name.c_str()) << int(i);
}

std::vector<OpCase> lossRows() {
    std::vector<OpCase> rows;
    for (const LossCase& row : lossCases()) rows.push_back(row.row);
    return rows;
}

} // namespace

class TstTrainGolden : public QObject {
    Q_OBJECT

private slots:
    void tenStepsFollowPyTorchInF64_data() { addNamed(optimizerCases()); }
    void tenStepsFollowPyTorchInF64() {
        QFETCH(int, at);
        STRATA_VERIFY(followOptimizer(optimizerCases()[size_t(at)], train_, DType::F64, 1e-12));
    }

    void tenStepsFollowPyTorchInF32_data() { addNamed(optimizerCases()); }
    void tenStepsFollowPyTorchInF32() {
        QFETCH(int, at);
        STRATA_VERIFY(followOptimizer(optimizerCases()[size_t(at)], train_, DType::F32, 2e-6));
    }

    void everyFactorIsThatOfPyTorchsScheduler_data() { addNamed(scheduleCases()); }
    void everyFactorIsThatOfPyTorchsScheduler() {
        QFETCH(int, at);
        const ScheduleCase& row = scheduleCases()[size_t(at)];
        const std::vector<double>& expected = train_.values(row.name);
        QCOMPARE(int64_t(expected.size()), row.totalSteps);
        const Schedule schedule(row.id, row.params);
        for (int64_t step = 0; step < row.totalSteps; ++step) {
            const double factor = schedule.factor({step, row.stepsPerEpoch, row.totalSteps});
            QVERIFY2(std::fabs(factor - expected[size_t(step)]) < 1e-9,
                     fmt::format("step {}: {} where PyTorch has {}", step, factor, expected[size_t(step)]).c_str());
        }
    }

    void lossesAgreeWithPyTorch_data() { addRows(lossRows()); }
    void lossesAgreeWithPyTorch() {
        const std::vector<OpCase> rows = lossRows();
        STRATA_VERIFY(checkGolden(currentCase(rows), layers_, DType::F64));
        STRATA_VERIFY(checkGolden(currentCase(rows), layers_, DType::F32));
    }

    void gradientsOfLossesEqualFiniteDifferences_data() { addRows(lossRows()); }
    void gradientsOfLossesEqualFiniteDifferences() {
        const std::vector<OpCase> rows = lossRows();
        STRATA_VERIFY(checkFiniteDifferences(currentCase(rows)));
    }

private:
    Golden train_{"train"};
    Golden layers_{"layers"};
};

QTEST_GUILESS_MAIN(TstTrainGolden)
#include "tst_train_golden.moc"
