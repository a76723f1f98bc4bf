// SPDX-License-Identifier: GPL-3.0-or-later
// Runs as the Studio starts, watches and commands them: real processes on a tiny stand-in for CIFAR-10.
#include "app/run/run_reader.h"
#include "core/base/append_log.h"
#include "core/base/fs.h"
#include "tests/studio/studio_project.h"

#include <QJsonDocument>
#include <signal.h>

using namespace strata;
using namespace strata::studio;
using namespace strata::test;

namespace {

constexpr int kPatience = 15000;

int64_t pidOf(const QString& run) { return QJsonDocument::fromJson(readBytes(run + "/process.json"))["pid"].toInteger(); }

std::string eventLine(const TrainEvent& event, double time) { return toText(eventToJson(event, time)); }

} // namespace

class TstRunCenter : public QObject {
    Q_OBJECT
private slots:
    void aStepLineIsReadAsJsonReadsIt();
    void aRecordIsReadAsItGrowsAndAnewWhenCut();
    void aRunIsStartedAndItsPointsArrive();
    void aRunIsPausedResumedAndStopped();
    void aKilledRunIsInterruptedAndGoesOn();
    void aRunOutlivesItsCentreAndIsFoundAgain();
    void aFinishedRunIsContinued();
    void whatPreventsAStartIsSaid();
    void aProcessThatDiesAtOnceIsToldWithItsSentence();
    void aDeletedFolderIsARowWithASentence();
    void labelsAreUndoable();
    void deletingIsUndoableAndFinalWhenTheProjectCloses();
    void aTrainingRunIsNotDeleted();
    void theCommandDoesTheSame();
};

void TstRunCenter::aStepLineIsReadAsJsonReadsIt() {
    for (const StepDone& step :
         {StepDone{1, 0, 2.5, 0.05, 1234.5, 60}, StepDone{123456, 7, 1e-7, 3e-5, 0.25, 0}, StepDone{5, 0, std::nan(""), 0.1, 10, 1}}) {
        const std::string line = eventLine(step, 1732450000.123);
        double time = 0;
        const auto read = parseStepLine(line, time);
        QVERIFY2(read.has_value(), line.c_str());
        const auto json = eventFromJson(parseJson(line, "line"));
        const auto& slow = std::get<StepDone>(*json);
        QCOMPARE(read->step, slow.step);
        QCOMPARE(read->epoch, slow.epoch);
        QVERIFY(read->loss == slow.loss || (std::isnan(read->loss) && std::isnan(slow.loss)));
        QCOMPARE(read->learningRate, slow.learningRate);
        QCOMPARE(read->imagesPerSecond, slow.imagesPerSecond);
        QCOMPARE(time, 1732450000.123);
    }
    double time = 0;
    QVERIFY(!parseStepLine("{\"event\":\"epoch\",\"t\":1}", time));
    QVERIFY(!parseStepLine("", time));
}

void TstRunCenter::aRecordIsReadAsItGrowsAndAnewWhenCut() {
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString(), record = joinPath(path, "events.jsonl");
    RunReader reader(path);
    {
        AppendLog log(record);
        log.append(eventLine(RunStarted{.epochs = 2, .stepsPerEpoch = 2, .device = {}, .note = {}}, 100));
        log.append(eventLine(StepDone{1, 0, 3, 0.1, 10, 5}, 101));
    }
    RunNews news = reader.read({}, 0);
    QCOMPARE(news.points.loss.y, std::vector<double>{3});
    QCOMPARE(news.points.stepSeconds, std::vector<double>{1});
    QCOMPARE(news.status.epochProgress, 0.5);
    {
        AppendLog log(record);
        log.append(eventLine(Paused{1}, 102));
        log.append(eventLine(Resumed{1}, 202));
        log.append(eventLine(StepDone{2, 0, 2, 0.1, 10, 5}, 203));
        log.append("this is no event");
        log.append(eventLine(EpochDone{0, 2, 2.5, 0.5, 2.4, 0.6, 3, true}, 204));
    }
    news = reader.read({}, 0);
    QVERIFY(!news.restarted);
    QCOMPARE(news.points.loss.y, std::vector<double>{2});
    QCOMPARE(news.points.stepSeconds, std::vector<double>{3}); // a pause is no training
    QCOMPARE(news.points.validationAccuracy.y, std::vector<double>{0.6});
    QCOMPARE(news.status.info.epoch, 1);
    QVERIFY(reader.read({}, 0).points.empty());
    // A resume cuts the record and goes on; by the next look it may be longer than before.
    writeBytes(QString::fromStdString(record),
               QByteArray::fromStdString(eventLine(RunStarted{.epochs = 2, .stepsPerEpoch = 2, .device = {}, .note = {}}, 100) + "\n"));
    {
        AppendLog log(record);
        for (int i = 1; i < 20; ++i) log.append(eventLine(StepDone{i, 0, 9, 0.1, 10, 5}, 300 + i));
    }
    news = reader.read({}, 0);
    QVERIFY(news.restarted);
    QCOMPARE(news.points.loss.y, std::vector<double>(19, 9.0));
    QVERIFY(!news.status.info.bestAccuracy);
}

void TstRunCenter::aRunIsStartedAndItsPointsArrive() {
    StudioProject p;
    QVERIFY(p.open());
    QVERIFY2(p.runs->blocked().isEmpty(), qPrintable(p.runs->blocked()));
    QSignalSpy curves(p.runs.get(), &RunCenter::curvesChanged), finished(p.runs.get(), &RunCenter::finished);
    const QString path = p.runs->start();
    QCOMPARE(p.document->project().runs.size(), size_t(1));
    QVERIFY(p.run(path).starting);
    QCOMPARE(p.run(path).name, QString("Run 1"));
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, kPatience);
    const RunView& run = p.run(path);
    QCOMPARE(run.info.state, RunState::Finished);
    QVERIFY(!run.alive && !run.starting);
    QCOMPARE(run.info.epoch, 3);
    // 200 pictures, a tenth for validation: 9 steps of 20 in each of 3 epochs.
    QCOMPARE(run.curves->stepsPerEpoch, 9);
    QCOMPARE(run.curves->loss.x.size(), size_t(27));
    QCOMPARE(run.curves->stepSeconds.size(), size_t(27));
    QCOMPARE(run.curves->validationAccuracy.x, (std::vector<double>{9, 18, 27}));
    QCOMPARE(run.number, 1);
    QVERIFY(run.info.bestAccuracy.has_value());
    QVERIFY(!run.device.isEmpty());
    QVERIFY(curves.size() >= 1);
    QCOMPARE(p.run(p.runs->start()).name, QString("Run 2"));
}

void TstRunCenter::aRunIsPausedResumedAndStopped() {
    StudioProject p;
    QVERIFY(p.open());
    const QString path = p.startLong();
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).curves && p.run(path).curves->loss.x.size() > 3, kPatience);
    QVERIFY(p.run(path).alive);
    QCOMPARE(p.runs->active()->path, path);
    p.runs->pause(path);
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).paused, kPatience);
    const size_t points = p.run(path).curves->loss.x.size();
    QTest::qWait(400);
    QCOMPARE(p.run(path).curves->loss.x.size(), points);
    p.runs->resume(path);
    QTRY_VERIFY_WITH_TIMEOUT(!p.run(path).paused && p.run(path).curves->loss.x.size() > points, kPatience);
    p.runs->stop(path);
    QTRY_COMPARE_WITH_TIMEOUT(p.run(path).info.state, RunState::Stopped, kPatience);
    QVERIFY(!p.runs->active());
    QVERIFY(p.run(path).resumable());
}

void TstRunCenter::aKilledRunIsInterruptedAndGoesOn() {
    StudioProject p;
    QVERIFY(p.open());
    QSignalSpy failed(p.runs.get(), &RunCenter::failed);
    const QString path = p.startLong();
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).info.epoch >= 2, kPatience);
    QCOMPARE(::kill(pid_t(pidOf(path)), SIGKILL), 0);
    QTRY_COMPARE_WITH_TIMEOUT(p.run(path).info.state, RunState::Interrupted, kPatience);
    QTRY_COMPARE(failed.size(), 1);
    const double last = p.run(path).curves->loss.x.back();
    p.runs->resume(path);
    QVERIFY(p.run(path).starting);
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).alive && p.run(path).curves->loss.x.size() > size_t(last) + 5, kPatience);
    const std::vector<double>& steps = p.run(path).curves->loss.x; // each step once, whatever was superseded
    for (size_t i = 0; i < steps.size(); ++i) QCOMPARE(steps[i], double(i + 1));
}

void TstRunCenter::aRunOutlivesItsCentreAndIsFoundAgain() {
    StudioProject p;
    QVERIFY(p.open());
    const QString path = p.startLong();
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).alive, kPatience);
    const int64_t pid = pidOf(path);
    p.runs.reset();
    QTest::qWait(300);
    QVERIFY(processLives(pid));
    p.runs = std::make_unique<RunCenter>(*p.document, *p.data);
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).alive && p.run(path).curves->loss.x.size() > 3, kPatience);
    QCOMPARE(p.run(path).number, 1);
    QCOMPARE(p.run(path).name, QString("Run 1"));
}

void TstRunCenter::aFinishedRunIsContinued() {
    StudioProject p;
    QVERIFY(p.open());
    const QString path = p.runs->start();
    QTRY_COMPARE_WITH_TIMEOUT(p.run(path).info.state, RunState::Finished, kPatience);
    p.runs->continueRun(path, 2);
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).info.state == RunState::Finished && p.run(path).info.epoch == 5, kPatience);
    QCOMPARE(p.run(path).curves->loss.x.size(), size_t(45));
}

void TstRunCenter::whatPreventsAStartIsSaid() {
    StudioProject p;
    QVERIFY(p.open());
    QVERIFY(p.runs->blocked().isEmpty());
    p.document->edit("Break it", Section::Model, [](Project& project) { project.model.layers.clear(); });
    QVERIFY(p.runs->blocked().contains("no layers"));
    QCOMPARE(p.runs->problemCount(), 1);
    QVERIFY_THROWS_EXCEPTION(Error, p.runs->start());
    QVERIFY(p.runs->runs().empty());
    p.document->undoStack().undo();
    QVERIFY(p.runs->blocked().isEmpty());
    p.document->edit("Too many", Section::Training, [](Project& project) { project.training.batchSize = 0; });
    QVERIFY(p.runs->blocked().contains("batch"));
    p.document->undoStack().undo();
    p.document->edit("No data", Section::Data, [](Project& project) { project.data.clear(); });
    QCOMPARE(p.runs->blocked(), QString("No dataset is open."));
    QCOMPARE(p.runs->problemCount(), 0);
}

void TstRunCenter::aProcessThatDiesAtOnceIsToldWithItsSentence() {
    StudioProject p;
    QVERIFY(p.open());
    QSignalSpy failed(p.runs.get(), &RunCenter::failed);
    QDir(p.folder.filePath("cifar")).removeRecursively(); // open in the Studio, gone for the run
    p.runs->start();
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kPatience);
    const QString sentence = failed.front().front().toString();
    QVERIFY2(sentence.contains("cifar"), qPrintable(sentence));
    QVERIFY(p.runs->runs().empty());
    QVERIFY(p.document->project().runs.empty());
}

void TstRunCenter::aDeletedFolderIsARowWithASentence() {
    StudioProject p;
    QVERIFY(p.open());
    const QString path = p.runs->start();
    QTRY_COMPARE_WITH_TIMEOUT(p.run(path).info.state, RunState::Finished, kPatience);
    QVERIFY(QDir(path).removeRecursively());
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).gone, kPatience);
    QCOMPARE(p.runs->runs().size(), size_t(1));
    QVERIFY(p.run(path).message.contains("gone"));
    QVERIFY(!p.run(path).resumable());
}

void TstRunCenter::labelsAreUndoable() {
    StudioProject p;
    QVERIFY(p.open());
    const QString path = p.runs->start();
    QTRY_COMPARE_WITH_TIMEOUT(p.run(path).info.state, RunState::Finished, kPatience);
    p.runs->rename(path, "Baseline");
    QTRY_COMPARE(p.run(path).name, QString("Baseline"));
    p.runs->setNote(path, "with flips");
    QTRY_COMPARE(p.run(path).note, QString("with flips"));
    p.runs->setHidden(path, true);
    QVERIFY(p.run(path).hidden);
    QCOMPARE(p.document->undoStack().count(), 2);
    p.document->undoStack().undo();
    p.document->undoStack().undo();
    QTRY_COMPARE(p.run(path).name, QString("Run 1"));
    QCOMPARE(p.run(path).note, QString());
    QVERIFY(p.run(path).hidden); // undoing a name leaves the eye alone
}

void TstRunCenter::deletingIsUndoableAndFinalWhenTheProjectCloses() {
    StudioProject p;
    QVERIFY(p.open());
    const QString path = p.runs->start();
    QTRY_COMPARE_WITH_TIMEOUT(p.run(path).info.state, RunState::Finished, kPatience);
    const QString trash = QFileInfo(path).path() + "/.trash/" + QFileInfo(path).fileName();
    p.runs->remove(path);
    QVERIFY(p.runs->runs().empty());
    QVERIFY(!QDir(path).exists());
    QVERIFY(QDir(trash).exists());
    p.document->undoStack().undo();
    QVERIFY(QDir(path).exists());
    QTRY_COMPARE(p.run(path).info.state, RunState::Finished);
    QTRY_COMPARE(p.run(path).curves->loss.x.size(), size_t(27));
    p.document->undoStack().redo();
    QVERIFY(p.runs->runs().empty());
    p.document->reset();
    QVERIFY(!QDir(path).exists());
    QVERIFY(!QDir(trash).exists());
}

void TstRunCenter::aTrainingRunIsNotDeleted() {
    StudioProject p;
    QVERIFY(p.open());
    const QString path = p.startLong();
    QTRY_VERIFY_WITH_TIMEOUT(p.run(path).alive, kPatience);
    QVERIFY_THROWS_EXCEPTION(Error, p.runs->remove(path));
    QVERIFY(QDir(path).exists());
}

void TstRunCenter::theCommandDoesTheSame() {
    StudioProject p;
    QVERIFY(p.open());
    QCOMPARE(RunCenter::shellLine({"strata", "a b", "it's", "x=1"}), QString("strata 'a b' 'it'\\''s' x=1"));
    QString line = p.runs->command();
    QVERIFY(line.startsWith("strata train --config "));
    QProcess shell;
    shell.setWorkingDirectory(p.folder.path());
    shell.start("sh", {"-c", line.replace(0, 6, strataProgram())});
    QVERIFY(shell.waitForFinished(kPatience));
    QVERIFY2(shell.exitCode() == 0, shell.readAllStandardError().constData());
}

QTEST_MAIN(TstRunCenter)
#include "tst_run_center.moc"
