// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/theme.h"
#include "widgets/evaluate/confusion_matrix_view.h"

#include <QAccessible>
#include <QApplication>
#include <QSignalSpy>
#include <QtTest>

using namespace strata;
using Cell = ConfusionMatrixView::Cell;

namespace {

ConfusionMatrix matrixOf(int64_t classes) {
    ConfusionMatrix matrix(classes);
    for (int64_t t = 0; t < classes; ++t)
        for (int64_t p = 0; p < classes; ++p) matrix.at(t, p) = t == p ? 90 : (t * 7 + p * 3) % 5;
    return matrix;
}

void show(QWidget& widget, QSize size) {
    widget.resize(size);
    widget.show();
    QVERIFY(QTest::qWaitForWindowExposed(&widget));
}

} // namespace

class TstConfusionMatrixView : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }

    void cellsAreFiftyTwoPixelsAtTenClasses() {
        ConfusionMatrixView view;
        view.setMatrix(matrixOf(10), {});
        show(view, view.sizeHint());
        QCOMPARE(view.cellRect({0, 0}).size(), QSizeF(52, 52));
        QCOMPARE(view.cellAt(view.cellRect({3, 7}).center()), (Cell{3, 7}));
        QVERIFY(!view.cellAt(QPointF(5, 5)).valid());
    }

    void scalesAreCountsAndPartsOfRowsAndColumns() {
        ConfusionMatrix matrix(2);
        matrix.at(0, 0) = 6, matrix.at(0, 1) = 2, matrix.at(1, 0) = 4, matrix.at(1, 1) = 0;
        ConfusionMatrixView view;
        view.setMatrix(matrix, {"a", "b"});
        QCOMPARE(view.value({0, 1}), 2.0);
        QCOMPARE(view.largestError(), 4.0);
        view.setScale(MatrixScale::Rows);
        QCOMPARE(view.value({0, 1}), 0.25);
        QCOMPARE(view.value({1, 0}), 1.0);
        view.setScale(MatrixScale::Columns);
        QCOMPARE(view.value({0, 1}), 1.0);
        QCOMPARE(view.value({1, 0}), 0.4);
        QCOMPARE(view.sentence({0, 1}), QString("True a, predicted b: 2 (25.0 % of a)"));
    }

    void aClassWithoutPicturesHasNoDivisionByZero() {
        ConfusionMatrixView view;
        view.setMatrix(ConfusionMatrix(3), {});
        view.setScale(MatrixScale::Rows);
        QCOMPARE(view.value({1, 2}), 0.0);
        show(view, {400, 400});
        QVERIFY(!view.grab().isNull());
    }

    void aClickChoosesTheCell() {
        ConfusionMatrixView view;
        view.setMatrix(matrixOf(10), {});
        show(view, {620, 620});
        QSignalSpy chosen(&view, &ConfusionMatrixView::cellChosen);
        QTest::mouseClick(&view, Qt::LeftButton, {}, view.cellRect({2, 5}).center().toPoint());
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0], (QVariantList{2, 5}));
        QCOMPARE(view.chosen(), (Cell{2, 5}));
        // Pressed in one cell, released in another: nothing.
        QTest::mousePress(&view, Qt::LeftButton, {}, view.cellRect({2, 5}).center().toPoint());
        QTest::mouseRelease(&view, Qt::LeftButton, {}, view.cellRect({4, 4}).center().toPoint());
        QCOMPARE(chosen.size(), 1);
    }

    void theKeyboardReachesEveryCell() {
        ConfusionMatrixView view;
        view.setMatrix(matrixOf(4), {});
        show(view, {500, 500});
        view.setFocus();
        QSignalSpy chosen(&view, &ConfusionMatrixView::cellChosen);
        QTest::keyClick(&view, Qt::Key_Down);
        QTest::keyClick(&view, Qt::Key_Right);
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(view.current(), (Cell{1, 2}));
        QVERIFY(chosen.isEmpty());
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(chosen.takeFirst(), (QVariantList{1, 2}));
        QTest::keyClick(&view, Qt::Key_Down, Qt::ControlModifier);
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(view.current(), (Cell{3, 3}));
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(view.current(), (Cell{3, 3}));
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.current(), (Cell{3, 0}));
    }

    void theCursorIsSeen() {
        ConfusionMatrixView view;
        view.setMatrix(matrixOf(10), {});
        show(view, {620, 620});
        view.setFocus();
        const QImage before = view.grab().toImage();
        QTest::keyClick(&view, Qt::Key_Down);
        QVERIFY(view.grab().toImage() != before);
    }

    void errorsCarryTheScaleAndTheDiagonalIsNeutral() {
        ConfusionMatrix matrix(3);
        for (int i = 0; i < 3; ++i) matrix.at(i, i) = 100;
        matrix.at(0, 1) = 50, matrix.at(1, 2) = 5;
        ConfusionMatrixView view;
        view.setMatrix(matrix, {});
        show(view, {420, 420});
        const QImage image = view.grab().toImage();
        const auto at = [&](Cell cell) { return image.pixelColor((view.cellRect(cell).topLeft() + QPointF(6, 10)).toPoint()); };
        QCOMPARE(at({0, 0}), color(Token::Surface3));
        QCOMPARE(at({0, 1}), errorColor(1));
        QCOMPARE(at({1, 2}), errorColor(0.1));
        QCOMPARE(at({2, 1}), color(Token::Surface1));
    }

    void hundredClassesShowNoNumbersButTheNamesUnderTheMouse() {
        ConfusionMatrixView view;
        std::vector<std::string> names;
        for (int i = 0; i < 100; ++i) names.push_back("class " + std::to_string(i));
        view.setMatrix(matrixOf(100), names);
        show(view, {620, 620});
        const QImage before = view.grab().toImage();
        QTest::mouseMove(&view, view.cellRect({40, 60}).center().toPoint());
        QTRY_VERIFY(view.grab().toImage() != before);
        QCOMPARE(view.cellAt(view.cellRect({99, 99}).center()), (Cell{99, 99}));
    }

    void everyCellIsAccessible() {
        ConfusionMatrixView view;
        view.setMatrix(matrixOf(3), {"cat", "dog", "eel"});
        show(view, {420, 420});
        QAccessibleInterface* table = QAccessible::queryAccessibleInterface(&view);
        QVERIFY(table && table->tableInterface());
        QCOMPARE(table->role(), QAccessible::Table);
        QCOMPARE(table->text(QAccessible::Name), QString("Confusion matrix"));
        QCOMPARE(table->childCount(), 9);
        QAccessibleInterface* cell = table->tableInterface()->cellAt(1, 2);
        QCOMPARE(cell->text(QAccessible::Name), view.sentence({1, 2}));
        QCOMPARE(cell->tableCellInterface()->rowIndex(), 1);
        QCOMPARE(table->indexOfChild(cell), 5);
        QCOMPARE(table->tableInterface()->columnDescription(2), QString("Predicted eel"));
        view.setFocus();
        view.setCurrent({1, 2});
        QVERIFY(cell->state().focused);
    }

    void aThemeSwitchRepaintsTheCells() {
        ConfusionMatrixView view;
        view.setMatrix(matrixOf(5), {});
        show(view, {420, 420});
        const QImage light = view.grab().toImage();
        applyTheme(*qApp, ThemeMode::Dark);
        const QImage dark = view.grab().toImage();
        applyTheme(*qApp, ThemeMode::Light);
        QVERIFY(light != dark);
        QCOMPARE(view.grab().toImage(), light);
    }

    void theSavedPictureIsWholeAtTwicePixels() {
        ConfusionMatrixView view;
        view.setMatrix(matrixOf(10), {});
        show(view, {620, 620});
        const QImage image = view.toImage(2);
        QVERIFY(image.width() >= 2 * 612);
        QCOMPARE(image.pixelColor(image.width() - 4, image.height() - 4), color(Token::Surface2));
    }
};

QTEST_MAIN(TstConfusionMatrixView)
#include "tst_confusion_matrix_view.moc"
