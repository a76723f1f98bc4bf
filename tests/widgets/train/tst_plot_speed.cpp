// SPDX-License-Identifier: GPL-3.0-or-later
// A frame of the four plots costs the same whatever the number of points; the million is in tst_plot_speed_long.
#include "tests/widgets/train/plot_speed.h"
#include "widgets/common/theme.h"

using namespace strata;
using namespace strata::test;

class TstPlotSpeed : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }
    void aFrameDoesNotGrowWithThePoints();
};

void TstPlotSpeed::aFrameDoesNotGrowWithThePoints() {
    const double few = median(plotFrames(5'000, 1, 24)), many = median(plotFrames(100'000, 1, 24));
    qInfo("5,000 points: %.1f ms a frame, 100,000: %.1f ms", few, many);
    QVERIFY2(many < 3 * few + 10, qPrintable(QString("%1 against %2 ms").arg(many).arg(few)));
}

QTEST_MAIN(TstPlotSpeed)
#include "tst_plot_speed.moc"
