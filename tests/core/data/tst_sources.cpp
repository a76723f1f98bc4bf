// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"
#include "core/data/pixel_array.h"
#include "core/data/split.h"
#include "core/files/gzip.h"
#include "core/files/npy.h"
#include "tests/support/data_files.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <functional>
#include <numeric>
#include <set>

using namespace strata;
using namespace strata::test;

using Prepare = std::function<std::string(const std::string& folder)>;
Q_DECLARE_METATYPE(Prepare)

class TstSources : public QObject {
    Q_OBJECT
private slots:
    void everyKindIsListedAndOpens();
    void mnistFilesAreReadPlainAndGzipped_data();
    void mnistFilesAreReadPlainAndGzipped();
    void debiansFashionMnistIsFound();
    void arraysOfEveryOrderGiveTheSamePictures_data();
    void arraysOfEveryOrderGiveTheSamePictures();
    void arraysWithoutTestSetAreSplitInThree();
    void badInputIsToldInOneSentence_data();
    void badInputIsToldInOneSentence();
    void splitsAreStratifiedSeededAndWhole();
    void subsetAndConcatenatedMapIndices();
    void picturesShareTheBufferAndOutliveTheDataset();
    void statisticsEqualThoseComputedPlainly();
    void fingerprintChangesWithPixelsAndLabels();
};

void TstSources::everyKindIsListedAndOpens() {
    std::set<std::string> ids;
    for (const SourceKind& kind : sourceKinds()) {
        ids.insert(kind.id);
        QVERIFY(kind.pattern.starts_with(kind.id));
        QVERIFY(kind.help.ends_with("."));
    }
    QCOMPARE(ids, (std::set<std::string>{"arrays", "cifar10", "cifar100", "fashion-mnist", "folder", "mnist", "shapes"}));
    QCOMPARE(openSource("shapes:100").spec, std::string("shapes:100"));
}

void TstSources::mnistFilesAreReadPlainAndGzipped_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<bool>("gzipped");
    QTest::addColumn<QString>("fifthClass");
    QTest::newRow("mnist") << "mnist" << false << "5";
    QTest::newRow("mnist .gz") << "mnist" << true << "5";
    QTest::newRow("fashion") << "fashion-mnist" << false << "Sandal";
    QTest::newRow("fashion .gz") << "fashion-mnist" << true << "Sandal";
}

void TstSources::mnistFilesAreReadPlainAndGzipped() {
    QFETCH(QString, kind);
    QFETCH(bool, gzipped);
    QFETCH(QString, fifthClass);
    QTemporaryDir folder;
    writeMnist(folder.path().toStdString(), 40, 20, gzipped);
    const DataSource source = openSource((kind + ":" + folder.path()).toStdString());
    QVERIFY(source.imageShape == (Shape{1, 28, 28}));
    QCOMPARE(source.train->size() + source.validation->size(), int64_t(40));
    QCOMPARE(source.test->size(), int64_t(20));
    QCOMPARE(QString::fromStdString(source.classes[5]), fifthClass);
    const Sample sample = source.test->get(13);
    QCOMPARE(sample.label, int64_t(3));
    for (int p = 0; p < 784; ++p) QCOMPARE(int(sample.image.data<uint8_t>()[p]), int(pixelOf(2, 13, p)));
}

void TstSources::debiansFashionMnistIsFound() {
    if (!fs().status("/usr/share/datasets/fashion-mnist").directory) {
        QCOMPARE(
            errorOf([] { openSource("fashion-mnist"); }),
            std::string("fashion-mnist: /usr/share/datasets/fashion-mnist is not there: install Debian's package dataset-fashion-mnist "
                        "(apt install dataset-fashion-mnist) or give its folder as fashion-mnist:FOLDER"));
        return;
    }
    const DataSource source = openSource("fashion-mnist");
    QCOMPARE(source.train->size(), int64_t(54000));
    QCOMPARE(source.validation->size(), int64_t(6000));
    QCOMPARE(source.test->size(), int64_t(10000));
    const DataStatistics statistics = dataStatistics(source); // published: 0.2860, 0.3530 over all 60,000
    QVERIFY(std::abs(statistics.mean[0] - .2860) < 1e-3 && std::abs(statistics.deviation[0] - .3530) < 1e-3);
    QCOMPARE(source.classes[source.test->label(0)], std::string("Ankle boot"));
}

namespace {

/// Value of picture n, channel c, row y, column x of the arrays below.
uint8_t arrayPixel(int64_t n, int64_t c, int64_t y, int64_t x) { return uint8_t(n * 37 + c * 91 + y * 5 + x); }

Tensor pictures(int64_t count, const std::string& order, int64_t side = 6) {
    const int64_t channels = order == "NHW" ? 1 : 3;
    std::vector<uint8_t> values(size_t(count * channels * side * side));
    for (int64_t n = 0; n < count; ++n) {
        for (int64_t c = 0; c < channels; ++c) {
            for (int64_t y = 0; y < side; ++y) {
                for (int64_t x = 0; x < side; ++x) {
                    const int64_t at =
                        order == "NHWC" ? ((n * side + y) * side + x) * channels + c : ((n * channels + c) * side + y) * side + x;
                    values[size_t(at)] = arrayPixel(n, c, y, x);
                }
            }
        }
    }
    const Shape shape = order == "NHWC"  ? Shape{count, side, side, channels}
                        : order == "NHW" ? Shape{count, side, side}
                                         : Shape{count, channels, side, side};
    return Tensor::of(values, shape);
}

Tensor labels(int64_t count, int64_t classes = 4) {
    std::vector<int64_t> values;
    for (int64_t i = 0; i < count; ++i) values.push_back(i % classes);
    return Tensor::of(values);
}

} // namespace

void TstSources::arraysOfEveryOrderGiveTheSamePictures_data() {
    QTest::addColumn<QString>("order");
    for (const char* order : {"NHWC", "NCHW", "NHW"}) QTest::newRow(order) << order;
}

void TstSources::arraysOfEveryOrderGiveTheSamePictures() {
    QFETCH(QString, order);
    QTemporaryDir folder;
    const std::string path = folder.filePath("a.npz").toStdString(), text = order.toStdString();
    writeNpz({{"x_train", pictures(40, text)}, {"y_train", labels(40)}, {"x_test", pictures(8, text)}, {"y_test", labels(8)}}, path);
    const DataSource source = openSource("arrays:" + path);
    const int64_t channels = order == "NHW" ? 1 : 3;
    QVERIFY(source.imageShape == (Shape{channels, 6, 6}));
    QCOMPARE(source.classes.size(), size_t(4));
    QCOMPARE(source.train->size(), int64_t(36));
    const Sample sample = source.test->get(5);
    QCOMPARE(sample.label, int64_t(1));
    for (int64_t c = 0; c < channels; ++c) {
        for (int64_t i = 0; i < 36; ++i) QCOMPARE(int(sample.image.data<uint8_t>()[c * 36 + i]), int(arrayPixel(5, c, i / 6, i % 6)));
    }
}

void TstSources::arraysWithoutTestSetAreSplitInThree() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("a.npz").toStdString();
    writeNpz({{"images", pictures(100, "NHWC")}, {"labels", labels(100, 5)}}, path);
    const DataSource source = openSource("arrays:" + path);
    QCOMPARE(source.train->size(), int64_t(80));
    QCOMPARE(source.validation->size(), int64_t(10));
    QCOMPARE(source.test->size(), int64_t(10));
    QCOMPARE(dataStatistics(source).testCounts, std::vector<int64_t>(5, 2));
}

void TstSources::badInputIsToldInOneSentence_data() {
    QTest::addColumn<Prepare>("prepare");
    QTest::addColumn<QString>("message");
    const auto mnist = [](const std::string& name, const std::string& bytes) -> Prepare {
        return [=](const std::string& f) {
            writeMnist(f, 4, 2, false);
            writeBytes(f + "/" + name, bytes);
            return "mnist:" + f;
        };
    };
    const auto arrays = [](const NamedTensors& tensors) -> Prepare {
        return [=](const std::string& f) {
            writeNpz(tensors, f + "/a.npz");
            return "arrays:" + f + "/a.npz";
        };
    };
    const auto spec = [](const std::string& text) -> Prepare { return [=](const std::string&) { return text; }; };
    const std::string images = "train-images-idx3-ubyte", classes = "train-labels-idx1-ubyte";
    QTest::newRow("nearest kind") << spec("cifar-10:/x") << "unknown kind of data 'cifar-10' in 'cifar-10:/x': did you mean 'cifar10'?";
    QTest::newRow("unknown kind") << spec("imagenet:/x")
                                  << "unknown kind of data 'imagenet' in 'imagenet:/x': known are cifar10:FOLDER, cifar100:FOLDER, "
                                     "fashion-mnist[:FOLDER], mnist:FOLDER, "
                                     "folder:PATH, arrays:FILE.npz, shapes[:COUNT]";
    QTest::newRow("only a folder") << Prepare([](const std::string& f) { return f; })
                                   << "'F' does not say what kind of data it is: for a folder of pictures write folder:F";
    QTest::newRow("no place") << spec("cifar10") << "cifar10: write cifar10:FOLDER";
    QTest::newRow("missing place") << spec("mnist:/nowhere/at/all") << "/nowhere/at/all: there is no such file or folder";
    QTest::newRow("shapes of words") << spec("shapes:many")
                                     << "shapes:many: the number of training pictures must be a whole number from 100 to 1000000";
    QTest::newRow("too few shapes") << spec("shapes:7")
                                    << "shapes:7: the number of training pictures must be a whole number from 100 to 1000000";
    QTest::newRow("idx missing") << Prepare([](const std::string& f) { return "mnist:" + f; })
                                 << "F: train-images-idx3-ubyte (or train-images-idx3-ubyte.gz) is missing";
    QTest::newRow("idx short") << mnist(images, "ab") << "F/train-images-idx3-ubyte: 2 bytes are too short for an IDX file";
    QTest::newRow("idx magic") << mnist(images, "PK\x03\x04 and more")
                               << "F/train-images-idx3-ubyte: not an IDX file: it starts with 50 4b, not 00 00";
    QTest::newRow("idx type") << mnist(images, std::string("\0\0\x0D\x03", 4))
                              << "F/train-images-idx3-ubyte: type 0d at byte 2, but pictures and labels are bytes (08)";
    QTest::newRow("idx rank") << mnist(images, std::string("\0\0\x08\x09", 4))
                              << "F/train-images-idx3-ubyte: 9 dimensions at byte 3, but 1 to 3 are allowed";
    QTest::newRow("idx sizes cut off") << mnist(images, std::string("\0\0\x08\x03\0\0", 6))
                                       << "F/train-images-idx3-ubyte: truncated in the sizes: 6 bytes of 16";
    QTest::newRow("idx overflow") << mnist(images, idxBytes({0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu}, "x"))
                                  << "F/train-images-idx3-ubyte: the sizes overflow at byte 12";
    QTest::newRow("idx truncated") << mnist(images, idxBytes({4, 28, 28}, "abc"))
                                   << "F/train-images-idx3-ubyte: the sizes promise 3136 bytes, but 3 follow";
    QTest::newRow("idx labels as images") << mnist(images, idxBytes({3}, "abc"))
                                          << "F/train-images-idx3-ubyte: 1 dimensions, but images have 3";
    QTest::newRow("idx counts differ") << mnist(classes, idxBytes({3}, std::string(3, '\0')))
                                       << "F/train-labels-idx1-ubyte: 3 labels, but F/train-images-idx3-ubyte has 4 images";
    QTest::newRow("idx label range") << mnist(classes, idxBytes({4}, std::string("\x01\x02\x0A\x03", 4)))
                                     << "F/train-labels-idx1-ubyte: label 10 of record 2 is out of range: the classes are 0 to 9";
    QTest::newRow("idx empty") << Prepare([](const std::string& f) {
        writeMnist(f, 0, 2, false);
        return "mnist:" + f;
    }) << "F/train-images-idx3-ubyte: there are no images in it";
    QTest::newRow("idx test size") << Prepare([](const std::string& f) {
        writeMnist(f, 4, 2, false);
        writeBytes(f + "/t10k-images-idx3-ubyte", idxBytes({2, 2, 2}, "abcdefgh"));
        return "mnist:" + f;
    }) << "F: the training images are 1x28x28, but the test images 1x2x2";
    QTest::newRow("arrays without pictures")
        << arrays({{"weights", labels(3)}})
        << "F/a.npz: expected the arrays x_train, y_train, x_test, y_test or images, labels; found weights";
    QTest::newRow("arrays without labels") << arrays({{"images", pictures(4, "NHWC")}}) << "F/a.npz: has the array images, but not labels";
    QTest::newRow("float pictures") << arrays({{"images", Tensor::of(std::vector<float>(48), Shape{4, 2, 2, 3})}, {"labels", labels(4)}})
                                    << "F/a.npz: images: pictures are f32, but must be u8";
    QTest::newRow("five channels") << arrays({{"images", Tensor::of(std::vector<uint8_t>(80), Shape{4, 2, 2, 5})}, {"labels", labels(4)}})
                                   << "F/a.npz: images: pictures of the shape [4, 2, 2, 5], but [N, H, W], [N, H, W, C] or [N, C, H, W] "
                                      "with 1 or 3 channels are known";
    QTest::newRow("labels too few") << arrays({{"images", pictures(4, "NHWC")}, {"labels", labels(3)}})
                                    << "F/a.npz: labels: labels of the shape [3] for 4 pictures";
    QTest::newRow("labels not whole") << arrays({{"images", pictures(2, "NHWC")}, {"labels", Tensor::of(std::vector<float>{0, 1})}})
                                      << "F/a.npz: labels: labels are f32, but must be whole numbers";
    QTest::newRow("negative label") << arrays({{"images", pictures(2, "NHWC")}, {"labels", Tensor::of(std::vector<int64_t>{0, -1})}})
                                    << "F/a.npz: labels: label -1 of record 1 is out of range: allowed is 0 to 99999";
}

void TstSources::badInputIsToldInOneSentence() {
    QFETCH(Prepare, prepare);
    QFETCH(QString, message);
    QTemporaryDir folder;
    const std::string spec = prepare(folder.path().toStdString());
    QString got = QString::fromStdString(errorOf([&] { openSource(spec); }));
    QCOMPARE(got.replace(folder.path(), "F"), message);
}

void TstSources::splitsAreStratifiedSeededAndWhole() {
    std::vector<int64_t> classes;
    for (int64_t i = 0; i < 1000; ++i) classes.push_back(i % 7 == 0 ? 1 : i % 3 == 0 ? 2 : 0);
    const auto parts = stratifiedParts(classes, {0.1, 0.2}, 5);
    QCOMPARE(parts.size(), size_t(3));
    std::vector<int64_t> all;
    for (const auto& part : parts) {
        QVERIFY(std::is_sorted(part.begin(), part.end()));
        all.insert(all.end(), part.begin(), part.end());
    }
    std::sort(all.begin(), all.end());
    std::vector<int64_t> expected(1000);
    std::iota(expected.begin(), expected.end(), int64_t(0));
    QVERIFY(all == expected);
    for (int64_t c = 0; c < 3; ++c) {
        const auto count = [&](const std::vector<int64_t>& part) {
            return std::count_if(part.begin(), part.end(), [&](int64_t i) { return classes[size_t(i)] == c; });
        };
        const auto total = std::count(classes.begin(), classes.end(), c);
        QCOMPARE(count(parts[0]), std::llround(0.1 * double(total)));
        QCOMPARE(count(parts[1]), std::llround(0.2 * double(total)));
    }
    QVERIFY(parts == stratifiedParts(classes, {0.1, 0.2}, 5));
    QVERIFY(parts != stratifiedParts(classes, {0.1, 0.2}, 6));
    QVERIFY(stratifiedParts(classes, {0.0}, 5)[0].empty());
    QCOMPARE(stratifiedParts({0, 0, 1, 1}, {0.1}, 5)[0].size(), size_t(2)); // one of each class, though a tenth rounds to none
}

namespace {

std::shared_ptr<PixelArrayDataset> smallData(int64_t count, uint8_t first = 0) {
    PixelArray array;
    array.imageShape = Shape{3, 2, 2};
    for (int64_t i = 0; i < count; ++i) {
        array.labels.push_back(i % 3);
        for (int64_t p = 0; p < 12; ++p) array.pixels->push_back(uint8_t(first + i * 20 + p));
    }
    array.parts = {{"first", 0}, {"second", 2}};
    return std::make_shared<PixelArrayDataset>(std::move(array));
}

} // namespace

void TstSources::subsetAndConcatenatedMapIndices() {
    const auto data = smallData(5);
    QCOMPARE(data->origin(3), std::string("second record 1"));
    const Subset subset(data, {4, 1});
    QCOMPARE(subset.size(), int64_t(2));
    QCOMPARE(subset.label(0), int64_t(1));
    QCOMPARE(int(subset.get(0).image.data<uint8_t>()[0]), 80);
    QCOMPARE(subset.baseIndex(1), int64_t(1));
    const Concatenated both({data, smallData(0), smallData(3, 100)});
    QCOMPARE(both.size(), int64_t(8));
    QCOMPARE(int(both.get(4).image.data<uint8_t>()[0]), 80);
    QCOMPARE(int(both.get(5).image.data<uint8_t>()[0]), 100);
    QCOMPARE(both.label(7), int64_t(2));
    QCOMPARE(both.origin(7), std::string("second record 0"));
    Shape shape;
    QCOMPARE(int(both.pixels(6, shape)[1]), 121);
    QCOMPARE(errorOf([&] { Subset(data, {0, 5}); }), std::string("subset: index 5 is out of range: the data has 5 samples"));
}

void TstSources::picturesShareTheBufferAndOutliveTheDataset() {
    auto data = smallData(3);
    Shape shape;
    const uint8_t* inside = data->pixels(2, shape);
    Sample sample = data->get(2);
    QVERIFY(sample.image.data<uint8_t>() == inside);
    data.reset();
    QCOMPARE(int(sample.image.data<uint8_t>()[11]), 51);
}

void TstSources::statisticsEqualThoseComputedPlainly() {
    const DataSource source = openSource("shapes:1000");
    const DataStatistics statistics = dataStatistics(source);
    for (int64_t c = 0; c < 3; ++c) {
        double sum = 0, squares = 0, count = 0;
        for (int64_t i = 0; i < source.train->size(); ++i) {
            const Sample sample = source.train->get(i);
            for (int64_t p = 0; p < 1024; ++p) {
                const double value = sample.image.data<uint8_t>()[c * 1024 + p] / 255.0;
                sum += value, squares += value * value, ++count;
            }
        }
        const double mean = sum / count;
        QVERIFY(std::abs(statistics.mean[size_t(c)] - mean) < 1e-9);
        QVERIFY(std::abs(statistics.deviation[size_t(c)] - std::sqrt(squares / count - mean * mean)) < 1e-9);
    }
    QCOMPARE(statistics.trainCounts, std::vector<int64_t>(10, 90));
}

void TstSources::fingerprintChangesWithPixelsAndLabels() {
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString();
    writeCifar10(path, 3);
    const std::string before = openSource("cifar10:" + path).fingerprint;
    QCOMPARE(before.size(), size_t(16));
    QCOMPARE(openSource("cifar10:" + path, {.splitSeed = 9, .edits = {}}).fingerprint, before);
    std::string bytes = cifarRecords(2, 3, 10);
    bytes[2000] = char(bytes[2000] + 1);
    writeBytes(path + "/data_batch_2.bin", bytes);
    QVERIFY(openSource("cifar10:" + path).fingerprint != before);
    bytes = cifarRecords(2, 3, 10);
    bytes[0] = 5;
    writeBytes(path + "/data_batch_2.bin", bytes);
    QVERIFY(openSource("cifar10:" + path).fingerprint != before);
}

QTEST_GUILESS_MAIN(TstSources)
#include "tst_sources.moc"
