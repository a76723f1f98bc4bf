// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/theme.h"
#include "widgets/predict/answer_list.h"
#include "widgets/predict/photo_table.h"
#include "widgets/predict/photo_view.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QSignalSpy>
#include <QtTest>

using namespace strata;

namespace {

QImage photoOf(int width, int height) {
    QImage photo(width, height, QImage::Format_RGB32);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) photo.setPixel(x, y, qRgb(x % 256, y % 256, 90));
    return photo;
}

PhotoRow rowOf(const std::string& path, const std::string& name, double probability) {
    PhotoRow row;
    row.result.path = path;
    row.result.prediction = {{{0, name, probability}, {1, "other", 1 - probability}}, 4.0};
    return row;
}

void show(QWidget& widget, QSize size) {
    widget.resize(size);
    widget.show();
    QVERIFY(QTest::qWaitForWindowExposed(&widget));
}

} // namespace

class TstPredictWidgets : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        qputenv("STRATA_NO_MOTION", "1");
        applyTheme(*qApp, ThemeMode::Light);
    }

    void arrowsMoveTheCropByOneAndByTen() {
        PhotoView view;
        view.setPhoto(photoOf(400, 300), {800, 600});
        view.setCrop({100, 0, 600, 600});
        show(view, {500, 400});
        view.setFocus();
        QSignalSpy moved(&view, &PhotoView::cropMoved);
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(view.crop(), QRect(101, 0, 600, 600));
        QTest::keyClick(&view, Qt::Key_Left, Qt::ShiftModifier);
        QCOMPARE(view.crop(), QRect(91, 0, 600, 600));
        QTest::keyClick(&view, Qt::Key_Down); // no room
        QCOMPARE(view.crop(), QRect(91, 0, 600, 600));
        QCOMPARE(moved.size(), 2);
        for (int i = 0; i < 40; ++i) QTest::keyClick(&view, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(view.crop().right(), 799);
    }

    void theMouseMovesTheCropInPixelsOfThePhoto() {
        PhotoView view;
        view.setPhoto(photoOf(400, 300), {800, 600});
        view.setCrop({100, 0, 400, 400});
        show(view, {408, 308}); // the photo at its preview's size: a pixel on the screen is two of the photo
        QCOMPARE(view.photoRect(), QRectF(4, 4, 400, 300));
        const QPoint from = view.cropRect().center().toPoint();
        QTest::mousePress(&view, Qt::LeftButton, {}, from);
        QTest::mouseMove(&view, from + QPoint(20, 15));
        QTest::mouseRelease(&view, Qt::LeftButton, {}, from + QPoint(20, 15));
        QCOMPARE(view.crop(), QRect(140, 30, 400, 400));
    }

    void plusAndMinusChangeTheCropAndZeroResetsIt() {
        PhotoView view;
        view.setPhoto(photoOf(400, 300), {400, 300});
        view.setCrop({100, 50, 200, 200});
        show(view, {500, 400});
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_Minus);
        QCOMPARE(view.crop().size(), QSize(182, 182));
        for (int i = 0; i < 20; ++i) QTest::keyClick(&view, Qt::Key_Plus);
        QCOMPARE(view.crop().height(), 300);
        QVERIFY(QRect(0, 0, 400, 300).contains(view.crop()));
        QSignalSpy reset(&view, &PhotoView::cropReset);
        QTest::keyClick(&view, Qt::Key_0);
        QCOMPARE(reset.size(), 1);
    }

    void outsideTheCropIsDimmed() {
        PhotoView view;
        view.setPhoto(photoOf(400, 300), {400, 300});
        view.setCrop({0, 0, 100, 100});
        show(view, {408, 308});
        const QImage image = view.grab().toImage();
        QCOMPARE(image.pixelColor(54, 54), QColor(50, 50, 90));
        QVERIFY(image.pixelColor(304, 204).blue() < 60);
    }

    void aHeatMapLiesOverTheCropOnly() {
        PhotoView view;
        view.setPhoto(photoOf(400, 300), {400, 300});
        view.setCrop({0, 0, 200, 200});
        show(view, {408, 308});
        const QImage before = view.grab().toImage();
        QImage map(4, 4, QImage::Format_ARGB32);
        map.fill(qRgba(255, 255, 0, 255));
        view.setHeatMap(map);
        const QImage after = view.grab().toImage();
        QVERIFY(after.pixelColor(104, 104).red() > before.pixelColor(104, 104).red());
        QCOMPARE(after.pixelColor(354, 254), before.pixelColor(354, 254));
        view.setOpacity(0);
        QCOMPARE(view.grab().toImage().pixelColor(104, 104), before.pixelColor(104, 104));
    }

    void answersKeepTheClassInFocus() {
        AnswerList list;
        QAbstractItemModelTester tester(list.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        show(list, {320, 290});
        QSignalSpy focus(&list, &AnswerList::focusClassChanged);
        list.setAnswers({{3, "cat", 0.7}, {5, "dog", 0.2}, {1, "car", 0.1}});
        QCOMPARE(list.focusClass(), 3);
        list.setFocus();
        QTest::keyClick(&list, Qt::Key_Down);
        QCOMPARE(list.focusClass(), 5);
        list.setAnswers({{5, "dog", 0.6}, {3, "cat", 0.3}, {1, "car", 0.1}});
        QCOMPARE(list.focusClass(), 5);
        QCOMPARE(focus.size(), 2);
        QCOMPARE(list.model()->index(0, 0).data(AnswerModel::ProbabilityRole).toString(), QString("60.0 %"));
        QTRY_COMPARE(list.model()->index(0, 0).data(AnswerModel::ShownRole).toDouble(), 0.6);
        list.setAnswers({});
        QCOMPARE(list.focusClass(), -1);
    }

    void aCertainAnswerIsNotRoundedToHundred() {
        AnswerList list;
        list.setAnswers({{0, "cat", 0.99996}, {1, "dog", 0.00004}});
        QCOMPARE(list.model()->index(0, 0).data(AnswerModel::ProbabilityRole).toString(), QString("> 99.9 %"));
    }

    void theTableSortsAndSteps() {
        PhotoTable table;
        QAbstractItemModelTester tester(&table.photos(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        table.photos().setPaths({"/x/b.png", "/x/a.png", "/x/c.png"});
        table.photos().setRows(0, {rowOf("/x/b.png", "cat", 0.9), rowOf("/x/a.png", "ant", 0.3)});
        PhotoRow broken;
        broken.result.path = "/x/c.png";
        broken.result.problem = "/x/c.png: not a picture";
        table.photos().setRows(2, {broken});
        QCOMPARE(table.photos().doneCount(), 3);
        QCOMPARE(table.photos().problemCount(), 1);
        show(table, {700, 300});
        QCOMPARE(table.model()->index(0, 0).data().toString(), QString("a.png"));
        table.sortByColumn(PhotoTableModel::ProbabilityColumn, Qt::DescendingOrder);
        QCOMPARE(table.model()->index(0, 0).data().toString(), QString("b.png"));
        QCOMPARE(table.model()->index(2, 0).data().toString(), QString("c.png")); // without an answer: last
        QCOMPARE(table.model()->index(2, 1).data().toString(), QString("not a picture"));
        QSignalSpy selected(&table, &PhotoTable::photoSelected);
        table.setFocus();
        table.selectPhoto(0);
        QTest::keyClick(&table, Qt::Key_Right);
        QCOMPARE(table.currentPhoto(), 1);
        QTest::keyClick(&table, Qt::Key_Left);
        QCOMPARE(table.currentPhoto(), 0);
        QVERIFY(!table.step(-1));
        QCOMPARE(selected.size(), 3);
    }
};

QTEST_MAIN(TstPredictWidgets)
#include "tst_predict_widgets.moc"
