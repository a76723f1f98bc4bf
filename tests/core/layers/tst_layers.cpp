// SPDX-License-Identifier: Apache-2.0
// Every example of every layer of layers() is a row: a new layer is tested by being listed.
#include "core/layers/layer.h"
#include "tests/support/case_test.h"

#include <set>

using namespace strata;
using namespace strata::test;

namespace {

struct Example {
    const LayerDef* layer;
    const LayerExample* example;
    ParamValues params() const { return completeParams(layer->spec.params, example->params, layer->spec.id); }
    Shape inferred() const { return std::get<Shape>(layer->infer(example->inputs, params())); }
    std::vector<WeightDef> weights() const { return layer->weights ? layer->weights(example->inputs, params()) : std::vector<WeightDef>{}; }
};

std::vector<Example> examples() {
    std::vector<Example> list;
    for (const LayerDef* layer : layers())
        for (const LayerExample& example : layer->examples) list.push_back({layer, &example});
    return list;
}

void addExamples() {
    QTest::addColumn<int>("at");
    const std::vector<Example> list = examples();
    for (size_t i = 0; i < list.size(); ++i) QTest::newRow((list[i].layer->spec.id + ": " + list[i].example->title).c_str()) << int(i);
}

} // namespace

class TstLayers : public QObject {
    Q_OBJECT

private slots:
    void theListHoldsWhatIsPromised() {
        std::set<std::string> ids;
        for (const LayerDef* layer : layers()) QVERIFY2(ids.insert(layer->spec.id).second, layer->spec.id.c_str());
        for (const char* id : {"linear", "conv2d", "batch_norm", "relu", "leaky_relu", "gelu", "silu", "sigmoid", "tanh", "max_pool",
                               "avg_pool", "global_avg_pool", "dropout", "flatten", "softmax", "add", "concat", "identity"})
            QVERIFY2(ids.contains(id), id);
        QCOMPARE(&layerDef("conv2d"), findLayer("conv2d"));
        QVERIFY(!findLayer("conv3d"));
        STRATA_FAILS(layerDef("conv3d"), "there is no layer 'conv3d'; did you mean conv2d?");
        STRATA_FAILS(layerDef("teapot"), "there is no layer 'teapot'; strata layers lists them");
    }

    void everyDefinitionIsComplete() {
        for (const LayerDef* layer : layers()) {
            const char* id = layer->spec.id.c_str();
            QVERIFY2(layer->infer && layer->forward && layer->flops, id);
            QVERIFY2(!layer->spec.title.empty() && !layer->spec.group.empty() && !layer->spec.help.empty() && !layer->spec.icon.empty(),
                     id);
            QVERIFY2(!layer->examples.empty(), id);
            QVERIFY2(!layer->pytorch.name.empty() || !layer->pytorch.why.empty(), id);
            QVERIFY2(!layer->onnx.name.empty() || !layer->onnx.why.empty(), id);
            QVERIFY2(layer->minInputs >= 1 && layer->maxInputs >= layer->minInputs, id);
            for (const ParamDef& param : layer->spec.params) {
                QVERIFY2(!param.help.empty() && !param.title.empty() && param.minimum <= param.maximum,
                         (layer->spec.id + "." + param.id).c_str());
                if (!param.defaultValue.is_null())
                    QVERIFY2(!checkParam(param, param.defaultValue), (layer->spec.id + "." + param.id).c_str());
            }
        }
    }

    void theInferredShapeIsTheRealOne_data() { addExamples(); }
    void theInferredShapeIsTheRealOne() {
        QFETCH(int, at);
        const Example e = examples()[size_t(at)];
        Shape expected = e.inferred();
        expected.insert(0, 3);
        for (const bool training : {true, false}) {
            const OpCase row = layerCase(*e.layer, *e.example, training);
            const Tensor output = row.make(makeInputs(row, DType::F32));
            QCOMPARE(QString::fromStdString(output.shape().text()), QString::fromStdString(expected.text()));
        }
    }

    void theWeightsAreThoseOfPyTorch_data() { addExamples(); }
    void theWeightsAreThoseOfPyTorch() { // counts from the formulas of the layers' documentation
        QFETCH(int, at);
        const Example e = examples()[size_t(at)];
        const ParamValues p = e.params();
        int64_t trainable = 0;
        for (const WeightDef& weight : e.weights()) trainable += weight.trainable ? weight.shape.elements() : 0;
        int64_t expected = 0;
        if (e.layer->spec.id == "linear")
            expected = p["out_features"].get<int64_t>() * (e.example->inputs[0][0] + (p["bias"].get<bool>() ? 1 : 0));
        if (e.layer->spec.id == "conv2d") {
            const Json k = p["kernel_size"];
            const int64_t area = k.is_array() ? k[0].get<int64_t>() * k[1].get<int64_t>() : k.get<int64_t>() * k.get<int64_t>();
            expected = p["out_channels"].get<int64_t>() *
                       (e.example->inputs[0][0] / p["groups"].get<int64_t>() * area + (p["bias"].get<bool>() ? 1 : 0));
        }
        if (e.layer->spec.id == "batch_norm") expected = p["affine"].get<bool>() ? 2 * e.example->inputs[0][0] : 0;
        QCOMPARE(trainable, expected);
    }

    void agreesWithPyTorchInF64_data() { addRows(layerCases()); }
    void agreesWithPyTorchInF64() { STRATA_VERIFY(checkGolden(currentCase(layerCases()), golden_, DType::F64)); }

    void agreesWithPyTorchInF32_data() { addRows(layerCases()); }
    void agreesWithPyTorchInF32() { STRATA_VERIFY(checkGolden(currentCase(layerCases()), golden_, DType::F32)); }

    void buffersMoveAsPyTorchsDo_data() {
        addRows(layerCases(), [](const OpCase& row) { return !row.inputs.back().gradient; });
    }
    void buffersMoveAsPyTorchsDo() {
        const OpCase& row = currentCase(layerCases());
        const std::vector<Tensor> inputs = makeInputs(row, DType::F64);
        row.make(inputs);
        for (size_t k = 0; k < inputs.size(); ++k)
            if (!row.inputs[k].gradient) STRATA_VERIFY(golden_.compare(inputs[k], fmt::format("{}/buffer{}", row.name, k), 1e-12));
    }

    void gradientEqualsFiniteDifferences_data() { addRows(layerCases()); }
    void gradientEqualsFiniteDifferences() { STRATA_VERIFY(checkFiniteDifferences(currentCase(layerCases()))); }

    void stridedInputsGiveTheSame_data() { addRows(layerCases()); }
    void stridedInputsGiveTheSame() { STRATA_VERIFY(checkStrides(currentCase(layerCases()))); }

    void layoutsGiveTheSame_data() {
        addRows(layerCases(), [](const OpCase& row) { return row.inputs[0].shape.rank() == 4; });
    }
    void layoutsGiveTheSame() { STRATA_VERIFY(checkLayouts(currentCase(layerCases()))); }

    void flopsAreCountedAsFvcoreDoes() { // https://github.com/facebookresearch/fvcore: multiply-adds
        const auto count = [](const char* id, const ShapeList& inputs, const ParamValues& given) {
            const LayerDef& layer = layerDef(id);
            const ParamValues params = completeParams(layer.spec.params, given, id);
            return layer.flops(inputs, std::get<Shape>(layer.infer(inputs, params)), params);
        };
        QCOMPARE(count("linear", {{400}}, {{"out_features", 120}}), 48000.0);
        QCOMPARE(count("conv2d", {{3, 32, 32}}, {{"out_channels", 6}, {"kernel_size", 5}}), 6.0 * 28 * 28 * 75);
        QCOMPARE(count("conv2d", {{8, 10, 10}}, {{"out_channels", 16}, {"groups", 4}, {"padding", 1}}), 16.0 * 100 * 18);
    }

    void problemsSayWhatAndHow_data() {
        QTest::addColumn<QString>("layer");
        QTest::addColumn<QString>("params");
        QTest::addColumn<QString>("inputs");
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<QString>("fix");
        QTest::newRow("linear on a picture") << "linear"
                                             << R"({"out_features": 4})"
                                             << "3x8x8"
                                             << "Linear needs a vector, but its input is 3x8x8; put a Flatten before it"
                                             << "";
        QTest::newRow("conv2d on a vector") << "conv2d"
                                            << R"({"out_channels": 4})"
                                            << "12"
                                            << "Conv2d needs a picture (channels x height x width), but its input is 12"
                                            << "";
        QTest::newRow("conv2d too large") << "conv2d"
                                          << R"({"out_channels": 4, "kernel_size": 5})"
                                          << "3x2x2"
                                          << "Conv2d: the 5x5 kernel is larger than the padded input 3x2x2"
                                          << R"(Set padding to 2: padding=2)";
        QTest::newRow("max_pool too large") << "max_pool"
                                            << R"({"kernel_size": 4})"
                                            << "3x2x3"
                                            << "MaxPool2d: the 4x4 window is larger than the input 3x2x3"
                                            << "Set kernel size to 2: kernel_size=2";
        QTest::newRow("max_pool padding") << "max_pool"
                                          << R"({"padding": 2})"
                                          << "3x8x8"
                                          << "MaxPool2d: padding 2 is more than half the kernel 2"
                                          << "Set padding to 0: padding=0";
        QTest::newRow("avg_pool too large") << "avg_pool"
                                            << R"({"kernel_size": 4})"
                                            << "3x2x3"
                                            << "AvgPool2d: the 4x4 window is larger than the input 3x2x3"
                                            << "Set kernel size to 2: kernel_size=2";
        QTest::newRow("global_avg_pool on a vector") << "global_avg_pool"
                                                     << "{}"
                                                     << "12"
                                                     << "GlobalAvgPool2d needs a picture (channels x height x width), but its input is 12"
                                                     << "";
        QTest::newRow("add of unlike shapes") << "add"
                                              << "{}"
                                              << "3x4x4 3x2x2"
                                              << "3x2x2 does not fit 3x4x4"
                                              << "";
        QTest::newRow("concat of unlike sizes") << "concat"
                                                << "{}"
                                                << "3x4x4 3x2x2"
                                                << "3x2x2 cannot be joined to 3x4x4: height and width must be equal"
                                                << "";
        QTest::newRow("batch_norm of a matrix") << "batch_norm"
                                                << "{}"
                                                << "3x4"
                                                << "BatchNorm2d needs a picture or a vector, but its input is 3x4"
                                                << "";
    }
    void problemsSayWhatAndHow() {
        QFETCH(QString, layer);
        QFETCH(QString, params);
        QFETCH(QString, inputs);
        QFETCH(QString, sentence);
        QFETCH(QString, fix);
        const LayerDef& def = layerDef(layer.toStdString());
        ShapeList shapes;
        for (const QString& text : inputs.split(' ')) {
            Shape shape;
            for (const QString& size : text.split('x')) shape.push(size.toInt());
            shapes.push_back(shape);
        }
        ParamValues given = completeParams(def.spec.params, Json::parse(params.toStdString()), def.spec.id);
        const ShapeOrProblem result = def.infer(shapes, given);
        const Problem* problem = std::get_if<Problem>(&result);
        QVERIFY(problem);
        QCOMPARE(QString::fromStdString(problem->sentence), sentence);
        if (fix.isEmpty()) {
            QVERIFY(problem->fixParam.empty());
            return;
        }
        QCOMPARE(QString::fromStdString(problem->fixTitle + ": " + problem->fixParam + "=" + toText(problem->fixValue)), fix);
        given[problem->fixParam] = problem->fixValue; // the fix mends it
        QVERIFY(std::holds_alternative<Shape>(def.infer(shapes, completeParams(def.spec.params, given, def.spec.id))));
    }

    void theBadGroupsOfAConvolutionAreMended() {
        const LayerDef& def = layerDef("conv2d");
        ParamValues params = completeParams(def.spec.params, {{"out_channels", 6}, {"groups", 4}}, "conv2d");
        const ShapeOrProblem result = def.infer({{3, 8, 8}}, params);
        QVERIFY(std::holds_alternative<Problem>(result));
        QCOMPARE(std::get<Problem>(result).fixParam, std::string("groups"));
        params["groups"] = std::get<Problem>(result).fixValue;
        QVERIFY(std::holds_alternative<Shape>(def.infer({{3, 8, 8}}, params)));
    }

private:
    Golden golden_{"layers"};
};

QTEST_GUILESS_MAIN(TstLayers)
#include "tst_layers.moc"
