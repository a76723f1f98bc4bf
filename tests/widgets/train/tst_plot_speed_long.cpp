// SPDX-License-Identifier: GPL-3.0-or-later
// A million points a curve stay under 50 ms a frame (four plots together), with smoothing, growing, zoomed and read out.
#include "tests/widgets/train/plot_speed.h"
#include "widgets/common/theme.h"

using namespace strata;
using namespace strata::test;

class TstPlotSpeedLong : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }
    void aMillionPointsStayUnderFiftyMilliseconds_data();
    void aMillionPointsStayUnderFiftyMilliseconds();
};

void TstPlotSpeedLong::aMillionPointsStayUnderFiftyMilliseconds_data() {
    QTest::addColumn<int>("points");
    QTest::addColumn<int>("runs");
    QTest::newRow("one run of a million") << 1'000'000 << 1;
    QTest::newRow("four runs of 250,000") << 250'000 << 4;
}

void TstPlotSpeedLong::aMillionPointsStayUnderFiftyMilliseconds() {
    QFETCH(int, points);
    QFETCH(int, runs);
    const std::vector<double> times = plotFrames(points, runs, 120);
    const auto part = [&](double share) { return times[size_t(double(times.size()) * share)]; };
    qInfo("median %.1f ms, p95 %.1f ms, p99 %.1f ms", median(times), part(0.95), part(0.99));
    QVERIFY2(part(0.95) < 50, qPrintable(QString("p95 %1 ms").arg(part(0.95))));
    QVERIFY2(part(0.99) < 100, qPrintable(QString("p99 %1 ms").arg(part(0.99))));
}

QTEST_MAIN(TstPlotSpeedLong)
#include "tst_plot_speed_long.moc"
