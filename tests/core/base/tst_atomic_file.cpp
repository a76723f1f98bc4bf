// SPDX-License-Identifier: Apache-2.0
#include "core/base/append_log.h"
#include "core/base/atomic_file.h"
#include "tests/support/fault_fs.h"
#include "tests/support/files_support.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <csignal>
#include <sys/resource.h>

using namespace strata;
using namespace strata::test;

namespace {

const std::string kOld = "the old contents\n";
const std::string kNew = std::string(100'000, 'n') + "\n";

struct Folder {
    QTemporaryDir folder;
    std::string path(const char* name) const { return folder.filePath(name).toStdString(); }
    size_t files() const { return listFolder(folder.path().toStdString()).size(); }
};

} // namespace

/// Proves that a whole file is old or new and a log has no torn line, whatever call fails.
class TstAtomicFile : public QObject {
    Q_OBJECT
private slots:
    void writesAndReplaces() {
        const Folder f;
        writeFileAtomically(f.path("a"), kOld);
        QCOMPARE(readTextFile(f.path("a")), kOld);
        writeFileAtomically(f.path("a"), kNew);
        QCOMPARE(readTextFile(f.path("a")), kNew);
        QCOMPARE(f.files(), size_t(1));
    }

    void abandonedFileLeavesNothing() {
        const Folder f;
        {
            AtomicFile file(f.path("a"));
            file.write(kNew);
            QCOMPARE(file.size(), uint64_t(kNew.size()));
        }
        QCOMPARE(f.files(), size_t(0));
    }

    void everyFailingCallKeepsOldOrNew_data() {
        QTest::addColumn<int>("error");
        QTest::addColumn<bool>("always");
        for (const int error : {EIO, ENOSPC, EDQUOT, EROFS, EACCES, EMFILE})
            for (const bool always : {false, true})
                QTest::addRow("%s %s", strerrorname_np(error), always ? "always" : "once") << error << always;
        QTest::addRow("EINTR once") << EINTR << false;
    }
    void everyFailingCallKeepsOldOrNew() {
        QFETCH(int, error);
        QFETCH(bool, always);
        int refused = 0;
        for (uint64_t k = 1;; ++k) {
            const Folder f;
            writeFileAtomically(f.path("a"), kOld);
            FaultFs faulty;
            faulty.limitWrites(40'000);
            faulty.failAt(k, error, always);
            QString sentence;
            {
                const FsOverride use(faulty);
                sentence = sentenceOf([&] { writeFileAtomically(f.path("a"), kNew); });
            }
            const std::string now = readTextFile(f.path("a"));
            QVERIFY2(now == kOld || now == kNew, "neither the old nor the new contents");
            if (sentence.isEmpty())
                QVERIFY(now == kNew);
            else
                QVERIFY2(sentence.contains(QString::fromStdString(f.path("a"))), qPrintable(sentence));
            if (!sentence.isEmpty() && now == kNew) QVERIFY2(sentence.contains("is written, but its folder"), qPrintable(sentence));
            if (!always) QCOMPARE(f.files(), size_t(1)); // the temporary file is gone
            refused += !sentence.isEmpty();
            if (faulty.failures() == 0) break;
            QVERIFY(k < 100);
        }
        // Every call counts but the close after reading back, which has nothing to lose; EINTR is tried again.
        if (error != EINTR) QVERIFY2(refused >= 9, qPrintable(QString::number(refused)));
    }

    void shortWritesAreContinued() {
        const Folder f;
        FaultFs slow;
        slow.limitWrites(7);
        const FsOverride use(slow);
        writeFileAtomically(f.path("a"), std::string_view(kNew).substr(0, 1000));
        QCOMPARE(readTextFile(f.path("a")), kNew.substr(0, 1000));
    }

    void changedBytesAreFoundOnReadingBack() {
        const Folder f;
        writeFileAtomically(f.path("a"), kOld);
        FaultFs liar;
        liar.corruptReads();
        QString sentence;
        {
            const FsOverride use(liar);
            sentence = sentenceOf([&] { writeFileAtomically(f.path("a"), kNew); });
        }
        QCOMPARE(sentence, QString::fromStdString("cannot write " + f.path("a") + ": what was read back differs from what was written"));
        QCOMPARE(readTextFile(f.path("a")), kOld);
    }

    void refusals_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("no folder") << "/nope/x"
                                   << "cannot write /nope/x: No such file or directory";
        QTest::newRow("a folder") << "/tmp"
                                  << "cannot write /tmp: Is a directory";
        QTest::newRow("below a file") << "/dev/null/x"
                                      << "cannot write /dev/null/x: Not a directory";
    }
    void refusals() {
        QFETCH(QString, path);
        QFETCH(QString, sentence);
        QCOMPARE(sentenceOf([&] { writeFileAtomically(path.toStdString(), "x"); }), sentence);
    }

    void fullTmpfsKeepsTheOldFile() {
        const Folder f;
        const QString disk = f.folder.filePath("disk");
        makeFolders(disk.toStdString());
        if (QProcess::execute("mount", {"-t", "tmpfs", "-o", "size=64k", "tmpfs", disk}) != 0) QSKIP("a tmpfs cannot be mounted here");
        const std::string path = disk.toStdString() + "/a";
        writeFileAtomically(path, kOld);
        const QString sentence = sentenceOf([&] { writeFileAtomically(path, kNew); });
        const std::string now = readTextFile(path);
        const size_t files = listFolder(disk.toStdString()).size();
        QProcess::execute("umount", {disk});
        QVERIFY2(sentence.startsWith("cannot write " + QString::fromStdString(path) + ": No space left on device ("), qPrintable(sentence));
        QCOMPARE(now, kOld);
        QCOMPARE(files, size_t(1));
    }

    void fileSizeLimitKeepsTheOldFile() {
        const Folder f;
        writeFileAtomically(f.path("a"), kOld);
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        const rlimit small{40'000, before.rlim_max};
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
        const QString sentence = sentenceOf([&] { writeFileAtomically(f.path("a"), kNew); });
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
        QCOMPARE(sentence, QString::fromStdString("cannot write " + f.path("a") + ": File too large"));
        QCOMPARE(readTextFile(f.path("a")), kOld);
        QCOMPARE(f.files(), size_t(1));
    }

    void logDropsATornLastLine() {
        const Folder f;
        writeFileAtomically(f.path("log"), "one\ntwo\nthr");
        QCOMPARE(readLines(f.path("log")), (std::vector<std::string>{"one", "two"}));
        AppendLog log(f.path("log"));
        QCOMPARE(log.size(), uint64_t(8));
        log.append("three");
        QCOMPARE(readTextFile(f.path("log")), std::string("one\ntwo\nthree\n"));
        QVERIFY(readLines(f.path("missing")).empty());
    }

    void everyFailingCallKeepsTheLogWhole_data() { everyFailingCallKeepsOldOrNew_data(); }
    void everyFailingCallKeepsTheLogWhole() {
        QFETCH(int, error);
        QFETCH(bool, always);
        const std::string line(300, 'x');
        for (uint64_t k = 1;; ++k) {
            const Folder f;
            writeFileAtomically(f.path("log"), "one\ntorn");
            FaultFs faulty;
            faulty.limitWrites(100);
            faulty.failAt(k, error, always);
            bool appended = false;
            {
                const FsOverride use(faulty);
                sentenceOf([&] {
                    AppendLog log(f.path("log"));
                    log.append(line);
                    appended = true;
                    log.sync();
                });
            }
            const std::vector<std::string> lines = readLines(f.path("log"));
            QCOMPARE(lines.at(0), std::string("one"));
            QCOMPARE(lines.size(), size_t(appended ? 2 : 1));
            if (appended) QCOMPARE(lines.at(1), line);
            { // and it goes on afterwards
                AppendLog log(f.path("log"));
                log.append("next");
            }
            QCOMPARE(readLines(f.path("log")).back(), std::string("next"));
            if (faulty.failures() == 0) break;
            QVERIFY(k < 100);
        }
    }

    void fullDiskCutsTheTornLineOff() {
        const Folder f;
        FaultFs full;
        full.fullAfter(10);
        const FsOverride use(full);
        AppendLog log(f.path("log"));
        log.append("one");
        QCOMPARE(sentenceOf([&] { log.append("a longer line"); }),
                 QString::fromStdString("cannot write " + f.path("log") + ": No space left on device"));
        QCOMPARE(readTextFile(f.path("log")), std::string("one\n"));
        full.fullAfter(1000);
        log.append("two");
        QCOMPARE(readTextFile(f.path("log")), std::string("one\ntwo\n"));
    }
};

QTEST_GUILESS_MAIN(TstAtomicFile)
#include "tst_atomic_file.moc"
