// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/file_lock.h"
#include "core/base/fs.h"
#include "tests/support/fault_fs.h"
#include "tests/support/files_support.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

using namespace strata;
using namespace strata::test;

class TstFs : public QObject {
    Q_OBJECT
private slots:
    void pathsAreTakenApart_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("parent");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("extension");
        QTest::newRow("empty") << ""
                               << "."
                               << ""
                               << "";
        QTest::newRow("bare") << "a.TAR.GZ"
                              << "."
                              << "a.TAR.GZ"
                              << ".gz";
        QTest::newRow("root") << "/"
                              << "/"
                              << "/"
                              << "";
        QTest::newRow("below the root") << "/a"
                                        << "/"
                                        << "a"
                                        << "";
        QTest::newRow("relative") << "a/b.Jpg"
                                  << "a"
                                  << "b.Jpg"
                                  << ".jpg";
        QTest::newRow("slashes") << "/a//b//"
                                 << "/a"
                                 << "b"
                                 << "";
        QTest::newRow("hidden") << "x/.hidden"
                                << "x"
                                << ".hidden"
                                << "";
        QTest::newRow("dot in folder") << "a.b/c"
                                       << "a.b"
                                       << "c"
                                       << "";
    }
    void pathsAreTakenApart() {
        QFETCH(QString, path);
        QTEST(QString::fromStdString(parentFolder(path.toStdString())), "parent");
        QTEST(QString::fromStdString(fileName(path.toStdString())), "name");
        QTEST(QString::fromStdString(fileExtension(path.toStdString())), "extension");
    }

    void pathsAreJoined() {
        QCOMPARE(joinPath("a", "b"), std::string("a/b"));
        QCOMPARE(joinPath("a/", "b"), std::string("a/b"));
        QCOMPARE(joinPath("", "b"), std::string("b"));
        QCOMPARE(joinPath("a", "/b"), std::string("/b"));
    }

    void foldersComeAndGo() {
        const QTemporaryDir temporary;
        const std::string root = temporary.filePath("x").toStdString();
        makeFolders(root + "/y/z");
        makeFolders(root + "/y/z");
        writeFileAtomically(root + "/y/b", "1");
        writeFileAtomically(root + "/y/a", "2");
        QCOMPARE(listFolder(root + "/y"), (std::vector<std::string>{"a", "b", "z"}));
        const std::string outside = temporary.filePath("outside").toStdString();
        makeFolders(outside);
        writeFileAtomically(outside + "/kept", "1");
        QCOMPARE(symlink(outside.c_str(), (root + "/link").c_str()), 0);
        removeAll(root);
        QVERIFY(!fs().status(root).exists);
        QVERIFY(fs().status(outside + "/kept").regular); // links are not followed
        removeAll(root);                                 // missing is fine
    }

    void badFilesAreRefused() {
        const QTemporaryDir temporary;
        const QString root = temporary.path();
        writeFileAtomically((root + "/f").toStdString(), "12345");
        QCOMPARE(mkfifo((root + "/fifo").toUtf8().constData(), 0600), 0);
        const auto readSentence = [&](const QString& name, uint64_t limit) {
            return sentenceOf([&] { readFile((root + name).toStdString(), limit); });
        };
        QCOMPARE(readSentence("/nope", 9), root + "/nope: no such file");
        QCOMPARE(readSentence("", 9), root + ": is a folder, not a file");
        QCOMPARE(readSentence("/fifo", 9), root + "/fifo: not a regular file");
        QCOMPARE(readSentence("/f", 4), root + "/f: 5 bytes are more than the 4 allowed");
        QCOMPARE(sentenceOf([&] { MappedFile((root + "/fifo").toStdString()); }), root + "/fifo: not a regular file");
        QCOMPARE(sentenceOf([&] { listFolder((root + "/nope").toStdString()); }), root + "/nope: no such folder");
        QCOMPARE(sentenceOf([&] { listFolder((root + "/f").toStdString()); }), root + "/f: not a folder");
        QCOMPARE(sentenceOf([&] { makeFolders((root + "/f/x").toStdString()); }), "cannot create the folder " + root + "/f: File exists");
    }

    void failedReadsAreTold() {
        const QTemporaryDir temporary;
        const std::string path = temporary.filePath("f").toStdString();
        writeFileAtomically(path, "12345");
        FaultFs faulty;
        const FsOverride use(faulty);
        faulty.failAt(1, EACCES, false);
        QCOMPARE(sentenceOf([&] { readFile(path); }), QString::fromStdString("cannot open " + path + ": Permission denied"));
        faulty.failAt(faulty.calls() + 2, EIO, false);
        QCOMPARE(sentenceOf([&] { readFile(path); }), QString::fromStdString("cannot read " + path + ": Input/output error at byte 0"));
        faulty.failAt(faulty.calls() + 2, EINTR, false);
        QCOMPARE(readTextFile(path), std::string("12345"));
    }

    void mappedFilesHoldTheBytes() {
        const QTemporaryDir temporary;
        const std::string path = temporary.filePath("f").toStdString();
        writeFileAtomically(path, "12345");
        MappedFile file(path);
        const MappedFile moved(std::move(file));
        QCOMPARE(moved.bytes().size(), size_t(5));
        QCOMPARE(char(moved.bytes()[4]), '5');
        writeFileAtomically(path, "");
        QCOMPARE(MappedFile(path).bytes().size(), size_t(0));
    }

    void locksExclude() {
        const QTemporaryDir temporary;
        const std::string path = temporary.filePath("lock").toStdString();
        QVERIFY(!FileLock::held(path));
        {
            std::optional<FileLock> lock = FileLock::tryAcquire(path);
            QVERIFY(lock.has_value());
            QVERIFY(FileLock::held(path));
            QVERIFY(!FileLock::tryAcquire(path).has_value());
            const FileLock moved = std::move(*lock);
            lock.reset();
            QVERIFY(FileLock::held(path));
        }
        QVERIFY(!FileLock::held(path));
        QVERIFY(FileLock::tryAcquire(path).has_value());
        QCOMPARE(sentenceOf([] { FileLock::tryAcquire("/nope/lock"); }),
                 QString("cannot open the lock /nope/lock: No such file or directory"));
    }

    void aDeadProcessGivesItsLockUp() {
        const QTemporaryDir temporary;
        const QString path = temporary.filePath("lock");
        QProcess holder;
        holder.start("flock", {"-x", "-o", path, "sleep", "2"});
        if (!holder.waitForStarted()) QSKIP("the program flock is not there");
        QTRY_VERIFY(FileLock::held(path.toStdString()));
        holder.kill(); // flock itself; the lock is not handed on to sleep (-o)
        holder.waitForFinished();
        QTRY_VERIFY(!FileLock::held(path.toStdString()));
    }
};

QTEST_GUILESS_MAIN(TstFs)
#include "tst_fs.moc"
