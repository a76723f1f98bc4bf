// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"
#include "core/ops/ops.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "tests/support/sentence.h"

#include <QtTest>

using namespace strata;
using namespace strata::test;

namespace {

Json golden(const char* name) {
    const std::string path = std::string(STRATA_SOURCE_DIR) + "/tests/data/train/" + name;
    return parseJson(readTextFile(path), path);
}

std::vector<double> numbers(const Json& json) { return json.get<std::vector<double>>(); }

Tensor row(const std::vector<double>& values, DType dtype) { return Tensor::of(values).to(dtype); }

double largestDifference(const Tensor& tensor, const std::vector<double>& expected) {
    const std::vector<double> values = tensor.toVector<double>();
    if (values.size() != expected.size()) return 1e300;
    double largest = 0;
    for (size_t i = 0; i < values.size(); ++i) {
        const double difference = std::abs(values[i] - expected[i]) / std::max(1.0, std::abs(expected[i]));
        if (!(difference <= largest)) largest = difference;
    }
    return largest;
}

} // namespace

/// Optimizers, schedules and losses against PyTorch's numbers (tests/support/make_train_golden.py).
class TstComponents : public QObject {
    Q_OBJECT
private slots:
    void optimizerFollowsPyTorchForTenSteps_data() {
        QTest::addColumn<int>("index");
        QTest::addColumn<bool>("f64");
        const Json cases = golden("optimizers.json");
        for (int i = 0; i < int(cases.size()); ++i)
            for (const bool f64 : {true, false})
                QTest::addRow("%s %d %s", cases[size_t(i)]["id"].get<std::string>().c_str(), i, f64 ? "f64" : "f32") << i << f64;
    }
    void optimizerFollowsPyTorchForTenSteps() {
        QFETCH(int, index);
        QFETCH(bool, f64);
        const Json test = golden("optimizers.json")[size_t(index)];
        const DType dtype = f64 ? DType::F64 : DType::F32;
        const Tensor weights = row(numbers(test["start"]), dtype);
        const auto optimizer = makeOptimizer(test["id"], test["params"], weights);
        for (size_t step = 0; step < test["rates"].size(); ++step) {
            optimizer->step(weights, row(numbers(test["gradients"][step]), dtype), test["rates"][step].get<double>());
            const double difference = largestDifference(weights, numbers(test["after"][step]));
            QVERIFY2(difference < (f64 ? 1e-13 : 2e-6), qPrintable(QString("step %1: %2").arg(step).arg(difference)));
        }
        QCOMPARE(optimizer->steps(), int64_t(10));
    }

    void optimizerGoesOnFromItsSavedState_data() {
        QTest::addColumn<QString>("id");
        for (const OptimizerDef& def : optimizers()) QTest::addRow("%s", def.spec.id.c_str()) << QString::fromStdString(def.spec.id);
    }
    void optimizerGoesOnFromItsSavedState() {
        QFETCH(QString, id);
        const Tensor first = Tensor::of(std::vector<float>{1, -2, 3}), gradient = Tensor::of(std::vector<float>{0.5f, 0.25f, -1});
        const Json params = id == "sgd" ? Json{{"momentum", 0.9}} : Json::object();
        const auto whole = makeOptimizer(id.toStdString(), params, first);
        whole->step(first, gradient, 0.1);
        whole->step(first, gradient, 0.1);
        const Tensor second = first.clone();
        const auto resumed = makeOptimizer(id.toStdString(), params, second);
        resumed->load(whole->state(), whole->steps());
        whole->step(first, gradient, 0.1);
        resumed->step(second, gradient, 0.1);
        QCOMPARE(second.toVector<float>(), first.toVector<float>());
        QVERIFY(!sentenceOf([&] { resumed->load({}, 1); }).empty());
    }

    void scheduleFollowsPyTorch_data() {
        QTest::addColumn<int>("index");
        const Json cases = golden("schedules.json");
        for (int i = 0; i < int(cases.size()); ++i) QTest::addRow("%s %d", cases[size_t(i)]["id"].get<std::string>().c_str(), i) << i;
    }
    void scheduleFollowsPyTorch() {
        QFETCH(int, index);
        const Json test = golden("schedules.json")[size_t(index)];
        const Schedule schedule(test["id"], test["params"]);
        const std::vector<double> expected = numbers(test["factors"]);
        for (size_t step = 0; step < expected.size(); ++step) {
            const double factor = schedule.factor({int64_t(step), test["steps_per_epoch"], test["total_steps"]});
            QVERIFY2(std::abs(factor - expected[step]) < 1e-12,
                     qPrintable(QString("step %1: %2 instead of %3").arg(step).arg(factor).arg(expected[step])));
        }
    }
    void scheduleStaysFiniteInTheShortestRun_data() {
        QTest::addColumn<QString>("id");
        for (const ScheduleDef& def : schedules()) QTest::addRow("%s", def.spec.id.c_str()) << QString::fromStdString(def.spec.id);
    }
    void scheduleStaysFiniteInTheShortestRun() {
        QFETCH(QString, id);
        for (int64_t total = 1; total < 5; ++total)
            for (int64_t step = 0; step < total; ++step)
                for (const double warmup : {0.0, 0.5, 10.0}) {
                    const double factor = Schedule(id.toStdString(), {{"warmup_epochs", warmup}}).factor({step, 2, total});
                    QVERIFY2(factor >= 0 && factor <= 1, qPrintable(QString("step %1 of %2: %3").arg(step).arg(total).arg(factor)));
                }
    }

    void lossFollowsPyTorch_data() {
        QTest::addColumn<int>("index");
        const Json cases = golden("losses.json");
        for (int i = 0; i < int(cases.size()); ++i) QTest::addRow("%s %d", cases[size_t(i)]["id"].get<std::string>().c_str(), i) << i;
    }
    void lossFollowsPyTorch() {
        QFETCH(int, index);
        const Json test = golden("losses.json")[size_t(index)];
        const std::vector<int64_t> labels = test["targets"].get<std::vector<int64_t>>();
        const Tensor targets = Tensor::of(labels);
        const int64_t rows = int64_t(labels.size());
        for (const DType dtype : {DType::F64, DType::F32}) {
            const std::vector<double> values = numbers(test["outputs"]);
            Tensor outputs = Tensor::of(values, {rows, int64_t(values.size()) / rows}).to(dtype);
            outputs.setRequiresGrad(true);
            const Tensor loss = (*makeLoss(test["id"], test["params"]))(outputs, targets);
            loss.backward();
            const double bound = dtype == DType::F64 ? 1e-13 : 1e-5, expected = test["loss"].get<double>();
            QVERIFY(std::abs(loss.item() - expected) <= bound * std::max(1.0, std::abs(expected)));
            QVERIFY(largestDifference(outputs.grad(), numbers(test["gradient"])) < bound);
        }
    }
    void mseTakesPlainTargetsToo() {
        const Tensor outputs = Tensor::of(std::vector<float>{1, 2, 3, 4}, {2, 2}),
                     targets = Tensor::of(std::vector<float>{1, 0, 0, 4}, {2, 2});
        QCOMPARE((*makeLoss("mse"))(outputs, targets).item(), (4.0 + 9.0) / 4);
    }

    void whatCannotBeUsedIsOneSentence_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("expected");
        QTest::newRow("optimizer") << "optimizer"
                                   << "there is no optimizer 'sgdd'; did you mean sgd?";
        QTest::newRow("far optimizer") << "far"
                                       << "there is no optimizer 'lamb_of_doom'; there are sgd, adam, adamw";
        QTest::newRow("loss") << "loss"
                              << "there is no loss 'cross_entropie'; did you mean cross_entropy?";
        QTest::newRow("schedule") << "schedule"
                                  << "there is no schedule 'cosin'; did you mean cosine?";
        QTest::newRow("range") << "range"
                               << "sgd: momentum is 1.5, allowed is 0 to 0.999999";
        QTest::newRow("nesterov") << "nesterov"
                                  << "sgd: nesterov needs a momentum above 0";
        QTest::newRow("shapes")
            << "shapes"
            << "cross_entropy: outputs [2, 2] and targets [3] do not fit: outputs must be [N, classes] and targets i64 [N]";
        QTest::newRow("label") << "label"
                               << "one-hot: label 2 at position 1 is outside the 2 classes";
    }
    void whatCannotBeUsedIsOneSentence() {
        QFETCH(QString, what);
        QFETCH(QString, expected);
        const Tensor one = Tensor::zeros({1}), outputs = Tensor::zeros({2, 2});
        const std::string found = sentenceOf([&] {
            if (what == "optimizer") makeOptimizer("sgdd", {}, one);
            if (what == "far") makeOptimizer("lamb_of_doom", {}, one);
            if (what == "loss") makeLoss("cross_entropie");
            if (what == "schedule") Schedule("cosin");
            if (what == "range") makeOptimizer("sgd", {{"momentum", 1.5}}, one);
            if (what == "nesterov") makeOptimizer("sgd", {{"momentum", 0.0}, {"nesterov", true}}, one);
            if (what == "shapes") (*makeLoss("cross_entropy"))(outputs, Tensor::zeros({3}, DType::I64));
            if (what == "label") (*makeLoss("mse"))(outputs, Tensor::of(std::vector<int64_t>{0, 2}));
        });
        QCOMPARE(QString::fromStdString(found), expected);
    }
};

QTEST_GUILESS_MAIN(TstComponents)
#include "tst_components.moc"
