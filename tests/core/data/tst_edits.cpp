// SPDX-License-Identifier: Apache-2.0
#include "core/data/edits.h"

#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/base/json.h"
#include "core/data/data_loader.h"
#include "core/files/image.h"
#include "tests/support/data_files.h"
#include "tests/support/fault_fs.h"
#include "tests/support/sample_edits.h"

#include <QTemporaryDir>
#include <QtTest>

#include <set>

using namespace strata;
using namespace strata::test;

namespace {

/// Label and first pixel by key: what a person sees, whatever the split.
using Seen = std::map<SampleKey, std::pair<int64_t, int>>;

Seen seen(const DataSource& source, const std::string& split) {
    const DatasetPtr dataset = split == "train" ? source.train : split == "validation" ? source.validation : source.test;
    Seen result;
    for (int64_t i = 0; i < dataset->size(); ++i) {
        const Sample sample = dataset->get(i);
        if (sample.label != dataset->label(i)) fail(ErrorKind::Internal, "get() and label() differ at {}", i);
        Shape shape;
        const uint8_t* pixels = dataset->pixels(i, shape);
        const int first = sample.image.toVector<uint8_t>()[0];
        if (pixels && *pixels != first) fail(ErrorKind::Internal, "pixels() and get() differ at {}", i);
        if (!result.emplace(sampleKey(source, split, i), std::pair(sample.label, first)).second)
            fail(ErrorKind::Internal, "a key twice at {}", i);
    }
    return result;
}

EditList someEdits() {
    EditList list;
    list.set({"train", 7}, labelled("frog"));
    list.set({"train", 12}, excluded());
    list.set({"test", 3}, labelled("cat", {"odd"}));
    list.set({"test", 4}, excluded());
    list.set({"train", 1}, labelled("", {"blurred", "odd"}));
    return list;
}

void writeFolder(const std::string& root, const std::vector<std::string>& classes, int pictures) {
    for (size_t c = 0; c < classes.size(); ++c)
        for (int i = 0; i < pictures; ++i) {
            Image image{4, 4, std::vector<uint8_t>(48, uint8_t(40 * c + size_t(i)))};
            makeFolders(joinPath(root, classes[c]));
            writeFileAtomically(joinPath(joinPath(root, classes[c]), fmt::format("{}.png", i)), encodePng(image));
        }
}

} // namespace

class TstEdits : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void jsonComesBackAsItWas();
    void unknownFieldsAreKept();
    void damagedFilesAreToldInOneSentence_data();
    void damagedFilesAreToldInOneSentence();
    void anEmptyEditRemovesTheEntry();
    void untouchedPicturesStayInTheirSplit_data();
    void untouchedPicturesStayInTheirSplit();
    void keysOutliveEditsAndSplits();
    void partsOfOneFolderShareTheirKeys();
    void theFingerprintFollowsWhatTrainingSees();
    void whatDoesNotFitTheDataIsToldInOneSentence();
    void openSourceAppliesAFile();
    void theLoaderDeliversEditedSamples();
    void aFullDiskLeavesTheOldList();

private:
    QTemporaryDir folder_;
    std::string at(const char* name) const { return folder_.filePath(name).toStdString(); }
    std::string cifar() const { return "cifar10:" + at("cifar"); }
};

void TstEdits::initTestCase() { writeCifar10(at("cifar"), 40); }

void TstEdits::jsonComesBackAsItWas() {
    EditList list = someEdits();
    list.data = "cifar10:/data";
    list.fingerprint = "0123456789abcdef";
    const std::string path = at("edits.json");
    writeEdits(path, list);
    QVERIFY(readEdits(path) == list);
    const Json json = parseJson(readTextFile(path), path);
    QCOMPARE(json["version"].get<int>(), 1);
    QCOMPARE(json["edits"].size(), size_t(5));
    QCOMPARE(toText(json["edits"][0]), std::string(R"({"split":"test","index":3,"label":"cat","tags":["odd"]})"));
    QCOMPARE(toText(json["edits"][1]), std::string(R"({"split":"test","index":4,"exclude":true})"));
    QCOMPARE(list.tags(), (std::vector<std::string>{"blurred", "odd"}));
}

void TstEdits::unknownFieldsAreKept() {
    const std::string text =
        R"({"version":1,"data":"","fingerprint":"","author":"me","edits":[{"split":"train","index":2,"why":{"a":[1]}}]})";
    const EditList list = EditList::fromJson(parseJson(text, "t"), "t");
    QCOMPARE(toText(list.toJson()), text);
    QVERIFY(!list.of({"train", 2}).empty() && !list.changesTraining());
}

void TstEdits::damagedFilesAreToldInOneSentence_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("a list") << "[]"
                            << "e.json: not a JSON object";
    QTest::newRow("no edits") << "{}"
                              << "e.json: \"edits\" must be a list";
    QTest::newRow("newer") << R"({"version":9,"edits":[]})"
                           << "e.json: written by a newer version of Strata (format 9; this one reads up to 1)";
    QTest::newRow("split") << R"({"edits":[{"split":"all","index":1}]})"
                           << "e.json: edit 0: \"split\" must be train, validation or test";
    QTest::newRow("index") << R"({"edits":[{"split":"test","index":-1}]})"
                           << "e.json: edit 0: \"index\" must be a whole number from 0";
    QTest::newRow("index 2") << R"({"edits":[{"split":"test","index":1.5}]})"
                             << "e.json: edit 0: \"index\" must be a whole number";
    QTest::newRow("huge index") << R"({"edits":[{"split":"test","index":18446744073709551615}]})"
                                << "e.json: edit 0: \"index\" must be a whole number";
    QTest::newRow("label") << R"({"edits":[{"split":"test","index":1,"label":3}]})"
                           << "e.json: edit 0: \"label\" must be text";
    QTest::newRow("tags") << R"({"edits":[{"split":"test","index":1,"tags":"x"}]})"
                          << "e.json: edit 0: \"tags\" must be a list of texts";
    QTest::newRow("exclude") << R"({"edits":[{"split":"test","index":1,"exclude":1}]})"
                             << "e.json: edit 0: \"exclude\" must be true or false";
    QTest::newRow("twice") << R"({"edits":[{"split":"test","index":1,"exclude":true},{"split":"test","index":1,"tags":["a"]}]})"
                           << "e.json: edit 1: a second edit of test picture 1";
}

void TstEdits::damagedFilesAreToldInOneSentence() {
    QFETCH(QString, text);
    QFETCH(QString, sentence);
    ErrorKind kind = ErrorKind::Internal;
    QCOMPARE(QString::fromStdString(errorOf([&] { EditList::fromJson(parseJson(text.toStdString(), "e.json"), "e.json"); }, &kind)),
             sentence);
    QVERIFY(kind == ErrorKind::BadFile);
}

void TstEdits::anEmptyEditRemovesTheEntry() {
    EditList list;
    list.set({"train", 1}, labelled("cat", {"b", "a", "b"}));
    QCOMPARE(list.of({"train", 1}).tags, (std::vector<std::string>{"a", "b"}));
    list.set({"train", 1}, {});
    QVERIFY(list.edits.empty() && list.of({"train", 1}).empty());
}

void TstEdits::untouchedPicturesStayInTheirSplit_data() {
    QTest::addColumn<int>("seed");
    for (int seed : {0, 1, 7}) QTest::addRow("seed %d", seed) << seed;
}

/// Held against an own account: what the plain source shows, changed by hand.
void TstEdits::untouchedPicturesStayInTheirSplit() {
    QFETCH(int, seed);
    const DataSource plain = openSource(cifar(), {.splitSeed = uint64_t(seed), .edits = {}});
    const EditList list = someEdits();
    const DataSource edited = applyEdits(plain, list);
    for (const char* split : {"train", "validation", "test"}) {
        Seen expected = seen(plain, split);
        for (const auto& [key, edit] : list.edits) {
            const auto found = expected.find(key);
            if (found == expected.end()) continue;
            if (edit.exclude)
                expected.erase(found);
            else if (edit.label == "frog")
                found->second.first = 6;
            else if (edit.label == "cat")
                found->second.first = 3;
        }
        QVERIFY2(seen(edited, split) == expected, split);
    }
    QCOMPARE(edited.test->size(), plain.test->size() - 1);
    QCOMPARE(edited.train->size() + edited.validation->size(), plain.train->size() + plain.validation->size() - 1);
}

void TstEdits::keysOutliveEditsAndSplits() {
    const DataSource a = openSource(cifar(), {.splitSeed = 1, .edits = {}}), b = openSource(cifar(), {.splitSeed = 2, .edits = {}});
    Seen allA = seen(a, "train"), allB = seen(b, "train");
    allA.merge(seen(a, "validation"));
    allB.merge(seen(b, "validation"));
    QVERIFY(allA == allB);
    QCOMPARE(allA.size(), size_t(200));
    QCOMPARE(allA.begin()->first, (SampleKey{"train", 0}));
    QCOMPARE(seen(a, "test").begin()->first.split, std::string("test"));
    // Record r of file f (from 1) shows pixelOf(f, r, 0).
    QCOMPARE(allA.at({"train", 41}).second, int(pixelOf(2, 1, 0)));
    QVERIFY(!errorOf([&] { sampleKey(a, "test", 999); }).empty());
}

void TstEdits::partsOfOneFolderShareTheirKeys() {
    writeFolder(at("photos"), {"ant", "bee"}, 20);
    const DataSource source = openSource("folder:" + at("photos"));
    Seen all = seen(source, "train");
    all.merge(seen(source, "validation"));
    all.merge(seen(source, "test"));
    QCOMPARE(all.size(), size_t(40));
    for (const auto& [key, value] : all) QCOMPARE(key.split, std::string("train"));
    EditList list;
    for (int64_t i = 0; i < 5; ++i) list.set({"train", i}, excluded());
    const DataSource edited = applyEdits(source, list);
    QCOMPARE(edited.train->size() + edited.validation->size() + edited.test->size(), int64_t(35));

    writeFolder(at("parted/train"), {"ant", "bee"}, 6);
    writeFolder(at("parted/val"), {"ant", "bee"}, 3);
    writeFolder(at("parted/test"), {"ant", "bee"}, 2);
    const DataSource parted = openSource("folder:" + at("parted"));
    QCOMPARE(sampleKey(parted, "validation", 4), (SampleKey{"validation", 4}));
    QCOMPARE(sampleKey(parted, "test", 1), (SampleKey{"test", 1}));
}

void TstEdits::theFingerprintFollowsWhatTrainingSees() {
    const DataSource plain = openSource(cifar());
    const auto print = [&](const EditList& list) { return applyEdits(plain, list).fingerprint; };
    EditList tags, label, other, exclude;
    tags.set({"train", 1}, labelled("", {"x"}));
    label.set({"train", 1}, labelled("cat"));
    other.set({"train", 1}, labelled("dog"));
    exclude.set({"train", 1}, excluded());
    QCOMPARE(print({}), plain.fingerprint);
    QCOMPARE(print(tags), plain.fingerprint);
    const std::set<std::string> different{plain.fingerprint, print(label), print(other), print(exclude)};
    QCOMPARE(different.size(), size_t(4));
    QCOMPARE(print(label), print(label));
    QCOMPARE(applyEdits(plain, label).baseFingerprint, plain.fingerprint);
    for (const std::string& one : different) QCOMPARE(one.size(), size_t(16));
}

void TstEdits::whatDoesNotFitTheDataIsToldInOneSentence() {
    const DataSource plain = openSource(cifar());
    const auto sentence = [&](const SampleKey& key, const SampleEdit& edit) {
        EditList list;
        list.set(key, edit);
        return QString::fromStdString(errorOf([&] { applyEdits(plain, list); }));
    };
    QCOMPARE(sentence({"train", 200}, excluded()), QString("the edit of train picture 200 is out of range: there are 200 pictures"));
    QCOMPARE(sentence({"validation", 0}, excluded()), QString("the edit of validation picture 0 is of a set that the data do not have"));
    QVERIFY(sentence({"test", 0}, labelled("frigg"))
                .startsWith("the edit of test picture 0 names the class 'frigg', which the data do not "
                            "have"));
    EditList all;
    for (int64_t i = 0; i < 40; ++i) all.set({"test", i}, excluded());
    QCOMPARE(QString::fromStdString(errorOf([&] { applyEdits(plain, all); })), QString("the edits leave out every test picture"));
    EditList foreign = someEdits();
    foreign.fingerprint = "ffffffffffffffff";
    QVERIFY(errorOf([&] { applyEdits(plain, foreign); }).find("made for other data") != std::string::npos);
    foreign.fingerprint = plain.fingerprint;
    QCOMPARE(errorOf([&] { applyEdits(plain, foreign); }), std::string());
}

void TstEdits::openSourceAppliesAFile() {
    writeEdits(at("list.json"), someEdits());
    const DataSource source = openSource(cifar(), {.edits = at("list.json")});
    QCOMPARE(source.test->size(), int64_t(39));
    QCOMPARE(source.facts["edits"].get<std::string>(), std::string("2 relabelled, 2 left out"));
    QVERIFY(source.fingerprint != source.baseFingerprint);
    QVERIFY(!errorOf([&] { openSource(cifar(), {.edits = at("nowhere.json")}); }).empty());
}

void TstEdits::theLoaderDeliversEditedSamples() {
    EditList list;
    list.set({"test", 0}, labelled("truck"));
    list.set({"test", 2}, excluded());
    const DataSource source = applyEdits(openSource(cifar()), list);
    DataLoader loader(source.test, Pipeline(), source.imageShape, {.batchSize = 64, .training = false, .sampler = {.shuffle = false}});
    loader.start(0);
    const Batch batch = *loader.next();
    const std::vector<int64_t> labels = batch.labels.toVector<int64_t>();
    QCOMPARE(labels.size(), size_t(39));
    QCOMPARE((std::vector<int64_t>{labels[0], labels[1], labels[2], labels[3]}), (std::vector<int64_t>{9, 1, 3, 4}));
    QCOMPARE(int(std::lround(batch.images.select(0, 2).contiguous().data<float>()[0] * 255)), int(pixelOf(6, 3, 0)));
}

void TstEdits::aFullDiskLeavesTheOldList() {
    const std::string path = at("safe.json");
    const EditList old = someEdits();
    writeEdits(path, old);
    EditList longer = old;
    for (int64_t i = 20; i < 2000; ++i) longer.set({"train", i}, labelled("", {"many"}));
    {
        FaultFs faults;
        faults.fullAfter(1000);
        const FsOverride override(faults);
        QVERIFY(!errorOf([&] { writeEdits(path, longer); }).empty());
    }
    QVERIFY(readEdits(path) == old);
}

QTEST_GUILESS_MAIN(TstEdits)
#include "tst_edits.moc"
