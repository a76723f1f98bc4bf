// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/data/dataset.h"
#include "core/data/shapes.h"

#include <QTest>

#include <array>
#include <cmath>
#include <set>

using namespace strata;

class TstShapes : public QObject {
    Q_OBJECT
private slots:
    void picturesAreTheSameEveryTime();
    void classesAreBalancedAndTrainingMeetsNoTestPicture();
    void moreOfThemBeginWithTheSameOnes();
    void coloursAndPlacesTellNothingAboutTheClass();
    void theFigureStandsOutFromItsBackground();
};

void TstShapes::picturesAreTheSameEveryTime() {
    const DataSource a = openSource("shapes:200"), b = openSource("shapes:200", {.splitSeed = 3, .edits = {}});
    QCOMPARE(a.fingerprint, b.fingerprint);
    QCOMPARE(a.classes, shapeClassNames());
    QVERIFY(a.imageShape == (Shape{3, 32, 32}));
    std::array<uint8_t, 3072> first, again;
    drawShape(3, Philox(0, Purpose::Shapes, 0, 3), first.data());
    drawShape(3, Philox(0, Purpose::Shapes, 0, 3), again.data());
    QVERIFY(first == again);
    // Runs made on one machine must find the same data on another: this hash is part of the format.
    QCOMPARE(a.fingerprint, std::string("58825080369d3a76"));
}

void TstShapes::classesAreBalancedAndTrainingMeetsNoTestPicture() {
    const DataSource source = openSource("shapes");
    QCOMPARE(source.train->size(), int64_t(9000));
    QCOMPARE(source.validation->size(), int64_t(1000));
    QCOMPARE(source.test->size(), int64_t(2000));
    const DataStatistics statistics = dataStatistics(source);
    QCOMPARE(statistics.trainCounts, std::vector<int64_t>(10, 900));
    QCOMPARE(statistics.testCounts, std::vector<int64_t>(10, 200));
    std::set<std::string> hashes;
    Shape shape;
    for (const DatasetPtr& part : {source.train, source.validation, source.test}) {
        for (int64_t i = 0; i < part->size(); ++i) hashes.insert(hashHex(part->pixels(i, shape), 3072));
    }
    QCOMPARE(hashes.size(), size_t(12000));
}

void TstShapes::moreOfThemBeginWithTheSameOnes() {
    const DataSource few = openSource("shapes:100", {.validationFraction = 0, .edits = {}}), many = openSource("shapes:300", {.validationFraction = 0, .edits = {}});
    Shape shape;
    for (int64_t i = 0; i < 100; ++i)
        QVERIFY(std::equal(few.train->pixels(i, shape), few.train->pixels(i, shape) + 3072, many.train->pixels(i, shape)));
}

void TstShapes::coloursAndPlacesTellNothingAboutTheClass() {
    const DataSource source = openSource("shapes:6000", {.validationFraction = 0, .edits = {}});
    std::array<std::array<double, 3>, 10> means{};
    Shape shape;
    for (int64_t i = 0; i < 6000; ++i) {
        const uint8_t* pixels = source.train->pixels(i, shape);
        for (size_t c = 0; c < 3; ++c) {
            double sum = 0;
            for (size_t p = 0; p < 1024; ++p) sum += pixels[c * 1024 + p];
            means[size_t(source.train->label(i))][c] += sum / 1024 / 600;
        }
    }
    for (size_t c = 0; c < 3; ++c) { // a mean of 600 pictures with a deviation of about 55: 2.2
        for (size_t label = 0; label < 10; ++label)
            QVERIFY2(std::abs(means[label][c] - 127.5) < 9, qPrintable(QString::number(means[label][c])));
    }
}

void TstShapes::theFigureStandsOutFromItsBackground() {
    // The middle of a square or a circle is figure, the corners are nearly always background.
    int distinct = 0;
    constexpr int kCount = 200;
    std::array<uint8_t, 3072> pixels;
    for (uint64_t i = 0; i < kCount; ++i) {
        drawShape(int64_t(i % 2), Philox(1, Purpose::Shapes, 0, i), pixels.data());
        double difference = 0;
        for (size_t c = 0; c < 3; ++c) {
            double middle = 0, corner = 0;
            for (size_t d = 0; d < 9; ++d) {
                middle += pixels[c * 1024 + (15 + d / 3) * 32 + 15 + d % 3] / 9.0;
                corner += (pixels[c * 1024 + d / 3 * 32 + d % 3] + pixels[c * 1024 + (29 + d / 3) * 32 + 29 + d % 3]) / 18.0;
            }
            difference += (middle - corner) * (middle - corner);
        }
        distinct += difference > 60 * 60;
    }
    QVERIFY2(distinct > kCount * 9 / 10, qPrintable(QString::number(distinct)));
}

QTEST_GUILESS_MAIN(TstShapes)
#include "tst_shapes.moc"
