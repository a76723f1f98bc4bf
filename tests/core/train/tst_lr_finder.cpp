// SPDX-License-Identifier: Apache-2.0
// The learning-rate sweep against PyTorch (tests/support/golden_studio.py), its ends and its suggestions.
#include "core/train/lr_finder.h"

#include "tests/support/case.h"
#include "tests/support/files_support.h"
#include "tests/support/golden.h"
#include "tests/support/run_helpers.h"

#include <QtTest>

#include <cmath>

using namespace strata;
using namespace strata::test;

namespace {

/// 24 pictures 1x4x4 of formula bytes, class i % 3.
class FormulaPictures : public Dataset {
public:
    int64_t size() const override { return 24; }
    int64_t label(int64_t i) const override { return i % 3; }
    std::string origin(int64_t i) const override { return std::to_string(i); }
    Sample get(int64_t i) const override {
        std::vector<uint8_t> pixels(16);
        for (size_t p = 0; p < 16; ++p) pixels[p] = uint8_t(formulaIndex(8400, uint64_t(i) * 16 + p, 256));
        return {Tensor::of(pixels, {1, 4, 4}), label(i)};
    }
};

TrainData formulaData() {
    TrainData data;
    data.train = std::make_shared<FormulaPictures>();
    data.imageShape = {1, 4, 4};
    data.classes = {"a", "b", "c"};
    return data;
}

LrFinderResult formulaSweep() {
    TrainConfig config = tinyConfig();
    config.batchSize = 24;
    LrFinderOptions options;
    options.minimum = 1e-3;
    options.maximum = 3;
    options.steps = 30;
    options.smoothing = 0.9;
    options.weights = {{"fc.weight", formulaTensor({3, 16}, 8401, -0.5, 0.5)}, {"fc.bias", formulaTensor({3}, 8402, -0.5, 0.5)}};
    return findLearningRate(makeTemplate("linear", {1, 4, 4}, 3), formulaData(), config, options);
}

/// Relative to the largest, in the golden file.
bool agrees(const std::vector<LrPoint>& points, double LrPoint::*field, const std::string& key) {
    std::vector<double> ours;
    for (const LrPoint& point : points) ours.push_back(point.*field);
    return relativeError(ours, Golden("studio").values(key)) < 1e-5;
}

LrFinderResult withLosses(const std::vector<double>& smoothed) {
    LrFinderResult result;
    for (size_t i = 0; i < smoothed.size(); ++i)
        result.points.push_back({int64_t(i), std::pow(10.0, double(i) - 6), smoothed[i], smoothed[i]});
    suggestLearningRate(result);
    return result;
}

} // namespace

class TstLrFinder : public QObject {
    Q_OBJECT
private slots:
    void theSweepEqualsPytorchs();
    void suggestionsAreNumpys();
    void suggestionsOfKnownCurves();
    void aSweepRepeatsBitForBit();
    void aLossThatRunsAwayEndsIt();
    void progressTellsEveryPoint();
    void aStopTokenEndsIt();
    void optionsOutOfRangeAreToldInOneSentence();
    void theDataOfAConfigAreOpened();
};

void TstLrFinder::theSweepEqualsPytorchs() {
    const LrFinderResult result = formulaSweep();
    QCOMPARE(result.points.size(), size_t(30));
    QVERIFY(!result.diverged);
    QVERIFY(agrees(result.points, &LrPoint::learningRate, "sweep/rates"));
    QVERIFY(agrees(result.points, &LrPoint::loss, "sweep/losses"));
    QVERIFY(agrees(result.points, &LrPoint::smoothed, "sweep/smoothed"));
}

void TstLrFinder::suggestionsAreNumpys() {
    const LrFinderResult result = formulaSweep();
    QVERIFY(result.steepest && relativeError({*result.steepest}, Golden("studio").values("sweep/steepest")) < 1e-9);
    QVERIFY(result.tenthOfLowest && relativeError({*result.tenthOfLowest}, Golden("studio").values("sweep/tenth")) < 1e-9);
    QCOMPARE(*result.suggestion, *result.steepest);
}

void TstLrFinder::suggestionsOfKnownCurves() {
    const LrFinderResult valley = withLosses({2.3, 2.3, 2.2, 1.5, 1.2, 1.1, 5});
    QVERIFY(std::abs(*valley.steepest / 1e-3 - 1) < 1e-9); // (1.2 - 2.2) / 2 is the deepest slope
    QVERIFY(std::abs(*valley.tenthOfLowest / 1e-2 - 1) < 1e-9);
    std::vector<double> noisy(40, 2.3); // a fall within the first tenth is noise
    noisy[0] = 9;
    noisy[1] = 3;
    for (size_t i = 20; i < 40; ++i) noisy[i] = i < 25 ? 2.3 - 0.2 * double(i - 19) : 1.3;
    QVERIFY(withLosses(noisy).steepest && *withLosses(noisy).steepest > 1e12);
    const LrFinderResult rising = withLosses({1, 2, 3, 4, 5});
    QVERIFY(!rising.steepest && rising.suggestion && std::abs(*rising.suggestion / 1e-7 - 1) < 1e-9);
    QVERIFY(!withLosses({1, 2}).suggestion);
    QCOMPARE(toText(withLosses({1, 2}).toJson()["suggestion"]), std::string("null"));
}

void TstLrFinder::aSweepRepeatsBitForBit() {
    LrFinderOptions options;
    options.steps = 25;
    const auto losses = [&](int loaderThreads) {
        TrainConfig config = tinyConfig();
        config.loaderThreads = loaderThreads;
        std::vector<double> found;
        for (const LrPoint& point : findLearningRate(tinySpec(), tinyData(), config, options).points) found.push_back(point.loss);
        return found;
    };
    const std::vector<double> first = losses(1); // 70 pictures in batches of 16: several epochs
    QVERIFY(first.size() > 5);
    QCOMPARE(losses(1), first);
    QCOMPARE(losses(3), first);
}

void TstLrFinder::aLossThatRunsAwayEndsIt() {
    LrFinderOptions options;
    options.maximum = 1e6;
    options.steps = 60;
    options.smoothing = 0.5;
    const LrFinderResult result = findLearningRate(tinySpec(), tinyData(), tinyConfig(), options);
    QVERIFY(result.diverged);
    QVERIFY(result.points.size() < 60);
    for (const LrPoint& point : result.points) QVERIFY(std::isfinite(point.loss));
    QVERIFY(result.suggestion && *result.suggestion < 10);
}

void TstLrFinder::progressTellsEveryPoint() {
    LrFinderOptions options;
    options.steps = 8;
    std::vector<int64_t> steps;
    options.progress = [&](const LrPoint& point) { steps.push_back(point.step); };
    const LrFinderResult result = findLearningRate(tinySpec(), tinyData(), tinyConfig(), options);
    QCOMPARE(steps, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
    QCOMPARE(result.points.front().learningRate, 1e-6);
    QVERIFY(std::abs(result.points.back().learningRate - 10) < 1e-9);
}

void TstLrFinder::aStopTokenEndsIt() {
    std::stop_source source;
    LrFinderOptions options;
    options.stop = source.get_token();
    int seen = 0;
    options.progress = [&](const LrPoint&) {
        if (++seen == 3) source.request_stop();
    };
    try {
        findLearningRate(tinySpec(), tinyData(), tinyConfig(), options);
        QFAIL("went on");
    } catch (const Error& error) { QVERIFY(error.kind() == ErrorKind::Cancelled); }
    QCOMPARE(seen, 3);
}

void TstLrFinder::optionsOutOfRangeAreToldInOneSentence() {
    const auto sentence = [](auto change) {
        LrFinderOptions options;
        change(options);
        return sentenceOf([&] { findLearningRate(tinySpec(), tinyData(), tinyConfig(), options); });
    };
    using Options = LrFinderOptions;
    QVERIFY(sentence([](Options& o) { o.minimum = 0; }).startsWith("the learning rates 0 to 10 are no range"));
    QVERIFY(sentence([](Options& o) { o.minimum = 2, o.maximum = 1; }).startsWith("the learning rates 2 to 1"));
    QCOMPARE(sentence([](Options& o) { o.steps = 1; }), QString("1 steps, but allowed is 2 to 100000"));
    QCOMPARE(sentence([](Options& o) { o.smoothing = 1; }), QString("smoothing 1 is out of range: from 0 to below 1"));
    QVERIFY(sentence([](Options& o) { o.divergence = 0.5; }).contains("above 1"));
    QVERIFY(sentenceOf([] { findLearningRate(tinySpec(7), tinyData(), tinyConfig(), {}); }).contains("7 outputs"));
}

void TstLrFinder::theDataOfAConfigAreOpened() {
    QTemporaryDir folder;
    LrFinderOptions options;
    options.steps = 5;
    const LrFinderResult result = findLearningRate(shapesConfig(writeShapesSpec(folder.path().toStdString())), options);
    QCOMPARE(result.points.size(), size_t(5));
    QVERIFY(std::abs(result.points[0].loss - std::log(10.0)) < 1);
}

QTEST_GUILESS_MAIN(TstLrFinder)
#include "tst_lr_finder.moc"
