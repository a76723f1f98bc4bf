// SPDX-License-Identifier: GPL-3.0-or-later
// The short form of tst_stall_long: six seconds, and a limit that other work on the machine cannot break by itself.
#include "tests/studio/stall.h"

using namespace strata;
using namespace strata::studio;

class TstStall : public QObject {
    Q_OBJECT
private slots:
    void theWindowStaysFluidWhileARunTrains() {
        TestWindow test;
        const auto heart = stress(test, 6, 200'000, "shapes:2000");
        qInfo("%zu beats, p99 %.1f ms, p99.9 %.1f ms, worst %.1f ms", heart->beats(), heart->quantile(0.99), heart->quantile(0.999),
              heart->worst());
        QVERIFY(heart->beats() > 150);
        QVERIFY2(heart->quantile(0.99) < 250, qPrintable(QString::number(heart->quantile(0.99))));
    }
};

QTEST_MAIN(TstStall)
#include "tst_stall.moc"
