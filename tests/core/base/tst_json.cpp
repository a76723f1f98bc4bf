// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "tests/support/files_support.h"

#include <QTest>

#include <cmath>

using namespace strata;
using namespace strata::test;

class TstJson : public QObject {
    Q_OBJECT
private slots:
    void badTextIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const QByteArray& text, const char* sentence) { QTest::newRow(name) << text << sentence; };
        row("empty", "", "F: not valid JSON: unexpected end of input; expected '[', '{', or a literal at byte 0");
        row("open object", "{", "F: not valid JSON: unexpected end of input; expected string literal at byte 1");
        row("trailing bytes", "[1,2] x", "F: not valid JSON: invalid literal; expected end of input at byte 6");
        row("two values", "1 2", "F: not valid JSON: unexpected number literal; expected end of input at byte 2");
        row("duplicate key", "{\"a\":1,\"a\":2}", "F: duplicate key \"a\" in JSON at byte 7");
        row("duplicate key below", "{\"b\":{\"a\":1},\"c\":{\"a\":1,\"a\":2}}", "F: duplicate key \"a\" in JSON at byte 24");
        row("duplicate by escape", "{\"a\":1,\"\\u0061\":2}", "F: duplicate key \"a\" in JSON at byte 7");
        row("invalid UTF-8", "\"\xff\"", "F: not valid JSON: invalid string: ill-formed UTF-8 byte at byte 1");
        row("too deep", "[[[[1]]]]", "F: JSON nested deeper than 3 at byte 3");
        row("number too large", "1e999", "F: not valid JSON: number overflow parsing '1e999' at byte 5");
        row("comment", "[1] // x", "F: not valid JSON: invalid literal; expected end of input at byte 4");
        row("NaN", "NaN", "F: not valid JSON: invalid literal at byte 0");
    }
    void badTextIsRefused() {
        QFETCH(QByteArray, text);
        QTEST(sentenceOf([&] { parseJson(text.toStdString(), "F", 3); }), "sentence");
    }

    void depthBombsAreCheap() {
        const std::string bomb(10'000'000, '[');
        QCOMPARE(sentenceOf([&] { parseJson(bomb, "F"); }), QString("F: JSON nested deeper than 64 at byte 64"));
    }

    void orderAndUnknownFieldsSurvive() {
        const std::string text = R"({"z":1,"a":[true,null,"ä"],"m":{"y":0.1,"b":-7}})";
        QCOMPARE(toText(parseJson(text, "F")), text);
    }

    void numbersKeepTheirBits() {
        for (const double value : {0.1, 1.0 / 3, 1e-300, 123456789.123456789, 5e-324})
            QCOMPARE(parseJson(toText(Json(value)), "F").get<double>(), value);
        QCOMPARE(toText(Json(int64_t(9007199254740993))), std::string("9007199254740993"));
    }

    void whatJsonCannotSayBecomesNull() {
        QCOMPARE(toText(Json{{"a", NAN}, {"b", INFINITY}, {"c", "\xff"}}), std::string("{\"a\":null,\"b\":null,\"c\":\"\xEF\xBF\xBD\"}"));
    }

    void aGermanLocaleChangesNothing() {
        const GermanLocale german;
        if (!german.works()) QSKIP("a German locale cannot be made here (localedef)");
        const double value = parseJson("1.5", "F").get<double>();
        const std::string text = toText(Json(1.5));
        QCOMPARE(value, 1.5);
        QCOMPARE(text, std::string("1.5"));
    }
};

QTEST_GUILESS_MAIN(TstJson)
#include "tst_json.moc"
