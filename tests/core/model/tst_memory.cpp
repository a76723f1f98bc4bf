// SPDX-License-Identifier: Apache-2.0
// The memory forecast against what the CPU's allocator counts while a step runs.
#include "core/model/memory.h"

#include "core/backend/dispatch.h"
#include "core/model/network.h"
#include "core/ops/ops.h"
#include "tests/support/files_support.h"

#include <QtTest>

using namespace strata;
using namespace strata::test;

namespace {

/// Bytes in use at the peak of two training steps. The allocator keeps the highest mark of the process, and kernels their
/// workspace: cases come in rising order.
uint64_t measured(const ModelSpec& spec, int64_t batch) {
    const MemoryStats before = backendOf(cpuDevice()).memoryStats();
    {
        Network network(spec, 0);
        const Tensor moments = Tensor::zeros(network.flatParameters().shape());
        Shape shape = spec.input;
        shape.insert(0, batch);
        const Tensor images = Tensor::ones(shape), labels = Tensor::zeros({batch}, DType::I64);
        for (uint32_t step = 0; step < 2; ++step) {
            ForwardOptions options;
            options.training = true;
            options.step = step;
            network.zeroGradients();
            crossEntropy(network.forward(images, options), labels).backward();
        }
    }
    const uint64_t peak = backendOf(cpuDevice()).memoryStats().peakBytesInUse;
    return peak > before.peakBytesInUse ? peak : 0;
}

} // namespace

class TstMemory : public QObject {
    Q_OBJECT
private slots:
    void theForecastIsNearWhatTrainingTakes_data(); // first: the peak is of the whole process
    void theForecastIsNearWhatTrainingTakes();
    void parametersAreCountedExactly();
    void momentsAndFrozenWeightsAreCounted();
    void theLargestBatchFits();
    void bypassedLayersCountNothingAndWrongSpecsAreRefused();
};

void TstMemory::parametersAreCountedExactly() {
    for (const TemplateDef& def : modelTemplates()) {
        const ModelSpec spec = def.make({3, 32, 32}, 10);
        uint64_t bytes = 0;
        const Network network(spec, 0);
        for (const NamedTensor& item : network.stateDict()) bytes += uint64_t(item.tensor.elements()) * 4;
        QCOMPARE(memoryForecast(spec, 1).parameters, bytes);
    }
}

void TstMemory::theForecastIsNearWhatTrainingTakes_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("batch");
    for (const auto& [name, batch] : std::vector<std::pair<const char*, int>>{
             {"lenet5", 64}, {"mlp", 256}, {"resnet20", 32}, {"speed", 48}, {"vgg_small", 160}, {"resnet9", 48}})
        QTest::addRow("%s, batch %d", name, batch) << name << batch;
}

void TstMemory::theForecastIsNearWhatTrainingTakes() {
    QFETCH(QString, name);
    QFETCH(int, batch);
    const ModelSpec spec = makeTemplate(name.toStdString(), {3, 32, 32}, 10);
    MemoryForecast forecast = memoryForecast(spec, batch);
    forecast.batch /= 5; // one batch here, no loader
    const double expected = double(forecast.total()), real = double(measured(spec, batch));
    qInfo("%s, batch %d: %.1f MB measured, %.1f MB forecast (workspace %.1f)", qPrintable(name), batch, real / 1e6, expected / 1e6,
          double(forecast.workspace) / 1e6);
    QVERIFY(real > 0);
    // A machine without Winograd's algorithm takes less than is said, never more.
    QVERIFY2(expected > 0.85 * real && expected < 1.9 * real, qPrintable(QString("%1 of %2").arg(expected).arg(real)));
}

void TstMemory::momentsAndFrozenWeightsAreCounted() {
    ModelSpec spec = makeTemplate("lenet5", {3, 32, 32}, 10);
    const MemoryForecast one = memoryForecast(spec, 1, 1), two = memoryForecast(spec, 1, 2);
    QCOMPARE(two.optimizer, 2 * one.optimizer);
    QCOMPARE(one.optimizer, one.gradients);
    QCOMPARE(one.gradients, one.parameters); // no buffers in it
    spec.layers[0].frozen = {"weight"};
    QCOMPARE(memoryForecast(spec, 1).gradients, one.gradients - 6 * 3 * 25 * 4);
    const Json json = one.toJson();
    QCOMPARE(json["total"].get<uint64_t>(), one.total());
}

void TstMemory::theLargestBatchFits() {
    const ModelSpec spec = makeTemplate("resnet9", {3, 32, 32}, 10);
    const uint64_t room = uint64_t(2) << 30;
    const int64_t batch = largestBatch(spec, room);
    QVERIFY(batch > 32);
    QVERIFY(memoryForecast(spec, batch).total() <= room);
    QVERIFY(memoryForecast(spec, batch + 1).total() > room);
    QCOMPARE(largestBatch(spec, 1 << 20), int64_t(0));
}

void TstMemory::bypassedLayersCountNothingAndWrongSpecsAreRefused() {
    ModelSpec bypassed = makeTemplate("mlp", {1, 4, 4}, 2);
    const MemoryForecast whole = memoryForecast(bypassed, 8);
    bypassed.layers[size_t(bypassed.find("fc2"))].bypassed = true;
    QCOMPARE(memoryForecast(bypassed, 8).parameters, whole.parameters - (512 * 512 + 512) * 4);
    QVERIFY(!sentenceOf([] { memoryForecast(makeTemplate("linear", {1, 4, 4}, 2), 0); }).isEmpty());
    ModelSpec broken = makeTemplate("linear", {1, 4, 4}, 2);
    broken.layers[0].type = "nothing";
    QVERIFY(!sentenceOf([&] { memoryForecast(broken, 1); }).isEmpty());
}

QTEST_GUILESS_MAIN(TstMemory)
#include "tst_memory.moc"
