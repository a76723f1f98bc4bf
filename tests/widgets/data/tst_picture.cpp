// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/picture.h"
#include "widgets/data/grid_geometry.h"
#include "widgets/data/shown_picture.h"

#include <QtTest>

using namespace strata;

class TstPicture : public QObject {
    Q_OBJECT

    static std::vector<uint8_t> ramp(const Shape& shape) {
        std::vector<uint8_t> pixels(size_t(shape.elements()));
        for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = uint8_t(i * 37 + i / 7);
        return pixels;
    }

private slots:
    void aMultipleRepeatsEachPixelExactly() {
        const Shape shape{3, 5, 4};
        const std::vector<uint8_t> pixels = ramp(shape);
        for (const int times : {1, 2, 3, 7}) {
            const QImage image = pictureImage(pixels.data(), shape, QSize(4 * times, 5 * times));
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < image.width(); ++x) {
                    const size_t at = size_t(y / times * 4 + x / times);
                    QCOMPARE(image.pixel(x, y), qRgb(pixels[at], pixels[at + 20], pixels[at + 40]));
                }
        }
    }

    void smallerIsTheAverageOfTheArea_data() {
        QTest::addColumn<QSize>("size");
        QTest::newRow("half") << QSize(4, 3);
        QTest::newRow("a third") << QSize(3, 2);
        QTest::newRow("odd") << QSize(5, 4);
        QTest::newRow("one") << QSize(1, 1);
    }
    void smallerIsTheAverageOfTheArea() {
        QFETCH(QSize, size);
        const Shape shape{1, 6, 8};
        const std::vector<uint8_t> pixels = ramp(shape);
        const QImage image = pictureImage(pixels.data(), shape, size);
        // By brute force: 60 x 60 points a pixel of the result.
        for (int y = 0; y < size.height(); ++y)
            for (int x = 0; x < size.width(); ++x) {
                double sum = 0;
                for (int j = 0; j < 60; ++j)
                    for (int i = 0; i < 60; ++i) {
                        const int column = int((x + (i + 0.5) / 60) * 8 / size.width()),
                                  row = int((y + (j + 0.5) / 60) * 6 / size.height());
                        sum += pixels[size_t(row * 8 + column)];
                    }
                QVERIFY2(std::abs(qRed(image.pixel(x, y)) - sum / 3600) < 2.5, qPrintable(QString("%1 %2").arg(x).arg(y)));
                QCOMPARE(qRed(image.pixel(x, y)), qBlue(image.pixel(x, y)));
            }
    }

    void fittedSizesAreWholeMultiplesOrInProportion() {
        QCOMPARE(fittedSize(QSize(32, 32), 264), QSize(256, 256));
        QCOMPARE(fittedSize(QSize(28, 28), 64), QSize(56, 56));
        QCOMPARE(fittedSize(QSize(32, 32), 16), QSize(16, 16));
        QCOMPARE(fittedSize(QSize(400, 100), 64), QSize(64, 16));
        QCOMPARE(fittedSize(QSize(3000, 1), 16), QSize(16, 1));
    }

    void tileSizesAreMultiplesInDevicePixels() {
        for (const double ratio : {1.0, 1.5, 2.0})
            for (const int side : {28, 32, 96}) {
                const std::vector<int> sizes = tileSizes(QSize(side, side), ratio);
                QVERIFY(sizes.front() >= int(16 * ratio) && sizes.back() <= int(512 * ratio));
                QVERIFY(std::is_sorted(sizes.begin(), sizes.end()));
                for (const int size : sizes)
                    if (size >= side) QCOMPARE(size % side, 0);
            }
        QCOMPARE(tileSizes({}, 1).front(), 16);
        QCOMPARE(tileSizes({}, 2).back(), 1024);
    }

    void theNetworksViewUndoesTheNormalisation() {
        const Shape shape{3, 8, 8};
        const std::vector<uint8_t> pixels = ramp(shape);
        const Tensor tensor = Tensor::of(pixels, shape);
        Pipeline pipeline;
        pipeline.add("normalize", {{"mean", {0.5, 0.4, 0.3}}, {"std", {0.2, 0.25, 0.3}}});
        const ShownPicture seen = networkPicture(pipeline, tensor, false), original = shownPicture(tensor);
        QCOMPARE(seen.image, original.image);
        QCOMPARE(original.at(3, 2)[1], double(pixels[64 + 2 * 8 + 3]));
        QVERIFY(std::abs(seen.at(3, 2)[1] - (pixels[64 + 2 * 8 + 3] / 255.0 - 0.4) / 0.25) < 1e-5);
        QVERIFY(seen.at(8, 0).empty());
    }

    void theSameKeyDrawsTheSamePicture() {
        const Tensor tensor = Tensor::of(ramp({3, 32, 32}), Shape{3, 32, 32});
        Pipeline pipeline;
        pipeline.add("pad_and_random_crop", {{"padding", 4}});
        pipeline.add("random_horizontal_flip");
        const QImage first = networkPicture(pipeline, tensor, true, {7, 3, 11}).image;
        QCOMPARE(networkPicture(pipeline, tensor, true, {7, 3, 11}).image, first);
        int others = 0;
        for (uint32_t epoch = 0; epoch < 6; ++epoch) others += networkPicture(pipeline, tensor, true, {7, epoch + 10, 11}).image != first;
        QVERIFY(others >= 5);
    }
};

QTEST_GUILESS_MAIN(TstPicture)
#include "tst_picture.moc"
