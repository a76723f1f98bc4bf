// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"
#include "core/data/dataset.h"
#include "tests/support/data_files.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <functional>
#include <map>

using namespace strata;
using namespace strata::test;

class TstCifar : public QObject {
    Q_OBJECT
private slots:
    void binaryRecordsArriveInOrderWithTheirPixels();
    void everyLayoutGivesTheSameContents_data();
    void everyLayoutGivesTheSameContents();
    void pickleMadeByPythonIsRead();
    void classNamesComeFromTheFiles();
    void badFilesAreToldInOneSentence_data();
    void badFilesAreToldInOneSentence();
    void theRealDataHasItsPublishedFigures();
};

namespace {

/// Samples of train and validation by origin: the split hides the original order.
std::map<std::string, Sample> trainingSamples(const DataSource& source) {
    std::map<std::string, Sample> samples;
    for (const DatasetPtr& part : {source.train, source.validation}) {
        for (int64_t i = 0; i < part->size(); ++i) samples[part->origin(i)] = part->get(i);
    }
    return samples;
}

} // namespace

void TstCifar::binaryRecordsArriveInOrderWithTheirPixels() {
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString();
    writeCifar10(path, 20);
    const DataSource source = openSource("cifar10:" + path);
    QCOMPARE(source.title, std::string("CIFAR-10"));
    QCOMPARE(source.train->size(), int64_t(90));
    QCOMPARE(source.validation->size(), int64_t(10));
    QCOMPARE(source.test->size(), int64_t(20));
    const auto samples = trainingSamples(source);
    QCOMPARE(samples.size(), size_t(100));
    for (int file = 1; file <= 5; ++file) {
        for (int record = 0; record < 20; ++record) {
            const auto found = samples.find(fmt::format("data_batch_{}.bin record {}", file, record));
            QVERIFY(found != samples.end());
            QCOMPARE(found->second.label, int64_t(record % 10));
            QVERIFY(found->second.image.shape() == (Shape{3, 32, 32}));
            const uint8_t* pixels = found->second.image.data<uint8_t>();
            for (int p = 0; p < 3072; ++p) QCOMPARE(int(pixels[p]), int(pixelOf(file, record, p)));
        }
    }
    QCOMPARE(source.test->origin(7), std::string("test_batch.bin record 7"));
    QCOMPARE(int(source.test->get(7).image.data<uint8_t>()[100]), int(pixelOf(6, 7, 100)));
}

void TstCifar::everyLayoutGivesTheSameContents_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("layout");
    for (const char* layout : {"plain", "sub-folder", "python", "python sub-folder", "archive", "python archive", "folder with archive"}) {
        QTest::newRow(qPrintable(QString("cifar10 %1").arg(layout))) << "cifar10" << layout;
        QTest::newRow(qPrintable(QString("cifar100 %1").arg(layout))) << "cifar100" << layout;
    }
}

void TstCifar::everyLayoutGivesTheSameContents() {
    QFETCH(QString, kind);
    QFETCH(QString, layout);
    const bool ten = kind == "cifar10", python = layout.startsWith("python");
    QTemporaryDir folder;
    const std::string root = folder.path().toStdString(), name = ten ? "cifar-10" : "cifar-100";
    const std::string inside =
        ten ? (python ? "cifar-10-batches-py" : "cifar-10-batches-bin") : (python ? "cifar-100-python" : "cifar-100-binary");
    const auto write = [&](const std::string& where) {
        if (ten)
            python ? writeCifar10Python(where, 10) : writeCifar10(where, 10);
        else
            python ? writeCifar100Python(where, 200) : writeCifar100(where, 200);
    };
    std::string place = root;
    if (layout.contains("archive")) {
        write(root + "/files");
        const std::string archive = root + "/" + name + (python ? "-python.tar.gz" : "-binary.tar.gz");
        makeArchive(root + "/files", inside, archive);
        removeAll(root + "/files");
        if (!layout.startsWith("folder")) place = archive;
    } else {
        write(layout.contains("sub-folder") ? root + "/" + inside : root);
    }
    const DataSource source = openSource(kind.toStdString() + ":" + place);
    QCOMPARE(source.test->size(), int64_t(ten ? 10 : 200));
    QCOMPARE(source.train->size() + source.validation->size(), int64_t(ten ? 50 : 200));
    QCOMPARE(source.classes.size(), size_t(ten ? 10 : 100));
    QCOMPARE(source.test->get(3).label, int64_t(3));
    QCOMPARE(int(source.test->get(3).image.data<uint8_t>()[2000]), int(pixelOf(ten ? 6 : 2, 3, 2000)));

    QTemporaryDir plain;
    const std::string plainPath = plain.path().toStdString();
    ten ? writeCifar10(plainPath, 10) : writeCifar100(plainPath, 200);
    QCOMPARE(source.fingerprint, openSource(kind.toStdString() + ":" + plainPath).fingerprint);
}

void TstCifar::pickleMadeByPythonIsRead() {
    QTemporaryDir folder;
    const QString script =
        "import pickle, numpy as np, sys\n"
        "for i, n in enumerate(['data_batch_%d' % k for k in range(1, 6)] + ['test_batch'], 1):\n"
        "    d = np.array([[(i * 31 + r * 7 + p * 13 + p // 1024 * 50) & 255 for p in range(3072)] for r in range(10)], np.uint8)\n"
        "    pickle.dump({b'data': d, b'labels': list(range(10)), b'filenames': [b'x.png'] * 10}, open(sys.argv[1] + '/' + n, 'wb'), 2)\n";
    QProcess python;
    python.start("/usr/bin/python3", {"-c", script, folder.path()});
    if (!python.waitForStarted() || !python.waitForFinished() || python.exitCode() != 0) QSKIP("no /usr/bin/python3 with numpy here");
    const DataSource source = openSource("cifar10:" + folder.path().toStdString());
    for (int r = 0; r < 10; ++r) {
        const Sample sample = source.test->get(r);
        QCOMPARE(sample.label, int64_t(r));
        for (int p = 0; p < 3072; ++p) QCOMPARE(int(sample.image.data<uint8_t>()[p]), int(pixelOf(6, r, p)));
    }
    QCOMPARE(source.classes.front(), std::string("airplane"));
}

void TstCifar::classNamesComeFromTheFiles() {
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString();
    writeCifar10(path, 2);
    writeBytes(path + "/batches.meta.txt", "k0\nk1\nk2\nk3\nk4\nk5\nk6\nk7\nk8\nk9\n\n");
    QCOMPARE(openSource("cifar10:" + path).classes[4], std::string("k4"));
    removeAll(path + "/batches.meta.txt");
    QCOMPARE(openSource("cifar10:" + path).classes[4], std::string("deer"));
    QTemporaryDir python;
    writeCifar10Python(python.path().toStdString(), 2);
    QCOMPARE(openSource("cifar10:" + python.path().toStdString()).classes[4], std::string("a4"));
    QTemporaryDir hundred;
    writeCifar100(hundred.path().toStdString(), 100);
    QCOMPARE(openSource("cifar100:" + hundred.path().toStdString()).classes[99], std::string("worm"));
}

using Damage = std::function<void(const std::string& folder)>;
Q_DECLARE_METATYPE(Damage)

void TstCifar::badFilesAreToldInOneSentence_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<QString>("message");
    const auto ten = [](const Damage& damage) -> Damage {
        return [damage](const std::string& f) {
            writeCifar10(f, 4);
            damage(f);
        };
    };
    const auto python = [](const Damage& damage) -> Damage {
        return [damage](const std::string& f) {
            writeCifar10Python(f, 4);
            damage(f);
        };
    };
    QTest::newRow("empty folder")
        << "cifar10" << Damage([](const std::string&) {})
        << "F: no files of CIFAR-10 here: expected data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, "
           "data_batch_5.bin, test_batch.bin (binary version) or data_batch_1, data_batch_2, data_batch_3, data_batch_4, data_batch_5, "
           "test_batch (Python version)";
    QTest::newRow("missing batch") << "cifar10" << ten([](const std::string& f) { removeAll(f + "/data_batch_3.bin"); })
                                   << "F: data_batch_3.bin is missing";
    QTest::newRow("missing test set") << "cifar10" << ten([](const std::string& f) { removeAll(f + "/test_batch.bin"); })
                                      << "F: test_batch.bin is missing";
    QTest::newRow("truncated") << "cifar10" << ten([](const std::string& f) {
        writeBytes(f + "/data_batch_2.bin", cifarRecords(2, 4, 10).substr(0, 10000));
    }) << "F/data_batch_2.bin: truncated: 10000 bytes are 3 records of 3073 bytes and 781 bytes of record 3";
    QTest::newRow("empty file") << "cifar10" << ten([](const std::string& f) { writeBytes(f + "/data_batch_1.bin", ""); })
                                << "F/data_batch_1.bin: the file is empty";
    QTest::newRow("label out of range") << "cifar10" << ten([](const std::string& f) {
        std::string bytes = cifarRecords(4, 4, 10);
        bytes[2 * 3073] = 10;
        writeBytes(f + "/data_batch_4.bin", bytes);
    }) << "F/data_batch_4.bin: record 2 has the label 10, but CIFAR-10 has the classes 0 to 9";
    QTest::newRow("too few class names") << "cifar10"
                                         << ten([](const std::string& f) { writeBytes(f + "/batches.meta.txt", "cat\ndog\n"); })
                                         << "F/batches.meta.txt: 2 class names, but CIFAR-10 has 10 classes";
    QTest::newRow("fine label out of range") << "cifar100" << Damage([](const std::string& f) {
        writeCifar100(f, 5);
        std::string bytes = cifarRecords(1, 5, 100);
        bytes[3074 + 1] = char(200);
        writeBytes(f + "/train.bin", bytes);
    }) << "F/train.bin: record 1 has the label 200, but CIFAR-100 has the classes 0 to 99";
    QTest::newRow("CIFAR-10 opened as CIFAR-100") << "cifar100" << Damage([](const std::string& f) {
        writeBytes(f + "/train.bin", cifarRecords(1, 5, 10));
        writeBytes(f + "/test.bin", cifarRecords(1, 5, 10));
    }) << "F/train.bin: truncated: 15365 bytes are 4 records of 3074 bytes and 3069 bytes of record 4";
    QTest::newRow("pickle without data") << "cifar10" << python([](const std::string& f) {
        writeBytes(f + "/data_batch_1", namesPickle("labels", {"a"}));
    }) << "F/data_batch_1: the dict has no 'data'";
    QTest::newRow("pickle that is no dict") << "cifar10"
                                            << python([](const std::string& f) { writeBytes(f + "/data_batch_1", "\x80\x02]."); })
                                            << "F/data_batch_1: the pickle is no dict with 'data' and 'labels'";
    QTest::newRow("pickle with too few labels") << "cifar10" << python([](const std::string& f) {
        std::string bytes = cifarPickle(1, 4, 10);
        const size_t at = bytes.find("K\x03"
                                     "e");
        writeBytes(f + "/data_batch_1", bytes.erase(at, 2));
    }) << "F/data_batch_1: 'labels' is no list of 4 labels";
    QTest::newRow("pickled label out of range") << "cifar10" << python([](const std::string& f) {
        std::string bytes = cifarPickle(1, 4, 10);
        bytes[bytes.find("K\x03"
                         "e") +
              1] = 77;
        writeBytes(f + "/data_batch_1", bytes);
    }) << "F/data_batch_1: record 3 has the label 77, but CIFAR-10 has the classes 0 to 9";
    QTest::newRow("meta without names") << "cifar10" << python([](const std::string& f) {
        writeBytes(f + "/batches.meta", namesPickle("other", {"a"}));
    }) << "F/batches.meta: the pickle is no dict with a list 'label_names'";
    QTest::newRow("no such folder") << "cifar10" << Damage([](const std::string& f) { removeAll(f); })
                                    << "F: there is no such file or folder";
}

void TstCifar::badFilesAreToldInOneSentence() {
    QFETCH(QString, kind);
    QFETCH(Damage, damage);
    QFETCH(QString, message);
    QTemporaryDir folder;
    damage(folder.path().toStdString());
    ErrorKind errorKind{};
    const std::string got = errorOf([&] { openSource(kind.toStdString() + ":" + folder.path().toStdString()); }, &errorKind);
    QCOMPARE(QString::fromStdString(got), message.replace("F: ", folder.path() + ": ").replace("F/", folder.path() + "/"));
    QVERIFY(errorKind == ErrorKind::BadFile);
}

void TstCifar::theRealDataHasItsPublishedFigures() {
    const std::string path = "/tmp/cifar-10";
    if (!fs().status(path + "/data_batch_1.bin").exists) QSKIP("CIFAR-10 is not unpacked in /tmp/cifar-10");
    const DataSource source = openSource("cifar10:" + path);
    QCOMPARE(source.train->size(), int64_t(45000));
    QCOMPARE(source.validation->size(), int64_t(5000));
    QCOMPARE(source.test->size(), int64_t(10000));
    const DataStatistics statistics = dataStatistics(source);
    const double mean[] = {.4914, .4822, .4465}, deviation[] = {.2470, .2435, .2616};
    for (size_t c = 0; c < 3; ++c) {
        QVERIFY2(std::abs(statistics.mean[c] - mean[c]) < 1e-3, qPrintable(QString::number(statistics.mean[c])));
        QVERIFY2(std::abs(statistics.deviation[c] - deviation[c]) < 1e-3, qPrintable(QString::number(statistics.deviation[c])));
    }
    QCOMPARE(statistics.trainCounts, std::vector<int64_t>(10, 4500));
    QCOMPARE(statistics.validationCounts, std::vector<int64_t>(10, 500));
    QCOMPARE(statistics.testCounts, std::vector<int64_t>(10, 1000));
}

QTEST_GUILESS_MAIN(TstCifar)
#include "tst_cifar.moc"
