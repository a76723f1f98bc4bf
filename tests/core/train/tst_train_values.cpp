// SPDX-License-Identifier: Apache-2.0
#include "core/train/config.h"
#include "core/train/control.h"
#include "core/train/events.h"
#include "core/train/metrics.h"
#include "tests/support/sentence.h"

#include <QtTest>

#include <limits>

using namespace strata;
using namespace strata::test;

/// The values that travel: settings, events, commands, figures.
class TstTrainValues : public QObject {
    Q_OBJECT
private slots:
    void configSurvivesTheFile() {
        TrainConfig config;
        config.data = "cifar10:/somewhere";
        config.model = "resnet9";
        config.epochs = 3;
        config.seed = 0xFFFFFFFFFFFFFFFF;
        config.checkpointSeconds = 12.5;
        config.schedule = {"step", {{"gamma", 0.5}}};
        const TrainConfig read = TrainConfig::fromJson(parseJson(toText(config.toJson()), "test"), "test");
        QCOMPARE(toText(read.toJson()), toText(config.toJson()));
    }
    void configKeepsFieldsItDoesNotKnow() {
        const Json json = {{"version", 1}, {"epochs", 5}, {"later", {{"x", 1}}}};
        const TrainConfig config = TrainConfig::fromJson(json, "test");
        QCOMPARE(config.epochs, int64_t(5));
        QCOMPARE(toText(config.toJson()["later"]), std::string("{\"x\":1}"));
    }
    void badConfigIsOneSentence_data() {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("expected");
        QTest::newRow("type") << R"({"epochs": "ten"})"
                              << R"(c.json: "epochs" is "ten", but must be a whole number)";
        QTest::newRow("version") << R"({"version": 9})"
                                 << "c.json: written by a newer version of Strata (format 9; this one reads up to 1)";
        QTest::newRow("array") << "[1]"
                               << "c.json: not a JSON object";
        QTest::newRow("no id") << R"({"loss": {"params": {}}})"
                               << R"(c.json: "loss": "id" is missing)";
        QTest::newRow("params") << R"({"loss": {"id": "mse", "params": 3}})"
                                << R"(c.json: "loss": "params" is not a JSON object)";
        QTest::newRow("negative seed") << R"({"seed": -1})"
                                       << R"(c.json: "seed" is -1, but must be a whole number from 0)";
        QTest::newRow("huge") << R"({"loader_threads": 99999999999})"
                              << R"(c.json: "loader_threads" is 99999999999, but must be smaller)";
        QTest::newRow("epochs") << R"({"epochs": 0})"
                                << "epochs is 0, allowed is 1 to 1000000";
        QTest::newRow("batch") << R"({"batch_size": 0})"
                               << "the batch size is 0, allowed is 1 to 1048576";
        QTest::newRow("precision") << R"({"precision": "f8"})"
                                   << "there is no precision 'f8'; training runs in f32";
        QTest::newRow("optimizer") << R"({"optimizer": {"id": "adamx"}})"
                                   << "there is no optimizer 'adamx'; did you mean adam?";
        QTest::newRow("parameter") << R"({"optimizer": {"id": "adam", "params": {"lr": -1}}})"
                                   << "adam: lr is -1, allowed is 0 to 1000";
    }
    void badConfigIsOneSentence() {
        QFETCH(QString, json);
        QFETCH(QString, expected);
        const std::string found = sentenceOf([&] { TrainConfig::fromJson(parseJson(json.toStdString(), "test"), "c.json").check(); });
        QCOMPARE(QString::fromStdString(found), expected);
    }

    void everyEventSurvivesItsLine() {
        const std::vector<TrainEvent> events = {RunStarted{true, 5, 1, 10, 7, 70, 30, 16, 1234, "cpu", "a note"},
                                                Planned{0.5, true},
                                                StepDone{3, 0, 1.25, 0.1, 1000, 12},
                                                EpochDone{2, 21, 0.5, 0.75, 0.625, 0.5, 3, true},
                                                EpochDone{2, 21, 0.5, 0.75, {}, {}, 3, false},
                                                CheckpointSaved{21, "checkpoints/00000021.ckpt", 4096, 0.01},
                                                WeightsSaved{21, "weights.safetensors"},
                                                Paused{4},
                                                Resumed{4},
                                                RunWarning{"the disk is full"},
                                                RunStopped{9, 1},
                                                RunFailed{"not_finite", "the loss is NaN", "conv2", 12},
                                                RunFinished{30, 3, 60, 0.9, 2, "checkpoints/00000021.ckpt"}};
        QCOMPARE(events.size(), std::variant_size_v<TrainEvent> + 1);
        for (const TrainEvent& event : events) {
            const Json json = eventToJson(event, 1700000000.25);
            QCOMPARE(json["t"].get<double>(), 1700000000.25);
            const std::string line = toText(json);
            QVERIFY(line.find('\n') == std::string::npos);
            const std::optional<TrainEvent> read = eventFromJson(parseJson(line, "test"));
            QVERIFY2(read && read->index() == event.index(), line.c_str());
            QCOMPARE(toText(eventToJson(*read, 1700000000.25)), line);
        }
    }
    void lossThatIsNoNumberIsNullWithAFlag() {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const std::string line = toText(eventToJson(StepDone{1, 0, nan, 0.1, 0, 0}, 0));
        QCOMPARE(
            line,
            std::string(
                R"({"event":"step","t":0.0,"step":1,"epoch":0,"loss":null,"lr":0.1,"images_per_second":0.0,"seconds_left":0.0,"nonFinite":true})"));
        const auto read = eventFromJson(parseJson(line, "test"));
        QVERIFY(read && std::isnan(std::get<StepDone>(*read).loss));
    }
    void unknownEventIsPassedOver() { QVERIFY(!eventFromJson({{"event", "from_the_future"}, {"t", 1}})); }

    void commandsAreObeyed() {
        TrainControl control;
        QVERIFY(control.command(R"({"command": "pause"})"));
        QVERIFY(control.paused());
        QVERIFY(control.command(R"({"command": "resume"})"));
        QVERIFY(!control.paused());
        QVERIFY(control.command(R"({"command": "checkpoint"})"));
        QVERIFY(control.takeCheckpointRequest() && !control.takeCheckpointRequest());
        QVERIFY(control.command(R"({"command": "weights", "file": "w.safetensors"})"));
        QCOMPARE(control.takeWeightsRequest().value_or(""), std::string("w.safetensors"));
        QVERIFY(control.command(R"({"command": "stop"})"));
        QVERIFY(control.stopped());
        for (const char* bad : {"", "stop", "{}", R"({"command": 3})", R"({"command": "explode"})", "[]"})
            QVERIFY2(!control.command(bad), bad);
    }

    void topKCountsTiesByClass() {
        const Tensor logits = Tensor::of(std::vector<float>{1, 1, 0, /**/ 0, 2, 1, /**/ 3, 3, 3}, {3, 3});
        const Tensor labels = Tensor::of(std::vector<int64_t>{1, 2, 0});
        QCOMPARE(topKCorrect(logits, labels, 1), int64_t(1));
        QCOMPARE(topKCorrect(logits, labels, 2), int64_t(3));
        RunningMetrics metrics;
        metrics.add(0.5, logits, labels);
        metrics.add(1.5, logits, labels);
        QCOMPARE(metrics.loss(), 1.0);
        QCOMPARE(metrics.accuracy(), 2.0 / 6);
        QCOMPARE(metrics.top5(), 1.0);
        QVERIFY(RunningMetrics::fromJson(parseJson(toText(metrics.toJson()), "test")) == metrics);
    }
};

QTEST_GUILESS_MAIN(TstTrainValues)
#include "tst_train_values.moc"
