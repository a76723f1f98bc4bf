// SPDX-License-Identifier: Apache-2.0
// PyTorch source, run by PyTorch itself: every template, every example of every layer, and ids that Python does not like.
#include "core/formats/pytorch_source.h"

#include "core/autograd/autograd.h"
#include "core/files/npy.h"
#include "core/formats/formats.h"
#include "tests/support/case.h"
#include "tests/support/files_support.h"
#include "tests/support/golden.h"
#include "tests/support/layer_spec.h"

#include <QtTest>

using namespace strata;
using namespace strata::test;

namespace {

ModelSpec specOf(const Shape& input, std::vector<LayerSpec> layers) {
    ModelSpec spec;
    spec.name = "case";
    spec.input = input;
    spec.layers = std::move(layers);
    return spec;
}

/// The layer on its example's inputs (made from the first by a convolution or linear layer each), then three classes.
ModelSpec exampleSpec(const LayerDef& def, const LayerExample& example) {
    std::vector<LayerSpec> layers;
    std::vector<std::string> inputs{"input"};
    for (size_t i = 1; i < example.inputs.size(); ++i) {
        const bool picture = example.inputs[i].rank() == 3;
        const std::string id = fmt::format("side{}", i);
        const ParamValues params = picture ? ParamValues{{"out_channels", example.inputs[i][0]}, {"kernel_size", 1}}
                                           : ParamValues{{"out_features", example.inputs[i][0]}};
        layers.push_back(layerOf(id, picture ? "conv2d" : "linear", params, {"input"}));
        inputs.push_back(id);
    }
    layers.push_back(layerOf("tested", def.spec.id, example.params, inputs));
    layers.push_back(layerOf("flatten", "flatten"));
    layers.push_back(layerOf("fc", "linear", {{"out_features", 3}}));
    return specOf(example.inputs[0], std::move(layers));
}

/// A network whose every weight matters: formula values, variances above 0.
Network filled(const ModelSpec& spec) {
    Network network(spec, 3);
    std::vector<NamedTensor> state;
    uint64_t k = 0;
    for (const NamedTensor& item : network.stateDict()) {
        ++k;
        const bool variance = item.name.ends_with("running_var"), norm = variance || item.name.ends_with("running_mean");
        state.push_back({item.name, norm ? formulaTensor(item.tensor.shape(), 6000 + k, variance ? 0.5 : -0.5, variance ? 1.5 : 0.5)
                                         : item.tensor.clone()});
    }
    network.loadStateDict(state);
    return network;
}

} // namespace

class TstPytorchSource : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void pytorchAgrees_data();
    void pytorchAgrees();
    void sourceReadsLikeWrittenByHand();
    void hostileNamesStayComments();
    void theFormatWritesSourceWithClassesAndPreprocessing();
    void specsWithProblemsAreRefused();

private:
    void prepare(const std::string& name, const ModelSpec& spec);
    QTemporaryDir folder_;
    std::map<std::string, ModelSpec> cases_;
    QMap<QString, QString> said_;
    bool python_ = false;
};

void TstPytorchSource::prepare(const std::string& name, const ModelSpec& spec) {
    const NoGrad noGrad;
    const Network network = filled(spec);
    ModelFile model;
    model.spec = spec;
    model.state = network.stateDict();
    const std::string base = folder_.filePath(QString::fromStdString(name)).toStdString();
    exportModel(base + ".py", model);
    exportModel(base + ".npz", model);
    Shape shape = spec.input;
    shape.insert(0, 3);
    const Tensor input = formulaTensor(shape, 77, -1.5, 1.5).to(DType::F32);
    int64_t trained = 0;
    for (const NamedTensor& item : network.parameters()) trained += item.tensor.elements();
    writeNpz({{"input", input},
              {"output", network.forward(input)},
              {"parameters", Tensor::of(std::vector<int64_t>{network.parameterCount()})},
              {"trained", Tensor::of(std::vector<int64_t>{trained})}},
             base + ".io.npz");
    cases_[name] = spec;
}

void TstPytorchSource::initTestCase() {
    for (const TemplateDef& def : modelTemplates()) {
        prepare("template_" + def.id, def.make({3, 32, 32}, 10));
        prepare("grey_" + def.id, def.make({1, 28, 28}, 7));
    }
    for (const LayerDef* def : layers())
        for (size_t i = 0; i < def->examples.size(); ++i)
            prepare(fmt::format("layer_{}_{}", def->spec.id, i), exampleSpec(*def, def->examples[i]));

    const ParamValues conv{{"out_channels", 2}, {"padding", 1}};
    prepare("ids", specOf({2, 4, 4},
                          {layerOf("layer1.0.conv1", "conv2d", conv), layerOf("layer1.0", "conv2d", conv),
                           layerOf("layer1.1.class", "conv2d", conv), layerOf("train", "batch_norm"), layerOf("forward", "conv2d", conv),
                           layerOf("forward.weight", "conv2d", conv), layerOf("3", "conv2d", conv), layerOf("x", "relu"),
                           layerOf("_in", "conv2d", conv, {"3"}), layerOf("in", "add", {}, {"x", "_in", "forward.weight"}),
                           layerOf("torch", "concat", {}, {"in", "x", "input"}), layerOf("nn", "flatten"),
                           layerOf("self", "linear", {{"out_features", 3}})}));
    prepare("branches", specOf({3, 8, 8}, {layerOf("a", "conv2d", {{"out_channels", 3}, {"padding", 1}}, {"input"}),
                                           layerOf("b", "max_pool", {{"kernel_size", 3}, {"stride", 1}, {"padding", 1}}, {"input"}),
                                           layerOf("c", "add", {}, {"a", "b", "input"}), layerOf("d", "identity"),
                                           layerOf("twice", "add", {}, {"d", "d"}), layerOf("e", "concat", {}, {"twice", "a", "d"}),
                                           layerOf("pool", "global_avg_pool"), layerOf("drop", "dropout", {{"p", 0.25}}),
                                           layerOf("fc", "linear", {{"out_features", 4}})}));
    ModelSpec bypassed = makeTemplate("resnet20", {3, 32, 32}, 10);
    for (const char* id : {"conv2_1a", "bn2_2b", "relu1"}) bypassed.layers[size_t(bypassed.find(id))].bypassed = true;
    prepare("bypassed", bypassed);
    python_ = pythonHas({"torch", "numpy"});
    if (!python_) return;
    const QString script = QString::fromStdString(readTestFile(STRATA_SOURCE_DIR "/tests/support/check_pytorch_source.py"));
    for (const QByteArray& line : runPython(script, {folder_.path()}).split('\n')) {
        const qsizetype space = line.indexOf(' ');
        if (space > 0) said_[QString::fromUtf8(line.left(space))] = QString::fromUtf8(line.mid(space + 1));
    }
}

void TstPytorchSource::pytorchAgrees_data() {
    QTest::addColumn<QString>("name");
    for (const auto& [name, spec] : cases_) QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

void TstPytorchSource::pytorchAgrees() {
    QFETCH(QString, name);
    if (!python_) QSKIP("python3-torch is not installed");
    if (said_.value(name) != "ok") qWarning().noquote() << QString::fromStdString(pytorchSource(cases_.at(name.toStdString())));
    QCOMPARE(said_.value(name), QString("ok"));
}

void TstPytorchSource::sourceReadsLikeWrittenByHand() {
    const std::string text = pytorchSource(makeTemplate("resnet20", {3, 32, 32}, 10));
    for (const char* line :
         {"class Resnet20(nn.Module):\n    def __init__(self):\n        super().__init__()\n",
          "        self.conv1 = nn.Conv2d(3, 16, kernel_size=3, padding=1, bias=False)\n", "        self.bn1 = nn.BatchNorm2d(16)\n",
          "    def forward(self, x):  # [N, 3, 32, 32]\n", "        # block2_1\n", "        x = F.relu(x) ", "        x = x + relu1 ",
          "  # [N, 16, 32, 32]\n", "        self.fc = nn.Linear(64, 10)\n", "        return x\n"})
        QVERIFY2(text.find(line) != std::string::npos, line);
}

void TstPytorchSource::hostileNamesStayComments() {
    ModelSpec spec = makeTemplate("linear", {1, 2, 2}, 2);
    spec.name = "a\"\"\"\nimport os\r\nos.system('x')\x01";
    spec.layers[0].block = "b\nprint(1)";
    const std::string text = pytorchSource(spec);
    for (const char* line : {"\nimport os", "\nos.system", "\nprint(1)", "\r"}) QVERIFY2(text.find(line) == std::string::npos, line);
    QVERIFY(text.find("class AImportOsOsSystemX(nn.Module)") != std::string::npos);
}

void TstPytorchSource::theFormatWritesSourceWithClassesAndPreprocessing() {
    ModelFile model;
    model.spec = makeTemplate("linear", {1, 2, 2}, 2);
    model.state = Network(model.spec, 0).stateDict();
    model.classes = {"a \"b\"", "c\\d"};
    model.pipeline.add("normalize", {{"mean", {0.5}}, {"std", {0.25}}});
    const std::string path = folder_.filePath("with.py").toStdString();
    const ExportReport report = exportModel(path, model);
    QCOMPARE(report.format, std::string("pytorch_source"));
    QCOMPARE(report.tensors, size_t(0));
    const std::string text = readTestFile(path);
    QVERIFY(text.find(R"(CLASSES = ["a \"b\"", "c\\d"])") != std::string::npos);
    QVERIFY(text.find("#   normalize {\"mean\":[0.5],\"std\":[0.25]}") != std::string::npos);
    QVERIFY(sentenceOf([&] { exportModel(path, model, DType::F16); }).contains("cannot store f16"));
    QFile::remove(QString::fromStdString(path));
}

void TstPytorchSource::specsWithProblemsAreRefused() {
    QVERIFY(sentenceOf([] { pytorchSource(specOf({3, 4, 4}, {layerOf("fc", "linear", {{"out_features", 3}})})); }).contains("fc"));
}

QTEST_GUILESS_MAIN(TstPytorchSource)
#include "tst_pytorch_source.moc"
