// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/parallel.h"
#include "core/train/event_log.h"
#include "core/train/process_record.h"
#include "core/train/run_folder.h"
#include "tests/support/fault_fs.h"
#include "tests/support/run_helpers.h"
#include "tests/support/sentence.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cerrno>
#include <thread>

using namespace strata;
using namespace strata::test;

namespace {

class StoppingSink : public CollectingSink {
public:
    explicit StoppingSink(int64_t at = -1) : at_(at) {}
    void receive(const TrainEvent& event) noexcept override {
        CollectingSink::receive(event);
        if (const auto* step = std::get_if<StepDone>(&event); step && step->step == at_) source.request_stop();
        if (onEvent) onEvent(event);
    }
    std::stop_source source;
    std::function<void(const TrainEvent&)> onEvent;

private:
    int64_t at_;
};

Json readJson(const std::string& path) { return parseJson(readTextFile(path), path); }

} // namespace

class TstRun : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    std::string spec_, wholeHash_;

    std::string path(const std::string& name) const { return joinPath(folder_.path().toStdString(), name); }
    TrainConfig config() const { return shapesConfig(spec_); }
    /// A run stopped after step `at` of 27.
    std::string stoppedRun(const std::string& name, int64_t at = 13, TrainConfig* with = nullptr) {
        StoppingSink sink(at);
        RunOptions options;
        options.stop = sink.source.get_token();
        if (startRun(path(name), with ? *with : config(), sink, options).outcome != TrainOutcome::Stopped) return "did not stop";
        return path(name);
    }

private slots:
    void initTestCase() {
        spec_ = writeShapesSpec(folder_.path().toStdString());
        CollectingSink sink;
        const RunResult result = startRun(path("whole"), config(), sink);
        QVERIFY2(result.outcome == TrainOutcome::Finished, result.failure.c_str());
        wholeHash_ = runHash(path("whole"));
    }

    void finishedRunHasItsFiles() {
        const RunFolder folder = RunFolder::open(path("whole"));
        for (const char* name :
             {"spec.json", "config.json", "data.json", "plan.json", "process.json", "events.jsonl", "control.jsonl", "lock"})
            QVERIFY2(fs().status(folder.file(name)).exists, name);
        QCOMPARE(folder.spec().name, std::string("tiny_shapes"));
        QCOMPARE(folder.data().classes.size(), size_t(10));
        QCOMPARE(folder.data().fingerprint.size(), size_t(16));
        const Json plan = readJson(folder.file("plan.json"));
        QCOMPARE(plan["compute_threads"].get<int>(), 1);
        QVERIFY(plan.contains("instruction_set") && plan.contains("libraries") && plan.contains("choices"));
        const auto events = readEvents(folder.file("events.jsonl"));
        QCOMPARE(eventsOf<RunFinished>(events).size(), size_t(1));
        QVERIFY(folder.checkpoints().steps().size() <= 4);
        const std::string bestFile = eventsOf<RunFinished>(events)[0].bestFile;
        QVERIFY2(bestFile.starts_with("checkpoints/") && fs().status(folder.file(bestFile)).regular, bestFile.c_str());
        const ModelFile best = folder.model();
        QCOMPARE(best.info["step"].get<int64_t>(), eventsOf<RunFinished>(events)[0].bestEpoch * 9 + 9);
        QCOMPARE(best.classes.size(), size_t(10));
        QVERIFY(makeNetwork(best) != nullptr);
        QCOMPARE(folder.model(true).info["step"].get<int64_t>(), int64_t(27));
    }

    void existingRunIsRefused() {
        CollectingSink sink;
        QCOMPARE(sentenceOf([&] { startRun(path("whole"), config(), sink); }),
                 path("whole") + " already holds a run; use --resume to go on with it, or another folder");
    }
    void folderWithOtherFilesIsRefused() {
        makeFolders(path("other"));
        writeFileAtomically(path("other/thesis.txt"), "years of work");
        CollectingSink sink;
        QCOMPARE(sentenceOf([&] { startRun(path("other"), config(), sink); }),
                 path("other") + " holds other files (thesis.txt); a run needs a folder of its own");
        QCOMPARE(listFolder(path("other")).size(), size_t(1));
    }
    void nothingIsLeftWhereTheStartFails_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("words");
        QTest::newRow("data") << "data"
                              << "unknown kind of data";
        QTest::newRow("model") << "model"
                               << "no_such_model";
        QTest::newRow("optimizer") << "optimizer"
                                   << "there is no optimizer 'sgdd'; did you mean sgd?";
        QTest::newRow("device") << "device"
                                << "tpu";
    }
    void nothingIsLeftWhereTheStartFails() {
        QFETCH(QString, what);
        QFETCH(QString, words);
        TrainConfig bad = config();
        if (what == "data") bad.data = "shpes";
        if (what == "model") bad.model = "no_such_model";
        if (what == "optimizer") bad.optimizer.id = "sgdd";
        if (what == "device") bad.device = "tpu";
        if (what == "data") words = "unknown kind of data 'shpes'";
        CollectingSink sink;
        const std::string found = sentenceOf([&] { startRun(path("never"), bad, sink); });
        QVERIFY2(found.find(words.toStdString()) != std::string::npos, found.c_str());
        QVERIFY(!fs().status(path("never")).exists);
    }
    void finishedRunIsNotResumed() {
        CollectingSink sink;
        QCOMPARE(sentenceOf([&] { resumeRun(path("whole"), sink); }),
                 "the run in " + path("whole") + " is finished after 3 epochs; --epochs with a larger number goes on");
        QCOMPARE(sentenceOf([&] { resumeRun(path("nowhere"), sink); }), "there is no run in " + path("nowhere") + ": no such folder");
    }
    void finishedRunGoesOnWithMoreEpochs() {
        stoppedRun("more", 5);
        CollectingSink first, second;
        resumeRun(path("more"), first);
        RunOptions options;
        options.epochs = 4;
        const RunResult result = resumeRun(path("more"), second, options);
        QVERIFY2(result.outcome == TrainOutcome::Finished, result.failure.c_str());
        QCOMPARE(result.progress.epoch, int64_t(4));
        QCOMPARE(RunFolder::open(path("more")).config().epochs, int64_t(4));
    }
    void lockedRunIsRefused() {
        RunFolder holder = RunFolder::open(path("whole"));
        holder.lock();
        CollectingSink sink;
        QCOMPARE(sentenceOf([&] { resumeRun(path("whole"), sink); }),
                 "the run in " + path("whole") + " is being trained by another process");
        QVERIFY(describeRun(path("whole")).state == RunState::Running);
    }

    void stoppedRunGoesOnBitForBit_data() {
        QTest::addColumn<int>("at");
        for (const int at : {1, 8, 9, 13, 26}) QTest::addRow("%d", at) << at;
    }
    void stoppedRunGoesOnBitForBit() {
        QFETCH(int, at);
        const std::string run = stoppedRun("stopped" + std::to_string(at), at);
        QVERIFY(describeRun(run).state == RunState::Stopped);
        CollectingSink sink;
        const RunResult result = resumeRun(run, sink);
        QVERIFY2(result.outcome == TrainOutcome::Finished, result.failure.c_str());
        QCOMPARE(runHash(run), wholeHash_);
        QVERIFY(eventsOf<Planned>(sink.events).at(0).fromFile);
        QVERIFY(eventsOf<RunStarted>(sink.events).at(0).resumed);
        // The record reads as if nothing had happened: every step once, with the same losses.
        const auto whole = eventsOf<StepDone>(readEvents(path("whole/events.jsonl"))),
                   got = eventsOf<StepDone>(readEvents(run + "/events.jsonl"));
        QCOMPARE(got.size(), whole.size());
        for (size_t i = 0; i < got.size(); ++i) {
            QCOMPARE(got[i].step, whole[i].step);
            QCOMPARE(got[i].loss, whole[i].loss);
        }
    }

    void eventsPastTheCheckpointAreSuperseded() {
        // As a kill leaves it: the last checkpoint is older than the last events.
        TrainConfig sparse = config();
        const std::string run = stoppedRun("superseded", 13, &sparse);
        QVERIFY(fs().remove(joinPath(run, "checkpoints/00000013.ckpt")) == 0);
        writeFileAtomically(run + "/events.jsonl", readTextFile(run + "/events.jsonl") + "{\"event\":\"step\",\"t\":1,\"step\":14,\"lo");
        CollectingSink sink;
        QVERIFY(resumeRun(run, sink).outcome == TrainOutcome::Finished);
        QCOMPARE(eventsOf<RunStarted>(sink.events).at(0).step, int64_t(9));
        QCOMPARE(runHash(run), wholeHash_);
        const auto steps = eventsOf<StepDone>(readEvents(run + "/events.jsonl"));
        QCOMPARE(steps.size(), size_t(27));
        for (size_t i = 0; i < steps.size(); ++i) QCOMPARE(steps[i].step, int64_t(i + 1));
    }

    void suddenEndIsTold() {
        const std::string run = stoppedRun("killed");
        // Without its last word, and with the counter of the out-of-memory killer as it is.
        std::vector<std::string> lines = readLines(run + "/events.jsonl");
        lines.pop_back();
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        writeFileAtomically(run + "/events.jsonl", text);
        QVERIFY(describeRun(run).state == RunState::Interrupted);
        CollectingSink sink;
        resumeRun(run, sink);
        QCOMPARE(eventsOf<RunStarted>(sink.events).at(0).note,
                 std::string("the run was ended from outside at step 13 (perhaps by the out-of-memory killer; if so a run with --batch 16 "
                             "needs less memory)"));
    }
    void outOfMemoryKillerIsNamed() {
        const std::string file = path("process.json");
        writeProcessRecord(file);
        Json record = readJson(file);
        if (!record.contains("oom_kills")) QSKIP("this machine does not tell how often the out-of-memory killer struck");
        record["oom_kills"] = record["oom_kills"].get<int64_t>() - 1;
        writeFileAtomically(file, toText(record));
        QCOMPARE(describeSuddenEnd(file, 40, 128),
                 std::string("the run was ended by the out-of-memory killer at step 40; a run with --batch 64 needs less memory"));
        record["boot"] = "another";
        writeFileAtomically(file, toText(record));
        QCOMPARE(describeSuddenEnd(file, 40, 128),
                 std::string("the run was ended from outside at step 40: the machine was restarted since"));
    }

    void otherDataAreTold() {
        const std::string run = stoppedRun("otherdata");
        RunOptions options;
        options.data = "shapes:310";
        CollectingSink sink;
        const std::string found = sentenceOf([&] { resumeRun(run, sink, options); });
        QVERIFY2(found.find("shapes:310: the data differ from those the run began with (fingerprint ") == 0, found.c_str());
        const Json data = readJson(run + "/data.json");
        QVERIFY(found.find("(fingerprint " + data["fingerprint"].get<std::string>() + ", now ") != std::string::npos);
    }
    void otherPlanIsTold_data() {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("expected");
        QTest::newRow("instruction set") << "instruction_set"
                                         << "the run was planned with instruction set other, here it is ";
        QTest::newRow("library") << "libraries"
                                 << "the run was planned with libraries other, here it is ";
        QTest::newRow("program") << "strata"
                                 << "the run was planned with Strata other, here it is " STRATA_VERSION;
    }
    void otherPlanIsTold() {
        QFETCH(QString, field);
        QFETCH(QString, expected);
        const std::string run = stoppedRun("plan_" + field.toStdString());
        Json plan = readJson(run + "/plan.json");
        plan[field.toStdString()] = "other";
        writeFileAtomically(run + "/plan.json", toText(plan));
        const std::string eventsBefore = readTextFile(run + "/events.jsonl");
        CollectingSink sink;
        const std::string found = sentenceOf([&] { resumeRun(run, sink); });
        QVERIFY2(found.find(expected.toStdString()) == 0, found.c_str());
        QVERIFY(found.find("(--replan makes a new plan and goes on, no longer bit for bit)") != std::string::npos);
        QCOMPARE(readTextFile(run + "/events.jsonl"), eventsBefore); // a refusal changes nothing
        RunOptions options;
        options.replan = true;
        QVERIFY(resumeRun(run, sink, options).outcome == TrainOutcome::Finished);
        QVERIFY(eventsOf<RunWarning>(sink.events).at(0).sentence.find("a new plan was made: ") == 0);
        QVERIFY(readJson(run + "/plan.json")[field.toStdString()] != "other");
    }
    void computeThreadsComeFromThePlan() {
        const std::string run = stoppedRun("threads");
        setComputeThreads(2);
        CollectingSink sink;
        QVERIFY(resumeRun(run, sink).outcome == TrainOutcome::Finished);
        QCOMPARE(runHash(run), wholeHash_);
    }

    void damagedNewestCheckpointIsToldAndPassedOver() {
        const std::string run = stoppedRun("damaged");
        const std::string file = run + "/checkpoints/00000013.ckpt";
        std::string bytes = readTextFile(file);
        bytes[bytes.size() - 100] = char(bytes[bytes.size() - 100] ^ 1);
        writeFileAtomically(file, bytes);
        CollectingSink sink;
        QVERIFY(resumeRun(run, sink).outcome == TrainOutcome::Finished);
        const std::string told = eventsOf<RunWarning>(sink.events).at(0).sentence;
        QVERIFY2(told.find("00000013.ckpt: damaged: ") != std::string::npos && told.ends_with("; going on from the checkpoint of step 9"),
                 told.c_str());
        QCOMPARE(runHash(run), wholeHash_);
    }

    void fullDiskDuringTrainingIsAWarning() {
        TrainConfig often = config();
        often.checkpointSteps = 4;
        FaultFs faulty;
        StoppingSink sink;
        sink.onEvent = [&](const TrainEvent& event) {
            if (const auto* step = std::get_if<StepDone>(&event)) {
                if (step->step == 6) faulty.fullAfter(0);
                if (step->step == 14) faulty.fullAfter(uint64_t(1) << 40);
            }
        };
        const FsOverride use(faulty);
        const RunResult result = startRun(path("fulldisk"), often, sink);
        QVERIFY2(result.outcome == TrainOutcome::Finished, result.failure.c_str());
        const auto warnings = eventsOf<RunWarning>(sink.events);
        QVERIFY(!warnings.empty());
        bool told = false;
        for (const RunWarning& warning : warnings)
            told = told || (warning.sentence.find("the checkpoint of step 8 was not saved: cannot write ") == 0 &&
                            warning.sentence.find("No space left on device") != std::string::npos &&
                            warning.sentence.ends_with("; training goes on and tries again"));
        QVERIFY2(told, warnings[0].sentence.c_str());
        QCOMPARE(runHash(path("fulldisk")), wholeHash_);
        // The record lost nothing: its lines waited in memory.
        QCOMPARE(eventsOf<StepDone>(readEvents(path("fulldisk/events.jsonl"))).size(), size_t(27));
    }
    void tooSmallADiskIsToldBeforeTraining() {
        class SmallFs : public FaultFs {
        public:
            int64_t freeBytes(const std::string&) override { return 1000; }
        } small;
        const FsOverride use(small);
        CollectingSink sink;
        const std::string found = sentenceOf([&] { startRun(path("smalldisk"), config(), sink); });
        QVERIFY2(found.find(path("smalldisk") + ": 1.0 kB free, but the run needs at least ") == 0, found.c_str());
        QVERIFY(!fs().status(path("smalldisk")).exists);
    }

    void commandsInTheFileAreObeyed() {
        TrainConfig longRun = config();
        longRun.epochs = 100000;
        longRun.checkpointEpochs = false;
        const std::string run = path("commanded");
        StoppingSink sink;
        const auto command = [&](const char* word) {
            AppendLog(run + "/control.jsonl").append(fmt::format("{{\"command\": \"{}\"}}", word));
        };
        QElapsedTimer timer;
        std::atomic<int64_t> pauseMs{-1}, stopMs{-1};
        bool commanded = false;
        sink.onEvent = [&](const TrainEvent& event) {
            if (const auto* step = std::get_if<StepDone>(&event); step && step->step >= 3 && !commanded) {
                commanded = true;
                timer.start();
                command("weights");
                command("pause");
            }
            if (std::holds_alternative<Paused>(event)) {
                pauseMs = timer.elapsed();
                timer.restart();
                command("stop");
            }
            if (std::holds_alternative<RunStopped>(event)) stopMs = timer.elapsed();
        };
        const RunResult result = startRun(run, longRun, sink);
        QVERIFY2(result.outcome == TrainOutcome::Stopped, result.failure.c_str());
        QVERIFY2(pauseMs >= 0 && pauseMs < 1000 && stopMs < 1000, qPrintable(QString("%1 %2").arg(pauseMs).arg(stopMs)));
        const ModelFile weights = readModelFile(run + "/weights.safetensors");
        QCOMPARE(weights.spec.name, std::string("tiny_shapes"));
        QCOMPARE(eventsOf<WeightsSaved>(sink.events).size(), size_t(1));
        QVERIFY(describeRun(run).state == RunState::Stopped);
    }
    void weightsStayInTheRunFolder() {
        TrainConfig longRun = config();
        longRun.epochs = 100000;
        TrainControl control;
        RunOptions options;
        options.control = &control;
        StoppingSink sink;
        sink.onEvent = [&](const TrainEvent& event) {
            if (const auto* step = std::get_if<StepDone>(&event); step && step->step == 2) control.saveWeights("../escaped.safetensors");
            if (std::holds_alternative<RunWarning>(event)) control.stop();
        };
        startRun(path("inside"), longRun, sink, options);
        QCOMPARE(
            eventsOf<RunWarning>(sink.events).at(0).sentence,
            std::string("the weights were not saved: '../escaped.safetensors' is not the name of a .safetensors file in the run folder"));
        QVERIFY(!fs().status(path("escaped.safetensors")).exists);
    }

    void runsAreListed() {
        const std::string damaged = path("zz_damaged");
        makeFolders(damaged);
        writeFileAtomically(damaged + "/config.json", "{not json");
        const auto runs = listRuns(folder_.path().toStdString());
        QVERIFY(runs.size() >= 3);
        bool whole = false, broken = false;
        for (const RunInfo& run : runs) {
            if (run.name == "whole") {
                whole = true;
                QVERIFY(run.state == RunState::Finished);
                QCOMPARE(run.epoch, int64_t(3));
                QCOMPARE(run.step, int64_t(27));
                QVERIFY(run.bestAccuracy.has_value());
                QCOMPARE(run.data, std::string("shapes:300"));
            }
            if (run.name == "zz_damaged") {
                broken = true;
                QVERIFY(run.problem.find("config.json: not valid JSON") != std::string::npos);
            }
        }
        QVERIFY(whole && broken);
        QCOMPARE(sentenceOf([&] { listRuns(path("absent")); }), path("absent") + ": no such folder");
    }
    void failedRunTellsWhy() {
        TrainConfig wild = config();
        wild.optimizer = {"sgd", {{"lr", 1000.0}, {"momentum", 0.9}}};
        wild.loss = {"mse"};
        wild.schedule = {"constant"};
        wild.epochs = 300;
        CollectingSink sink;
        const RunResult result = startRun(path("wild"), wild, sink);
        QVERIFY(result.outcome == TrainOutcome::Failed);
        QCOMPARE(result.kind, std::string("not_finite"));
        const RunInfo info = describeRun(path("wild"));
        QVERIFY(info.state == RunState::Failed);
        QCOMPARE(info.problem, result.failure);
        const auto lines = readLines(path("wild/events.jsonl"));
        QVERIFY(RunFolder::open(path("wild")).checkpoints().loadNewest({}).has_value());
    }
};

QTEST_GUILESS_MAIN(TstRun)
#include "tst_run.moc"
