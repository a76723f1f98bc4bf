// SPDX-License-Identifier: Apache-2.0
// Gradient clipping against torch.nn.utils.clip_grad_norm_, early stopping, edits and notes of runs; resuming stays exact.
#include "core/autograd/autograd.h"
#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/train/event_log.h"
#include "core/train/run_folder.h"
#include "core/train/trainer_state.h"
#include "tests/support/case.h"
#include "tests/support/files_support.h"
#include "tests/support/golden.h"
#include "tests/support/run_helpers.h"
#include "tests/support/sample_edits.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace strata;
using namespace strata::test;

namespace {

/// The parameters of golden_studio.py: a convolution of 3x2x3x3 and a linear layer of 5x12.
Network clippedNetwork() {
    ModelSpec spec;
    spec.name = "clip";
    spec.input = {2, 4, 4};
    LayerSpec conv, flatten, fc;
    conv.id = "conv";
    conv.type = "conv2d";
    conv.params = {{"out_channels", 3}};
    flatten.id = flatten.type = "flatten";
    fc.id = "fc";
    fc.type = "linear";
    fc.params = {{"out_features", 5}};
    spec.layers = {conv, flatten, fc};
    return Network(spec, 0);
}

/// Stops a run after so many steps.
class StopAt : public EventSink {
public:
    StopAt(TrainControl& control, int64_t step) : control_(control), step_(step) {}
    void receive(const TrainEvent& event) noexcept override {
        if (const auto* done = std::get_if<StepDone>(&event); done && done->step == step_) control_.stop();
    }

private:
    TrainControl& control_;
    int64_t step_;
};

/// Validation that cannot get better: the learning rate is too small to change anything.
TrainConfig stuckConfig(const std::string& spec, int64_t patience) {
    TrainConfig config = shapesConfig(spec);
    config.optimizer = {"sgd", {{"lr", 1e-12}, {"momentum", 0.0}}};
    config.schedule = {"constant"};
    config.epochs = 9;
    config.earlyStop = patience;
    return config;
}

} // namespace

class TstLimits : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void clippingEqualsPytorchs_data();
    void clippingEqualsPytorchs();
    void clippingChangesTrainingOnlyWhereGradientsAreLonger();
    void anEarlyStopCountsEpochsWithoutABetterOne();
    void anEarlyStopNeedsValidation();
    void aRunThatEndedEarlyIsFinished();
    void patienceBeginsAnewWhenMoreIsAskedFor();
    void resumingIsExactWithLimitsAndEdits_data();
    void resumingIsExactWithLimitsAndEdits();
    void aRunKeepsItsEditsAndTellsOtherOnes();
    void configJsonCarriesTheLimits();
    void notesAreKeptBesideTheRun();
    void describeRunTellsWhatATableShows();

private:
    QTemporaryDir folder_;
    std::string spec_;
    std::string at(const char* name) const { return folder_.filePath(name).toStdString(); }
};

void TstLimits::initTestCase() { spec_ = writeShapesSpec(folder_.path().toStdString()); }

void TstLimits::clippingEqualsPytorchs_data() {
    QTest::addColumn<double>("longest");
    for (double longest : {0.1, 1.0, 5.0, 1000.0}) QTest::addRow("%g", longest) << longest;
}

void TstLimits::clippingEqualsPytorchs() {
    QFETCH(double, longest);
    Network network = clippedNetwork();
    network.zeroGradients();
    uint64_t k = 0;
    for (const NamedTensor& item : network.parameters()) {
        Tensor slice = item.tensor.autogradMeta()->gradTarget;
        slice.copyFrom(formulaTensor(slice.shape(), 8300 + k++, -1, 1).to(DType::F32));
    }
    const double norm = clipGradients(network, longest);
    const Golden golden("studio");
    QVERIFY(relativeError({norm}, golden.values(fmt::format("clip/{:g} norm", longest))) < 1e-6);
    std::vector<double> clipped;
    for (const NamedTensor& item : network.parameters())
        for (const double value : item.tensor.autogradMeta()->gradTarget.toVector<double>()) clipped.push_back(value);
    QVERIFY(relativeError(clipped, golden.values(fmt::format("clip/{:g}", longest))) < 1e-6);
}

void TstLimits::clippingChangesTrainingOnlyWhereGradientsAreLonger() {
    TrainConfig config = tinyConfig();
    const std::string plain = trainedHash(config);
    config.clipNorm = 1e6;
    QCOMPARE(trainedHash(config), plain);
    config.clipNorm = 0.01;
    QVERIFY(trainedHash(config) != plain);
    QCOMPARE(trainedHash(config), trainedHash(config));
}

void TstLimits::anEarlyStopCountsEpochsWithoutABetterOne() {
    for (const int64_t patience : {0, 1, 2}) {
        CollectingSink sink;
        TrainConfig config = tinyConfig();
        config.epochs = 9;
        config.earlyStop = patience;
        config.optimizer = {"sgd", {{"lr", 1e-12}, {"momentum", 0.0}}};
        Trainer trainer(tinySpec(), tinyData(), config, sink);
        QVERIFY(trainer.run() == TrainOutcome::Finished);
        const std::vector<EpochDone> epochs = eventsOf<EpochDone>(sink.events);
        const RunFinished finished = eventsOf<RunFinished>(sink.events).at(0);
        int64_t since = 0, expected = 0;
        for (const EpochDone& epoch : epochs) {
            ++expected;
            since = epoch.best ? 0 : since + 1;
            if (patience > 0 && since == patience) break;
        }
        QCOMPARE(int64_t(epochs.size()), expected);
        QCOMPARE(finished.epochs, expected);
        QCOMPARE(finished.early, patience > 0 && expected < 9);
        if (patience == 0) QCOMPARE(expected, int64_t(9));
    }
}

void TstLimits::anEarlyStopNeedsValidation() {
    CollectingSink sink;
    TrainConfig config = tinyConfig();
    config.earlyStop = 2;
    QCOMPARE(sentenceOf([&] { Trainer(tinySpec(), tinyData(70, 0), config, sink); }),
             QString("an early stop needs validation data, but there are none"));
}

void TstLimits::aRunThatEndedEarlyIsFinished() {
    CollectingSink sink;
    const RunResult result = startRun(at("early"), stuckConfig(spec_, 2), sink);
    QVERIFY(result.outcome == TrainOutcome::Finished && result.progress.finished);
    QVERIFY(result.progress.epoch < 9);
    const RunInfo info = describeRun(at("early"));
    QVERIFY(info.state == RunState::Finished);
    QCOMPARE(info.epoch, result.progress.epoch);
    QVERIFY(sentenceOf([&] { resumeRun(at("early"), sink); }).contains("is finished after"));
}

void TstLimits::patienceBeginsAnewWhenMoreIsAskedFor() {
    CollectingSink sink;
    const RunResult first = startRun(at("more"), stuckConfig(spec_, 1), sink);
    QVERIFY(first.progress.epoch < 8);
    RunOptions options;
    options.epochs = first.progress.epoch + 1;
    const RunResult more = resumeRun(at("more"), sink, options);
    QVERIFY(more.outcome == TrainOutcome::Finished);
    QCOMPARE(more.progress.epoch, first.progress.epoch + 1);
}

void TstLimits::resumingIsExactWithLimitsAndEdits_data() {
    QTest::addColumn<int>("stopAt");
    QTest::newRow("within an epoch") << 4;
    QTest::newRow("at the end of an epoch") << 9;
    QTest::newRow("within the last") << 20;
}

void TstLimits::resumingIsExactWithLimitsAndEdits() {
    QFETCH(int, stopAt);
    EditList edits;
    for (int64_t i = 0; i < 20; ++i) edits.set({"train", 3 * i}, excluded());
    edits.set({"train", 1}, labelled("star"));
    const std::string list = at("edits.json");
    writeEdits(list, edits);
    TrainConfig config = shapesConfig(spec_);
    config.clipNorm = 0.5;
    config.earlyStop = 2;
    config.edits = list;

    CollectingSink sink;
    const std::string whole = at(fmt::format("whole{}", stopAt).c_str()), parted = at(fmt::format("parted{}", stopAt).c_str());
    QVERIFY(startRun(whole, config, sink).outcome == TrainOutcome::Finished);
    TrainControl control;
    StopAt stopper(control, stopAt);
    RunOptions options;
    options.control = &control;
    QVERIFY(startRun(parted, config, stopper, options).outcome == TrainOutcome::Stopped);
    fs().remove(list); // the run has its own copy
    QVERIFY(resumeRun(parted, sink).outcome == TrainOutcome::Finished);
    QCOMPARE(runHash(parted), runHash(whole));
}

void TstLimits::aRunKeepsItsEditsAndTellsOtherOnes() {
    EditList edits;
    edits.set({"train", 5}, excluded());
    writeEdits(at("list.json"), edits);
    TrainConfig config = shapesConfig(spec_);
    config.edits = at("list.json");
    CollectingSink sink;
    TrainControl control;
    StopAt stopper(control, 3);
    RunOptions options;
    options.control = &control;
    QVERIFY(startRun(at("kept"), config, stopper, options).outcome == TrainOutcome::Stopped);
    const RunFolder folder = RunFolder::open(at("kept"));
    QCOMPARE(folder.editsFile(), at("kept") + "/edits.json");
    QVERIFY(readEdits(folder.editsFile()) == edits);
    QCOMPARE(folder.data().trainCount + folder.data().validationCount, int64_t(299));

    edits.set({"train", 6}, excluded());
    writeEdits(folder.editsFile(), edits);
    QVERIFY(sentenceOf([&] { resumeRun(at("kept"), sink); }).contains("the data differ from those the run began with"));
    fs().remove(folder.editsFile());
    QVERIFY(sentenceOf([&] { resumeRun(at("kept"), sink); }).contains("edits.json: there is no such file"));
}

void TstLimits::configJsonCarriesTheLimits() {
    TrainConfig config;
    config.earlyStop = 3;
    config.clipNorm = 1.5;
    config.edits = "/data/edits.json";
    const TrainConfig back = TrainConfig::fromJson(config.toJson(), "c");
    QVERIFY(back.earlyStop == 3 && back.clipNorm == 1.5 && back.edits == config.edits && back.extra.empty());
    config.clipNorm = -1;
    QVERIFY(sentenceOf([&] { config.check(); }).startsWith("the longest gradient is -1"));
}

void TstLimits::notesAreKeptBesideTheRun() {
    CollectingSink sink;
    TrainConfig config = shapesConfig(spec_, 100);
    config.epochs = 1;
    startRun(at("noted"), config, sink);
    QVERIFY(runNote(at("noted")) == RunNote());
    setRunNote(at("noted"), {.name = "First try", .note = "too \"hot\", perhaps", .hidden = true});
    const RunNote note = runNote(at("noted"));
    QCOMPARE(note.name, std::string("First try"));
    QVERIFY(note.hidden);
    RunInfo info = describeRun(at("noted"));
    QCOMPARE(info.name, std::string("noted"));
    QCOMPARE(info.displayName, std::string("First try"));
    QCOMPARE(info.note, note.note);
    QVERIFY(info.hidden);

    writeFileAtomically(at("noted") + "/note.json", R"({"version": 1, "name": "x", "color": "blue"})");
    RunNote kept = runNote(at("noted"));
    kept.note = "n";
    setRunNote(at("noted"), kept);
    QVERIFY(readTextFile(at("noted") + "/note.json").find("\"color\": \"blue\"") != std::string::npos);
    writeFileAtomically(at("noted") + "/note.json", "{");
    QVERIFY(!describeRun(at("noted")).problem.empty());
    QCOMPARE(sentenceOf([&] { setRunNote(at("nowhere"), {}); }), QString::fromStdString("there is no run in " + at("nowhere")));
}

void TstLimits::describeRunTellsWhatATableShows() {
    CollectingSink sink;
    TrainConfig config = shapesConfig(spec_, 200);
    config.epochs = 2;
    const RunResult result = startRun(at("told"), config, sink);
    const RunInfo info = describeRun(at("told"));
    QCOMPARE(info.device, std::string("cpu"));
    QCOMPARE(info.batchSize, int64_t(32));
    QCOMPARE(info.optimizer, std::string("sgd"));
    QCOMPARE(info.schedule, std::string("one_cycle"));
    QCOMPARE(info.learningRate, 0.05);
    QVERIFY(info.parameters > 0);
    QVERIFY(std::abs(info.seconds - result.progress.seconds) < 1e-3);
    QVERIFY(info.started > 1.7e9 && info.updated >= info.started);
    const Json json = info.toJson();
    for (const char* field : {"seconds", "device", "batch_size", "learning_rate", "display_name", "note", "hidden", "started"})
        QVERIFY2(json.contains(field), field);

    // An unfinished record: whole epochs as told, the running one by the clock, pauses left out.
    const std::string path = at("events.jsonl");
    const auto line = [](const TrainEvent& event, double t) { return toText(eventToJson(event, t)) + "\n"; };
    RunStarted started, resumed;
    started.device = "cuda:0";
    resumed.resumed = true;
    EpochDone epoch;
    epoch.seconds = 3;
    const auto step = [](int64_t number) {
        StepDone event;
        event.step = number;
        return event;
    };
    writeFileAtomically(path, line(started, 100) + line(Planned{}, 105) + line(step(1), 107) + line(epoch, 110) + line(step(2), 112) +
                                  line(Paused{2}, 113) + line(Resumed{2}, 150) + line(step(3), 154) + line(resumed, 300) +
                                  line(Planned{}, 310) + line(step(4), 311));
    const EventSummary summary = summarizeEvents(path);
    QCOMPARE(summary.seconds, 3.0 + 3 + 4 + 1);
    QCOMPARE(summary.started, 100.0);
}

QTEST_GUILESS_MAIN(TstLimits)
#include "tst_limits.moc"
