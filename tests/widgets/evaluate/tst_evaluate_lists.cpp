// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/dataset.h"
#include "widgets/common/picture.h"
#include "widgets/common/theme.h"
#include "widgets/evaluate/class_metrics.h"
#include "widgets/evaluate/sample_gallery.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QPainter>
#include <QSignalSpy>
#include <QtTest>

using namespace strata;

namespace {

std::vector<SamplePrediction> samplesOf(int count) {
    std::vector<SamplePrediction> samples;
    for (int i = 0; i < count; ++i)
        samples.push_back({.index = i, .label = i % 3, .predicted = (i + 1) % 3, .probability = 0.5, .loss = 2});
    return samples;
}

} // namespace

class TstEvaluateLists : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }

    void theModelsKeepTheRules() {
        ClassMetricsModel metrics;
        QAbstractItemModelTester metricsTester(&metrics, QAbstractItemModelTester::FailureReportingMode::QtTest);
        metrics.setMetrics({{10, 0.5, 0.25, 1.0 / 3}, {20, 1, 1, 1}}, {"cat"});
        metrics.setMetrics({}, {});
        const DataSource source = openSource("shapes:100");
        SampleGalleryModel gallery;
        QAbstractItemModelTester galleryTester(&gallery, QAbstractItemModelTester::FailureReportingMode::QtTest);
        gallery.setSamples(source.train, samplesOf(20), source.classes);
        QTRY_VERIFY(!gallery.loading());
        gallery.setSamples(nullptr, {}, {});
    }

    void classesSortByValueAndNotByText() {
        ClassMetricsTable table;
        table.metrics().setMetrics({{9, 0.5, 0.9, 0.6}, {100, 0.99, 0.08, 0.2}, {20, 1, 1, 1}}, {"cat", "dog", "eel"});
        table.resize(700, 300);
        table.show();
        table.sortByColumn(ClassMetricsModel::CountColumn, Qt::AscendingOrder);
        QCOMPARE(table.classAt(0), 0);
        QCOMPARE(table.classAt(2), 1);
        table.sortByColumn(ClassMetricsModel::RecallColumn, Qt::AscendingOrder);
        QCOMPARE(table.classAt(0), 1);
        QCOMPARE(table.model()->index(0, ClassMetricsModel::RecallColumn).data().toString(), QString("8.0 %"));
        QSignalSpy chosen(&table, &ClassMetricsTable::classChosen);
        table.setFocus();
        table.setCurrentIndex(table.model()->index(0, 0));
        QTest::keyClick(&table, Qt::Key_Down);
        QCOMPARE(chosen.last(), QVariantList{0});
    }

    void theGalleryShowsThePicturesOfItsSamples() {
        const DataSource source = openSource("shapes:100");
        SampleGallery gallery(96, 2, "Images");
        gallery.resize(400, 300);
        gallery.show();
        QVERIFY(QTest::qWaitForWindowExposed(&gallery));
        gallery.samples().setSamples(source.train, samplesOf(12), source.classes);
        const QModelIndex first = gallery.model()->index(0, 0);
        QTRY_VERIFY(first.data(SampleGalleryModel::PictureRole).isValid());
        const QImage picture = first.data(SampleGalleryModel::PictureRole).value<QImage>();
        const Sample sample = source.train->get(0);
        QCOMPARE(picture.size(), QSize(32, 32));
        QCOMPARE(qRed(picture.pixel(5, 7)), int(sample.image.data<uint8_t>()[7 * 32 + 5]));
        QVERIFY(first.data(Qt::AccessibleTextRole).toString().contains(QString::fromStdString(source.classes[1])));
        QSignalSpy opened(&gallery, &SampleGallery::opened);
        gallery.setFocus();
        gallery.setCurrentIndex(first);
        QTest::keyClick(&gallery, Qt::Key_Right);
        QTest::keyClick(&gallery, Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened[0][0].value<SamplePrediction>().index, 1);
    }

    void picturesAreEnlargedInWholePixels() {
        QCOMPARE(pictureRect({0, 0, 100, 100}, {32, 32}, 1), QRectF(2, 2, 96, 96));
        QCOMPARE(pictureRect({0, 0, 100, 100}, {32, 32}, 2).size(), QSizeF(96, 96));
        QCOMPARE(pictureRect({0, 0, 100, 100}, {400, 200}, 1), QRectF(0, 25, 100, 50));
        QImage checker(2, 2, QImage::Format_RGB888);
        checker.fill(0xff000000);
        checker.setPixel(0, 0, 0xffffffff);
        QImage canvas(8, 8, QImage::Format_RGB32);
        canvas.fill(0xff808080);
        QPainter painter(&canvas);
        drawPicture(painter, {0, 0, 8, 8}, checker);
        painter.end();
        for (int y = 0; y < 8; ++y)
            for (int x = 0; x < 8; ++x) QCOMPARE(qRed(canvas.pixel(x, y)), x < 4 && y < 4 ? 255 : 0);
    }
};

QTEST_MAIN(TstEvaluateLists)
#include "tst_evaluate_lists.moc"
