// SPDX-License-Identifier: Apache-2.0
#include "core/backend/dispatch.h"
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "tests/support/run_helpers.h"
#include "tests/support/sanitizer.h"

#include <QTemporaryDir>
#include <QtTest>

#include <limits>
#include <thread>

using namespace strata;
using namespace strata::test;

namespace {

/// Does something when a step is reached; keeps all events.
class ActingSink : public CollectingSink {
public:
    void receive(const TrainEvent& event) noexcept override {
        CollectingSink::receive(event);
        if (const auto* step = std::get_if<StepDone>(&event); step && onStep) onStep(step->step);
        if (std::get_if<Paused>(&event) && onPause) onPause();
    }
    std::function<void(int64_t)> onStep;
    std::function<void()> onPause;
};

float* weightOf(Checkpoint& checkpoint, const std::string& name) {
    for (NamedTensor& item : checkpoint.model)
        if (item.name == name) return item.tensor.mutableData<float>();
    return nullptr;
}

Checkpoint copyOf(const Network& network) {
    Checkpoint made;
    for (const NamedTensor& item : network.stateDict()) made.model.push_back({item.name, item.tensor.clone()});
    return made;
}

} // namespace

class TstTrainer : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { setComputeThreads(1); } // tiny kernels: more threads would only wait for each other

    void learns() {
        TrainConfig config = tinyConfig();
        config.epochs = 12;
        config.optimizer = {"adam", {{"lr", 0.01}}};
        CollectingSink sink;
        Trainer trainer(tinySpec(), tinyData(200, 60), config, sink);
        QVERIFY(trainer.run() == TrainOutcome::Finished);
        const auto epochs = eventsOf<EpochDone>(sink.events);
        QCOMPARE(epochs.size(), size_t(12));
        QVERIFY2(*epochs.back().validationAccuracy > 0.95, qPrintable(QString::number(*epochs.back().validationAccuracy)));
        QVERIFY(epochs.back().trainLoss < 0.5 * epochs.front().trainLoss);
        const auto finished = eventsOf<RunFinished>(sink.events);
        QCOMPARE(finished.size(), size_t(1));
        double best = 0;
        for (const EpochDone& epoch : epochs) best = std::max(best, *epoch.validationAccuracy);
        QCOMPARE(*finished[0].bestAccuracy, best);
    }

    void eventsComeInOrder() {
        CollectingSink sink;
        Trainer trainer(tinySpec(), tinyData(), tinyConfig(), sink);
        trainer.run();
        QStringList ids;
        for (const TrainEvent& event : sink.events) ids << QString::fromStdString(eventId(event));
        QStringList expected = {"run_started", "planned"};
        for (int epoch = 0; epoch < 3; ++epoch)
            expected << "step"
                     << "step"
                     << "step"
                     << "step"
                     << "step"
                     << "epoch"; // 70 samples: 4 batches of 16 and one of 6
        expected << "run_finished";
        QCOMPARE(ids, expected);
        const auto steps = eventsOf<StepDone>(sink.events);
        for (size_t i = 0; i < steps.size(); ++i) QCOMPARE(steps[i].step, int64_t(i + 1));
    }

    void weightsDoNotDependOnLoaderThreads_data() {
        QTest::addColumn<int>("threads");
        for (const int threads : {0, 1, 2, 4}) QTest::addRow("%d", threads) << threads;
    }
    void weightsDoNotDependOnLoaderThreads() {
        QFETCH(int, threads);
        static const std::string reference = trainedHash(tinyConfig());
        TrainConfig config = tinyConfig();
        config.loaderThreads = threads;
        QCOMPARE(trainedHash(config), reference);
        config.seed = 8;
        QVERIFY(trainedHash(config) != reference);
    }

    void resumedRunEqualsAnUninterruptedOne_data() {
        QTest::addColumn<QString>("optimizer");
        QTest::addColumn<int>("stopAt");
        for (const QString& optimizer : {QString("sgd"), QString("adam"), QString("adamw")})
            for (const int stopAt : {1, 3, 5, 6, 10, 14})
                QTest::newRow(qPrintable(QString("%1 %2").arg(optimizer).arg(stopAt))) << optimizer << stopAt;
    }
    void resumedRunEqualsAnUninterruptedOne() {
        QFETCH(QString, optimizer);
        QFETCH(int, stopAt);
        TrainConfig config = tinyConfig();
        if (optimizer != "sgd") config.optimizer = {optimizer.toStdString(), {{"lr", 0.01}}};
        CollectingSink wholeSink;
        Trainer whole(tinySpec(), tinyData(), config, wholeSink);
        QVERIFY(whole.run() == TrainOutcome::Finished);

        QTemporaryDir folder;
        CheckpointStore store(folder.path().toStdString());
        TrainerServices services;
        services.checkpoints = &store;
        ActingSink sink;
        Trainer first(tinySpec(), tinyData(), config, sink, services);
        sink.onStep = [&](int64_t step) {
            if (step == stopAt) first.control().stop();
        };
        QVERIFY(first.run() == TrainOutcome::Stopped);
        QCOMPARE(eventsOf<RunStopped>(sink.events).at(0).step, int64_t(stopAt));
        const auto checkpoint = store.loadNewest({});
        QVERIFY(checkpoint && checkpoint->progress.step == stopAt);
        CollectingSink rest;
        config.loaderThreads = 1;
        Trainer second(tinySpec(), tinyData(), config, rest, services);
        second.restore(*checkpoint);
        QVERIFY(second.run() == TrainOutcome::Finished);
        QCOMPARE(stateHash(second.network().stateDict()), stateHash(whole.network().stateDict()));
        // The figures of the epoch that was cut in two are the same, too.
        const auto wanted = eventsOf<EpochDone>(wholeSink.events), got = eventsOf<EpochDone>(rest.events);
        for (size_t i = 0; i < got.size(); ++i) {
            const EpochDone& whole1 = wanted[wanted.size() - got.size() + i];
            QCOMPARE(got[i].trainLoss, whole1.trainLoss);
            QCOMPARE(*got[i].validationLoss, *whole1.validationLoss);
            QCOMPARE(got[i].best, whole1.best);
        }
    }

    void planningChangesNothing() {
        // A run whose plan is made by the trainer and one that skips the pass end alike.
        TrainerServices skip;
        skip.plan = [](const std::function<void()>&) { return true; };
        CollectingSink sink;
        Trainer trainer(tinySpec(), tinyData(), tinyConfig(), sink, skip);
        trainer.run();
        QCOMPARE(stateHash(trainer.network().stateDict()), trainedHash(tinyConfig()));
    }

    void pauseHoldsAndResumes() {
        ActingSink sink;
        TrainControl control;
        TrainerServices services;
        services.control = &control;
        Trainer trainer(tinySpec(), tinyData(), tinyConfig(), sink, services);
        sink.onStep = [&](int64_t step) {
            if (step == 4) control.pause();
        };
        size_t eventsWhilePaused = 0;
        std::jthread other;
        sink.onPause = [&] {
            eventsWhilePaused = sink.events.size();
            other = std::jthread([&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(150));
                control.resume();
            });
        };
        QVERIFY(trainer.run() == TrainOutcome::Finished);
        QCOMPARE(eventsOf<Paused>(sink.events).at(0).step, int64_t(4));
        QVERIFY(std::holds_alternative<Resumed>(sink.events[eventsWhilePaused]));
        QCOMPARE(stateHash(trainer.network().stateDict()), trainedHash(tinyConfig()));
    }

    void stopIsQuickWhilePaused() {
        ActingSink sink;
        Trainer trainer(tinySpec(), tinyData(), tinyConfig(), sink);
        sink.onStep = [&](int64_t) { trainer.control().pause(); };
        std::stop_source source;
        std::jthread other([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            source.request_stop();
        });
        QElapsedTimer timer;
        timer.start();
        QVERIFY(trainer.run(source.get_token()) == TrainOutcome::Stopped);
        QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
    }

    void lossThatIsNotFiniteNamesTheLayer_data() {
        QTest::addColumn<QString>("weight");
        QTest::addColumn<float>("value");
        QTest::addColumn<QString>("layer");
        QTest::addColumn<QString>("words");
        const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
        QTest::newRow("NaN weight") << "conv2.weight" << nan << "conv2"
                                    << "the weights of layer conv2 are not finite";
        QTest::newRow("infinite weight") << "fc.bias" << infinite << "fc"
                                         << "the weights of layer fc are not finite";
        QTest::newRow("overflow in conv2") << "conv2.weight" << 3e38f << "conv2"
                                           << "layer conv2 is the first whose output is not finite";
        QTest::newRow("overflow in fc") << "fc.weight" << 3e38f << "fc"
                                        << "layer fc is the first whose output is not finite";
    }
    void lossThatIsNotFiniteNamesTheLayer() {
        QFETCH(QString, weight);
        QFETCH(float, value);
        QFETCH(QString, layer);
        QFETCH(QString, words);
        CollectingSink sink;
        Trainer trainer(tinySpec(), tinyData(), tinyConfig(), sink);
        Checkpoint poisoned = copyOf(trainer.network());
        poisoned.optimizer = {{"momentum", Tensor::zeros(trainer.network().flatParameters().shape())}};
        float* values = weightOf(poisoned, weight.toStdString());
        QVERIFY(values);
        const bool many = std::isfinite(value);
        for (int i = 0; i < (many ? 8 : 1); ++i) values[i] = value;
        trainer.restore(poisoned);
        QVERIFY(trainer.run() == TrainOutcome::Failed);
        const auto steps = eventsOf<StepDone>(sink.events);
        QVERIFY(!steps.empty() && !std::isfinite(steps.back().loss));
        const RunFailed failed = eventsOf<RunFailed>(sink.events).at(0);
        QCOMPARE(QString::fromStdString(failed.kind), QString("not_finite"));
        QVERIFY2(failed.sentence.find(words.toStdString()) != std::string::npos, failed.sentence.c_str());
        QCOMPARE(QString::fromStdString(failed.layer), layer);
    }

    void gradientThatOverflowsNamesTheLayer() {
        // Two classes with equal huge weights, all samples of the other two: a finite loss whose gradient overflows in conv2.
        TrainConfig config = tinyConfig();
        TrainData data = tinyData(64, 0);
        std::vector<int64_t> others;
        for (int64_t i = 0; i < 64; ++i)
            if (data.train->label(i) >= 2) others.push_back(i);
        data.train = std::make_shared<Subset>(data.train, others);
        CollectingSink sink;
        Trainer trainer(tinySpec(), data, config, sink);
        Checkpoint poisoned = copyOf(trainer.network());
        poisoned.optimizer = {{"momentum", Tensor::zeros(trainer.network().flatParameters().shape())}};
        for (NamedTensor& item : poisoned.model) {
            if (item.name == "fc.weight") {
                item.tensor.fill(0);
                float* values = item.tensor.mutableData<float>();
                for (int64_t i = 0; i < item.tensor.elements() / 2; ++i) values[i] = 1e38f;
            }
            if (item.name == "conv2.weight") item.tensor.fill(1e-4);
            if (item.name == "conv2.bias") item.tensor.fill(0);
        }
        trainer.restore(poisoned);
        QVERIFY(trainer.run() == TrainOutcome::Failed);
        const RunFailed failed = eventsOf<RunFailed>(sink.events).at(0);
        QVERIFY2(failed.sentence.find("the gradient of layer conv2 is not finite at step 1 (epoch 1)") == 0, failed.sentence.c_str());
        QCOMPARE(failed.layer, std::string("conv2"));
        for (const NamedTensor& item : trainer.network().parameters())
            for (const double value : item.tensor.detach().toVector<double>()) QVERIFY(std::isfinite(value)); // no step was taken
    }

    void divergenceKeepsTheLastGoodCheckpoint() {
        QTemporaryDir folder;
        CheckpointStore store(folder.path().toStdString());
        TrainerServices services;
        services.checkpoints = &store;
        TrainConfig config = tinyConfig();
        config.checkpointSteps = 1;
        config.optimizer = {"sgd", {{"lr", 1000.0}, {"momentum", 0.99}}};
        config.schedule = {"constant"};
        config.epochs = 200;
        config.loss = {"mse"};
        CollectingSink sink;
        Trainer trainer(tinySpec(), tinyData(), config, sink, services);
        QVERIFY(trainer.run() == TrainOutcome::Failed);
        const RunFailed failed = eventsOf<RunFailed>(sink.events).at(0);
        QCOMPARE(QString::fromStdString(failed.kind), QString("not_finite"));
        const auto newest = store.loadNewest({});
        QVERIFY(newest);
        for (const NamedTensor& item : newest->model)
            for (const double value : item.tensor.toVector<double>()) QVERIFY(std::isfinite(value));
    }

    void steadyStepAllocatesNothing() {
        STRATA_NEEDS_BLOCK_CACHE();
        TrainConfig config = tinyConfig();
        config.epochs = 6;
        ActingSink sink;
        Trainer trainer(tinySpec(), tinyData(), config, sink);
        std::vector<uint64_t> system;
        sink.onStep = [&](int64_t) { system.push_back(backendOf(cpuDevice()).memoryStats().systemAllocations); };
        QVERIFY(trainer.run() == TrainOutcome::Finished);
        const size_t warm = size_t(2 * trainer.stepsPerEpoch());
        QCOMPARE(system.back(), system[warm]);
    }

    void steadyStepOfATemplateAllocatesNothing_data() {
        QTest::addColumn<QString>("model");
        for (const char* model : {"lenet5", "vgg_small", "resnet20"}) QTest::newRow(model) << QString(model);
    }
    void steadyStepOfATemplateAllocatesNothing() {
        STRATA_NEEDS_BLOCK_CACHE();
        QFETCH(QString, model);
        const DataSource source = openSource("shapes:110"); // the last batch is a smaller one
        TrainData data;
        data.train = source.train;
        data.validation = source.validation;
        data.pipeline = defaultPipeline(source, dataStatistics(source), true);
        data.imageShape = source.imageShape;
        data.classes = source.classes;
        TrainConfig config = tinyConfig();
        config.epochs = 5;
        ActingSink sink;
        Trainer trainer(makeTemplate(model.toStdString(), data.pipeline.outputShape(data.imageShape), 10), data, config, sink);
        std::vector<MemoryStats> stats;
        sink.onStep = [&](int64_t) { stats.push_back(backendOf(cpuDevice()).memoryStats()); };
        QVERIFY(trainer.run() == TrainOutcome::Finished);
        const size_t warm = size_t(2 * trainer.stepsPerEpoch());
        QVERIFY(stats.back().requests > stats[warm].requests);
        QCOMPARE(stats.back().systemAllocations, stats[warm].systemAllocations);
        QCOMPARE(stats.back().peakBytesInUse, stats[warm].peakBytesInUse);
    }

    void whatDoesNotFitIsOneSentence_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("expected");
        QTest::newRow("shape") << "shape"
                               << "the network takes pictures of 1x8x8, but the data give 1x6x6 after preprocessing";
        QTest::newRow("classes") << "classes"
                                 << "the network has 5 outputs, but the data have 4 classes";
        QTest::newRow("empty") << "empty"
                               << "there are no training samples";
    }
    void whatDoesNotFitIsOneSentence() {
        QFETCH(QString, what);
        QFETCH(QString, expected);
        QString found;
        try {
            TrainData data = tinyData();
            if (what == "shape") data.pipeline.add("center_crop", {{"size", 6}});
            if (what == "empty") data.train = tinyDataset(0);
            CollectingSink sink;
            Trainer trainer(tinySpec(what == "classes" ? 5 : 4), data, tinyConfig(), sink);
        } catch (const Error& error) { found = error.what(); }
        QCOMPARE(found, expected);
    }
};

QTEST_GUILESS_MAIN(TstTrainer)
#include "tst_trainer.moc"
