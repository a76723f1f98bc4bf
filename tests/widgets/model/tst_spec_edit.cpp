// SPDX-License-Identifier: GPL-3.0-or-later
// The Model page's edits as functions over values: wiring, blocks, repeats, text, fixes.
#include "widgets/model/model_facts.h"
#include "widgets/model/spec_repeat.h"

#include "core/model/network.h"

#include <QtTest>
#include <random>
#include <set>

using namespace strata;
using namespace strata::modeledit;

namespace {

ModelSpec empty() {
    ModelSpec spec;
    spec.name = "test";
    spec.input = {3, 32, 32};
    return spec;
}

ModelSpec built(const std::vector<std::string>& types) {
    ModelSpec spec = empty();
    for (const std::string& type : types) spec = insertLayer(spec, {spec.layers.size(), {}}, type, 10).spec;
    return spec;
}

QString json(const ModelSpec& spec) { return QString::fromStdString(toText(spec.toJson())); }

/// "conv1(input) relu1(conv1)": the wiring at a glance.
QString wiring(const ModelSpec& spec) {
    QStringList parts;
    for (size_t i = 0; i < spec.layers.size(); ++i) {
        QStringList inputs;
        for (const std::string& id : spec.inputsOf(i)) inputs << QString::fromStdString(id);
        parts << QString::fromStdString(spec.layers[i].id) + "(" + inputs.join(",") + ")";
    }
    return parts.join(' ');
}

/// What must hold after any edit.
void checkInvariants(const ModelSpec& shown) {
    const ModelSpec full = expandRepeats(shown);
    QCOMPARE(json(ModelSpec::fromJson(parseJson(toText(full.toJson()), "t"), "t")), json(full));
    QCOMPARE(json(collapseRepeats(full)), json(shown));
    std::set<std::string> seen{"input"}, left;
    std::string block;
    for (size_t i = 0; i < full.layers.size(); ++i) {
        QVERIFY2(!seen.contains(full.layers[i].id), full.layers[i].id.c_str());
        for (const std::string& id : full.inputsOf(i)) QVERIFY2(seen.contains(id), qPrintable(wiring(full)));
        seen.insert(full.layers[i].id);
        if (full.layers[i].block != block) {
            QVERIFY2(left.insert(block).second || block.empty(), ("block " + block + " stands in two places").c_str());
            QVERIFY(full.layers[i].block.empty() || !left.contains(full.layers[i].block));
            block = full.layers[i].block;
        }
    }
}

} // namespace

class TstSpecEdit : public QObject {
    Q_OBJECT
private slots:
    void layersGetNamesAndUsefulValues() {
        ModelSpec spec = built({"conv2d", "batch_norm", "relu", "max_pool", "conv2d", "flatten", "linear"});
        QCOMPARE(wiring(spec), QString("conv1(input) bn1(conv1) relu1(bn1) pool1(relu1) conv2(pool1) flatten(conv2) fc1(flatten)"));
        QCOMPARE(spec.layers[4].params["out_channels"].get<int>(), 64); // twice after a pool
        QCOMPARE(spec.layers[6].params["out_features"].get<int>(), 10);
        QVERIFY(checkSpec(spec).problems.empty());
        for (const LayerSpec& layer : spec.layers) QVERIFY(layer.inputs.empty()); // "the layer before" is not written out
    }

    void aLayerJoinsTheLineItStandsOn() {
        const ModelSpec spec = makeTemplate("resnet20", {3, 32, 32}, 10);
        // Between the two convolutions of a block, and at the end of its main path where a projection follows.
        Edit edit = insertLayer(spec, {size_t(spec.find("conv2_1b")), {}}, "dropout", 10);
        QCOMPARE(edit.spec.inputsOf(size_t(edit.spec.find("conv2_1b"))), Ids{"dropout1"});
        QCOMPARE(edit.spec.layers[size_t(edit.spec.find("dropout1"))].block, std::string("block2_1"));
        const size_t skip = size_t(spec.find("conv3_1s"));
        edit = insertLayer(spec, {skip, {}}, "dropout", 10);
        QCOMPARE(edit.spec.inputsOf(size_t(edit.spec.find("add3_1"))), (Ids{"dropout1", "bn3_1s"}));
        QCOMPARE(edit.spec.inputsOf(size_t(edit.spec.find("conv3_1s"))), spec.inputsOf(skip));
        checkInvariants(edit.spec);
    }

    void removingClosesTheLine() {
        ModelSpec spec = built({"conv2d", "batch_norm", "relu", "conv2d"});
        spec = connectLayers(spec, "conv1", "conv2", "add").spec;
        QCOMPARE(wiring(spec), QString("conv1(input) bn1(conv1) relu1(bn1) add1(relu1,conv1) conv2(add1)"));
        QCOMPARE(wiring(removeLayers(spec, {"relu1"}).spec), QString("conv1(input) bn1(conv1) add1(bn1,conv1) conv2(add1)"));
        // All of the path under the connection: nothing is left to add.
        QCOMPARE(wiring(removeLayers(spec, {"bn1", "relu1"}).spec), QString("conv1(input) conv2(conv1)"));
        QCOMPARE(wiring(removeLayers(spec, {"add1"}).spec), QString("conv1(input) bn1(conv1) relu1(bn1) conv2(relu1)"));
        QCOMPARE(json(insertLayer(empty(), {0, {}}, "relu", 10).spec), json(removeLayers(built({"relu", "relu"}), {"relu2"}).spec));
    }

    void movesKeepConnectionsAndRefuseBackwardOnes() {
        ModelSpec spec = built({"conv2d", "batch_norm", "relu", "conv2d", "batch_norm"});
        QCOMPARE(wiring(moveLayers(spec, {"relu1"}, {1, {}}).spec), QString("conv1(input) relu1(conv1) bn1(relu1) conv2(bn1) bn2(conv2)"));
        QCOMPARE(wiring(moveLayers(spec, {"bn1", "relu1"}, {5, {}}).spec),
                 QString("conv1(input) conv2(conv1) bn2(conv2) bn1(bn2) relu1(bn1)"));
        QCOMPARE(json(moveLayers(spec, {"relu1"}, {2, {}}).spec), json(spec));
        QCOMPARE(json(moveLayers(spec, {"relu1"}, {3, {}}).spec), json(spec));
        spec = connectLayers(spec, "relu1", "bn2", "add").spec;
        QCOMPARE(wiring(spec), QString("conv1(input) bn1(conv1) relu1(bn1) conv2(relu1) add1(conv2,relu1) bn2(add1)"));
        const Edit refused = moveLayers(spec, {"relu1"}, {6, {}});
        QVERIFY(!refused.ok());
        QVERIFY2(refused.refused.contains("backwards"), qPrintable(refused.refused));
        QCOMPARE(json(refused.spec), json(spec));
        QCOMPARE(wiring(moveLayers(spec, {"add1"}, {6, {}}).spec),
                 QString("conv1(input) bn1(conv1) relu1(bn1) conv2(relu1) bn2(conv2) add1(bn2,relu1)"));
    }

    void connectionsAreMadeJoinedMovedAndRemoved() {
        ModelSpec spec = built({"conv2d", "relu", "conv2d", "relu", "conv2d"});
        QVERIFY(whyNotConnect(spec, "conv2", "relu1").contains("backwards"));
        QVERIFY(whyNotConnect(spec, "conv2", "relu2").contains("already"));
        QVERIFY(!whyNotConnect(spec, "conv2", "conv2").isEmpty() && !whyNotConnect(spec, "conv2", "input").isEmpty());
        QVERIFY(whyNotConnect(spec, "input", "output").isEmpty());
        spec = connectLayers(spec, "relu1", "conv3", "concat").spec;
        QCOMPARE(wiring(spec), QString("conv1(input) relu1(conv1) conv2(relu1) relu2(conv2) concat1(relu2,relu1) conv3(concat1)"));
        spec = connectLayers(spec, "input", "concat1", "add").spec;
        QCOMPARE(spec.inputsOf(size_t(spec.find("concat1"))), (Ids{"relu2", "relu1", "input"}));
        spec = removeInput(spec, "concat1", 2).spec;
        const Edit moved = rerouteTarget(spec, "concat1", 1, "relu2", "add");
        QVERIFY2(moved.ok(), qPrintable(moved.refused));
        QCOMPARE(wiring(moved.spec), QString("conv1(input) relu1(conv1) conv2(relu1) add1(conv2,relu1) relu2(add1) conv3(relu2)"));
        QCOMPARE(wiring(removeInput(spec, "concat1", 1).spec), QString("conv1(input) relu1(conv1) conv2(relu1) relu2(conv2) conv3(relu2)"));
        QVERIFY(!removeInput(spec, "conv2", 0).ok());
        QCOMPARE(wiring(connectLayers(built({"conv2d", "relu"}), "conv1", "output", "add").spec),
                 QString("conv1(input) relu1(conv1) add1(relu1,conv1)"));
    }

    void whatIsWrittenOutAndNotTouchedStaysAsItIs() {
        const Json written = Json::parse(R"({"version":1,"name":"x","input":[3,8,8],"layers":[
            {"id":"a","type":"conv2d","params":{"out_channels":4},"inputs":["input"],"note":"mine"},{"id":"b","type":"relu","inputs":["a"]},
            {"id":"c","type":"flatten"}],"colour":"blue"})");
        const ModelSpec spec = ModelSpec::fromJson(written, "x");
        const ModelSpec with = insertLayer(spec, {3, {}}, "linear", 5).spec;
        QCOMPARE(json(removeLayers(with, {"fc1"}).spec), QString::fromStdString(toText(written)));
    }

    void duplicatesAndTextKeepTheWiringInside() {
        const ModelSpec spec = makeTemplate("resnet20", {3, 32, 32}, 10);
        const Ids block = blockMembers(spec, "block2_2");
        const Edit twice = duplicateLayers(spec, block);
        QVERIFY2(twice.ok(), qPrintable(twice.refused));
        checkInvariants(twice.spec);
        QVERIFY(checkSpec(twice.spec).problems.empty());
        QCOMPARE(twice.select.size(), block.size());
        const std::string add = twice.select[twice.select.size() - 2];
        QVERIFY2(twice.spec.inputsOf(size_t(twice.spec.find(add))) == (Ids{twice.select[4], "relu2_2"}), qPrintable(wiring(twice.spec)));
        // The same through the clipboard, into the same network and into another one.
        const QString text = copyText(spec, block);
        const size_t at = size_t(spec.find(block.back())) + 1;
        const Edit pasted = pasteText(spec, {at, {}}, text);
        QVERIFY2(pasted.ok(), qPrintable(pasted.refused));
        QVERIFY(checkSpec(pasted.spec).problems.empty());
        checkInvariants(pasted.spec);
        const Edit elsewhere = pasteText(built({"conv2d"}), {1, {}}, text);
        QCOMPARE(elsewhere.spec.layers.size(), block.size() + 1);
        QCOMPARE(elsewhere.spec.layers[1].id, block.front()); // names that are free are kept
        QCOMPARE(elsewhere.spec.layers[1].block, std::string("block2_2"));
        checkInvariants(elsewhere.spec);
        QVERIFY(pasteText(spec, {0, {}}, R"({"type":"relu"})").ok());
        for (const char* bad : {"", "hello", "[]", R"({"layers":[]})", R"({"layers":[3]})", R"({"layers":{"a":1}})"})
            QVERIFY2(!pasteText(spec, {0, {}}, bad).ok(), bad);
    }

    void blocksAreMadeRenamedAndUndone() {
        const ModelSpec spec = built({"conv2d", "batch_norm", "relu", "conv2d"});
        const Edit grouped = groupLayers(spec, {"conv1", "bn1", "relu1"});
        QCOMPARE(blockMembers(grouped.spec, "block1"), (Ids{"conv1", "bn1", "relu1"}));
        QVERIFY(!groupLayers(spec, {"conv1", "relu1"}).ok());
        QVERIFY(!groupLayers(grouped.spec, {"relu1", "conv2"}).ok());
        QCOMPARE(json(ungroupBlock(grouped.spec, "block1").spec), json(spec));
        QCOMPARE(blockMembers(renameBlock(grouped.spec, "block1", "stem").spec, "stem").size(), size_t(3));
        QVERIFY(!renameBlock(grouped.spec, "block1", "").ok());
    }

    void aRepeatedBlockIsItsCopiesInTheFile() {
        ModelSpec spec = built({"conv2d", "conv2d", "relu", "flatten", "linear"});
        spec = connectLayers(spec, "conv1", "flatten", "add").spec;
        spec = groupLayers(spec, {"conv2", "relu1", "add1"}).spec;
        const Edit repeated = repeatBlock(spec, "block1", 3);
        QVERIFY2(repeated.ok(), qPrintable(repeated.refused));
        const ModelSpec full = expandRepeats(repeated.spec);
        QCOMPARE(
            wiring(full),
            QString("conv1(input) conv2(conv1) relu1(conv2) add1(relu1,conv1) conv2_r2(add1) relu1_r2(conv2_r2) add1_r2(relu1_r2,add1) "
                    "conv2_r3(add1_r2) relu1_r3(conv2_r3) add1_r3(relu1_r3,add1_r2) flatten(add1_r3) fc1(flatten)"));
        QCOMPARE(json(collapseRepeats(full)), json(repeated.spec));
        QVERIFY(checkSpec(full).problems.empty());
        // An edit of the body reaches all copies; counts are the sum.
        const ModelSpec changed = expandRepeats(setParam(repeated.spec, {"conv2"}, "kernel_size", 5).spec);
        for (const char* id : {"conv2", "conv2_r2", "conv2_r3"})
            QCOMPARE(changed.layers[size_t(changed.find(id))].params["kernel_size"].get<int>(), 5);
        const ModelFacts facts = modelFacts(full, {});
        QCOMPARE(facts.spec.layers.size(), spec.layers.size());
        QCOMPARE(facts.parameters, double(Network(full, 1).parameterCount()));
        QCOMPARE(json(repeatBlock(repeated.spec, "block1", 1).spec), json(spec));
        const ModelSpec loose = ungroupBlock(repeated.spec, "block1").spec;
        QCOMPARE(wiring(loose), wiring(full));
        QVERIFY(!loose.extra.contains("repeats"));
        // Copies that somebody changed by hand are shown as they are.
        ModelSpec byHand = full;
        byHand.layers[4].params["kernel_size"] = 7;
        QCOMPARE(collapseRepeats(byHand).layers.size(), full.layers.size());
    }

    void theNetworkFollowsTheData() {
        const ModelSpec spec = makeTemplate("resnet9", {3, 32, 32}, 10);
        const ModelSpec adapted = adaptTo(spec, {1, 32, 32}, 100).spec;
        QVERIFY(checkSpec(adapted).problems.empty());
        QCOMPARE(checkSpec(adapted).output, Shape({100}));
        QCOMPARE(json(adaptTo(adapted, {3, 32, 32}, 10).spec), json(spec));
    }

    void everyFixClearsItsProblem_data() {
        QTest::addColumn<QString>("change");
        for (const char* change : {"kernel",
                                   "missing parameter",
                                   "unknown parameter",
                                   "bad value",
                                   "unknown layer",
                                   "far from any layer",
                                   "linear",
                                   "add",
                                   "concat",
                                   "lost input",
                                   "late input",
                                   "too many",
                                   "too few",
                                   "order",
                                   "end",
                                   "classes",
                                   "end without linear",
                                   "id twice",
                                   "bad id",
                                   "input",
                                   "no input",
                                   "frozen",
                                   "groups",
                                   "vector add",
                                   "picture and vector"})
            QTest::newRow(change) << change;
    }
    void everyFixClearsItsProblem() {
        QFETCH(QString, change);
        ModelSpec spec = built({"conv2d", "relu", "conv2d", "relu", "flatten", "linear"});
        DataFacts data{{3, 32, 32}, 10};
        const auto layer = [&](const char* id) -> LayerSpec& { return spec.layers[size_t(spec.find(id))]; };
        if (change == "kernel") layer("conv2").params["kernel_size"] = 99;
        if (change == "missing parameter") layer("conv2").params.erase("out_channels");
        if (change == "unknown parameter") layer("conv2").params["colour"] = 1;
        if (change == "bad value") layer("conv2").params["stride"] = "two";
        if (change == "unknown layer") layer("conv2").type = "conv3d";
        if (change == "far from any layer") layer("relu2").type = "teapotteapot";
        if (change == "linear") spec = removeLayers(spec, {"flatten"}).spec;
        if (change == "add" || change == "concat") {
            spec = connectLayers(spec, "conv1", "flatten", change.toStdString()).spec;
            spec = setParam(spec, {"conv2"}, "stride", 2).spec;
        }
        if (change == "lost input") layer("relu2").inputs = {"nobody"};
        if (change == "late input") layer("conv2").inputs = {"relu2"};
        if (change == "too many") layer("relu2").inputs = {"conv2", "conv1"};
        if (change == "too few") spec = insertLayer(spec, {2, {}}, "add", 10).spec;
        if (change == "order") spec = insertLayer(spec, {5, {}}, "max_pool", 10).spec;
        if (change == "end") spec = removeLayers(spec, {"flatten", "fc1"}).spec;
        if (change == "classes") data.classes = 100;
        if (change == "end without linear") spec = removeLayers(spec, {"fc1"}).spec;
        if (change == "id twice") layer("relu2").id = "relu1";
        if (change == "bad id") layer("relu2").id = "my relu";
        if (change == "input") data.input = {1, 28, 28};
        if (change == "no input") spec.input = Shape();
        if (change == "frozen") layer("relu1").frozen = {"weight"};
        if (change == "groups") layer("conv2").params["groups"] = 7;
        if (change == "vector add") {
            spec = insertLayer(spec, {6, {}}, "linear", 5).spec;
            spec = connectLayers(spec, "flatten", "output", "add").spec;
        }
        if (change == "picture and vector") spec = connectLayers(spec, "relu1", "output", "add").spec;
        ModelFacts facts = modelFacts(spec, data);
        QVERIFY2(!facts.problems.empty(), "the change makes a problem");
        int clicks = 0;
        for (; clicks < 8 && !facts.problems.empty(); ++clicks) {
            const CardProblem problem = facts.problems.front();
            QVERIFY2(bool(problem.fix), qPrintable(problem.sentence));
            QVERIFY(!problem.fixTitle.isEmpty());
            const Edit edit = problem.fix(facts.spec);
            QVERIFY2(edit.ok(), qPrintable(edit.refused));
            QVERIFY(!edit.text.isEmpty());
            const ModelFacts after = modelFacts(expandRepeats(edit.spec), data);
            QVERIFY2(after.problems.empty() || after.problems.front().sentence != problem.sentence ||
                         after.problems.size() < facts.problems.size(),
                     qPrintable(problem.sentence + " / " + problem.fixTitle));
            facts = after;
        }
        QVERIFY2(facts.problems.empty(), qPrintable(facts.problems.empty() ? QString() : facts.problems.front().sentence));
    }

    void onlyTheFirstOfAChainIsRedAndTheRestIsUnknown() {
        ModelSpec spec = built({"conv2d", "relu", "conv2d", "relu"});
        spec.layers[1].type = "nothing";
        const ModelFacts facts = modelFacts(spec, {});
        QCOMPARE(facts.problems.size(), size_t(1));
        QVERIFY(facts.known(0) && !facts.known(2) && !facts.known(3));
    }

    void theCheckIsQuickEnoughForEveryKeystroke() {
        const ModelSpec spec = makeTemplate("resnet18", {3, 32, 32}, 10);
        modelFacts(spec, {});
        QElapsedTimer timer;
        timer.start();
        constexpr int rounds = 20;
        for (int i = 0; i < rounds; ++i) modelFacts(spec, {{3, 32, 32}, 10});
        const double ms = double(timer.nsecsElapsed()) / 1e6 / rounds;
        qInfo("modelFacts of ResNet-18: %.2f ms", ms);
        QVERIFY2(ms < 20, "far over 2 ms even for a busy machine");
    }

    void randomEditsKeepTheInvariants_data() {
        QTest::addColumn<QString>("id");
        for (const TemplateDef& def : modelTemplates()) QTest::newRow(def.id.c_str()) << QString::fromStdString(def.id);
    }
    void randomEditsKeepTheInvariants() {
        QFETCH(QString, id);
        ModelSpec spec = makeTemplate(id.toStdString(), {3, 32, 32}, 10);
        std::mt19937 random(7);
        const auto below = [&](size_t n) { return n == 0 ? size_t(0) : size_t(random() % n); };
        const auto any = [&]() -> std::string { return spec.layers.empty() ? "input" : spec.layers[below(spec.layers.size())].id; };
        const auto run = [&] {
            Ids ids;
            const size_t from = below(spec.layers.size());
            for (size_t i = from; i < std::min(spec.layers.size(), from + 1 + below(4)); ++i) ids.push_back(spec.layers[i].id);
            return ids;
        };
        int taken = 0;
        for (int step = 0; step < 120; ++step) {
            Edit edit;
            const Place place{below(spec.layers.size() + 1),
                              below(2) && !spec.layers.empty() ? spec.layers[below(spec.layers.size())].block : ""};
            const int kind = int(below(14));
            const std::string block = spec.layers.empty() ? "" : spec.layers[below(spec.layers.size())].block;
            switch (kind) {
            case 0: edit = insertLayer(spec, place, layers()[below(layers().size())]->spec.id, 10); break;
            case 1: edit = spec.layers.size() > 4 ? removeLayers(spec, run()) : insertLayer(spec, place, "relu", 10); break;
            case 2:
            case 3: edit = moveLayers(spec, run(), place); break;
            case 4: edit = spec.layers.size() < 150 ? duplicateLayers(spec, run()) : removeLayers(spec, run()); break;
            case 5: edit = setBypassed(spec, run(), below(2) == 0); break;
            case 6:
            case 7: edit = connectLayers(spec, below(4) ? any() : "input", below(6) ? any() : "output", below(2) ? "add" : "concat"); break;
            case 8: edit = removeInput(spec, any(), below(3)); break;
            case 9: edit = rerouteTarget(spec, any(), below(2), any(), "add"); break;
            case 10: edit = groupLayers(spec, run()); break;
            case 11: edit = ungroupBlock(spec, block); break;
            case 12: edit = repeatBlock(spec, block, int(below(3)) + 1); break;
            default: edit = pasteText(spec, place, copyText(spec, run()));
            }
            if (!edit.ok()) {
                QCOMPARE(json(edit.spec), json(spec));
                continue;
            }
            ++taken;
            QVERIFY(!edit.text.isEmpty());
            checkInvariants(edit.spec);
            if (QTest::currentTestFailed()) {
                qWarning("after step %d, kind %d: %s", step, kind, qPrintable(edit.text));
                return;
            }
            for (const std::string& each : edit.select) QVERIFY(edit.spec.find(each) >= 0);
            spec = edit.spec;
            modelFacts(expandRepeats(spec), {{3, 32, 32}, 10});
        }
        QVERIFY(taken > 40);
    }
};

QTEST_GUILESS_MAIN(TstSpecEdit)
#include "tst_spec_edit.moc"
