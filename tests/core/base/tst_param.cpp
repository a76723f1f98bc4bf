// SPDX-License-Identifier: Apache-2.0
#include "core/base/param.h"
#include "tests/support/files_support.h"

#include <QTest>

using namespace strata;
using namespace strata::test;

namespace {

std::vector<ParamDef> definitions() {
    ParamDef list;
    list.id = "mean";
    list.type = ParamType::RealList;
    list.defaultValue = Json::array({0.5});
    list.minimum = -10;
    list.maximum = 10;
    return {integerParam("out_channels", "Out channels", nullptr, 1, 65536, ""),
            realParam("p", "p", 0.5, 0, 1, ""),
            booleanParam("bias", "Bias", true, ""),
            choiceParam("padding_mode", "Mode", {"zeros", "reflect"}, "zeros", ""),
            pairParam("stride", "Stride", 1, 1, 10, ""),
            list};
}

} // namespace

class TstParam : public QObject {
    Q_OBJECT
private slots:
    void problemsAreNamed_data() {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* json, const char* sentence) { QTest::newRow(json) << json << sentence; };
        row(R"({})", "conv2d: out_channels is missing");
        row(R"({"out_channels":0})", "conv2d: out_channels is 0, allowed is 1 to 65536");
        row(R"({"out_channels":3.5})", "conv2d: out_channels is 3.5, but must be an integer");
        row(R"({"out_channels":"3"})", "conv2d: out_channels is \"3\", but must be an integer");
        row(R"({"out_channels":3,"p":1.5})", "conv2d: p is 1.5, allowed is 0 to 1");
        row(R"({"out_channels":3,"p":null})", "conv2d: p is null, but must be a number");
        row(R"({"out_channels":3,"bias":1})", "conv2d: bias is 1, but must be true or false");
        row(R"({"out_channels":3,"padding_mode":"reflct"})", "conv2d: padding_mode is \"reflct\", allowed is zeros, reflect");
        row(R"({"out_channels":3,"stride":[1,2,3]})", "conv2d: stride is [1,2,3], but must be an integer or a pair of integers");
        row(R"({"out_channels":3,"stride":[1,20]})", "conv2d: stride is [1,20], allowed is 1 to 10");
        row(R"({"out_channels":3,"mean":[0.1,"x"]})", "conv2d: mean is [0.1,\"x\"], but must be a list of numbers");
        row(R"({"out_channels":3,"mean":[11]})", "conv2d: mean is 11, allowed is -10 to 10");
        row(R"({"out_chanels":3,"out_channels":3})", "conv2d: unknown parameter \"out_chanels\"; did you mean \"out_channels\"?");
        row(R"({"out_channels":3,"zzz":3})", "conv2d: unknown parameter \"zzz\"");
        row(R"([1])", "conv2d: the parameters are not a JSON object");
        row(R"({"out_channels":3})", "");
    }
    void problemsAreNamed() {
        QFETCH(QString, json);
        QTEST(sentenceOf([&] { completeParams(definitions(), parseJson(json.toStdString(), "x"), "conv2d"); }), "sentence");
    }

    void defaultsAreFilledInInOrder() {
        const Json values = parseJson(R"({"stride":[1,2],"out_channels":8})", "x");
        QCOMPARE(toText(completeParams(definitions(), values, "conv2d")),
                 std::string(R"({"out_channels":8,"p":0.5,"bias":true,"padding_mode":"zeros","stride":[1,2],"mean":[0.5]})"));
    }

    void fixesMendTheValue() {
        const std::vector<ParamDef> defs = definitions();
        const std::optional<Problem> low = checkParam(defs[0], 0);
        QVERIFY(low.has_value());
        QCOMPARE(low->fixTitle, std::string("Set out_channels to 1"));
        QVERIFY(!checkParam(defs[0], low->fixValue).has_value());
        const std::optional<Problem> word = checkParam(defs[3], "zeroes");
        QCOMPARE(word->fixParam, std::string("padding_mode"));
        QVERIFY(!checkParam(defs[3], word->fixValue).has_value());
    }

    void commandLineTextBecomesValues_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("result");
        QTest::newRow("integer") << 0 << "64"
                                 << "64";
        QTest::newRow("not an integer") << 0 << "6.4"
                                        << "out_channels: \"6.4\" is not an integer";
        QTest::newRow("out of range") << 0 << "0"
                                      << "out_channels is 0, allowed is 1 to 65536";
        QTest::newRow("real") << 1 << "0.25"
                              << "0.25";
        QTest::newRow("German real") << 1 << "0,25"
                                     << "p: \"0,25\" is not a number";
        QTest::newRow("yes") << 2 << "yes"
                             << "true";
        QTest::newRow("maybe") << 2 << "maybe"
                               << "bias: \"maybe\" is neither true nor false";
        QTest::newRow("choice") << 3 << "reflect"
                                << "\"reflect\"";
        QTest::newRow("one for a pair") << 4 << "2"
                                        << "2";
        QTest::newRow("pair") << 4 << "2x3"
                              << "[2,3]";
        QTest::newRow("pair by comma") << 4 << "2,3"
                                       << "[2,3]";
        QTest::newRow("no pair") << 4 << "2x"
                                 << "stride: \"2x\" is not an integer or a pair such as 3,3";
        QTest::newRow("list") << 5 << "0.5,1"
                              << "[0.5,1.0]";
    }
    void commandLineTextBecomesValues() {
        QFETCH(int, which);
        QFETCH(QString, text);
        QString result;
        const QString sentence =
            sentenceOf([&] { result = QString::fromStdString(toText(parseParamText(definitions()[size_t(which)], text.toStdString()))); });
        QTEST(sentence.isEmpty() ? result : sentence, "result");
    }

    void nearestNames() {
        const std::vector<std::string> known{"resnet9", "resnet18", "vgg_small", "mlp"};
        QCOMPARE(nearestName("resnet8", known), std::string("resnet9"));
        QCOMPARE(nearestName("vgsmall", known), std::string("vgg_small"));
        QCOMPARE(nearestName("transformer", known), std::string());
    }
};

QTEST_GUILESS_MAIN(TstParam)
#include "tst_param.moc"
