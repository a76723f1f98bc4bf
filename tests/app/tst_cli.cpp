// SPDX-License-Identifier: Apache-2.0
// The built command line as a user meets it: help, JSON, the main job on a stand-in for CIFAR-10, interruption, locale.
#include "core/base/fs.h"
#include "core/model/model_file.h"
#include "tests/support/program.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

#include <signal.h>

using namespace strata;
using namespace strata::test;

class TstCli : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void everyVerbExplainsItself_data();
    void everyVerbExplainsItself();
    void devicesListsTheCpu();
    void layersAreListedAndDescribed();
    void summaryCountsParameters();
    void dataInfoTellsWhatIsThere();
    void dataPictureWritesWhatPredictReads();
    void trainTellsAnEventALine();
    void theModelThatTrainingLeftIsUsable();
    void predictTellsClassesOfSeveralPhotos();
    void exportWritesEveryFormat_data();
    void exportWritesEveryFormat();
    void evaluateFromExportedWeightsAgreesWithTheRun();
    void interruptedTrainingSavesAndGoesOn();
    void aSecondInterruptStopsAtOnce();
    void runsListsWhatIsInAFolder();
    void withoutAFolderTheRunIsNamedByModelAndDate();
    void progressIsOneLineOnATerminalAndPlainLinesOtherwise();
    void commandsAreTakenFromStandardInput();
    void aBrokenPipeStopsNoRun();
    void aGermanLocaleChangesNothing();

private:
    QString at(const QString& name) const { return folder_.filePath(name); }
    QString data() const { return "cifar10:" + at("cifar"); }
    QStringList shortTraining(const QString& run, int epochs) const {
        return {"train", "--model", "linear", "--data", data(), "--epochs", QString::number(epochs), "--batch", "8", "--run", at(run)};
    }
    /// Starts a training that would take hours, and waits until its first step.
    void startLong(QProcess& process, const QString& run);
    QTemporaryDir folder_;
};

void TstCli::initTestCase() {
    QVERIFY(QDir().mkpath(at("cifar")));
    writeCifarStandIn(at("cifar"), 20);
    const ProgramResult train =
        runStrata({"train", "--model", "resnet9", "--data", data(), "--epochs", "2", "--batch", "128", "--run", at("run")});
    QVERIFY2(train.exitCode == 0, train.err.constData());
    QVERIFY2(train.out.contains("epoch 2/2"), train.out.constData());
}

void TstCli::everyVerbExplainsItself_data() {
    QTest::addColumn<QStringList>("verb");
    QTest::addColumn<QString>("holds");
    QTest::newRow("strata") << QStringList{} << "train";
    QTest::newRow("devices") << QStringList{"devices"} << "--json";
    QTest::newRow("data") << QStringList{"data"} << "fashion-mnist[:FOLDER]";
    QTest::newRow("data info") << QStringList{"data", "info"} << "SPEC";
    QTest::newRow("data get") << QStringList{"data", "get"} << "--to";
    QTest::newRow("data picture") << QStringList{"data", "picture"} << "--index";
    QTest::newRow("layers") << QStringList{"layers"} << "conv2d";
    QTest::newRow("summary") << QStringList{"summary"} << "resnet18";
    QTest::newRow("train") << QStringList{"train"} << "--resume";
    QTest::newRow("evaluate") << QStringList{"evaluate"} << "--weights";
    QTest::newRow("predict") << QStringList{"predict"} << "--top";
    QTest::newRow("export") << QStringList{"export"} << ".safetensors";
    QTest::newRow("runs") << QStringList{"runs"} << "DIR";
    QTest::newRow("bench") << QStringList{"bench"} << "--serve";
}

void TstCli::everyVerbExplainsItself() {
    QFETCH(QStringList, verb);
    QFETCH(QString, holds);
    const ProgramResult result = runStrata(verb + QStringList{"--help"});
    QCOMPARE(result.exitCode, 0);
    QVERIFY2(result.out.contains(holds.toUtf8()), result.out.constData());
    if (verb.size() == 1 && verb[0] != "data") QVERIFY(result.out.contains("--json"));
    QCOMPARE(result.err, QByteArray());
}

void TstCli::devicesListsTheCpu() {
    const QJsonObject cpu = runStrata({"devices", "--json"}).json()["devices"].toArray()[0].toObject();
    QCOMPARE(cpu["name"].toString(), QString("cpu"));
    QCOMPARE(cpu["available"].toBool(), true);
    QVERIFY(cpu["total_bytes"].toDouble() > 1e8);
    QVERIFY(runStrata({"devices"}).out.startsWith("cpu"));
}

void TstCli::layersAreListedAndDescribed() {
    QStringList ids;
    for (const QJsonValue& layer : runStrata({"layers", "--json"}).json()["layers"].toArray()) ids << layer.toObject()["id"].toString();
    for (const char* id : {"linear", "conv2d", "batch_norm", "relu", "leaky_relu", "gelu", "silu", "sigmoid", "tanh", "max_pool",
                           "avg_pool", "global_avg_pool", "dropout", "flatten", "softmax", "add", "concat", "identity"})
        QVERIFY2(ids.contains(id), id);
    const QJsonObject conv = runStrata({"layers", "conv2d", "--json"}).json();
    QCOMPARE(conv["pytorch"].toObject()["name"].toString(), QString("torch.nn.Conv2d"));
    QVERIFY(conv["params"].toArray().size() >= 5);
    const QByteArray text = runStrata({"layers", "conv2d"}).out;
    for (const char* word : {"Parameters", "kernel_size", "PyTorch", "Examples", "->"}) QVERIFY2(text.contains(word), text.constData());
    for (const QString& id : ids) QCOMPARE(runStrata({"layers", id}).exitCode, 0);
}

void TstCli::summaryCountsParameters() {
    // A linear layer on 3x32x32 with ten classes: 3072 * 10 + 10.
    const ProgramResult json = runStrata({"summary", "linear", "--json"});
    QVERIFY2(json.out.contains("30730"), json.out.constData());
    QVERIFY(!json.json().isEmpty());
    const ProgramResult text = runStrata({"summary", "linear", "--input", "1x28x28", "--classes", "7"});
    QVERIFY2(text.out.contains("5,495") || text.out.contains("5495"), text.out.constData());
    QCOMPARE(runStrata({"summary", "lenet5", "--data", data()}).exitCode, 0);
}

void TstCli::dataInfoTellsWhatIsThere() {
    const QJsonObject info = runStrata({"data", "info", data(), "--json"}).json();
    QCOMPARE(info["length"].toInt(), 100);
    QCOMPARE(info["shape"].toArray(), (QJsonArray{3, 32, 32}));
    QCOMPARE(info["classes"].toArray()[9].toString(), QString("truck"));
    QCOMPARE(info["class_to_idx"].toObject()["truck"].toInt(), 9);
    QCOMPARE(info["counts"].toObject()["cat"].toInt(), 10);
    QCOMPARE(info["splits"].toObject()["test"].toObject()["length"].toInt(), 20);
    QCOMPARE(info["splits"].toObject()["train"].toObject()["length"].toInt() +
                 info["splits"].toObject()["validation"].toObject()["length"].toInt(),
             100);
    for (int c = 0; c < 3; ++c) {
        QVERIFY(info["mean"].toArray()[c].toDouble() > 0.2 && info["mean"].toArray()[c].toDouble() < 0.8);
        QVERIFY(info["std"].toArray()[c].toDouble() > 0.05);
    }
    const QByteArray text = runStrata({"data", "info", data()}).out;
    for (const char* word : {"length", "shape", "3x32x32", "mean", "deviation", "truck"}) QVERIFY2(text.contains(word), text.constData());
}

void TstCli::dataPictureWritesWhatPredictReads() {
    const QJsonObject picture = runStrata({"data", "picture", data(), "--index", "3", "--to", at("three.png"), "--json"}).json();
    QCOMPARE(picture["class"].toString(), QString("cat"));
    QVERIFY(readBytes(at("three.png")).startsWith("\x89PNG"));
    QCOMPARE(runStrata({"predict", "--run", at("run"), at("three.png")}).exitCode, 0);
}

void TstCli::trainTellsAnEventALine() {
    const ProgramResult result = runStrata(shortTraining("events", 2) + QStringList{"--json"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QStringList events;
    int steps = 0;
    for (const QByteArray& line : result.out.trimmed().split('\n')) {
        const QJsonObject event = QJsonDocument::fromJson(line).object();
        QVERIFY2(event.contains("event"), line.constData());
        if (event["event"] == "step") {
            QVERIFY(event["loss"].isDouble());
            ++steps;
        } else
            events << event["event"].toString();
    }
    QCOMPARE(events.first(), QString("run_started"));
    QCOMPARE(events.last(), QString("run_finished"));
    QCOMPARE(events.count("epoch"), 2);
    QVERIFY(events.contains("checkpoint_saved"));
    QVERIFY2(steps >= 2 * 11, qPrintable(QString::number(steps)));
    QCOMPARE(result.err, QByteArray());
    for (const char* file : {"spec.json", "config.json", "data.json", "plan.json", "events.jsonl"})
        QVERIFY2(QFile::exists(at("events/") + file), file);
}

void TstCli::theModelThatTrainingLeftIsUsable() {
    const QJsonObject evaluation = runStrata({"evaluate", "--run", at("run"), "--json"}).json();
    QCOMPARE(evaluation["count"].toInt(), 20);
    QVERIFY(evaluation["accuracy"].isDouble() && evaluation["loss"].isDouble());
    QCOMPARE(evaluation["confusion"].toArray().size(), 10);
    const ProgramResult text = runStrata({"evaluate", "--run", at("run"), "--split", "validation", "--checkpoint", "last", "--confusion"});
    QCOMPARE(text.exitCode, 0);
    QVERIFY2(text.out.contains("precision") && text.out.contains("is \\ called"), text.out.constData());
}

void TstCli::predictTellsClassesOfSeveralPhotos() {
    runStrata({"data", "picture", data(), "--index", "1", "--to", at("one.png")});
    const ProgramResult result = runStrata({"predict", "--run", at("run"), at("one.png"), at("one.png"), "--top", "3", "--json"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QJsonArray results = result.json()["results"].toArray();
    QCOMPARE(results.size(), 2);
    const QJsonArray top = results[0].toObject()["top"].toArray();
    QCOMPARE(top.size(), 3);
    QCOMPARE(results[1].toObject()["file"].toString(), at("one.png"));
    QVERIFY(results[0].toObject()["milliseconds"].toDouble() > 0);
    QVERIFY(top[0].toObject()["probability"].toDouble() >= top[2].toObject()["probability"].toDouble());
    QCOMPARE(results[0].toObject()["top"], results[1].toObject()["top"]);
    QCOMPARE(runStrata({"predict", "--run", at("run"), at("one.png")}).out.count('%'), 5);
}

void TstCli::exportWritesEveryFormat_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("dtype");
    QTest::newRow("safetensors") << "m.safetensors"
                                 << "safetensors"
                                 << "f32";
    QTest::newRow("half safetensors") << "half.safetensors"
                                      << "safetensors"
                                      << "f16";
    QTest::newRow("keras") << "m.h5"
                           << "keras"
                           << "f32";
    QTest::newRow("npz") << "m.npz"
                         << "npz"
                         << "f32";
    QTest::newRow("half npz") << "half.npz"
                              << "npz"
                              << "f16";
}

void TstCli::exportWritesEveryFormat() {
    QFETCH(QString, file);
    QFETCH(QString, format);
    QFETCH(QString, dtype);
    const ProgramResult result = runStrata({"export", "--run", at("run"), "--to", at(file), "--dtype", dtype, "--json"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QCOMPARE(result.json()["format"].toString(), format);
    QCOMPARE(result.json()["verified"].toBool(), true);
    QCOMPARE(qint64(result.json()["bytes"].toDouble()), QFileInfo(at(file)).size());
}

void TstCli::evaluateFromExportedWeightsAgreesWithTheRun() {
    QCOMPARE(runStrata({"export", "--run", at("run"), "--to", at("same.safetensors")}).exitCode, 0);
    const QJsonObject weights = runStrata({"evaluate", "--weights", at("same.safetensors"), "--data", data(), "--json"}).json();
    const QJsonObject run = runStrata({"evaluate", "--run", at("run"), "--json"}).json();
    QVERIFY(weights["loss"].isDouble());
    // Each process times the algorithms of its convolutions and chooses: the last digits may differ.
    QVERIFY(std::abs(weights["loss"].toDouble() - run["loss"].toDouble()) < 1e-4);
    QCOMPARE(weights["accuracy"].toDouble(), run["accuracy"].toDouble());
}

void TstCli::startLong(QProcess& process, const QString& run) {
    process.start(strataProgram(), shortTraining(run, 100000) + QStringList{"--json"});
    QByteArray seen;
    QTRY_VERIFY_WITH_TIMEOUT((seen += process.readAllStandardOutput()).contains("\"event\":\"step\""), 30000);
}

void TstCli::interruptedTrainingSavesAndGoesOn() {
    QProcess process;
    process.start(strataProgram(), shortTraining("stopped", 100000));
    QByteArray seen;
    QTRY_VERIFY_WITH_TIMEOUT((seen += process.readAllStandardOutput()).contains("epoch 1/"), 30000);
    kill(pid_t(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(30000));
    QCOMPARE(process.exitCode(), 130);
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(said.contains("Stopping: the run is being saved. Press ctrl-C again to stop at once."), said.constData());
    QVERIFY2(said.contains("Go on with: strata train --resume --run " + at("stopped").toUtf8()), said.constData());

    const QJsonObject run = runStrata({"runs", at("stopped"), "--json"}).json()["runs"].toArray()[0].toObject();
    QCOMPARE(run["state"].toString(), QString("stopped"));
    const int epochs = run["epoch"].toInt() + 1;
    const ProgramResult resumed = runStrata({"train", "--resume", "--run", at("stopped"), "--epochs", QString::number(epochs)});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QVERIFY2(resumed.out.startsWith("Going on with"), resumed.out.constData());
    QVERIFY2(resumed.out.contains("Finished"), resumed.out.constData());
}

void TstCli::aSecondInterruptStopsAtOnce() {
    QProcess process;
    startLong(process, "twice");
    kill(pid_t(process.processId()), SIGSTOP); // so that both are waiting when it goes on, and the save cannot come between
    kill(pid_t(process.processId()), SIGINT);
    kill(pid_t(process.processId()), SIGTERM);
    kill(pid_t(process.processId()), SIGCONT);
    QVERIFY(process.waitForFinished(10000));
    QCOMPARE(process.exitCode(), 130);
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(said.contains("Stopping:"), said.constData());
    QVERIFY2(!said.contains("Go on with"), said.constData());
    QCOMPARE(runStrata({"train", "--resume", "--run", at("twice"), "--epochs", "1"}).crashed, false);
}

void TstCli::runsListsWhatIsInAFolder() {
    QVERIFY(QDir().mkpath(at("many")));
    for (const char* name : {"many/b", "many/a"}) QCOMPARE(runStrata(shortTraining(name, 1)).exitCode, 0);
    const QJsonArray runs = runStrata({"runs", at("many"), "--json"}).json()["runs"].toArray();
    QCOMPARE(runs.size(), 2);
    QCOMPARE(runs[0].toObject()["name"].toString(), QString("a"));
    QCOMPARE(runs[1].toObject()["state"].toString(), QString("finished"));
    QCOMPARE(runStrata({"runs", at("many")}).out.count("finished"), 2);
    QVERIFY(QDir().mkpath(at("none")));
    QCOMPARE(runStrata({"runs", at("none")}).out, "There are no runs in " + at("none").toUtf8() + "\n");
}

void TstCli::withoutAFolderTheRunIsNamedByModelAndDate() {
    ProgramOptions options;
    options.workingFolder = at("none");
    const ProgramResult result = runStrata({"train", "--model", "linear", "--data", data(), "--epochs", "1"}, options);
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QStringList names = QDir(at("none/runs")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    QCOMPARE(names.size(), 1);
    QVERIFY2(QRegularExpression("^linear-\\d{8}-\\d{6}$").match(names[0]).hasMatch(), qPrintable(names[0]));
}

void TstCli::progressIsOneLineOnATerminalAndPlainLinesOtherwise() {
    QVERIFY(!QStandardPaths::findExecutable("script").isEmpty());
    const QString command = strataProgram() + " " + shortTraining("terminal", 40).join(' ');
    const ProgramResult terminal = runProgram("script", {"-qec", command, "/dev/null"});
    QCOMPARE(terminal.exitCode, 0);
    QVERIFY2(terminal.out.contains("\repoch ") && terminal.out.contains(" images/s  ") && terminal.out.contains(" left  "),
             terminal.out.left(2000).constData());
    const ProgramResult plain = runStrata(shortTraining("plain", 2));
    QVERIFY(!plain.out.contains('\r') && !plain.out.contains('\x1b') && !plain.err.contains('\r'));
    QVERIFY(plain.out.contains("epoch 1/2"));
}

void TstCli::commandsAreTakenFromStandardInput() {
    QProcess process;
    process.start(strataProgram(), shortTraining("commanded", 100000) + QStringList{"--commands", "--json"});
    QByteArray seen;
    QTRY_VERIFY_WITH_TIMEOUT((seen += process.readAllStandardOutput()).contains("\"event\":\"step\""), 30000);
    process.write("{\"command\": \"stop\"}\n");
    QVERIFY(process.waitForFinished(10000));
    seen += process.readAllStandardOutput();
    QCOMPARE(process.exitCode(), 0);
    QVERIFY2(seen.contains("\"event\":\"run_stopped\""), seen.right(500).constData());
}

void TstCli::aBrokenPipeStopsNoRun() {
    const QString command = strataProgram() + " " + shortTraining("piped", 30).join(' ') + " --json | head -n 1";
    QCOMPARE(runProgram("/bin/sh", {"-c", command}).exitCode, 0);
    const auto state = [this] {
        return runStrata({"runs", at("piped"), "--json"}).json()["runs"].toArray()[0].toObject()["state"].toString();
    };
    QTRY_COMPARE_WITH_TIMEOUT(state(), QString("finished"), 30000);
}

void TstCli::aGermanLocaleChangesNothing() {
    const ProgramResult made = runProgram("/usr/bin/localedef", {"-i", "de_DE", "-f", "UTF-8", at("de_DE.UTF-8")});
    if (!QFile::exists(at("de_DE.UTF-8/LC_NUMERIC")))
        QSKIP(("no German locale can be made here (package locales): " + made.err).constData());
    ProgramOptions german;
    german.environment = {{"LOCPATH", folder_.path()}, {"LC_ALL", "de_DE.UTF-8"}, {"LANG", "de_DE.UTF-8"}};
    const ProgramResult comma = runProgram("/usr/bin/printf", {"%.1f", "0,5"}, german);
    QCOMPARE(comma.out, QByteArray("0,5")); // the locale is real
    for (const QStringList& line : {QStringList{"data", "info", data(), "--json"}, QStringList{"summary", "lenet5"},
                                    QStringList{"evaluate", "--run", at("run"), "--json"}}) {
        const auto withoutTimes = [](QByteArray text) {
            QJsonObject object = QJsonDocument::fromJson(text).object();
            if (object.isEmpty()) return text;
            object.remove("seconds");
            object.remove("images_per_second");
            if (object.contains("loss")) object["loss"] = std::round(1e4 * object["loss"].toDouble()); // algorithms may differ
            return QJsonDocument(object).toJson();
        };
        QCOMPARE(withoutTimes(runStrata(line, german).out), withoutTimes(runStrata(line).out));
    }
    const QStringList training{"--lr", "0.015625", "--seed", "3", "--label-smoothing", "0.1"};
    QCOMPARE(runStrata(shortTraining("german", 1) + training, german).exitCode, 0);
    QCOMPARE(runStrata(shortTraining("english", 1) + training).exitCode, 0);
    for (const char* run : {"german", "english"}) runStrata({"export", "--run", at(run), "--to", at(run) + ".npz"}, german);
    QVERIFY(readBytes(at("german/config.json")).contains("0.015625"));
    QCOMPARE(readBytes(at("german/config.json")), readBytes(at("english/config.json")));
    const auto weights = [this](const char* run) {
        runStrata({"export", "--run", at(run), "--to", at("w.safetensors")});
        return readModelFile(at("w.safetensors").toStdString()).state[0].tensor.toVector<float>();
    };
    QCOMPARE(weights("german"), weights("english"));
}

QTEST_GUILESS_MAIN(TstCli)
#include "tst_cli.moc"
