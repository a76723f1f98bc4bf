// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/widgets/data/grid_speed.h"

using namespace strata;

/// 60,000 samples from top to bottom at 1920x1080: no frame over 33 ms, private memory under 400 MB. Wants a quiet machine.
class TstGridSpeedLong : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }

    void noFrameOver33Milliseconds_data() {
        QTest::addColumn<int>("size");
        for (const int size : {16, 32, 64, 128, 512}) QTest::newRow(qPrintable(QString("%1 px").arg(size))) << size;
    }
    void noFrameOver33Milliseconds() {
        QFETCH(int, size);
        static const SampleIndexPtr index = test::manySamples();
        SampleGrid grid;
        grid.resize(1920, 1080);
        grid.setTileSize(size);
        test::showAll(grid, index);
        grid.show();
        QVERIFY(QTest::qWaitForWindowExposed(&grid));
        const test::FrameTimes times = test::scrollThrough(grid, 2000, false);
        qInfo("%s", qPrintable(times.text()));
        QVERIFY2(times.worst() < 33, qPrintable(times.text()));
    }

    void memoryStaysUnder400Megabytes() {
        const qint64 bytes = test::privateMemory();
        if (bytes < 0) QSKIP("the system does not tell the private memory of a process");
        qInfo("private memory %lld MB", bytes >> 20);
        QVERIFY(bytes < qint64(400) << 20);
    }
};

QTEST_MAIN(TstGridSpeedLong)
#include "tst_grid_speed_long.moc"
