// SPDX-License-Identifier: Apache-2.0
#include "core/evaluate/evaluate.h"

#include "tests/support/layer_spec.h"

#include <QtTest>

#include <cmath>

using namespace strata;
using namespace strata::test;

namespace {

/// Pictures of 1x2x2 whose pixels are given.
class Given : public Dataset {
public:
    Given(std::vector<std::vector<uint8_t>> pixels, std::vector<int64_t> labels) : pixels_(std::move(pixels)), labels_(std::move(labels)) {}
    int64_t size() const override { return int64_t(labels_.size()); }
    Sample get(int64_t i) const override { return {Tensor::of(pixels_[size_t(i)], {1, 2, 2}), labels_[size_t(i)]}; }
    int64_t label(int64_t i) const override { return labels_[size_t(i)]; }
    std::string origin(int64_t i) const override { return "picture " + std::to_string(i); }

private:
    std::vector<std::vector<uint8_t>> pixels_;
    std::vector<int64_t> labels_;
};

/// flatten, then a linear layer with the identity as weight: the logits are the four pixels in [0, 1].
Network pixelsAsLogits() {
    ModelSpec spec;
    spec.name = "pixels";
    spec.input = {1, 2, 2};
    spec.layers = {layerOf("flatten", "flatten"), layerOf("fc", "linear", {{"out_features", 4}})};
    Network network(spec, 0);
    std::vector<float> identity(16, 0);
    for (size_t i = 0; i < 4; ++i) identity[i * 5] = 1;
    network.loadStateDict({{"fc.weight", Tensor::of(identity, {4, 4})}, {"fc.bias", Tensor::zeros({4})}});
    return network;
}

} // namespace

class TstEvaluate : public QObject {
    Q_OBJECT
private slots:
    void metricsOfAClassFollowTheirDefinitions_data();
    void metricsOfAClassFollowTheirDefinitions();
    void predictionsOfAKnownNetworkAreCounted();
    void lossIsTheMeanOverPicturesWhateverTheBatches();
    void whatDoesNotFitIsToldInOneSentence_data();
    void whatDoesNotFitIsToldInOneSentence();
    void aStopTokenEndsIt();
    void jsonHoldsWhatTheCommandLinePromises();
};

void TstEvaluate::metricsOfAClassFollowTheirDefinitions_data() {
    QTest::addColumn<int>("classIndex");
    QTest::addColumn<qint64>("count");
    QTest::addColumn<double>("precision");
    QTest::addColumn<double>("recall");
    QTest::addColumn<double>("f1");
    // The matrix below; figures by hand as in sklearn.metrics.precision_recall_fscore_support.
    QTest::newRow("mixed") << 0 << qint64(5) << 3.0 / 4 << 3.0 / 5 << 2.0 / 3;
    QTest::newRow("all found") << 1 << qint64(2) << 2.0 / 4 << 1.0 << 2.0 / 3;
    QTest::newRow("never predicted") << 2 << qint64(1) << 0.0 << 0.0 << 0.0;
    QTest::newRow("no picture") << 3 << qint64(0) << 0.0 << 0.0 << 0.0;
}

void TstEvaluate::metricsOfAClassFollowTheirDefinitions() {
    QFETCH(int, classIndex);
    QFETCH(qint64, count);
    ConfusionMatrix matrix(4);
    matrix.at(0, 0) = 3;
    matrix.at(0, 1) = 2;
    matrix.at(1, 1) = 2;
    matrix.at(2, 0) = 1;
    QCOMPARE(matrix.total(), int64_t(8));
    QCOMPARE(matrix.correct(), int64_t(5));
    const ClassMetrics metrics = matrix.metrics(classIndex);
    QCOMPARE(metrics.count, int64_t(count));
    QTEST(metrics.precision, "precision");
    QTEST(metrics.recall, "recall");
    QTEST(metrics.f1, "f1");
}

void TstEvaluate::predictionsOfAKnownNetworkAreCounted() {
    const Network network = pixelsAsLogits();
    // Predicted: 2, 0, 3, and of equal logits the first class.
    const auto data = std::make_shared<Given>(
        std::vector<std::vector<uint8_t>>{{0, 1, 200, 3}, {255, 0, 0, 9}, {0, 0, 0, 255}, {7, 7, 7, 7}}, std::vector<int64_t>{2, 0, 1, 0});
    const Evaluation result = evaluate(network, data, {1, 2, 2}, Pipeline());
    QCOMPARE(result.count, int64_t(4));
    QCOMPARE(result.accuracy, 0.75);
    QCOMPARE(result.top5, 1.0);
    QCOMPARE(result.confusion.at(1, 3), int64_t(1));
    QCOMPARE(result.confusion.at(0, 0), int64_t(2));
    QCOMPARE(result.confusion.at(2, 2), int64_t(1));
}

void TstEvaluate::lossIsTheMeanOverPicturesWhateverTheBatches() {
    const Network network = pixelsAsLogits();
    std::vector<std::vector<uint8_t>> pixels;
    std::vector<int64_t> labels;
    double expected = 0;
    for (int i = 0; i < 11; ++i) {
        pixels.push_back({uint8_t(20 * i), uint8_t(255 - 7 * i), uint8_t(i * i), 128});
        labels.push_back(i % 4);
        double sum = 0;
        for (uint8_t value : pixels.back()) sum += std::exp(value / 255.0);
        expected += (std::log(sum) - pixels.back()[size_t(i % 4)] / 255.0) / 11;
    }
    const auto data = std::make_shared<Given>(pixels, labels);
    for (int64_t batch : {1, 4, 11, 100}) {
        EvaluateOptions options;
        options.batchSize = batch;
        int64_t last = 0;
        options.progress = [&](int64_t done, int64_t total) {
            QVERIFY(done > last && done <= total);
            last = done;
        };
        const Evaluation result = evaluate(network, data, {1, 2, 2}, Pipeline(), options);
        QVERIFY2(std::abs(result.loss - expected) < 1e-6, qPrintable(QString("%1 instead of %2").arg(result.loss).arg(expected)));
        QCOMPARE(last, int64_t(11));
    }
}

void TstEvaluate::whatDoesNotFitIsToldInOneSentence_data() {
    QTest::addColumn<int>("pictures");
    QTest::addColumn<qint64>("label");
    QTest::addColumn<qint64>("width");
    QTest::addColumn<QString>("message");
    QTest::newRow("nothing") << 0 << qint64(0) << qint64(2) << "there are no pictures to evaluate on";
    QTest::newRow("too many classes") << 2 << qint64(6) << qint64(2) << "the network tells 4 classes apart, but this data has 7";
    QTest::newRow("another size") << 1 << qint64(0) << qint64(5)
                                  << "the network takes pictures of 1x2x2, but this data comes out of the model's preprocessing as 1x2x5";
}

void TstEvaluate::whatDoesNotFitIsToldInOneSentence() {
    QFETCH(int, pictures);
    QFETCH(qint64, label);
    QFETCH(qint64, width);
    QFETCH(QString, message);
    const auto count = size_t(pictures);
    const auto data = std::make_shared<Given>(std::vector<std::vector<uint8_t>>(count, {1, 2, 3, 4}), std::vector<int64_t>(count, label));
    try {
        evaluate(pixelsAsLogits(), data, {1, 2, width}, Pipeline());
        QFAIL("no error");
    } catch (const Error& error) {
        QCOMPARE(QString::fromStdString(error.what()), message);
        QCOMPARE(error.kind(), ErrorKind::BadInput);
    }
}

void TstEvaluate::aStopTokenEndsIt() {
    std::stop_source source;
    source.request_stop();
    EvaluateOptions options;
    options.stop = source.get_token();
    const auto data = std::make_shared<Given>(std::vector<std::vector<uint8_t>>{{1, 2, 3, 4}}, std::vector<int64_t>{0});
    try {
        evaluate(pixelsAsLogits(), data, {1, 2, 2}, Pipeline(), options);
        QFAIL("no error");
    } catch (const Error& error) { QCOMPARE(error.kind(), ErrorKind::Cancelled); }
}

void TstEvaluate::jsonHoldsWhatTheCommandLinePromises() {
    const auto data = std::make_shared<Given>(std::vector<std::vector<uint8_t>>{{0, 1, 200, 3}}, std::vector<int64_t>{2});
    const Json json = toJson(evaluate(pixelsAsLogits(), data, {1, 2, 2}, Pipeline()), {"a", "b", "c"});
    QCOMPARE(json["count"].get<int>(), 1);
    QCOMPARE(json["accuracy"].get<double>(), 1.0);
    QVERIFY(json["loss"].is_number());
    QCOMPARE(json["classes"][2]["class"].get<std::string>(), std::string("c"));
    QCOMPARE(json["classes"][3]["class"].get<std::string>(), std::string("3"));
    QCOMPARE(json["confusion"][2][2].get<int>(), 1);
}

QTEST_GUILESS_MAIN(TstEvaluate)
#include "tst_evaluate.moc"
