// SPDX-License-Identifier: Apache-2.0
// What an evaluation tells of every single picture. Expected values are worked out by hand: the network's scores are known.
#include "core/data/edits.h"
#include "core/evaluate/evaluate.h"
#include "tests/support/files_support.h"

#include <QtTest>

#include <cmath>
#include <set>

using namespace strata;
using namespace strata::test;

namespace {

/// Pictures of 1x1x3; the network scores a class by its pixel.
class Pixels : public Dataset {
public:
    int64_t size() const override { return 5; }
    Sample get(int64_t i) const override { return {Tensor::of(pixels_[size_t(i)], {1, 1, 3}), label(i)}; }
    int64_t label(int64_t i) const override { return std::vector<int64_t>{0, 1, 2, 0, 1}[size_t(i)]; }
    std::string origin(int64_t i) const override { return i == 2 ? "a \"quoted\", name" : "picture " + std::to_string(i); }

private:
    std::vector<std::vector<uint8_t>> pixels_{{255, 0, 0}, {0, 255, 51}, {255, 0, 0}, {51, 51, 51}, {0, 0, 255}};
};

Network pixelsAsScores() {
    ModelSpec spec;
    spec.name = "pixels";
    spec.input = {1, 1, 3};
    LayerSpec flatten, linear;
    flatten.id = flatten.type = "flatten";
    linear.id = "fc";
    linear.type = "linear";
    linear.params = {{"out_features", 3}};
    spec.layers = {flatten, linear};
    Network network(spec, 0);
    network.loadStateDict(
        {{"fc.weight", Tensor::of(std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1}, {3, 3})}, {"fc.bias", Tensor::zeros({3})}});
    return network;
}

Evaluation evaluated(bool keep = true, int64_t batch = 2) {
    EvaluateOptions options;
    options.batchSize = batch;
    options.keepSamples = keep;
    return evaluate(pixelsAsScores(), std::make_shared<Pixels>(), {1, 1, 3}, Pipeline(), options);
}

bool near(double a, double b) { return std::abs(a - b) < 1e-6; }

} // namespace

class TstSamplePredictions : public QObject {
    Q_OBJECT
private slots:
    void everyPictureIsToldInOrder();
    void theyAreLeftOutUnlessAskedFor();
    void topLossesAreSortedAndCut();
    void aCellOfTheMatrixGivesItsPictures();
    void macroMeansAreOverClasses();
    void theTableIsCsvThatPythonReads();
};

void TstSamplePredictions::everyPictureIsToldInOrder() {
    for (const int64_t batch : {1, 2, 5, 64}) {
        const std::vector<SamplePrediction> samples = evaluated(true, batch).samples;
        QCOMPARE(samples.size(), size_t(5));
        for (size_t i = 0; i < 5; ++i) QCOMPARE(samples[i].index, int64_t(i));
        const double e = std::exp(1.0), f = std::exp(0.2);
        QVERIFY(near(samples[0].probability, e / (e + 2)) && near(samples[0].loss, -std::log(e / (e + 2))));
        QVERIFY(samples[0].correct() && samples[0].predicted == 0);
        QVERIFY(near(samples[1].probability, e / (1 + e + f)) && near(samples[1].labelProbability, samples[1].probability));
        QVERIFY(!samples[2].correct() && samples[2].predicted == 0 && samples[2].label == 2);
        QVERIFY(near(samples[2].labelProbability, 1 / (e + 2)) && near(samples[2].loss, std::log(e + 2)));
        QVERIFY(samples[3].predicted == 0 && near(samples[3].probability, 1 / 3.0)); // of equals the first
        QVERIFY(samples[4].predicted == 2 && samples[4].label == 1);
    }
}

void TstSamplePredictions::theyAreLeftOutUnlessAskedFor() { QVERIFY(evaluated(false).samples.empty()); }

void TstSamplePredictions::topLossesAreSortedAndCut() {
    const std::vector<SamplePrediction> samples = evaluated().samples;
    const auto indices = [](const std::vector<SamplePrediction>& list) {
        std::vector<int64_t> result;
        for (const SamplePrediction& sample : list) result.push_back(sample.index);
        return result;
    };
    // Losses: 2 and 4 have log(e + 2) up to rounding, then log 3 of picture 3, then 1, then 0.
    const std::vector<int64_t> all = indices(topLosses(samples, 99)), three = indices(topLosses(samples, 3));
    QCOMPARE((std::set<int64_t>{all[0], all[1]}), (std::set<int64_t>{2, 4}));
    QCOMPARE((std::vector<int64_t>{all[2], all[3], all[4]}), (std::vector<int64_t>{3, 1, 0}));
    QCOMPARE(three, (std::vector<int64_t>{all[0], all[1], 3}));
    std::vector<SamplePrediction> equal = samples;
    for (SamplePrediction& sample : equal) sample.loss = 1;
    QCOMPARE(indices(topLosses(equal, 3)), (std::vector<int64_t>{0, 1, 2}));
    QVERIFY(topLosses(samples, 0).empty() && topLosses({}, 5).empty());
    std::vector<SamplePrediction> broken = samples;
    broken[0].loss = NAN;
    QCOMPARE(topLosses(broken, 1)[0].index, int64_t(0));
}

void TstSamplePredictions::aCellOfTheMatrixGivesItsPictures() {
    const Evaluation evaluation = evaluated();
    int64_t told = 0;
    for (int64_t truth = 0; truth < 3; ++truth)
        for (int64_t predicted = 0; predicted < 3; ++predicted) {
            const auto indices = cellIndices(evaluation.samples, truth, predicted);
            QCOMPARE(int64_t(indices.size()), evaluation.confusion.at(truth, predicted));
            told += int64_t(indices.size());
        }
    QCOMPARE(told, int64_t(5));
    QCOMPARE(cellIndices(evaluation.samples, 0, 0), (std::vector<int64_t>{0, 3}));
}

void TstSamplePredictions::macroMeansAreOverClasses() {
    const ClassMetrics macro = evaluated().macro;
    // Class 0: precision 2/3, recall 1; class 1: 1, 1/2; class 2: 0, 0.
    QCOMPARE(macro.count, int64_t(5));
    QVERIFY(near(macro.precision, (2.0 / 3 + 1) / 3) && near(macro.recall, 0.5));
    QVERIFY(near(macro.f1, (0.8 + 2.0 / 3) / 3));
    const Json json = toJson(evaluated(), {"a", "b", "c"});
    QVERIFY(near(json["macro"]["f1"].get<double>(), macro.f1));
}

void TstSamplePredictions::theTableIsCsvThatPythonReads() {
    DataSource source;
    source.test = std::make_shared<Pixels>();
    const std::string text = predictionsCsv(evaluated().samples, source, "test", {"a", "b, or not b", "c"});
    QTemporaryDir folder;
    const QString path = folder.filePath("t.csv");
    QFile file(path);
    QVERIFY(file.open(QFile::WriteOnly) && file.write(text.data(), qint64(text.size())) == qint64(text.size()));
    file.close();
    if (!pythonHas({"csv"})) QSKIP("python3 is not installed");
    const QByteArray said = runPython("import csv,sys\n"
                                      "rows = list(csv.DictReader(open(sys.argv[1], newline='')))\n"
                                      "print(len(rows), rows[1]['class'], rows[2]['origin'], rows[2]['predicted'], rows[4]['set'], "
                                      "rows[4]['set_index'], rows[2]['correct'], round(float(rows[3]['probability']), 4), sep='|')",
                                      {path});
    QCOMPARE(said.trimmed(), QByteArray("5|b, or not b|a \"quoted\", name|a|test|4|0|0.3333"));
}

QTEST_GUILESS_MAIN(TstSamplePredictions)
#include "tst_sample_predictions.moc"
