// SPDX-License-Identifier: Apache-2.0
// A model spec as a value: problems and fixes, JSON, state dicts, model files.
#include "core/base/atomic_file.h"
#include "core/files/safetensors.h"
#include "core/model/model_file.h"
#include "core/model/network.h"
#include "tests/support/case_test.h"
#include "tests/support/layer_spec.h"

#include <QTemporaryDir>

using namespace strata;
using namespace strata::test;

namespace {

ModelSpec spec(std::vector<LayerSpec> layers, const Shape& input = {3, 8, 8}) {
    ModelSpec model;
    model.name = "test";
    model.input = input;
    model.layers = std::move(layers);
    return model;
}

ModelSpec small() {
    return spec({layerOf("conv1", "conv2d", {{"out_channels", 4}}), layerOf("bn1", "batch_norm"), layerOf("flatten", "flatten"),
                 layerOf("fc", "linear", {{"out_features", 5}})});
}

/// A new network whose weights stay and whose statistics have moved.
ModelFile smallFile() {
    Network network(small(), 3);
    ModelFile file;
    file.spec = small();
    file.classes = {"a", "b", "c", "d", "e"};
    file.info = {{"accuracy", 0.5}};
    for (const NamedTensor& entry : network.stateDict()) file.state.push_back({entry.name, entry.tensor.clone()});
    return file;
}

} // namespace

class TstModelSpec : public QObject {
    Q_OBJECT

private slots:
    void problemsNameTheLayerAndTheCause_data() {
        QTest::addColumn<int>("at");
        const auto all = wrongSpecs();
        for (size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].second.c_str()) << int(i);
    }
    void problemsNameTheLayerAndTheCause() {
        QFETCH(int, at);
        const auto [model, sentence] = wrongSpecs()[size_t(at)];
        STRATA_FAILS(requireValid(model), sentence.c_str());
        STRATA_FAILS(Network(model, 1), sentence.c_str());
    }

    void onlyTheFirstProblemOfAChainIsTold() {
        const SpecCheck check =
            checkSpec(spec({layerOf("conv1", "conv2d", {{"out_channels", 4}, {"kernel_size", 9}}), layerOf("relu1", "relu"),
                            layerOf("flatten", "flatten"), layerOf("fc", "linear", {{"out_features", 5}})}));
        QCOMPARE(check.problems.size(), size_t(1));
        QCOMPARE(check.problems[0].layer, size_t(0));
        QCOMPARE(check.problems[0].problem.fixParam, std::string("padding"));
        for (const LayerFacts& facts : check.layers) QVERIFY(!facts.known);
    }

    void twoIndependentProblemsAreBothTold() {
        const SpecCheck check = checkSpec(spec({layerOf("a", "conv2d", {{"out_channels", 4}, {"kernel_size", 9}}),
                                                layerOf("b", "max_pool", {{"kernel_size", 20}}, {"input"})}));
        QCOMPARE(check.problems.size(), size_t(2));
    }

    void everyFixMendsItsProblem() {
        ModelSpec model = spec({layerOf("conv1", "conv2d", {{"out_channels", 4}, {"kernel_size", 9}}),
                                layerOf("pool1", "max_pool", {{"kernel_size", 100}}), layerOf("flatten", "flatten"),
                                layerOf("fc", "linear", {{"out_features", 5}})});
        for (int round = 0; round < 4 && !checkSpec(model).problems.empty(); ++round) {
            const SpecProblem first = checkSpec(model).problems[0];
            QVERIFY2(!first.problem.fixParam.empty(), first.problem.sentence.c_str());
            model.layers[first.layer].params[first.problem.fixParam] = first.problem.fixValue;
        }
        QVERIFY(checkSpec(model).problems.empty());
    }

    void jsonKeepsEverythingAndUnknownFieldsToo() {
        const Json json = Json::parse(R"({"version":1,"name":"x","input":[3,8,8],"layers":[
            {"id":"a","type":"conv2d","params":{"out_channels":4},"inputs":["input"],"frozen":["weight"],"block":"stem","note":"mine"},
            {"id":"b","type":"flatten"},{"id":"c","type":"linear","params":{"out_features":2}}],"colour":"blue"})");
        const ModelSpec model = ModelSpec::fromJson(json, "here");
        QCOMPARE(model.layers[0].frozen, std::vector<std::string>{"weight"});
        QCOMPARE(model.inputsOf(1), std::vector<std::string>{"a"});
        QCOMPARE(model.find("c"), 2);
        QCOMPARE(QString::fromStdString(toText(model.toJson())), QString::fromStdString(toText(json)));
        for (const TemplateDef& def : modelTemplates()) {
            const ModelSpec made = makeTemplate(def.id, {3, 32, 32}, 10);
            QCOMPARE(toText(ModelSpec::fromJson(parseJson(toText(made.toJson()), "round"), "round").toJson()), toText(made.toJson()));
        }
    }

    void anUnknownLayerIsABrokenRowNotAFailedFile() {
        ModelSpec model = ModelSpec::fromJson(
            Json::parse(
                R"({"version":1,"input":[3,8,8],"layers":[{"id":"a","type":"conv3d","params":{"x":1}},{"id":"b","type":"flatten"}]})"),
            "here");
        QCOMPARE(model.layers[0].params["x"].get<int>(), 1);
        const SpecCheck check = checkSpec(model);
        QCOMPARE(check.problems[0].problem.sentence, std::string("there is no layer 'conv3d'; did you mean conv2d?"));
    }

    void aBypassedLayerPassesItsFirstInputAndIsWrittenBack() {
        ModelSpec model = small();
        model.layers[1].bypassed = true;
        const ModelSpec back = ModelSpec::fromJson(parseJson(toText(model.toJson()), "round"), "round");
        QVERIFY(back.layers[1].bypassed && !back.layers[0].bypassed);
        QCOMPARE(toText(back.toJson()), toText(model.toJson()));
        const Json written = Json::parse(R"({"version":1,"name":"","input":[3],"layers":[{"id":"a","type":"relu","bypassed":false}]})");
        QCOMPARE(toText(ModelSpec::fromJson(written, "x").toJson()), toText(written));
        const SpecCheck check = checkSpec(model);
        QVERIFY(check.problems.empty());
        QCOMPARE(check.layers[1].output, check.layers[0].output);
        QCOMPARE(check.layers[1].parameters, int64_t(0));
        STRATA_FAILS(ModelSpec::fromJson(Json::parse(R"({"version":1,"input":[3],"layers":[{"id":"a","type":"relu","bypassed":1}]})"), "x"),
                     "x: \"bypassed\" of layer a is not true or false");
    }

    void aNetworkWithABypassedLayerIsTheNetworkWithoutIt() {
        ModelSpec with = small(), without = small();
        with.layers[1].bypassed = true;
        without.layers.erase(without.layers.begin() + 1);
        const Network a(with, 5), b(without, 5);
        const Tensor images = Tensor::ones({2, 3, 8, 8});
        QCOMPARE(a.forward(images).toVector<float>(), b.forward(images).toVector<float>());
        QCOMPARE(a.stateDict().size(), b.stateDict().size());
        QCOMPARE(toText(a.spec().toJson()), toText(b.spec().toJson()));
    }

    void bypassKeepsTheRestOfTheGraph() {
        // The skip of a bypassed add is dropped, a bypassed end gives what passes through it, and readers far below follow.
        ModelSpec model = spec({layerOf("a", "conv2d", {{"out_channels", 4}}), layerOf("b", "relu"), layerOf("c", "relu", {}, {"a"}),
                                layerOf("sum", "add", {}, {"c", "b"}), layerOf("flatten", "flatten"),
                                layerOf("fc", "linear", {{"out_features", 5}}), layerOf("end", "softmax")});
        model.layers[3].bypassed = model.layers[6].bypassed = true;
        ModelSpec plain = withoutBypassed(model);
        QCOMPARE(plain.layers.size(), size_t(5));
        QCOMPARE(plain.inputsOf(3), std::vector<std::string>{"c"});
        QVERIFY(checkSpec(plain).problems.empty());
        model.layers[2].bypassed = true;
        plain = withoutBypassed(model);
        QCOMPARE(plain.inputsOf(size_t(plain.find("flatten"))), std::vector<std::string>{"a"});
        for (LayerSpec& each : model.layers) each.bypassed = true;
        plain = withoutBypassed(model);
        QCOMPARE(plain.layers.size(), size_t(1));
        QCOMPARE(checkSpec(plain).output, model.input);
    }

    void anInputThatIsNotKnownIsAProblemNotAFailedFile() {
        ModelSpec model = small();
        model.input = Shape();
        const ModelSpec back = ModelSpec::fromJson(parseJson(toText(model.toJson()), "round"), "round");
        QCOMPARE(checkSpec(back).problems.size(), size_t(1));
        STRATA_FAILS(requireValid(back), "layer conv1 (conv2d): the size of the input is not known: open a dataset");
    }

    void malformedJsonIsOneSentence_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* text, const char* sentence) { QTest::newRow(sentence) << text << sentence; };
        row("[]", "x.json: is not a model (no \"layers\")");
        row(R"({"layers":[]})", "x.json: the model has no \"version\"");
        row(R"({"layers":[],"version":99})", "x.json: the model has version 99, this program knows 1");
        row(R"({"layers":{},"version":1})", "x.json: \"layers\" is not a list of at most 10,000 layers");
        row(R"({"layers":[],"version":1})", "x.json: \"input\" is not a shape like [3, 32, 32]");
        row(R"({"layers":[],"version":1,"input":[0]})", "x.json: \"input\" holds a size that is not in 1 to 65536");
        row(R"({"layers":[3],"version":1,"input":[3]})", "x.json: an entry of \"layers\" is not an object");
        row(R"({"layers":[{"type":"relu"}],"version":1,"input":[3]})", "x.json: a layer has no \"id\"");
        row(R"({"layers":[{"id":"a","type":7}],"version":1,"input":[3]})", "x.json: \"type\" of a layer is not text");
        row(R"({"layers":[{"id":"a","type":"relu","params":[]}],"version":1,"input":[3]})",
            "x.json: \"params\" of layer a is not an object");
        row(R"({"layers":[{"id":"a","type":"relu","inputs":"b"}],"version":1,"input":[3]})", "x.json: \"inputs\" of a layer is not a list");
        row(R"({"layers":[{"id":"a","type":"relu","inputs":[1]}],"version":1,"input":[3]})",
            "x.json: \"inputs\" of a layer holds something that is not text");
    }
    void malformedJsonIsOneSentence() {
        QFETCH(QString, text);
        QFETCH(QString, sentence);
        STRATA_FAILS(ModelSpec::fromJson(Json::parse(text.toStdString()), "x.json"), sentence.toUtf8().constData());
    }

    void unknownTemplatesAndTooSmallPicturesAreNamed() {
        STRATA_FAILS(makeTemplate("resnet19", {3, 32, 32}, 10), "there is no model template 'resnet19'; did you mean resnet9?");
        STRATA_FAILS(makeTemplate("teapot", {3, 32, 32}, 10),
                     "there is no model template 'teapot'; there are linear, mlp, lenet5, vgg_small, speed, resnet9, resnet18, resnet20");
        STRATA_FAILS(makeTemplate("lenet5", {3, 8, 8}, 10), "lenet5 needs pictures of at least 16x16 pixels, not 8x8");
        STRATA_FAILS(makeTemplate("speed", {12}, 10), "speed needs pictures (channels x height x width), not 12");
    }

    void aStateThatDoesNotFitIsNamed() {
        Network network(small(), 1);
        const auto with = [&](const std::function<void(std::vector<NamedTensor>&)>& change) {
            std::vector<NamedTensor> state = network.stateDict();
            change(state);
            return sentenceOf([&] { network.loadStateDict(state); });
        };
        QCOMPARE(with([](auto&) {}), std::string());
        QCOMPARE(with([](auto& s) { s.pop_back(); }), std::string("the weights lack fc.bias"));
        QCOMPARE(with([](auto& s) {
                     s.push_back({"extra", Tensor::zeros({1})});
                 }),
                 std::string("the weights hold extra, which the network does not have"));
        QCOMPARE(with([](auto& s) {
                     s[0].tensor = Tensor::zeros({4, 3, 5, 5});
                 }),
                 std::string("conv1.weight has shape [4, 3, 5, 5] in the weights, [4, 3, 3, 3] in the network"));
        QCOMPARE(with([](auto& s) { s[1].tensor = Tensor::zeros({4}, DType::I64); }),
                 std::string("conv1.bias holds i64 in the weights, not floating-point numbers"));
    }

    void aFailedLoadChangesNothing() {
        Network network(small(), 1);
        const std::vector<float> before = network.flatParameters().toVector<float>();
        std::vector<NamedTensor> state;
        for (const NamedTensor& entry : network.stateDict()) state.push_back({entry.name, Tensor::zeros(entry.tensor.shape())});
        state.pop_back();
        QVERIFY(!sentenceOf([&] { network.loadStateDict(state); }).empty());
        QCOMPARE(network.flatParameters().toVector<float>(), before);
    }

    void aModelFileComesBack_data() {
        QTest::addColumn<int>("dtype");
        for (const DType dtype : {DType::F32, DType::F16, DType::BF16}) QTest::newRow(std::string(dtypeName(dtype)).c_str()) << int(dtype);
    }
    void aModelFileComesBack() {
        QFETCH(int, dtype);
        const std::string path = folder_.filePath("model.safetensors").toStdString();
        const ModelFile file = smallFile();
        writeModelFile(path, file, DType(dtype));
        const ModelFile back = readModelFile(path);
        QCOMPARE(toText(back.spec.toJson()), toText(file.spec.toJson()));
        QCOMPARE(back.classes, file.classes);
        QCOMPARE(back.info["accuracy"].get<double>(), 0.5);
        std::map<std::string, Tensor> read;
        for (const NamedTensor& entry : back.state) read[entry.name] = entry.tensor;
        QCOMPARE(read.size(), file.state.size());
        for (const NamedTensor& entry : file.state) {
            QVERIFY(read.contains(entry.name));
            QCOMPARE(read[entry.name].to(DType::F32).toVector<float>(), entry.tensor.to(DType(dtype)).to(DType::F32).toVector<float>());
        }
        QCOMPARE(makeNetwork(back)->parameterCount(), Network(small(), 1).parameterCount());
        QCOMPARE(toText(resolveModel(path, {3, 8, 8}, 5).toJson()), toText(file.spec.toJson()));
    }

    void aModelFileThatIsNoneIsOneSentence() {
        const std::string path = folder_.filePath("wrong.safetensors").toStdString();
        ModelFile file = smallFile();
        file.classes.pop_back();
        const std::string misnamed = path + ": names 4 classes, but the network has 5 outputs";
        STRATA_FAILS(writeModelFile(path, file), misnamed.c_str());
        QVERIFY(!QFile::exists(QString::fromStdString(path)));
        writeModelFile(path, smallFile());
        const Safetensors whole = readSafetensors(path);
        StringMap metadata = whole.metadata;
        metadata["strata.classes"] = toText(Json(file.classes));
        writeSafetensors(whole.loadAll(), metadata, path);
        STRATA_FAILS(readModelFile(path), misnamed.c_str());
        writeFileAtomically(path, "not a model at all");
        QVERIFY(sentenceOf([&] { readModelFile(path); }).find(path) != std::string::npos);
        QVERIFY(!sentenceOf([&] { readModelFile(folder_.filePath("none.safetensors").toStdString()); }).empty());
        const std::string json = folder_.filePath("spec.json").toStdString();
        writeFileAtomically(json, toText(small().toJson()));
        QCOMPARE(toText(resolveModel(json, {3, 8, 8}, 5).toJson()), toText(small().toJson()));
    }

    void theSummaryAddsUp() {
        const Json summary = summaryJson(makeTemplate("speed", {3, 32, 32}, 10), 4);
        int64_t parameters = 0;
        for (const Json& row : summary["layers"]) parameters += row["parameters"].get<int64_t>();
        QCOMPARE(summary["parameters"].get<int64_t>(), parameters);
        QCOMPARE(summary["parameters"].get<int64_t>() - summary["trainable"].get<int64_t>(), int64_t(24 * 3 * 4)); // the frozen filters
        const std::string text = summaryText(makeTemplate("lenet5", {3, 32, 32}, 10), 1);
        QVERIFY(text.find("62006 parameters (62006 trained)") != std::string::npos); // 456 + 2416 + 48120 + 10164 + 850
    }

    void aNetworkTakesOnlyItsInput() {
        const Network network(small(), 1);
        STRATA_FAILS(network.forward(Tensor::zeros({2, 3, 9, 9})),
                     "the network takes 3x8x8 for each sample, but the batch has shape [2, 3, 9, 9]");
        STRATA_FAILS(network.forward(Tensor::zeros({3, 8, 8})),
                     "the network takes 3x8x8 for each sample, but the batch has shape [3, 8, 8]");
    }

private:
    static std::vector<std::pair<ModelSpec, std::string>> wrongSpecs() {
        return {
            {spec({}), "the network has no layers"},
            {spec({layerOf("a", "linear", {{"out_features", 5}})}),
             "layer a (linear): Linear needs a vector, but its input is 3x8x8; put a Flatten before it"},
            {spec({layerOf("a", "conv3d")}), "layer a (conv3d): there is no layer 'conv3d'; did you mean conv2d?"},
            {spec({layerOf("a", "relu"), layerOf("a", "relu")}), "layer a (relu): the id a is used twice"},
            {spec({layerOf("a b", "relu")}),
             "layer a b (relu): 'a b' cannot be the id of a layer: letters, digits, _ and . only, and not 'input'"},
            {spec({layerOf("input", "relu")}),
             "layer input (relu): 'input' cannot be the id of a layer: letters, digits, _ and . only, and not 'input'"},
            {spec({layerOf("a", "relu", ParamValues::object(), {"b"})}), "layer a (relu): its input 'b' does not exist"},
            {spec({layerOf("a", "relu", ParamValues::object(), {"b"}), layerOf("b", "relu")}),
             "layer a (relu): its input 'b' comes after it"},
            {spec({layerOf("a", "add")}), "layer a (add): Add takes 2 to 16 inputs, not 1"},
            {spec({layerOf("a", "relu", ParamValues::object(), {"input", "input"})}), "layer a (relu): ReLU takes 1 input, not 2"},
            {spec({layerOf("a", "flatten"), layerOf("b", "add", ParamValues::object(), {"input", "a"})}),
             "layer b (add): 192 does not fit 3x8x8"},
            {spec({layerOf("a", "relu")}),
             "the network ends in 3x8x8, not in one score for each class; end it with a Flatten and a Linear layer"},
            {spec({layerOf("a", "flatten"), layerOf("b", "linear", {{"out_features", 16777216}}),
                   layerOf("c", "linear", {{"out_features", 16777216}})}),
             "layer b (linear): its weight would hold 3.2 thousand million numbers"},
        };
    }
    QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TstModelSpec)
#include "tst_model_spec.moc"
