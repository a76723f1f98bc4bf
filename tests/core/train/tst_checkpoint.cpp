// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/train/checkpoint.h"
#include "tests/support/fault_fs.h"
#include "tests/support/run_helpers.h"
#include "tests/support/sentence.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cerrno>
#include <limits>

using namespace strata;
using namespace strata::test;

namespace {

Checkpoint sample(int64_t step, float shift = 0) {
    Checkpoint made;
    made.progress.step = step;
    made.progress.epoch = 2;
    made.progress.batch = 3;
    made.progress.optimizerSteps = step;
    made.progress.metrics = {1.0 / 3, 4, 5, 6};
    made.progress.seconds = 12.25;
    made.progress.eventsOffset = 123456789012;
    made.info = {{"fingerprint", "0123456789abcdef"}};
    made.model = {{"conv.weight", Tensor::of(std::vector<float>{1 + shift, -2, 3, 4, 5, 6}, {2, 3})},
                  {"counts", Tensor::of(std::vector<int64_t>{7, 8})},
                  {"empty", Tensor::zeros({0, 4})}};
    made.optimizer = {{"momentum", Tensor::of(std::vector<double>{0.1, 0.2})}};
    return made;
}

std::string bytesOf(const std::string& path) { return readTextFile(path); }

} // namespace

class TstCheckpoint : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    std::string path(const char* name) const { return joinPath(folder_.path().toStdString(), name); }

private slots:
    void comesBackBitForBit() {
        Checkpoint written = sample(42);
        written.progress.bestAccuracy = 0.1 + 0.2;
        written.progress.bestEpoch = 1;
        written.progress.bestStep = 40;
        const uint64_t bytes = writeCheckpoint(path("a.ckpt"), written);
        QCOMPARE(bytes, fs().status(path("a.ckpt")).size);
        QVERIFY(checkpointBytes(written) >= bytes);
        const Checkpoint read = readCheckpoint(path("a.ckpt"));
        QCOMPARE(toText(read.progress.toJson()), toText(written.progress.toJson()));
        QCOMPARE(read.progress.bestAccuracy.value(), 0.1 + 0.2);
        QCOMPARE(toText(read.info), toText(written.info));
        QCOMPARE(stateHash(read.model), stateHash(written.model));
        QCOMPARE(stateHash(read.optimizer), stateHash(written.optimizer));
        QCOMPARE(read.model[0].tensor.shape(), Shape({2, 3}));
        QVERIFY(read.optimizer[0].tensor.dtype() == DType::F64);
        QCOMPARE(toText(readCheckpointProgress(path("a.ckpt")).toJson()), toText(written.progress.toJson()));
    }

    void everyFlippedBitIsFound() {
        writeCheckpoint(path("b.ckpt"), sample(1));
        const std::string whole = bytesOf(path("b.ckpt"));
        for (size_t at = 0; at < whole.size(); ++at) {
            std::string damaged = whole;
            damaged[at] = char(damaged[at] ^ (1 << (at % 8)));
            writeFileAtomically(path("c.ckpt"), damaged);
            const std::string found = sentenceOf([&] { readCheckpoint(path("c.ckpt")); });
            QVERIFY2(found.find("c.ckpt") != std::string::npos, qPrintable(QString("byte %1: '%2'").arg(at).arg(found.c_str())));
        }
    }
    void everyTruncationAndAdditionIsFound() {
        writeCheckpoint(path("b.ckpt"), sample(1));
        const std::string whole = bytesOf(path("b.ckpt"));
        for (size_t size = 0; size < whole.size(); size += 7) {
            writeFileAtomically(path("c.ckpt"), std::string_view(whole).substr(0, size));
            QVERIFY2(!sentenceOf([&] { readCheckpoint(path("c.ckpt")); }).empty(), qPrintable(QString::number(size)));
        }
        writeFileAtomically(path("c.ckpt"), whole + "x");
        QVERIFY(!sentenceOf([&] { readCheckpoint(path("c.ckpt")); }).empty());
    }
    void damageIsNamedWithItsPlace_data() {
        QTest::addColumn<int>("at");
        QTest::addColumn<QString>("expected");
        QTest::newRow("signature") << 0 << "not a checkpoint: wrong signature at byte 0";
        QTest::newRow("version") << 8 << "checkpoint format 0 at byte 8 is not known (this version reads 1)";
        QTest::newRow("index") << 60 << "damaged: the hash of the index at byte 32 does not match";
        QTest::newRow("trailer") << -1 << "damaged: wrong signature at byte";
        QTest::newRow("data") << -9 << "damaged: the hash of momentum at byte";
    }
    void damageIsNamedWithItsPlace() {
        QFETCH(int, at);
        QFETCH(QString, expected);
        writeCheckpoint(path("d.ckpt"), sample(1));
        std::string bytes = bytesOf(path("d.ckpt"));
        char& byte = bytes[at < 0 ? bytes.size() - size_t(-at) : size_t(at)];
        byte = char(byte ^ 1);
        writeFileAtomically(path("d.ckpt"), bytes);
        const std::string found = sentenceOf([&] { readCheckpoint(path("d.ckpt")); });
        QVERIFY2(found.find(expected.toStdString()) != std::string::npos, found.c_str());
    }

    void notFiniteStateReplacesNothing() {
        writeCheckpoint(path("e.ckpt"), sample(1));
        const std::string before = bytesOf(path("e.ckpt"));
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            const std::string found = sentenceOf([&] { writeCheckpoint(path("e.ckpt"), sample(1, bad)); });
            QCOMPARE(found, std::string("conv.weight holds values that are not finite; the last good checkpoint is kept"));
            QVERIFY(bytesOf(path("e.ckpt")) == before);
        }
    }

    void lastThreeAndTheBestAreKept() {
        CheckpointStore store(path("kept"));
        for (int64_t step = 0; step <= 60; step += 10) {
            Checkpoint checkpoint = sample(step);
            if (step >= 20) checkpoint.progress.bestEpoch = 0, checkpoint.progress.bestStep = 20, checkpoint.progress.bestAccuracy = 0.5;
            store.save(checkpoint);
        }
        QCOMPARE(store.steps(), (std::vector<int64_t>{20, 40, 50, 60}));
        QCOMPARE(store.loadNewest({})->progress.step, int64_t(60));
        QCOMPARE(store.loadBest({})->progress.step, int64_t(20));
        store.dropAfter(50);
        QCOMPARE(store.steps(), (std::vector<int64_t>{20, 40, 50}));
    }
    void damagedNewestFallsBackToTheOneBefore() {
        CheckpointStore store(path("fallback"));
        for (int64_t step = 1; step <= 3; ++step) store.save(sample(step));
        std::string bytes = bytesOf(store.path(3));
        bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 4);
        writeFileAtomically(store.path(3), bytes);
        std::vector<std::string> told;
        const auto newest = store.loadNewest([&](const std::string& s) { told.push_back(s); });
        QVERIFY(newest && newest->progress.step == 2);
        QVERIFY(told.size() == 1 && told[0].find("00000003.ckpt") != std::string::npos);
        // With one of the last three damaged nothing is removed.
        store.save(sample(4));
        store.save(sample(5));
        QCOMPARE(store.steps(), (std::vector<int64_t>{1, 2, 3, 4, 5}));
    }
    void allDamagedIsAnError() {
        CheckpointStore store(path("alldamaged"));
        QVERIFY(!store.loadNewest({}));
        store.save(sample(1));
        writeFileAtomically(store.path(1), "nothing");
        const std::string found = sentenceOf([&] { store.loadNewest({}); });
        QVERIFY2(found.find("none of the 1 checkpoints can be read") != std::string::npos, found.c_str());
    }
    void renamedCheckpointIsNotTaken() {
        CheckpointStore store(path("renamed"));
        store.save(sample(1));
        writeFileAtomically(store.path(9), bytesOf(store.path(1)));
        QCOMPARE(store.loadNewest({})->progress.step, int64_t(1));
    }

    void anyFailingCallLeavesTheOldFile_data() {
        QTest::addColumn<int>("error");
        QTest::addColumn<bool>("always");
        for (const int error : {ENOSPC, EIO, EDQUOT, EACCES, EMFILE, EROFS})
            for (const bool always : {false, true}) QTest::addRow("%s %s", strerror(error), always ? "always" : "once") << error << always;
    }
    void anyFailingCallLeavesTheOldFile() {
        QFETCH(int, error);
        QFETCH(bool, always);
        const std::string file = path("f.ckpt");
        writeCheckpoint(file, sample(1));
        const std::string before = bytesOf(file);
        bool done = false;
        for (uint64_t k = 1; !done; ++k) {
            QVERIFY(k < 200);
            std::string failure;
            {
                FaultFs faulty;
                faulty.failAt(k, error, always);
                const FsOverride use(faulty);
                failure = sentenceOf([&] { writeCheckpoint(file, sample(2)); });
                done = faulty.failures() == 0;
            }
            const std::string after = bytesOf(file);
            if (after == before)
                QVERIFY2(!failure.empty(), qPrintable(QString("call %1 failed in silence").arg(k)));
            else
                QCOMPARE(readCheckpoint(file).progress.step, int64_t(2)); // whole and new, whatever was said
            if (after != before) writeFileAtomically(file, before);
        }
    }
    void fullDiskIsSaidWithTheSizes() {
        CheckpointStore store(path("full"));
        store.save(sample(1));
        FaultFs faulty;
        faulty.fullAfter(100);
        const FsOverride use(faulty);
        const std::string found = sentenceOf([&] { store.save(sample(2)); });
        QVERIFY2(found.find("cannot write") != std::string::npos && found.find("00000002.ckpt") != std::string::npos, found.c_str());
        QVERIFY2(found.find("No space left on device") != std::string::npos, found.c_str());
        QCOMPARE(store.steps(), (std::vector<int64_t>{1}));
        QCOMPARE(listFolder(path("full")).size(), size_t(1)); // no temporary file is left
    }
};

QTEST_GUILESS_MAIN(TstCheckpoint)
#include "tst_checkpoint.moc"
