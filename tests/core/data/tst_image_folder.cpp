// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"
#include "core/data/data_loader.h"
#include "core/data/decoded_cache.h"
#include "core/files/image.h"
#include "tests/support/data_files.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

using namespace strata;
using namespace strata::test;
namespace stdfs = std::filesystem;

using Prepare = std::function<void(const std::string& folder)>;
Q_DECLARE_METATYPE(Prepare)

class TstImageFolder : public QObject {
    Q_OBJECT
private slots:
    void init();
    void classesAreTheSortedFoldersAndPicturesDecode();
    void typeIsTakenFromTheContentsNotTheName();
    void hiddenFilesAndLinksOutOfTheRootAreLeftOut();
    void splitsAreRecognisedOrMade_data();
    void splitsAreRecognisedOrMade();
    void aClassOfTrainsIsNoTrainingSet();
    void mixedSizesAreTold();
    void badFoldersAreToldInOneSentence_data();
    void badFoldersAreToldInOneSentence();
    void aBrokenPictureThrowsWithItsPathWhenAskedFor();
    void decodedPicturesAreKeptInAFile();
    void anUnfinishedCacheIsRemoved();
    void aDamagedCacheIsMadeAnew();
    void withoutACachePicturesAreDecoded();
    void fingerprintFollowsTheFiles();

private:
    std::unique_ptr<QTemporaryDir> cache_, folder_;
    std::string root() const { return folder_->path().toStdString(); }
    QStringList cacheFiles() const { return QDir(cache_->filePath("strata/pixels")).entryList(QDir::Files); }
};

namespace {

Image colored(int red, int green, int blue, int width = 20, int height = 16) {
    Image image{width, height, {}};
    for (int i = 0; i < width * height; ++i) {
        for (const int value : {red, green, blue}) image.rgb.push_back(uint8_t(value));
    }
    return image;
}

/// `count` pictures a class, the class's number in the red channel, the picture's in the green one.
void writeClasses(const std::string& folder, const std::vector<std::string>& classes, int count) {
    for (size_t c = 0; c < classes.size(); ++c) {
        for (int i = 0; i < count; ++i)
            writeBytes(fmt::format("{}/{}/p{:02}.png", folder, classes[c], i), encodePng(colored(int(c) * 40, i, 7)));
    }
}

int64_t samples(const DataSource& source) { return source.train->size() + source.validation->size() + source.test->size(); }

void readAll(const Dataset& dataset) {
    for (int64_t i = 0; i < dataset.size(); ++i) {
        const Sample sample = dataset.get(i);
        QCOMPARE(int(sample.image.data<uint8_t>()[0]), int(sample.label * 40));
        QVERIFY(dataset.origin(i).ends_with(fmt::format("p{:02}.png", int(sample.image.data<uint8_t>()[320]))));
    }
}

} // namespace

void TstImageFolder::init() {
    cache_ = std::make_unique<QTemporaryDir>();
    folder_ = std::make_unique<QTemporaryDir>();
    qputenv("XDG_CACHE_HOME", cache_->path().toUtf8());
}

void TstImageFolder::classesAreTheSortedFoldersAndPicturesDecode() {
    writeClasses(root(), {"Zebra", "ant", "bee"}, 10);
    const DataSource source = openSource("folder:" + root() + "/");
    QCOMPARE(source.classes, (std::vector<std::string>{"Zebra", "ant", "bee"})); // byte order, as torchvision's sorted()
    QVERIFY(source.imageShape == (Shape{3, 16, 20}));
    QVERIFY(!source.mixedSizes);
    QCOMPARE(samples(source), int64_t(30));
    QCOMPARE(dataStatistics(source).testCounts, std::vector<int64_t>(3, 1));
    for (const DatasetPtr& part : {source.train, source.validation, source.test}) readAll(*part);
}

void TstImageFolder::typeIsTakenFromTheContentsNotTheName() {
    writeBytes(root() + "/a/deep/er/one.txt", encodePng(colored(1, 2, 3)));
    writeBytes(root() + "/a/two.png", encodeJpeg(colored(100, 100, 100)));
    writeBytes(root() + "/a/notes.jpg", "these are no pixels");
    writeBytes(root() + "/a/empty.png", "");
    writeBytes(root() + "/a/moving.png", "GIF89a............");
    writeBytes(root() + "/b/three.bmp", encodePng(colored(1, 2, 3)));
    const DataSource source = openSource("folder:" + root());
    QCOMPARE(samples(source), int64_t(3));
    QCOMPARE(source.facts["skipped_files"].get<int>(), 3);
    QStringList names;
    for (const Json& name : source.facts["skipped_first"]) names << QString::fromStdString(fileName(name.get<std::string>()));
    QCOMPARE(names, (QStringList{"empty.png", "moving.png", "notes.jpg"}));
}

void TstImageFolder::hiddenFilesAndLinksOutOfTheRootAreLeftOut() {
    QTemporaryDir elsewhere;
    const std::string outside = elsewhere.path().toStdString();
    writeBytes(outside + "/secret/x.png", encodePng(colored(9, 9, 9)));
    writeClasses(root(), {"a", "b"}, 3);
    writeBytes(root() + "/a/.hidden.png", encodePng(colored(1, 2, 3)));
    writeBytes(root() + "/.git/x.png", encodePng(colored(1, 2, 3)));
    stdfs::create_symlink(outside + "/secret/x.png", root() + "/a/out.png");
    stdfs::create_directory_symlink(outside + "/secret", root() + "/b/out");
    stdfs::create_directory_symlink(outside + "/secret", root() + "/linked_class");
    stdfs::create_directory_symlink(root() + "/a", root() + "/a/round"); // a cycle
    stdfs::create_symlink(root() + "/b/p00.png", root() + "/a/p90.png"); // inside: followed
    stdfs::create_symlink(root() + "/nowhere", root() + "/a/broken.png");
    const DataSource source = openSource("folder:" + root());
    QCOMPARE(source.classes, (std::vector<std::string>{"a", "b"}));
    QCOMPARE(samples(source), int64_t(7));
    QCOMPARE(source.facts["skipped_files"].get<int>(), 4);
}

void TstImageFolder::splitsAreRecognisedOrMade_data() {
    QTest::addColumn<QStringList>("folders");
    QTest::addColumn<QList<int>>("sizes"); // train, validation, test, of 20 pictures a folder
    QTest::newRow("none") << QStringList{"."} << QList<int>{16, 2, 2};
    QTest::newRow("train and test") << QStringList{"train", "test"} << QList<int>{18, 2, 20};
    QTest::newRow("train and val") << QStringList{"train", "val"} << QList<int>{18, 20, 2};
    QTest::newRow("all three") << QStringList{"train", "valid", "test"} << QList<int>{20, 20, 20};
    QTest::newRow("validation") << QStringList{"train", "validation", "test"} << QList<int>{20, 20, 20};
}

void TstImageFolder::splitsAreRecognisedOrMade() {
    QFETCH(QStringList, folders);
    QFETCH(QList<int>, sizes);
    for (const QString& name : folders) writeClasses(root() + "/" + name.toStdString(), {"a", "b"}, 10);
    const DataSource source = openSource("folder:" + root());
    QCOMPARE((QList<int>{int(source.train->size()), int(source.validation->size()), int(source.test->size())}), sizes);
    QCOMPARE(source.classes, (std::vector<std::string>{"a", "b"}));
    std::set<std::string> origins;
    for (const DatasetPtr& part : {source.train, source.validation, source.test}) {
        for (int64_t i = 0; i < part->size(); ++i) origins.insert(part->origin(i));
    }
    QCOMPARE(int64_t(origins.size()), samples(source));
}

void TstImageFolder::aClassOfTrainsIsNoTrainingSet() {
    writeClasses(root(), {"bus", "train"}, 4);
    QCOMPARE(openSource("folder:" + root()).classes, (std::vector<std::string>{"bus", "train"}));
}

void TstImageFolder::mixedSizesAreTold() {
    writeClasses(root(), {"a", "b"}, 4);
    writeBytes(root() + "/a/wide.png", encodePng(colored(1, 2, 3, 40, 10)));
    const DataSource source = openSource("folder:" + root());
    QVERIFY(source.mixedSizes);
    QVERIFY(source.imageShape == (Shape{3, 16, 20}));
    const Pipeline pipeline = defaultPipeline(source, dataStatistics(source), true);
    DataLoader loader(source.train, pipeline, source.imageShape, {.batchSize = 3});
    loader.start(0);
    int64_t count = 0;
    while (auto batch = loader.next()) count += batch->images.size(0);
    QCOMPARE(count, source.train->size());
}

void TstImageFolder::badFoldersAreToldInOneSentence_data() {
    QTest::addColumn<Prepare>("prepare");
    QTest::addColumn<QString>("message");
    QTest::newRow("empty") << Prepare([](const std::string&) {})
                           << "F: no folders of classes in it: pictures are expected as F/CLASS/picture.jpg";
    QTest::newRow("pictures without classes") << Prepare([](const std::string& f) {
        writeBytes(f + "/x.png", encodePng(colored(1, 2, 3)));
    }) << "F: no folders of classes in it: pictures are expected as F/CLASS/picture.jpg";
    QTest::newRow("empty class") << Prepare([](const std::string& f) {
        writeClasses(f, {"a"}, 2);
        makeFolders(f + "/nobody");
    }) << "F/nobody: no picture of the class 'nobody' in it";
    QTest::newRow("class without pictures") << Prepare([](const std::string& f) {
        writeClasses(f, {"a"}, 2);
        writeBytes(f + "/texts/x.png", "hello");
    }) << "F/texts: no picture of the class 'texts' in it";
    QTest::newRow("new class in the test set") << Prepare([](const std::string& f) {
        writeClasses(f + "/train", {"a", "b"}, 2);
        writeClasses(f + "/test", {"a", "c"}, 2);
    }) << "F/test: the class 'c' is not among those of the training set";
    QTest::newRow("only broken pictures") << Prepare([](const std::string& f) {
        writeBytes(f + "/a/x.png", encodePng(colored(1, 2, 3)).substr(0, 12));
    }) << "F: none of the pictures can be read";
    QTest::newRow("a file") << Prepare([](const std::string& f) {
        removeAll(f);
        writeBytes(f, "x");
    }) << "F: not a folder";
}

void TstImageFolder::badFoldersAreToldInOneSentence() {
    QFETCH(Prepare, prepare);
    QFETCH(QString, message);
    const QString place = folder_->filePath("data");
    makeFolders(place.toStdString());
    prepare(place.toStdString());
    ErrorKind kind{};
    QString got = QString::fromStdString(errorOf([&] { openSource("folder:" + place.toStdString()); }, &kind));
    QCOMPARE(got.replace(place, "F"), message);
    QVERIFY(kind == ErrorKind::BadFile);
}

void TstImageFolder::aBrokenPictureThrowsWithItsPathWhenAskedFor() {
    writeClasses(root(), {"a", "b"}, 3);
    const std::string bytes = encodePng(colored(5, 6, 7, 64, 64));
    writeBytes(root() + "/b/cut.png", bytes.substr(0, bytes.size() - 30));
    const DataSource source = openSource("folder:" + root(), {.validationFraction = 0, .edits = {}});
    std::string message;
    for (const DatasetPtr& part : {source.train, source.test}) {
        for (int64_t i = 0; i < part->size(); ++i) {
            if (part->origin(i).ends_with("cut.png")) message = errorOf([&] { part->get(i); });
        }
    }
    QVERIFY2(message.starts_with(root() + "/b/cut.png: "), message.c_str());
}

void TstImageFolder::decodedPicturesAreKeptInAFile() {
    writeClasses(root(), {"a", "b"}, 10);
    {
        const DataSource source = openSource("folder:" + root());
        Shape shape;
        QVERIFY(source.train->pixels(0, shape) == nullptr);
        readAll(*source.train);
        QVERIFY(source.train->pixels(0, shape) != nullptr);
        QVERIFY(shape == (Shape{3, 16, 20}));
        readAll(*source.train);
    }
    QCOMPARE(cacheFiles().size(), 1);
    // Another process finds them; a file that has changed since has none.
    const DataSource source = openSource("folder:" + root());
    Shape shape;
    QVERIFY(source.train->pixels(3, shape) != nullptr);
    readAll(*source.train);
    QVERIFY(source.test->pixels(0, shape) == nullptr);
    const std::string first = source.train->origin(0);
    writeBytes(first, encodePng(colored(200, 201, 202)));
    const DataSource changed = openSource("folder:" + root());
    QVERIFY(changed.train->pixels(0, shape) == nullptr);
    QCOMPARE(int(changed.train->get(0).image.data<uint8_t>()[0]), 200);
}

void TstImageFolder::anUnfinishedCacheIsRemoved() {
    writeClasses(root(), {"a", "b"}, 10);
    {
        const DataSource source = openSource("folder:" + root());
        source.train->get(0);
        QVERIFY(cacheFiles().size() >= 1);
    }
    QCOMPARE(cacheFiles(), QStringList());
}

void TstImageFolder::aDamagedCacheIsMadeAnew() {
    writeClasses(root(), {"a", "b"}, 10);
    readAll(*openSource("folder:" + root()).train);
    const QString file = cache_->filePath("strata/pixels/" + cacheFiles().value(0));
    QFile damaged(file);
    QVERIFY(damaged.open(QIODevice::ReadWrite));
    damaged.seek(64);
    damaged.write(QByteArray(8, char(0xFF)));
    damaged.close();
    readAll(*openSource("folder:" + root()).train);
    QVERIFY(QFile::resize(file, 100));
    readAll(*openSource("folder:" + root()).train);
    QCOMPARE(cacheFiles().size(), 1);
}

void TstImageFolder::withoutACachePicturesAreDecoded() {
    writeClasses(root(), {"a", "b"}, 5);
    writeBytes(cache_->filePath("file").toStdString(), "no folder");
    for (const QByteArray& where : {cache_->filePath("file/below").toUtf8(), QByteArray("/proc/nowhere")}) {
        qputenv("XDG_CACHE_HOME", where);
        const DataSource source = openSource("folder:" + root());
        readAll(*source.train);
        readAll(*source.train);
    }
}

void TstImageFolder::fingerprintFollowsTheFiles() {
    writeClasses(root() + "/x", {"a", "b"}, 3);
    const std::string before = openSource("folder:" + root() + "/x").fingerprint;
    QCOMPARE(openSource("folder:" + root() + "/x").fingerprint, before);
    stdfs::rename(root() + "/x", root() + "/y"); // a moved folder is the same data
    QCOMPARE(openSource("folder:" + root() + "/y").fingerprint, before);
    writeBytes(root() + "/y/a/p01.png", encodePng(colored(1, 1, 1)));
    QVERIFY(openSource("folder:" + root() + "/y").fingerprint != before);
}

QTEST_GUILESS_MAIN(TstImageFolder)
#include "tst_image_folder.moc"
