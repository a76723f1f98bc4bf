// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "tests/support/files_support.h"

#include <QTest>

using namespace strata;

class TstText : public QObject {
    Q_OBJECT
private slots:
    void numbersAreWholeOrNothing_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("integer");
        QTest::addColumn<bool>("real");
        QTest::newRow("integer") << "42" << true << true;
        QTest::newRow("negative") << "-7" << true << true;
        QTest::newRow("plus") << "+7" << true << true;
        QTest::newRow("point") << "1.5" << false << true;
        QTest::newRow("exponent") << "1e-3" << false << true;
        QTest::newRow("comma") << "1,5" << false << false;
        QTest::newRow("space") << " 1" << false << false;
        QTest::newRow("unit") << "1s" << false << false;
        QTest::newRow("empty") << "" << false << false;
        QTest::newRow("nan") << "nan" << false << false;
        QTest::newRow("inf") << "inf" << false << false;
        QTest::newRow("overflow") << "1e999" << false << false;
        QTest::newRow("int64 overflow") << "9223372036854775808" << false << true;
        QTest::newRow("plus minus") << "+-1" << false << false;
        QTest::newRow("hex") << "0x10" << false << false;
    }
    void numbersAreWholeOrNothing() {
        QFETCH(QString, text);
        QTEST(parseInteger(text.toStdString()).has_value(), "integer");
        QTEST(parseReal(text.toStdString()).has_value(), "real");
    }

    void aGermanLocaleChangesNothing() {
        const strata::test::GermanLocale german;
        if (!german.works()) QSKIP("a German locale cannot be made here (localedef)");
        QCOMPARE(parseReal("1.5").value_or(0), 1.5);
        QVERIFY(!parseReal("1,5").has_value());
        QCOMPARE(formatBytes(1'200'000), std::string("1.2 MB"));
        QCOMPARE(formatCount(6'573'120), std::string("6.57 M"));
    }

    void amountsReadWell() {
        const auto bytes = [](uint64_t n) { return QString::fromStdString(formatBytes(n)); };
        QCOMPARE(bytes(0), QString("0 B"));
        QCOMPARE(bytes(999), QString("999 B"));
        QCOMPARE(bytes(1'200'000), QString("1.2 MB"));
        QCOMPARE(bytes(170'498'071), QString("170 MB"));
        QCOMPARE(bytes(999'999), QString("1.0 MB"));
        QCOMPARE(bytes(UINT64_MAX), QString("18 EB"));
        const auto count = [](double n) { return QString::fromStdString(formatCount(n)); };
        QCOMPARE(count(842), QString("842"));
        QCOMPARE(count(1700), QString("1.70 K"));
        QCOMPARE(count(6'573'120), QString("6.57 M"));
        QCOMPARE(count(11.2e9), QString("11.2 G"));
        QCOMPARE(count(999'999), QString("1.00 M"));
        const auto duration = [](double s) { return QString::fromStdString(formatDuration(s)); };
        QCOMPARE(duration(1.25), QString("1.2 s"));
        QCOMPARE(duration(12), QString("12 s"));
        QCOMPARE(duration(59.7), QString("1 min 00 s"));
        QCOMPARE(duration(200), QString("3 min 20 s"));
        QCOMPARE(duration(3900), QString("1 h 05 min"));
        QCOMPARE(duration(-1), QString("unknown"));
    }

    void piecesComeApartAndTogether() {
        QCOMPARE(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
        QCOMPARE(split("", ','), (std::vector<std::string>{""}));
        QCOMPARE(join({"a", "b"}, ", "), std::string("a, b"));
        QCOMPARE(trim(" \t a b\n"), std::string("a b"));
        QCOMPARE(toLower("AbC-\xC3\x84"), std::string("abc-\xC3\x84"));
    }

    void hashIsXxh3() {
        // xxhsum -H3 of the empty input (xxHash's own documentation).
        QCOMPARE(hashHex("", 0), std::string("2d06800538d394c2"));
        QCOMPARE(hashHex("abc", 3), std::string("78af5f94892f3950"));
    }
};

QTEST_GUILESS_MAIN(TstText)
#include "tst_text.moc"
