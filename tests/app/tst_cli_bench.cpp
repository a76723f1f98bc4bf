// SPDX-License-Identifier: Apache-2.0
// `strata bench --serve` speaks the protocol of shared/bench/peer_torch.py.
#include "tests/support/program.h"

#include <QRegularExpression>
#include <QtTest>

using namespace strata::test;

class TstCliBench : public QObject {
    Q_OBJECT
private slots:
    void answersALineForALine();
    void lossFallsOnItsOneBatch();
    void anythingElseIsRefused();
    void withoutServeItPrintsATable();
};

namespace {
ProgramResult serve(const QByteArray& lines) {
    return runStrata({"bench", "--model", "lenet5", "--batch", "16", "--threads", "1", "--serve"}, {.input = lines});
}
} // namespace

void TstCliBench::answersALineForALine() {
    const ProgramResult result = serve("t 2\ni 3\nl 1\nt 1\n");
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QStringList lines = QString(result.out).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 5);
    QVERIFY2(QRegularExpression("^ready 1 \\S+$").match(lines[0]).hasMatch(), qPrintable(lines[0]));
    const QRegularExpression rate("^\\d+\\.\\d\\d \\d+\\.\\d\\d\\d$");
    for (int i : {1, 2, 4}) {
        QVERIFY2(rate.match(lines[i]).hasMatch(), qPrintable(lines[i]));
        QVERIFY(lines[i].section(' ', 0, 0).toDouble() > 10);
    }
    QVERIFY2(QRegularExpression("^\\d+\\.\\d{4} 0$").match(lines[3]).hasMatch(), qPrintable(lines[3]));
}

void TstCliBench::lossFallsOnItsOneBatch() {
    const QStringList lines = QString(serve("l 1\nl 60\n").out).split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    const double before = lines[1].section(' ', 0, 0).toDouble(), after = lines[2].section(' ', 0, 0).toDouble();
    QVERIFY2(before > 1.5 && before < 3.5, qPrintable(lines[1]));
    QVERIFY2(after < 0.7 * before, qPrintable(lines[2]));
}

void TstCliBench::anythingElseIsRefused() {
    for (const char* line : {"x 3\n", "t\n", "t 0\n", "t -1\n", "t 1 2\n", "tt 1\n"}) {
        const ProgramResult result = serve(line);
        QCOMPARE(result.exitCode, 1);
        QCOMPARE(QString(result.err), "strata: '" + QString(line).trimmed() + "' is none of t N, i N, l N\n");
    }
}

void TstCliBench::withoutServeItPrintsATable() {
    const QStringList arguments{"bench", "--model", "linear", "--batch", "8", "--seconds", "0.2"};
    const ProgramResult text = runStrata(arguments);
    QVERIFY2(text.out.contains("training") && text.out.contains("inference") && text.out.contains("images/s"), text.out.constData());
    const QJsonObject json = runStrata(arguments + QStringList{"--json"}).json();
    QCOMPARE(json["batch"].toInt(), 8);
    QVERIFY(json["train"].toObject()["images_per_second"].toDouble() > 0);
    QVERIFY(json["infer"].toObject()["images_per_second"].toDouble() > 0);
}

QTEST_GUILESS_MAIN(TstCliBench)
#include "tst_cli_bench.moc"
