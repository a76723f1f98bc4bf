// SPDX-License-Identifier: Apache-2.0
// The verbs and options that the Studio calls: edits, top losses, lr-find, Grad-CAM, folders of photos, PyTorch source, notes.
#include "core/data/edits.h"
#include "core/files/image.h"
#include "tests/support/program.h"
#include "tests/support/sample_edits.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QtTest>

using namespace strata;
using namespace strata::test;

class TstCliStudio : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void editsChangeWhatIsCounted();
    void aRunIsMeasuredWithItsEdits();
    void topLossesAndPredictionsAreWritten();
    void lrFindTellsALineAStep();
    void lrFindSuggestsToPeople();
    void aFolderOfPhotosGivesATable();
    void gradCamAndTheReceivedPictureAreWritten();
    void aCropIsObeyed();
    void pytorchSourceIsWritten();
    void anEarlyStopIsTold();
    void runsAreNamedAndHidden();
    void summaryForecastsMemory();
    void whatDoesNotGoTogetherIsToldInOneSentence_data();
    void whatDoesNotGoTogetherIsToldInOneSentence();

private:
    QString at(const QString& name) const { return folder_.filePath(name); }
    QString data() const { return "cifar10:" + at("cifar"); }
    QTemporaryDir folder_;
};

void TstCliStudio::initTestCase() {
    QVERIFY(QDir().mkpath(at("cifar")));
    writeCifarStandIn(at("cifar"), 20);
    EditList list;
    list.set({"test", 0}, excluded());
    list.set({"test", 1}, labelled("truck"));
    list.set({"train", 0}, excluded());
    writeEdits(at("edits.json").toStdString(), list);
    const ProgramResult train = runStrata({"train", "--model", "lenet5", "--data", data(), "--epochs", "2", "--batch", "20", "--run",
                                           at("run"), "--edits", at("edits.json"), "--clip-norm", "2", "--early-stop", "5"});
    QVERIFY2(train.exitCode == 0, train.err.constData());
    QVERIFY(QFile::exists(at("run/edits.json")));
}

void TstCliStudio::editsChangeWhatIsCounted() {
    const QJsonObject plain = runStrata({"data", "info", data(), "--json"}).json();
    const QJsonObject edited = runStrata({"data", "info", data(), "--edits", at("edits.json"), "--json"}).json();
    QCOMPARE(edited["length"].toInt(), plain["length"].toInt() - 1);
    QCOMPARE(edited["base_fingerprint"], plain["fingerprint"]);
    QVERIFY(edited["fingerprint"] != plain["fingerprint"]);
    QCOMPARE(edited["splits"].toObject()["test"].toObject()["length"].toInt(), 19);
    QVERIFY(runStrata({"data", "info", data(), "--edits", at("edits.json")}).out.contains("1 relabelled, 2 left out"));
}

void TstCliStudio::aRunIsMeasuredWithItsEdits() {
    QCOMPARE(runStrata({"evaluate", "--run", at("run"), "--json"}).json()["count"].toInt(), 19);
    QCOMPARE(runStrata({"evaluate", "--run", at("run"), "--data", data(), "--json"}).json()["count"].toInt(), 20);
    QCOMPARE(runStrata({"evaluate", "--run", at("run"), "--data", data(), "--edits", at("edits.json"), "--json"}).json()["count"].toInt(),
             19);
}

void TstCliStudio::topLossesAndPredictionsAreWritten() {
    const QJsonObject json =
        runStrata({"evaluate", "--run", at("run"), "--top-losses", "4", "--predictions", at("p.csv"), "--json"}).json();
    const QJsonArray top = json["top_losses"].toArray();
    QCOMPARE(top.size(), 4);
    for (int i = 1; i < 4; ++i) QVERIFY(top[i].toObject()["loss"].toDouble() <= top[i - 1].toObject()["loss"].toDouble());
    QVERIFY(json["macro"].toObject()["f1"].isDouble());
    const QList<QByteArray> lines = readBytes(at("p.csv")).trimmed().split('\n');
    QCOMPARE(lines.size(), 20);
    QVERIFY(lines[0].startsWith("split,index,set,set_index,class,predicted,correct,"));
    QVERIFY2(lines[1].startsWith("test,0,test,1,truck,"), lines[1].constData()); // the first was left out, the second relabelled
    const ProgramResult text = runStrata({"evaluate", "--run", at("run"), "--top-losses", "3"});
    QVERIFY2(text.out.contains("called") && text.out.contains("test_batch.bin record"), text.out.constData());
}

void TstCliStudio::lrFindTellsALineAStep() {
    const ProgramResult result =
        runStrata({"lr-find", "--model", "lenet5", "--data", data(), "--batch", "20", "--steps", "12", "--max", "1", "--json"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QList<QByteArray> lines = result.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 13);
    double last = 0;
    for (int i = 0; i < 12; ++i) {
        const QJsonObject point = QJsonDocument::fromJson(lines[i]).object();
        QCOMPARE(point["step"].toInt(), i);
        QVERIFY(point["learning_rate"].toDouble() > last && point["loss"].isDouble() && point["smoothed"].isDouble());
        last = point["learning_rate"].toDouble();
    }
    QCOMPARE(last, 1.0);
    QVERIFY(QJsonDocument::fromJson(lines[12]).object()["result"].toObject().contains("suggestion"));
    QCOMPARE(result.err, QByteArray());
}

void TstCliStudio::lrFindSuggestsToPeople() {
    const ProgramResult result = runStrata({"lr-find", "--config", at("run/config.json"), "--steps", "20", "--batch", "20"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QVERIFY2(result.out.contains("Suggestion: --lr "), result.out.constData());
}

void TstCliStudio::aFolderOfPhotosGivesATable() {
    QVERIFY(QDir().mkpath(at("album")));
    for (int i = 0; i < 3; ++i)
        runStrata({"data", "picture", data(), "--index", QString::number(i), "--to", at(QString("album/%1.png").arg(i))});
    writeBytes(at("album/broken.png"), "not a picture");
    writeBytes(at("album/readme.txt"), "nor this");
    const ProgramResult result = runStrata({"predict", "--run", at("run"), at("album"), "--csv", at("album.csv"), "--json"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QCOMPARE(result.json()["results"].toArray().size(), 4);
    QCOMPARE(result.json()["failed"].toInt(), 1);
    QCOMPARE(readBytes(at("album.csv")).count('\n'), 5);
    const ProgramResult text = runStrata({"predict", "--run", at("run"), at("album")});
    QCOMPARE(text.exitCode, 0);
    QVERIFY2(text.out.contains("broken.png") && text.out.contains("not a picture"), text.out.constData());
    // Named one by one, a failure is told and the others go on.
    const ProgramResult named = runStrata({"predict", "--run", at("run"), at("album/broken.png"), at("album/0.png")});
    QCOMPARE(named.exitCode, 1);
    QVERIFY(named.err.contains("broken.png") && named.out.contains("0.png"));
}

void TstCliStudio::gradCamAndTheReceivedPictureAreWritten() {
    const ProgramResult result = runStrata({"predict", "--run", at("run"), at("album/0.png"), "--grad-cam", at("map.png"), "--class", "cat",
                                            "--received", at("seen.png"), "--json"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QJsonObject photo = result.json()["results"].toArray()[0].toObject();
    QCOMPARE(photo["grad_cam"].toObject()["class"].toString(), QString("cat"));
    QCOMPARE(photo["grad_cam"].toObject()["layer"].toString(), QString("relu2"));
    const Image map = readImage(at("map.png").toStdString()), seen = readImage(at("seen.png").toStdString());
    QVERIFY(map.width == 256 && map.height == 256 && seen.width == 32 && seen.height == 32);
    // The picture is 32x32 already: what the network received are its own pixels.
    QCOMPARE(seen.rgb, readImage(at("album/0.png").toStdString()).rgb);
    QVERIFY(
        runStrata({"predict", "--run", at("run"), at("album/0.png"), "--grad-cam", at("map.png")}).out.contains("Grad-CAM of layer relu2"));
}

void TstCliStudio::aCropIsObeyed() {
    const ProgramResult result = runStrata({"predict", "--run", at("run"), at("album/0.png"), "--crop", "4,2,20,20", "--json"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QCOMPARE(result.json()["results"].toArray()[0].toObject()["crop"].toArray(), (QJsonArray{4, 2, 20, 20}));
}

void TstCliStudio::pytorchSourceIsWritten() {
    const ProgramResult result = runStrata({"export", "--run", at("run"), "--to", at("model.py")});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QVERIFY2(result.out.contains("without weights"), result.out.constData());
    QVERIFY(readBytes(at("model.py")).contains("class Lenet5(nn.Module):"));
    QCOMPARE(runStrata({"export", "--run", at("run"), "--to", at("model.py"), "--json"}).json()["format"].toString(),
             QString("pytorch_source"));
}

void TstCliStudio::anEarlyStopIsTold() {
    const QStringList words{"train",          "--model",      "linear", "--data",         data(),       "--epochs", "8",
                            "--batch",        "20",           "--lr",   "0.000000000001", "--momentum", "0",        "--optimizer-set",
                            "nesterov=false", "--early-stop", "2",      "--no-augment",   "--run",      at("early")};
    const ProgramResult result = runStrata(words);
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QVERIFY2(result.out.contains("Finished 3 epochs") && result.out.contains("ended early"), result.out.constData());
    const ProgramResult again = runStrata({"train", "--resume", "--run", at("early")});
    QCOMPARE(again.exitCode, 1);
    QVERIFY(again.err.contains("is finished after 3 epochs"));
}

void TstCliStudio::runsAreNamedAndHidden() {
    QCOMPARE(runStrata({"runs", at("early"), "--name", "Stuck", "--note", "rate far too small", "--hide"}).exitCode, 0);
    const QJsonArray shown = runStrata({"runs", at("."), "--json"}).json()["runs"].toArray();
    QCOMPARE(shown.size(), 1);
    const QJsonObject run = shown[0].toObject();
    QVERIFY(run["seconds"].toDouble() > 0);
    QCOMPARE(run["device"].toString(), QString("cpu"));
    QCOMPARE(run["batch_size"].toInt(), 20);
    const ProgramResult all = runStrata({"runs", at("."), "--all"});
    QVERIFY2(all.out.contains("early is called Stuck") && all.out.contains("early: rate far too small"), all.out.constData());
    QVERIFY(runStrata({"runs", at(".")}).out.contains("1 hidden"));
    QCOMPARE(runStrata({"runs", at("early"), "--unhide"}).exitCode, 0);
    QCOMPARE(runStrata({"runs", at("."), "--json"}).json()["runs"].toArray().size(), 2);
}

void TstCliStudio::summaryForecastsMemory() {
    const QJsonObject memory = runStrata({"summary", "resnet9", "--batch", "128", "--json"}).json()["training_memory"].toObject();
    QVERIFY(memory["total"].toDouble() > memory["activations"].toDouble() && memory["activations"].toDouble() > 1e8);
    QVERIFY(runStrata({"summary", "resnet9"}).out.contains("training with momentum takes about"));
}

void TstCliStudio::whatDoesNotGoTogetherIsToldInOneSentence_data() {
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("two photos") << QStringList{"predict", "--run", at("run"), "a.png", "b.png", "--crop", "0,0,2,2"} << 2
                                << "--grad-cam, --received and --crop are for one photo";
    QTest::newRow("crop") << QStringList{"predict", "--run", at("run"), at("album/0.png"), "--crop", "0,0,2"} << 2
                          << "--crop: '0,0,2' is not X,Y,WIDTH,HEIGHT";
    QTest::newRow("crop outside") << QStringList{"predict", "--run", at("run"), at("album/0.png"), "--crop", "30,0,5,5"} << 1
                                  << "is not inside the picture of 32 x 32";
    QTest::newRow("class") << QStringList{"predict", "--run", at("run"), at("album/0.png"), "--grad-cam", at("x.png"), "--class", "catt"}
                           << 1 << "the model knows no class 'catt'; did you mean cat?";
    QTest::newRow("layer") << QStringList{"predict", "--run", at("run"), at("album/0.png"), "--grad-cam", at("x.png"), "--layer", "relu9"}
                           << 1 << "there is no layer relu9; did you mean relu1?";
    QTest::newRow("edits") << QStringList{"data", "info", data(), "--edits", at("nowhere.json")} << 1 << "there is no such file";
    QTest::newRow("lr-find without data") << QStringList{"lr-find", "--model", "linear"} << 2 << "--data is needed";
    QTest::newRow("lr-find range") << QStringList{"lr-find", "--model", "linear", "--data", data(), "--min", "2", "--max", "1"} << 1
                                   << "the learning rates 2 to 1 are no range";
    QTest::newRow("a note on nothing") << QStringList{"runs", at("cifar"), "--note", "x"} << 1 << "there is no run in";
    QTest::newRow("clip") << QStringList{"train", "--model", "linear", "--data", data(), "--run", at("never"), "--clip-norm", "-1"} << 1
                          << "the longest gradient is -1";
}

void TstCliStudio::whatDoesNotGoTogetherIsToldInOneSentence() {
    QFETCH(QStringList, words);
    QFETCH(int, code);
    QFETCH(QString, sentence);
    const ProgramResult result = runStrata(words);
    QCOMPARE(result.exitCode, code);
    QVERIFY2(result.err.contains(sentence.toUtf8()), result.err.constData());
    QCOMPARE(result.err.count('\n'), 1);
    QVERIFY(!QFile::exists(at("x.png")));
}

QTEST_GUILESS_MAIN(TstCliStudio)
#include "tst_cli_studio.moc"
