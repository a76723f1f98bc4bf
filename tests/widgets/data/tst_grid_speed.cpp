// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/widgets/data/grid_speed.h"

using namespace strata;

/// The short form: a hundred frames a size, measured by the time the thread computes, so that a loaded machine does not fail it.
/// tst_grid_speed_long holds the figure of the design by the clock.
class TstGridSpeed : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }

    void sixtyThousandSamplesScrollAtDisplayRate_data() {
        QTest::addColumn<int>("size");
        QTest::newRow("16 px, averaged") << 16;
        QTest::newRow("32 px") << 32;
        QTest::newRow("64 px") << 64;
    }
    void sixtyThousandSamplesScrollAtDisplayRate() {
        QFETCH(int, size);
        static const SampleIndexPtr index = test::manySamples();
        SampleGrid grid;
        grid.resize(1920, 1080);
        grid.setTileSize(size);
        test::showAll(grid, index);
        grid.show();
        QVERIFY(QTest::qWaitForWindowExposed(&grid));
        QCOMPARE(grid.tileSize(), size);
        const test::FrameTimes times = test::scrollThrough(grid, 100, true);
        qInfo("%s", qPrintable(times.text()));
        QVERIFY2(times.part(0.95) < 33, qPrintable(times.text()));
    }

    void memoryStaysSmall() {
        const qint64 bytes = test::privateMemory();
        if (bytes < 0) QSKIP("the system does not tell the private memory of a process");
        QVERIFY2(bytes < qint64(400) << 20, qPrintable(QString("%1 MB").arg(bytes >> 20)));
    }
};

QTEST_MAIN(TstGridSpeed)
#include "tst_grid_speed.moc"
