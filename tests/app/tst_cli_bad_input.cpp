// SPDX-License-Identifier: Apache-2.0
// Everything a person or a stranger's file can get wrong on the command line: one exact sentence, the exit code, nothing
// half-written. Rows are in bad_input_rows.inc.
#include "core/base/file_lock.h"
#include "tests/support/bad_files.h"
#include "tests/support/program.h"

#include <QDir>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

using namespace strata;
using namespace strata::test;

namespace {

struct Row {
    const char* name;
    const char* line; ///< arguments, separated by blanks; @ is the folder of test files
    int exitCode;
    const char* message; ///< what standard error says behind "strata: "
};

const Row kRows[] = {
#include "bad_input_rows.inc"
};

} // namespace

class TstCliBadInput : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void eachMistakeGetsItsSentence_data();
    void eachMistakeGetsItsSentence();
    void withJsonTheErrorIsAnObject();
    void aRunThatIsBeingTrainedIsLeftAlone();
    void aFullDiskLeavesNothingHalfWritten_data();
    void aFullDiskLeavesNothingHalfWritten();
    void aFullDiskStopsATrainingWithASentence();
    void aFullStandardOutputIsTold();
    void withoutAWholeCheckpointEachDamageIsNamed();
    void aPickleRunsNothing();
    void aLossThatIsNoNumberStopsTheRun();
    void atLeastFortyKindsAreHere();

private:
    QString at(const QString& name) const { return folder_.filePath(name); }
    QStringList names() const { return QDir(folder_.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot); }
    QTemporaryDir folder_;
};

void TstCliBadInput::initTestCase() {
    writeBadData(folder_.path());
    writeBadPictures(folder_.path());
    writeBadModels(folder_.path());
    writeBadRuns(folder_.path());
}

void TstCliBadInput::eachMistakeGetsItsSentence_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("message");
    for (const Row& row : kRows) QTest::newRow(row.name) << row.line << row.exitCode << row.message;
}

void TstCliBadInput::eachMistakeGetsItsSentence() {
    QFETCH(QString, line);
    QFETCH(int, exitCode);
    QFETCH(QString, message);
    const QStringList before = names();
    ProgramOptions options;
    options.workingFolder = folder_.path();
    const ProgramResult result = runStrata(QString(line).replace("@", folder_.path()).split(' ', Qt::SkipEmptyParts), options);
    const QString said = QString::fromUtf8(result.err).replace(folder_.path(), "@");
    if (qEnvironmentVariableIsSet("STRATA_RECORD")) { // prints the table anew, to be read before it is believed
        fprintf(stderr, "ROW|%s|%s|%d|%s\n", QTest::currentDataTag(), qPrintable(line), result.exitCode, qPrintable(said.trimmed()));
        return;
    }
    QVERIFY(!result.crashed && !result.timedOut);
    QCOMPARE(said, "strata: " + message + "\n");
    QCOMPARE(result.exitCode, exitCode);
    QCOMPARE(names(), before);
}

void TstCliBadInput::withJsonTheErrorIsAnObject() {
    const ProgramResult result = runStrata({"evaluate", "--run", at("nowhere"), "--json"});
    QCOMPARE(result.exitCode, 1);
    QCOMPARE(result.out, QByteArray());
    QCOMPARE(result.errorJson()["kind"].toString(), QString("bad_input"));
    QCOMPARE(result.errorJson()["message"].toString(), "there is no run in " + at("nowhere") + ": no such folder");
    const ProgramResult usage = runStrata({"evaluate", "--json", "--bogus"});
    QCOMPARE(usage.exitCode, 2);
    QCOMPARE(usage.errorJson()["kind"].toString(), QString("usage"));
}

void TstCliBadInput::aRunThatIsBeingTrainedIsLeftAlone() {
    const auto lock = FileLock::tryAcquire(at("run/lock").toStdString());
    QVERIFY(lock.has_value());
    const ProgramResult result = runStrata({"train", "--resume", "--run", at("run"), "--epochs", "2"});
    QCOMPARE(result.exitCode, 1);
    QCOMPARE(QString(result.err), "strata: the run in " + at("run") + " is being trained by another process\n");
}

void TstCliBadInput::aFullDiskLeavesNothingHalfWritten_data() {
    QTest::addColumn<QStringList>("line");
    QTest::addColumn<QString>("file");
    QTest::newRow("safetensors") << QStringList{"export", "--run", at("run"), "--to", at("full.safetensors")} << "full.safetensors";
    QTest::newRow("keras") << QStringList{"export", "--run", at("run"), "--to", at("full.h5")} << "full.h5";
    QTest::newRow("npz") << QStringList{"export", "--run", at("run"), "--to", at("full.npz")} << "full.npz";
    QTest::newRow("picture") << QStringList{"data", "picture", "cifar10:" + at("cifar"), "--to", at("full.png")} << "full.png";
}

void TstCliBadInput::aFullDiskLeavesNothingHalfWritten() {
    QFETCH(QStringList, line);
    QFETCH(QString, file);
    const QStringList before = names();
    ProgramOptions options;
    options.fileSizeLimit = 1000;
    const ProgramResult result = runStrata(line, options);
    QCOMPARE(result.exitCode, 1);
    const QString said(result.err);
    QVERIFY2(said.startsWith("strata: cannot write " + at(file) + ": File too large"), result.err.constData());
    QCOMPARE(said.count('\n'), 1);
    QCOMPARE(names(), before);
    // An older file of that name stays as it was.
    writeBytes(at(file), "precious");
    QCOMPARE(runStrata(line, options).exitCode, 1);
    QCOMPARE(readBytes(at(file)), QByteArray("precious"));
    QFile::remove(at(file));
}

void TstCliBadInput::aFullDiskStopsATrainingWithASentence() {
    ProgramOptions options;
    options.fileSizeLimit = 100'000; // a checkpoint of this network takes 250 kB
    const ProgramResult result = runStrata(
        {"train", "--model", "linear", "--data", "cifar10:" + at("cifar"), "--epochs", "1", "--batch", "20", "--run", at("fullrun")},
        options);
    QCOMPARE(result.exitCode, 1);
    QVERIFY2(result.err.contains("File too large"), result.err.constData());
    QVERIFY(QDir(at("fullrun/checkpoints")).entryList(QDir::Files).isEmpty());
    QDir(at("fullrun")).removeRecursively();
}

void TstCliBadInput::aFullStandardOutputIsTold() {
    ProgramOptions options;
    options.outputFile = "/dev/full";
    const ProgramResult result = runStrata({"layers"}, options);
    QCOMPARE(QString(result.err), QString("strata: standard output: No space left on device\n"));
    QCOMPARE(result.exitCode, 1);
}

void TstCliBadInput::withoutAWholeCheckpointEachDamageIsNamed() {
    const ProgramResult result = runStrata({"evaluate", "--run", at("run-checkpoints")});
    QCOMPARE(result.exitCode, 1);
    const QStringList lines = QString::fromUtf8(result.err).replace(folder_.path(), "@").trimmed().split('\n');
    QCOMPARE(lines.size(), 3); // two warnings, then the error
    QVERIFY2(lines.first().contains("damaged: the hash of"), qPrintable(lines.first()));
    QVERIFY2(lines.last().startsWith("strata: @/run-checkpoints/checkpoints: none of the 2 checkpoints can be read; the last reason: "),
             qPrintable(lines.last()));
}

void TstCliBadInput::aPickleRunsNothing() {
    runStrata({"data", "info", "cifar10:" + at("evil")});
    QVERIFY(!QFile::exists(at("ran")));
}

void TstCliBadInput::aLossThatIsNoNumberStopsTheRun() {
    const ProgramResult result = runStrata({"train", "--model", "mlp", "--data", "cifar10:" + at("cifar"), "--epochs", "50", "--batch",
                                            "20", "--run", at("nan"), "--schedule", "constant", "--lr", "1000", "--json"});
    QCOMPARE(result.exitCode, 1);
    QVERIFY2(result.out.contains("\"event\":\"run_failed\""), result.out.right(600).constData());
    QVERIFY2(result.errorJson()["message"].toString().contains("layer"), result.err.constData());
    QCOMPARE(runStrata({"evaluate", "--run", at("nan")}).exitCode, 0); // the last good checkpoint is there
    QDir(at("nan")).removeRecursively();
}

void TstCliBadInput::atLeastFortyKindsAreHere() { QVERIFY(std::size(kRows) >= 40); }

QTEST_GUILESS_MAIN(TstCliBadInput)
#include "tst_cli_bad_input.moc"
