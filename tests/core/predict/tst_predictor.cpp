// SPDX-License-Identifier: Apache-2.0
#include "core/predict/predictor.h"

#include "core/autograd/autograd.h"
#include "core/base/atomic_file.h"
#include "core/ops/ops.h"
#include "tests/support/layer_spec.h"
#include "tests/support/pictures.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace strata;
using namespace strata::test;

namespace {

/// global_avg_pool, flatten, linear with the identity: the logits are 8 times the mean of each colour.
ModelFile meanColour(bool withResize) {
    ModelFile model;
    model.spec.name = "mean colour";
    model.spec.input = {3, 8, 8};
    model.spec.layers = {layerOf("pool", "global_avg_pool"), layerOf("flatten", "flatten"), layerOf("fc", "linear", {{"out_features", 3}})};
    if (withResize) {
        model.pipeline.add("resize", {{"size", 8}});
        model.pipeline.add("center_crop", {{"size", 8}});
    }
    model.classes = {"red", "green", "blue"};
    model.state = {{"fc.weight", Tensor::of(std::vector<float>{8, 0, 0, 0, 8, 0, 0, 0, 8}, {3, 3})}, {"fc.bias", Tensor::zeros({3})}};
    return model;
}

} // namespace

class TstPredictor : public QObject {
    Q_OBJECT
private slots:
    void picturesOfAnySizeAreTaken_data();
    void picturesOfAnySizeAreTaken();
    void theMiddleOfALongPictureCounts();
    void topIsSortedAndCut();
    void aFileGivesWhatItsPixelsGive();
    void aGreyNetworkSeesLuma();
    void aFoldedTemplateAgreesWithTheNetwork();
    void aFileThatIsNoPictureIsNamed();
};

void TstPredictor::picturesOfAnySizeAreTaken_data() {
    QTest::addColumn<bool>("withResize");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    for (bool withResize : {false, true})
        for (const auto& [w, h] : std::vector<std::pair<int, int>>{{8, 8}, {1, 1}, {640, 480}, {9, 300}, {8, 9}, {3, 7}})
            QTest::addRow("%dx%d %s", w, h, withResize ? "by the pipeline" : "by the predictor") << withResize << w << h;
}

void TstPredictor::picturesOfAnySizeAreTaken() {
    QFETCH(bool, withResize);
    QFETCH(int, width);
    QFETCH(int, height);
    const Predictor predictor(meanColour(withResize));
    const std::vector<double> p = predictor.probabilities(flat(width, height, 51, 204, 102)); // 0.2, 0.8, 0.4
    const double sum = std::exp(1.6) + std::exp(6.4) + std::exp(3.2);
    QVERIFY2(std::abs(p[1] - std::exp(6.4) / sum) < 1e-5, qPrintable(QString::number(p[1])));
    QVERIFY(std::abs(p[0] - std::exp(1.6) / sum) < 1e-5);
    QVERIFY(std::abs(p[0] + p[1] + p[2] - 1) < 1e-12);
}

void TstPredictor::theMiddleOfALongPictureCounts() {
    Image picture = flat(48, 8, 255, 0, 0);
    for (int64_t y = 0; y < 8; ++y)
        for (int64_t x = 16; x < 32; ++x) {
            picture.row(y)[3 * x] = 0;
            picture.row(y)[3 * x + 2] = 255;
        }
    const Image fitted = fitPicture(picture, 8, 8);
    QCOMPARE(fitted.width, int64_t(8));
    QCOMPARE(fitted.height, int64_t(8));
    QCOMPARE(Predictor(meanColour(false)).predict(picture, 1).top[0].name, std::string("blue"));
}

void TstPredictor::topIsSortedAndCut() {
    const Predictor predictor(meanColour(false));
    const Prediction two = predictor.predict(flat(8, 8, 10, 200, 100), 2);
    QCOMPARE(two.top.size(), size_t(2));
    QCOMPARE(two.top[0].name, std::string("green"));
    QCOMPARE(two.top[1].name, std::string("blue"));
    QVERIFY(two.top[0].probability >= two.top[1].probability);
    QVERIFY(two.milliseconds > 0);
    const Prediction all = predictor.predict(flat(8, 8, 10, 10, 10), 99);
    QCOMPARE(all.top.size(), size_t(3));
    QCOMPARE(all.top[0].index, int64_t(0)); // of equals the lower class first
}

void TstPredictor::aFileGivesWhatItsPixelsGive() {
    QTemporaryDir folder;
    Image picture = flat(13, 9, 3, 5, 250);
    picture.rgb[0] = 255;
    const std::string path = folder.filePath("p.png").toStdString();
    writeFileAtomically(path, encodePng(picture));
    const Predictor predictor(meanColour(false));
    QCOMPARE(predictor.predictFile(path, 1).top[0].probability, predictor.predict(picture, 1).top[0].probability);
}

void TstPredictor::aGreyNetworkSeesLuma() {
    ModelFile model = meanColour(false);
    model.spec.input = {1, 8, 8};
    model.state = {{"fc.weight", Tensor::of(std::vector<float>{8, 0, 0}, {3, 1})}, {"fc.bias", Tensor::zeros({3})}};
    const std::vector<double> p = Predictor(model).probabilities(flat(8, 8, 100, 100, 100));
    const double sum = std::exp(8 * 100 / 255.0) + 2;
    QVERIFY(std::abs(p[0] - std::exp(8 * 100 / 255.0) / sum) < 1e-4);
}

void TstPredictor::aFoldedTemplateAgreesWithTheNetwork() {
    ModelFile model;
    model.spec = makeTemplate("vgg_small", {3, 32, 32}, 10);
    const Network network(model.spec, 5);
    model.state = network.stateDict();
    const Image picture = flat(32, 32, 90, 30, 200);
    Tensor input = Tensor::empty({1, 3, 32, 32});
    for (int64_t c = 0; c < 3; ++c) std::fill_n(input.mutableData<float>() + c * 1024, 1024, float(picture.rgb[size_t(c)]) / 255);
    const NoGrad noGrad;
    const std::vector<double> expected = softmax(network.forward(input).to(DType::F64)).toVector<double>();
    const std::vector<double> got = Predictor(model).probabilities(picture);
    for (size_t c = 0; c < 10; ++c) QVERIFY(std::abs(expected[c] - got[c]) < 1e-5);
}

void TstPredictor::aFileThatIsNoPictureIsNamed() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("p.jpg").toStdString();
    writeFileAtomically(path, std::string_view("this is text"));
    try {
        Predictor(meanColour(false)).predictFile(path, 1);
        QFAIL("no error");
    } catch (const Error& error) { QVERIFY2(QString(error.what()).startsWith(QString::fromStdString(path) + ": "), error.what()); }
}

QTEST_GUILESS_MAIN(TstPredictor)
#include "tst_predictor.moc"
