// SPDX-License-Identifier: Apache-2.0
// Folders of photos, parts chosen by a person, and what the network received.
#include "core/predict/photos.h"

#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/files/image_resize.h"
#include "core/ops/ops.h"
#include "tests/support/files_support.h"
#include "tests/support/pictures.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace strata;
using namespace strata::test;

namespace {

/// Left half one colour, right half another.
Image halves(int64_t width, int64_t height) {
    Image image = flat(width, height, 255, 0, 0);
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = width / 2; x < width; ++x) {
            uint8_t* pixel = image.row(y) + 3 * x;
            pixel[0] = 0;
            pixel[2] = 255;
        }
    return image;
}

LayerSpec layerOf(const char* id, const char* type, const ParamValues& params = ParamValues::object()) {
    LayerSpec layer;
    layer.id = id;
    layer.type = type;
    layer.params = params;
    return layer;
}

/// Scores are 8 times the mean of each colour, after a convolution that changes nothing.
ModelFile meanColour(const std::function<void(Pipeline&)>& steps = [](Pipeline&) {}) {
    ModelFile model;
    model.spec.name = "mean colour";
    model.spec.input = {3, 8, 8};
    model.spec.layers = {layerOf("conv", "conv2d", {{"out_channels", 3}, {"kernel_size", 1}, {"bias", false}}), layerOf("relu", "relu"),
                         layerOf("pool", "global_avg_pool"), layerOf("fc", "linear", {{"out_features", 3}})};
    steps(model.pipeline);
    model.classes = {"red", "green", "blue, the sky"};
    const Tensor identity = Tensor::of(std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1}, {3, 3});
    model.state = {{"conv.weight", identity.reshape({3, 3, 1, 1})}, {"fc.weight", identity * 8}, {"fc.bias", Tensor::zeros({3})}};
    return model;
}

void cropOf8(Pipeline& pipeline) {
    pipeline.add("resize", {{"size", 10}});
    pipeline.add("center_crop", {{"size", 8}});
    pipeline.add("normalize", {{"mean", {0.0}}, {"std", {1.0}}});
}

} // namespace

class TstPhotos : public QObject {
    Q_OBJECT
private slots:
    void aFolderGivesItsPhotosByName();
    void aPhotoThatFailsIsARow();
    void theTableIsCsvThatPythonReads();
    void aStopTokenEndsIt();
    void theDefaultPartIsWhatThePreprocessingCuts_data();
    void theDefaultPartIsWhatThePreprocessingCuts();
    void theReceivedPictureIsThePipelinesWithoutNormalisation();
    void aChosenPartReplacesThePlacement();
    void aPartOutsideThePictureIsToldInOneSentence();
    void theMapShowsWhereAColourIs();

private:
    QTemporaryDir folder_;
    std::string at(const QString& name) const { return folder_.filePath(name).toStdString(); }
};

void TstPhotos::aFolderGivesItsPhotosByName() {
    makeFolders(at("album/inner"));
    const std::string png = encodePng(flat(9, 7, 200, 0, 0));
    for (const char* name : {"album/b.png", "album/a.PNG", "album/no extension", "album/.hidden.png", "album/inner/c.png"})
        writeFileAtomically(at(name), png);
    writeFileAtomically(at("album/broken.jpg"), std::string("this is no picture"));
    writeFileAtomically(at("album/notes.txt"), std::string("nor is this"));
    std::vector<std::string> names;
    for (const std::string& path : photosIn(at("album"))) names.push_back(fileName(path));
    QCOMPARE(names, (std::vector<std::string>{"a.PNG", "b.png", "broken.jpg", "no extension"}));
    QCOMPARE(sentenceOf([&] { photosIn(at("nowhere")); }), QString::fromStdString(at("nowhere") + ": no such folder"));
    QCOMPARE(sentenceOf([&] { photosIn(at("album/b.png")); }), QString::fromStdString(at("album/b.png") + ": not a folder"));
    makeFolders(at("empty"));
    QCOMPARE(sentenceOf([&] { photosIn(at("empty")); }), QString::fromStdString(at("empty") + ": there are no photos in this folder"));
}

void TstPhotos::aPhotoThatFailsIsARow() {
    const Predictor predictor(meanColour());
    std::vector<int64_t> progress;
    int told = 0;
    PhotoOptions options;
    options.count = 2;
    options.progress = [&](int64_t done, int64_t total) { progress.push_back(done * 100 + total); };
    options.result = [&](const PhotoResult&) { ++told; };
    const auto results = predictPhotos(predictor, photosIn(at("album")), options);
    QCOMPARE(results.size(), size_t(4));
    QCOMPARE(progress, (std::vector<int64_t>{104, 204, 304, 404}));
    QCOMPARE(told, 4);
    QVERIFY(results[2].problem.find("broken.jpg: not a picture") != std::string::npos);
    QVERIFY(results[2].prediction.top.empty() && results[2].kind == ErrorKind::Unsupported);
    for (size_t i : {0u, 1u, 3u}) {
        QCOMPARE(results[i].prediction.top.size(), size_t(2));
        QCOMPARE(results[i].prediction.top[0].name, std::string("red"));
        QCOMPARE(results[i].width, int64_t(9));
        QVERIFY(results[i].prediction.milliseconds > 0);
    }
    QCOMPARE(toText(results[2].toJson()["error"]["kind"]), std::string("\"unsupported\""));
}

void TstPhotos::theTableIsCsvThatPythonReads() {
    const Predictor predictor(meanColour());
    writeFileAtomically(at("album/sky, \"blue\".png"), encodePng(flat(8, 8, 0, 0, 255)));
    const auto results = predictPhotos(predictor, photosIn(at("album")));
    writeFileAtomically(at("t.csv"), photosCsv(results));
    if (!pythonHas({"csv"})) QSKIP("python3 is not installed");
    const QByteArray said = runPython(
        "import csv,sys\n"
        "rows = list(csv.DictReader(open(sys.argv[1], newline='')))\n"
        "r = rows[4]\n"
        "print(len(rows), r['file'].split('/')[-1], r['class'], r['width'], rows[2]['class'], rows[2]['error'].split(': ')[1][:13], "
        "abs(sum(float(r['probability' + s]) for s in ('', '_2', '_3')) - 1) < 1e-4, sep='|')",
        {folder_.filePath("t.csv")});
    QCOMPARE(said.trimmed(), QByteArray("5|sky, \"blue\".png|blue, the sky|8||not a picture|True"));
}

void TstPhotos::aStopTokenEndsIt() {
    const Predictor predictor(meanColour());
    std::stop_source source;
    PhotoOptions options;
    options.stop = source.get_token();
    options.progress = [&](int64_t, int64_t) { source.request_stop(); };
    try {
        predictPhotos(predictor, photosIn(at("album")), options);
        QFAIL("went on");
    } catch (const Error& error) { QVERIFY(error.kind() == ErrorKind::Cancelled); }
}

void TstPhotos::theDefaultPartIsWhatThePreprocessingCuts_data() {
    QTest::addColumn<bool>("pipeline");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::addColumn<QString>("part");
    QTest::newRow("square by the predictor") << false << 80 << 80 << "0 0 80 80";
    QTest::newRow("wide by the predictor") << false << 160 << 80 << "40 0 80 80";
    QTest::newRow("as it is") << false << 8 << 8 << "0 0 8 8";
    // Scaled to 10 on the shorter side, of which 8 are cut out of the middle.
    QTest::newRow("square by the pipeline") << true << 100 << 100 << "10 10 80 80";
    QTest::newRow("wide by the pipeline") << true << 200 << 100 << "60 10 80 80";
    QTest::newRow("high by the pipeline") << true << 100 << 200 << "10 60 80 80";
    QTest::newRow("small by the pipeline") << true << 5 << 5 << "1 1 4 4";
}

void TstPhotos::theDefaultPartIsWhatThePreprocessingCuts() {
    QFETCH(bool, pipeline);
    QFETCH(int, width);
    QFETCH(int, height);
    const Predictor predictor(pipeline ? meanColour(cropOf8) : meanColour());
    const CropRect part = predictor.defaultCrop(width, height);
    QTEST(QString("%1 %2 %3 %4").arg(part.x).arg(part.y).arg(part.width).arg(part.height), "part");
}

void TstPhotos::theReceivedPictureIsThePipelinesWithoutNormalisation() {
    Image picture = halves(100, 100);
    picture.row(50)[3 * 10 + 1] = 77;
    const Image expected = centreCrop(resizeShorterSide(picture, 10), 8, 8); // PIL's rounding between the steps: within 1
    for (const bool shifted : {false, true}) {
        const Predictor predictor(meanColour([&](Pipeline& pipeline) {
            pipeline.add("resize", {{"size", 10}});
            pipeline.add("center_crop", {{"size", 8}});
            if (shifted) pipeline.add("normalize", {{"mean", {0.3, 0.4, 0.5}}, {"std", {0.2, 0.1, 0.3}}});
        }));
        const Image received = predictor.received(picture);
        QCOMPARE(received.width, int64_t(8));
        QCOMPARE(received.rgb.size(), expected.rgb.size());
        for (size_t i = 0; i < expected.rgb.size(); ++i) QVERIFY(std::abs(int(received.rgb[i]) - int(expected.rgb[i])) <= 1);
    }
    ModelFile grey = meanColour();
    grey.spec.input = {1, 8, 8};
    grey.state[0].tensor = Tensor::ones({3, 1, 1, 1});
    const Image luma = Predictor(grey).received(flat(8, 8, 255, 0, 0));
    QCOMPARE(luma.rgb[0], luma.rgb[1]);
    QVERIFY(std::abs(int(luma.rgb[0]) - 76) <= 1); // 0.299 * 255
}

void TstPhotos::aChosenPartReplacesThePlacement() {
    const Image picture = halves(100, 60);
    for (const bool pipeline : {false, true}) {
        const Predictor predictor(pipeline ? meanColour(cropOf8) : meanColour());
        const CropRect left{0, 10, 40, 40}, right{55, 0, 40, 40};
        QCOMPARE(predictor.predict(picture, 1, left).top[0].name, std::string("red"));
        QCOMPARE(predictor.predict(picture, 1, right).top[0].name, std::string("blue, the sky"));
        const std::vector<double> p = predictor.probabilities(picture, right);
        QVERIFY(std::abs(p[2] - std::exp(8) / (std::exp(8) + 2)) < 1e-5);
        QCOMPARE(predictor.received(picture, right).rgb, flat(8, 8, 0, 0, 255).rgb);
        // The part that the preprocessing would take gives what it takes, but for the order of scaling and cutting.
        const std::vector<double> whole = predictor.probabilities(picture);
        const std::vector<double> same = predictor.probabilities(picture, predictor.defaultCrop(100, 60));
        for (size_t c = 0; c < 3; ++c) QVERIFY(std::abs(whole[c] - same[c]) < 0.03);
    }
}

void TstPhotos::aPartOutsideThePictureIsToldInOneSentence() {
    const Predictor predictor(meanColour());
    const Image picture = flat(20, 10, 1, 2, 3);
    for (const CropRect& part :
         std::vector<CropRect>{{-1, 0, 5, 5}, {0, 0, 0, 5}, {16, 0, 5, 5}, {0, 0, 5, 11}, {INT64_MAX, 0, INT64_MAX, 1}})
        QVERIFY(sentenceOf([&] { predictor.predict(picture, 1, part); }).endsWith("is not inside the picture of 20 x 10"));
    QVERIFY(sentenceOf([&] { predictor.predict(picture, 1, CropRect{15, 5, 5, 5}); }).isEmpty());
}

void TstPhotos::theMapShowsWhereAColourIs() {
    const Predictor predictor(meanColour());
    const GradCam cam = predictor.heatMap(halves(8, 8), 2);
    QCOMPARE(cam.layer, std::string("relu"));
    const std::vector<float> map = cam.map.toVector<float>();
    for (size_t i = 0; i < 64; ++i) QCOMPARE(map[i], i % 8 < 4 ? 0.0f : 1.0f);
    QVERIFY(sentenceOf([&] { predictor.heatMap(halves(8, 8), 3); }).startsWith("there is no class 3"));
}

QTEST_GUILESS_MAIN(TstPhotos)
#include "tst_photos.moc"
