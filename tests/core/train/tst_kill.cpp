// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/philox.h"
#include "core/train/event_log.h"
#include "tests/support/program.h"
#include "tests/support/run_helpers.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <thread>

using namespace strata;
using namespace strata::test;

namespace {

constexpr int kKills = 50;

bool savesNow(const std::string& run) {
    std::vector<std::string> names;
    if (fs().list(joinPath(run, "checkpoints"), names) < 0) return false;
    return std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(".tmp"); });
}

} // namespace

/// kill -9 at any moment, then --resume: the same bits as if nothing had happened.
class TstKill : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    QStringList arguments_;
    int insideSave_ = 0;

    QString path(const QString& name) const { return folder_.path() + "/" + name; }
    void start(QProcess& process, const QString& run) {
        QStringList arguments{"train", "--run", run};
        if (holdsRun(run))
            arguments << "--resume";
        else
            arguments << arguments_;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(strataProgram(), arguments);
        QVERIFY(process.waitForStarted());
    }
    static bool holdsRun(const QString& run) { return fs().status(run.toStdString() + "/config.json").exists; }

    /// Waits for the moment and kills; false if the process ended by itself before.
    bool killLater(QProcess& process, const QString& run, int delayMs, bool whileSaving) {
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < delayMs)
            if (process.waitForFinished(1)) return false;
        if (whileSaving) {
            while (!savesNow(run.toStdString())) {
                if (process.waitForFinished(0) || process.state() == QProcess::NotRunning) return false;
                std::this_thread::sleep_for(std::chrono::microseconds(50));
            }
        }
        process.kill();
        process.waitForFinished();
        if (savesNow(run.toStdString())) ++insideSave_;
        return process.exitStatus() == QProcess::CrashExit;
    }

private slots:
    void killedRunsEndWithTheSameBits() {
        writeCifarStandIn(folder_.path(), 40);
        const QString spec = QString::fromStdString(writeShapesSpec(folder_.path().toStdString()));
        arguments_ = {"--model", spec,        "--data", "cifar10:" + folder_.path(), "--epochs", "3",      "--batch",
                      "32",      "--threads", "1",      "--checkpoint-every",        "1",        "--seed", "3"};
        const ProgramResult whole = runStrata(QStringList{"train", "--run", path("whole")} + arguments_);
        QVERIFY2(whole.exitCode == 0, whole.err.constData());
        const std::string expected = runHash(path("whole").toStdString());
        const auto wantedSteps = eventsOf<StepDone>(readEvents(path("whole/events.jsonl").toStdString()));
        QCOMPARE(wantedSteps.size(), size_t(18));

        Philox random(11, Purpose::Test, 0, 0);
        int kills = 0, finished = 0, runs = 0;
        for (; kills < kKills; ++runs) {
            const QString run = path(QString("run%1").arg(runs));
            while (true) {
                QProcess process;
                start(process, run);
                const bool wait = kills < kKills;
                if (wait && killLater(process, run, int(random.below(160)), random.below(2) == 0)) {
                    ++kills;
                    if (summarizeEvents(run.toStdString() + "/events.jsonl").last == "run_finished") break; // had said its last word
                    continue;
                }
                QVERIFY(process.state() == QProcess::NotRunning || process.waitForFinished(60000));
                const QByteArray said = process.readAll();
                QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, said.constData());
                break;
            }
            ++finished;
            QCOMPARE(runHash(run.toStdString()), expected);
            const auto steps = eventsOf<StepDone>(readEvents((run + "/events.jsonl").toStdString()));
            QCOMPARE(steps.size(), wantedSteps.size());
            for (size_t i = 0; i < steps.size(); ++i) {
                QCOMPARE(steps[i].step, wantedSteps[i].step);
                QCOMPARE(steps[i].loss, wantedSteps[i].loss);
            }
        }
        qInfo("%d kills, %d of them inside a save, %d runs finished", kills, insideSave_, finished);
        QVERIFY(insideSave_ >= 5);
    }
};

QTEST_GUILESS_MAIN(TstKill)
#include "tst_kill.moc"
