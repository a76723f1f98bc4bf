// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/project_document.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/model/model_spec.h"

#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <unistd.h>

using namespace strata;
using namespace strata::studio;

namespace {

void addLayer(ProjectDocument& document, const std::string& id) {
    document.edit("Add " + QString::fromStdString(id), Section::Model, [&](Project& p) {
        LayerSpec layer;
        layer.id = id;
        layer.type = "relu";
        p.model.layers.push_back(layer);
    });
}

std::string text(const ProjectDocument& document) { return toText(document.project().toJson()); }

} // namespace

class TstProjectDocument : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> folder_;
    QString file(const char* name) const { return folder_->filePath(name); }

private slots:
    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        if (!qEnvironmentVariableIsSet("STRATA_TEST_KILLED_CHILD")) qputenv("XDG_STATE_HOME", folder_->filePath("state").toUtf8());
    }

    void undoToTheStartRestoresTheSameJson() {
        ProjectDocument document;
        const std::string start = text(document);
        for (int i = 0; i < 20; ++i) addLayer(document, "relu" + std::to_string(i));
        document.edit("Set epochs", Section::Training, [](Project& p) { p.training.epochs = 77; });
        document.edit("Open", [](Project& p) {
            p.data = "shapes";
            p.name = "new";
        });
        const std::string end = text(document);
        while (document.undoStack().canUndo()) document.undoStack().undo();
        QCOMPARE(text(document), start);
        while (document.undoStack().canRedo()) document.undoStack().redo();
        QCOMPARE(text(document), end);
        QCOMPARE(document.undoStack().count(), 22);
    }

    void anEditThatChangesNothingIsNoStep() {
        ProjectDocument document;
        document.edit("Nothing", Section::Data, [](Project&) {});
        QCOMPARE(document.undoStack().count(), 0);
        QVERIFY(!document.modified());
    }

    void typingIsOneStepAndTypingBackIsNone() {
        ProjectDocument document;
        const auto type = [&](int64_t epochs) {
            document.edit(
                "Set epochs", Section::Training, [&](Project& p) { p.training.epochs = epochs; }, "epochs");
        };
        type(1);
        type(12);
        type(123);
        QCOMPARE(document.undoStack().count(), 1);
        document.undoStack().undo();
        QCOMPARE(document.project().training.epochs, TrainConfig().epochs);
        type(5);
        type(TrainConfig().epochs);
        QCOMPARE(document.undoStack().count(), 0);
    }

    void aFailedEditLeavesTheProjectAlone() {
        ProjectDocument document;
        const std::string before = text(document);
        QVERIFY_THROWS_EXCEPTION(Error, document.edit("Bad", Section::Data, [](Project& p) {
            p.data = "half";
            fail(ErrorKind::BadInput, "no");
        }));
        QCOMPARE(text(document), before);
    }

    void aSavedFileOpensAsItWas() {
        ProjectDocument document;
        addLayer(document, "a");
        QVERIFY(document.modified());
        document.saveAs(file("p.strata"));
        QVERIFY(!document.modified());
        QCOMPARE(document.project().name, std::string("p"));
        const std::string saved = text(document);
        ProjectDocument other;
        document.reset();
        other.open(file("p.strata"));
        QCOMPARE(text(other), saved);
        QVERIFY(!other.modified());
        QCOMPARE(other.recovered(), 0);
    }

    void undoHistorySurvivesClosing() {
        {
            ProjectDocument document;
            document.saveAs(file("p.strata"));
            addLayer(document, "a");
            addLayer(document, "b");
            document.save();
        }
        ProjectDocument again;
        again.open(file("p.strata"));
        QCOMPARE(again.recovered(), 0);
        QVERIFY(!again.modified());
        QCOMPARE(again.undoStack().undoText(), QString("Add b"));
        again.undoStack().undo();
        QCOMPARE(again.project().model.layers.size(), size_t(1));
    }

    void whatWasNotSavedIsBack() {
        std::string expected;
        {
            ProjectDocument document;
            document.saveAs(file("p.strata"));
            addLayer(document, "a");
            document.save();
            addLayer(document, "b");
            addLayer(document, "c");
            document.undoStack().undo();
            addLayer(document, "d");
            document.set(Section::Runs, [](Project& p) { p.runs = {"runs/1"}; });
            expected = text(document);
        }
        ProjectDocument again;
        again.open(file("p.strata"));
        QCOMPARE(text(again), expected);
        QVERIFY(again.modified());
        QVERIFY(again.recovered() > 0);
    }

    void anUnnamedProjectIsBackAfterAKill() {
        // The child edits, flushes and kills itself; see killedChild().
        QProcess child;
        child.setProcessChannelMode(QProcess::MergedChannels);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("STRATA_TEST_KILLED_CHILD", "1");
        child.setProcessEnvironment(environment);
        child.start(QCoreApplication::applicationFilePath(), {"killedChild"});
        QVERIFY(child.waitForFinished(20000));
        QCOMPARE(child.exitStatus(), QProcess::CrashExit);
        QVERIFY(ProjectDocument::untitledLeft());
        ProjectDocument document;
        document.openUntitled();
        QCOMPARE(document.project().model.layers.size(), size_t(3));
        QCOMPARE(document.recovered(), 3);
        QVERIFY(document.modified());
        document.discardChanges();
        QVERIFY(!ProjectDocument::untitledLeft());
    }
    void killedChild() {
        if (!qEnvironmentVariableIsSet("STRATA_TEST_KILLED_CHILD")) QSKIP("the child of the test above");
        ProjectDocument document;
        for (const char* id : {"a", "b", "c"}) addLayer(document, id);
        document.flush();
        ::raise(SIGKILL);
    }

    void savingUnderAnotherNameKeepsTheHistory() {
        {
            ProjectDocument document;
            addLayer(document, "a");
            addLayer(document, "b");
            document.saveAs(file("p.strata"));
            QCOMPARE(document.undoStack().undoText(), QString("Add b"));
            document.saveAs(file("q.strata"));
            QCOMPARE(document.undoStack().count(), 2);
        }
        QVERIFY(!ProjectDocument::untitledLeft());
        ProjectDocument again;
        again.open(file("q.strata"));
        QVERIFY(!again.modified());
        QCOMPARE(again.recovered(), 0);
        again.undoStack().undo();
        again.undoStack().undo();
        QVERIFY(again.project().model.layers.empty());
    }

    void whereNoJournalCanBeKeptTheProjectWorksAndSaysSo() {
        QFile plain(file("plain"));
        QVERIFY(plain.open(QIODevice::WriteOnly));
        plain.close();
        qputenv("XDG_STATE_HOME", file("plain").toUtf8()); // a folder cannot be made below a file, not even by root
        QVERIFY(!ProjectDocument::untitledLeft());
        ProjectDocument document;
        QVERIFY(document.journalProblem().isEmpty());
        addLayer(document, "a");
        QCOMPARE(document.project().model.layers.size(), size_t(1));
        QVERIFY(document.journalProblem().contains("plain"));
        document.saveAs(file("p.strata"));
        addLayer(document, "b");
        document.undoStack().undo();
        document.save();
        ProjectDocument again;
        again.open(file("p.strata"));
        QCOMPARE(again.project().model.layers.size(), size_t(1));
        QVERIFY(!again.readOnly());
    }

    void replayTellsOnceAtTheEnd() {
        {
            ProjectDocument document;
            document.saveAs(file("p.strata"));
            for (int i = 0; i < 50; ++i) addLayer(document, "relu" + std::to_string(i));
        }
        ProjectDocument again;
        QSignalSpy changed(&again, &ProjectDocument::changed);
        again.open(file("p.strata"));
        QCOMPARE(again.project().model.layers.size(), size_t(50));
        QCOMPARE(changed.count(), kSections);
    }

    void aJournalOfAnotherFileIsNotPlayed() {
        {
            ProjectDocument document;
            document.saveAs(file("p.strata"));
            addLayer(document, "a");
        }
        // Somebody else wrote the file since.
        Project other;
        other.name = "other";
        QFile out(file("p.strata"));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(QByteArray::fromStdString(toText(other.toJson())));
        out.close();
        ProjectDocument again;
        again.open(file("p.strata"));
        QCOMPARE(again.project().name, std::string("other"));
        QVERIFY(again.project().model.layers.empty());
    }

    void twoWindowsOnOneProject() {
        ProjectDocument first, second;
        first.saveAs(file("p.strata"));
        second.open(file("p.strata"));
        QVERIFY(second.readOnly());
        addLayer(second, "a");
        QVERIFY_THROWS_EXCEPTION(Error, second.save());
        second.saveAs(file("q.strata"));
        QVERIFY(!second.readOnly());
        addLayer(first, "b");
        first.save();
        QCOMPARE(first.project().model.layers[0].id, std::string("b"));
    }

    void aFileChangedByAnotherProgramIsNotOverwritten() {
        ProjectDocument document;
        document.saveAs(file("p.strata"));
        QFile out(file("p.strata"));
        QVERIFY(out.open(QIODevice::Append));
        out.write("\n");
        out.close();
        addLayer(document, "a");
        QVERIFY_THROWS_EXCEPTION(Error, document.save());
        QVERIFY(document.modified());
    }

    void badFiles_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("not JSON") << QByteArray("hello") << QString("p.strata");
        QTest::newRow("another JSON") << QByteArray("{\"a\": 1}") << QString("not a Strata project");
        QTest::newRow("newer version") << QByteArray("{\"strata\": \"project\", \"version\": 99}") << QString("newer version of Strata");
        QTest::newRow("wrong type") << QByteArray("{\"strata\": \"project\", \"version\": 1, \"runs\": 5}")
                                    << QString("\"runs\" is not a list");
        QTest::newRow("empty") << QByteArray() << QString("p.strata");
    }
    void badFiles() {
        QFETCH(QByteArray, content);
        QFETCH(QString, sentence);
        QFile out(file("p.strata"));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(content);
        out.close();
        ProjectDocument document;
        addLayer(document, "kept");
        try {
            document.open(file("p.strata"));
            QFAIL("opened");
        } catch (const Error& error) { QVERIFY2(QString(error.what()).contains(sentence), error.what()); }
        QCOMPARE(document.project().model.layers.size(), size_t(1)); // the open one is still there
    }

    void unknownFieldsAreKept() {
        QFile out(file("p.strata"));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write("{\"strata\": \"project\", \"version\": 1, \"name\": \"n\", \"later\": {\"x\": [1, 2]}}");
        out.close();
        ProjectDocument document;
        document.open(file("p.strata"));
        addLayer(document, "a");
        document.save();
        QVERIFY(QString::fromStdString(readTextFile(file("p.strata").toStdString())).contains("\"later\""));
    }

    void aReadOnlyFolderSaysSo() {
        if (::geteuid() == 0) {
            // root may write everywhere: a path below a file cannot be written by anybody
            QFile out(file("plain"));
            QVERIFY(out.open(QIODevice::WriteOnly));
            out.close();
            ProjectDocument document;
            addLayer(document, "a");
            QVERIFY_THROWS_EXCEPTION(Error, document.saveAs(file("plain") + "/p.strata"));
            QVERIFY(document.modified());
            QVERIFY(document.path().isEmpty());
            return;
        }
        QDir().mkdir(file("locked"));
        QFile::setPermissions(file("locked"), QFileDevice::ReadOwner | QFileDevice::ExeOwner);
        ProjectDocument document;
        QVERIFY_THROWS_EXCEPTION(Error, document.saveAs(file("locked/p.strata")));
    }
};

QTEST_GUILESS_MAIN(TstProjectDocument)
#include "tst_project_document.moc"
