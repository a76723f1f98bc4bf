// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/data_files.h"
#include "tests/widgets/data/grid_speed.h"
#include "widgets/common/icons.h"
#include "widgets/common/picture.h"

#include <QAccessible>
#include <QTemporaryDir>

using namespace strata;

/// Pictures that take a while to be read, as those of a folder on a slow disk.
class SlowPictures : public Dataset {
public:
    int64_t size() const override { return 500; }
    Sample get(int64_t index) const override {
        QThread::msleep(2);
        if (index == 3) fail(ErrorKind::BadFile, "picture 3 is broken");
        return {Tensor::of(std::vector<uint8_t>(size_t(3 * 40 * 60), uint8_t(index)), Shape{3, 40, 60}), label(index)};
    }
    int64_t label(int64_t index) const override { return index % 2; }
    std::string origin(int64_t index) const override { return "slow/" + std::to_string(index) + ".png"; }
};

class TstSampleGrid : public QObject {
    Q_OBJECT

    SampleIndexPtr shapes_ = std::make_shared<const SampleIndex>(openSource("shapes:300"));

    std::unique_ptr<SampleGrid> shownGrid(QSize size = {600, 400}) {
        auto grid = std::make_unique<SampleGrid>();
        grid->resize(size);
        grid->setTileSize(64);
        test::showAll(*grid, shapes_);
        grid->show();
        grid->activateWindow();
        grid->setFocus();
        return grid;
    }
    static void click(SampleGrid& grid, int position, Qt::KeyboardModifiers modifiers = {}) {
        QTest::mouseClick(grid.viewport(), Qt::LeftButton, modifiers, grid.rectOf(position).center());
    }
    static void drag(SampleGrid& grid, QPoint from, QPoint to, Qt::KeyboardModifiers modifiers = {}) {
        QTest::mousePress(grid.viewport(), Qt::LeftButton, modifiers, from);
        for (int i = 1; i <= 4; ++i) {
            const QPoint at = from + (to - from) * i / 4;
            QMouseEvent move(QEvent::MouseMove, at, grid.viewport()->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, modifiers);
            QApplication::sendEvent(grid.viewport(), &move);
        }
    }

private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }

    void pixelsAreExactMultiples() {
        auto grid = shownGrid();
        const QImage shot = grid->viewport()->grab().toImage();
        const int times = 2;
        for (const int position : {0, 1, 7}) {
            const QRect tile = grid->rectOf(position);
            const Tensor pixels = shapes_->sample(grid->order()[size_t(position)]).image;
            const uint8_t* data = pixels.data<uint8_t>();
            for (int y = 0; y < 64; ++y)
                for (int x = 0; x < 64; ++x) {
                    const int at = y / times * 32 + x / times;
                    QCOMPARE(shot.pixel(tile.x() + x, tile.y() + y), qRgb(data[at], data[1024 + at], data[2048 + at]));
                }
        }
    }

    void keysMoveExtendAndSelect() {
        auto grid = shownGrid();
        QSignalSpy selections(grid.get(), &SampleGrid::selectionChanged);
        QTest::keyClick(grid.get(), Qt::Key_Right);
        QCOMPARE(grid->current(), grid->order()[1]);
        QCOMPARE(grid->selectedCount(), 1);
        QTest::keyClick(grid.get(), Qt::Key_Right, Qt::ShiftModifier);
        QTest::keyClick(grid.get(), Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(grid->selectedCount(), 3);
        QTest::keyClick(grid.get(), Qt::Key_Left, Qt::ShiftModifier);
        QCOMPARE(grid->selectedCount(), 2);
        QTest::keyClick(grid.get(), Qt::Key_End);
        QCOMPARE(grid->current(), grid->order().back());
        QVERIFY(grid->viewport()->rect().contains(grid->rectOf(int(grid->order().size()) - 1)));
        QTest::keyClick(grid.get(), Qt::Key_Home);
        QCOMPARE(grid->verticalScrollBar()->value(), 0);
        QTest::keyClick(grid.get(), Qt::Key_PageDown);
        QVERIFY(grid->verticalScrollBar()->value() > 0);
        QTest::keyClick(grid.get(), Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(grid->selectedCount(), int(grid->order().size()));
        QTest::keyClick(grid.get(), Qt::Key_Escape);
        QCOMPARE(grid->selectedCount(), 0);
        QVERIFY(selections.count() > 5);
        QSignalSpy opened(grid.get(), &SampleGrid::opened);
        QTest::keyClick(grid.get(), Qt::Key_Return);
        QCOMPARE(opened.count(), 1);
    }

    void clicksWithControlAndShift() {
        auto grid = shownGrid();
        click(*grid, 0);
        click(*grid, 3, Qt::ControlModifier);
        QCOMPARE(grid->selectedCount(), 2);
        click(*grid, 3, Qt::ControlModifier);
        QCOMPARE(grid->selectedCount(), 1);
        click(*grid, 0);
        click(*grid, 4, Qt::ShiftModifier);
        QCOMPARE(grid->selectedCount(), 5);
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, {}, QPoint(2, 2));
        QCOMPARE(grid->selectedCount(), 0);
    }

    void aRubberBandSelectsWhatItTouchesAndScrolls() {
        auto grid = shownGrid();
        const QPoint from(2, 2), to = grid->rectOf(1).center() + QPoint(0, 72);
        drag(*grid, from, to);
        QTest::mouseRelease(grid->viewport(), Qt::LeftButton, {}, to);
        QCOMPARE(grid->selectedCount(), 4); // two columns, two rows
        // With Ctrl it adds.
        click(*grid, 5);
        drag(*grid, QPoint(2, 2), grid->rectOf(0).center(), Qt::ControlModifier);
        QTest::mouseRelease(grid->viewport(), Qt::LeftButton, {}, grid->rectOf(0).center());
        QCOMPARE(grid->selectedCount(), 2);
        // Dragged out of the view it goes on.
        drag(*grid, QPoint(2, 2), QPoint(300, grid->viewport()->height() + 60));
        QTRY_VERIFY(grid->verticalScrollBar()->value() > 200);
        QTest::mouseRelease(grid->viewport(), Qt::LeftButton, {}, QPoint(300, grid->viewport()->height() + 60));
        const int value = grid->verticalScrollBar()->value();
        QTest::qWait(60);
        QCOMPARE(grid->verticalScrollBar()->value(), value);
        QVERIFY(grid->selectedCount() > 30);
    }

    void theSelectionKeepsWhatIsStillShown() {
        auto grid = shownGrid();
        grid->setSelection({0, 5, 9});
        grid->setOrder({9, 5, 4});
        QCOMPARE(grid->selectedCount(), 2);
        QCOMPARE(grid->selection(), (std::vector<int32_t>{9, 5}));
    }

    void zoomKeepsTheCurrentSampleInView() {
        auto grid = shownGrid();
        grid->setCurrent(grid->order()[200]);
        const int before = grid->tileSize();
        for (int i = 0; i < 20; ++i) {
            grid->zoom(1);
            QVERIFY(grid->rectOf(200).intersects(grid->viewport()->rect()));
        }
        QCOMPARE(grid->tileSize(), 512);
        for (int i = 0; i < 40; ++i) grid->zoom(-1);
        QCOMPARE(grid->tileSize(), 16);
        QVERIFY(grid->rectOf(200).intersects(grid->viewport()->rect()));
        QVERIFY(before > 16);
    }

    void screenReadersHearTheCurrentSample() {
        auto grid = shownGrid();
        QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(grid.get());
        QVERIFY(accessible);
        QCOMPARE(accessible->text(QAccessible::Name), QString("Samples"));
        const QString first = accessible->text(QAccessible::Value);
        QTest::keyClick(grid.get(), Qt::Key_Right);
        const QString second = accessible->text(QAccessible::Value);
        QVERIFY(first != second);
        QVERIFY2(second.contains("training 1") && second.contains("selected"), qPrintable(second));
    }

    void slowPicturesArriveLaterAndBrokenOnesAreMarked() {
        DataSource source;
        source.title = "Slow";
        source.spec = "folder:slow";
        source.classes = {"a", "b"};
        source.imageShape = {3, 40, 60};
        source.mixedSizes = true;
        source.train = std::make_shared<SlowPictures>();
        const auto index = std::make_shared<const SampleIndex>(source);
        SampleGrid grid;
        grid.resize(600, 400);
        grid.setTileSize(64);
        test::showAll(grid, index);
        grid.show();
        QElapsedTimer timer;
        timer.start();
        const QImage before = grid.viewport()->grab().toImage();
        QVERIFY(timer.elapsed() < 500); // a hundred pictures at 2 ms would wait
        QTRY_VERIFY(!grid.thumbs().busy());
        QCoreApplication::processEvents();
        const QImage after = grid.viewport()->grab().toImage();
        QCOMPARE(before.pixel(grid.rectOf(9).center()), color(Token::Surface3).rgb());
        QCOMPARE(after.pixel(grid.rectOf(9).center()), qRgb(9, 9, 9));
        QVERIFY(grid.thumbs().isBroken(3));
        QVERIFY(!grid.thumbs().isBroken(4));
    }

    void thumbnailsAreBoundedInBytes() {
        DataSource source;
        source.title = "Slow";
        source.classes = {"a", "b"};
        source.imageShape = {3, 40, 60};
        source.mixedSizes = true;
        source.train = std::make_shared<SlowPictures>();
        ThumbLoader loader;
        loader.setLimit(100000);
        loader.setSource(std::make_shared<const SampleIndex>(source), 64);
        std::vector<int32_t> ids(100);
        std::iota(ids.begin(), ids.end(), 10);
        loader.want(ids);
        QTRY_VERIFY(!loader.busy());
        QVERIFY(loader.bytes() <= 100000);
        QVERIFY(loader.find(109));
        QVERIFY(!loader.find(10));
    }

    void excludedSamplesAreDimmed() {
        auto grid = shownGrid();
        EditList edits;
        SampleEdit edit;
        edit.exclude = true;
        edits.set(shapes_->key(0), edit);
        const QImage before = grid->viewport()->grab().toImage();
        grid->setStates(std::make_shared<const SampleStates>(*shapes_, edits));
        const QImage after = grid->viewport()->grab().toImage();
        const QPoint at = grid->rectOf(0).center(), other = grid->rectOf(1).center();
        QVERIFY(before.pixel(at) != after.pixel(at));
        QCOMPARE(before.pixel(other), after.pixel(other));
        QVERIFY(grid->describe(0).contains("excluded"));
    }
};

QTEST_MAIN(TstSampleGrid)
#include "tst_sample_grid.moc"
