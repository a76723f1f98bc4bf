// SPDX-License-Identifier: Apache-2.0
// The templates as networks: shapes, counts, fusion, folding, weights.
#include "core/autograd/autograd.h"
#include "core/backend/dispatch.h"
#include "core/model/network.h"
#include "core/ops/ops.h"
#include "tests/support/case_test.h"
#include "tests/support/sanitizer.h"

#include <set>

using namespace strata;
using namespace strata::test;

namespace {

struct Setting {
    std::string model;
    Shape input;
    int64_t classes;
    ModelSpec spec() const { return makeTemplate(model, input, classes); }
};

std::vector<Setting> settings() {
    std::vector<Setting> list;
    for (const TemplateDef& def : modelTemplates())
        for (const auto& [input, classes] :
             {std::pair{Shape{1, 28, 28}, 10}, std::pair{Shape{3, 32, 32}, 10}, std::pair{Shape{3, 32, 32}, 100}})
            list.push_back({def.id, input, classes});
    return list;
}

std::string nameOf(const Setting& s) { return fmt::format("{} {} {}", s.model, s.input.text('x'), s.classes); }

Tensor images(const Setting& s, int64_t batch) {
    Shape shape = s.input;
    shape.insert(0, batch);
    return formulaTensor(shape, 7000, -1.7, 1.7, DType::F32);
}

/// Running statistics that are not the initial ones, so that folding has something to fold.
void moveStatistics(Network& network) {
    uint64_t seed = 1;
    for (const NamedTensor& buffer : network.buffers()) {
        const bool variance = buffer.name.ends_with("running_var");
        Tensor(buffer.tensor).copyFrom(formulaTensor(buffer.tensor.shape(), seed++, variance ? 0.5 : -0.3, variance ? 1.5 : 0.3));
    }
    for (const NamedTensor& parameter : network.parameters())
        if (parameter.name.find("bn") != std::string::npos)
            parameter.tensor.detach().copyFrom(formulaTensor(parameter.tensor.shape(), seed++,
                                                             parameter.name.ends_with("weight") ? 0.5 : -0.3,
                                                             parameter.name.ends_with("weight") ? 1.5 : 0.3));
}

/// The network layer by layer, nothing fused: the meaning of a spec.
Tensor layerByLayer(const Network& network, const Tensor& input, bool training) {
    std::map<std::string, Tensor> values{{"input", input}}, weights;
    for (const NamedTensor& list : network.stateDict()) weights[list.name] = list.tensor;
    Tensor output;
    for (size_t i = 0; i < network.spec().layers.size(); ++i) {
        const LayerSpec& layer = network.spec().layers[i];
        const LayerDef& def = layerDef(layer.type);
        const ParamValues params = completeParams(def.spec.params, layer.params, layer.id);
        std::vector<Tensor> own, inputs;
        for (const WeightDef& weight : network.facts().layers[i].weights) own.push_back(weights.at(layer.id + "." + weight.name).clone());
        for (const std::string& id : network.spec().inputsOf(i)) inputs.push_back(values.at(id));
        output = def.forward(LayerContext{params, own, training, false, Tensor(), 0, 0, i}, inputs);
        values[layer.id] = output;
    }
    return output;
}

} // namespace

class TstNetwork : public QObject {
    Q_OBJECT

    /// One row a setting; `each` = 2: only the first two kinds of data, which keeps the heavy slots short.
    static void addSettings(size_t each = 3) {
        QTest::addColumn<int>("at");
        const std::vector<Setting> list = settings();
        for (size_t i = 0; i < list.size(); ++i)
            if (i % 3 < each) QTest::newRow(nameOf(list[i]).c_str()) << int(i);
    }
    static Setting current() {
        QFETCH(int, at);
        return settings()[size_t(at)];
    }

private slots:
    void everyTemplateFitsTheData_data() { addSettings(); }
    void everyTemplateFitsTheData() {
        const Setting s = current();
        const SpecCheck check = checkSpec(s.spec());
        QVERIFY2(check.problems.empty(), check.problems.empty() ? "" : check.problems[0].problem.sentence.c_str());
        QVERIFY(check.output == Shape{s.classes});
        if (s.classes == 100 && s.model.starts_with("resnet1")) return; // 11 M weights: the two settings before it have run
        const Network network(s.spec(), 1);
        NoGrad none;
        QVERIFY(network.forward(images(s, 2)).shape() == (Shape{2, s.classes}));
    }

    void parametersAreAsManyAsPyTorchs_data() { addSettings(); }
    void parametersAreAsManyAsPyTorchs() {
        const Setting s = current();
        int64_t count = 0;
        for (const LayerFacts& layer : requireValid(s.spec()).layers) count += layer.parameters;
        QCOMPARE(count, int64_t(golden_.values("count " + nameOf(s))[0]));
        QCOMPARE(summaryJson(s.spec(), 1)["parameters"].get<int64_t>(), count);
    }

    void theFusedTrainingForwardEqualsLayerByLayer_data() { addSettings(2); }
    void theFusedTrainingForwardEqualsLayerByLayer() {
        const Setting s = current();
        Network network(s.spec(), 3);
        moveStatistics(network);
        const Tensor batch = images(s, 3), expected = layerByLayer(network, batch, true);
        ForwardOptions options;
        options.training = true;
        std::vector<std::string> seen;
        options.observer = [&](const std::string& layer, const Tensor&) { seen.push_back(layer); };
        const Tensor fused = network.forward(batch, options);
        QVERIFY2(relativeError(fused.detach(), expected) < 2e-5, fmt::format("{}", relativeError(fused.detach(), expected)).c_str());
        QCOMPARE(seen.back(), s.spec().layers.back().id);
        const ModelSpec spec = s.spec();
        const auto has = [&](const char* type) {
            return std::any_of(spec.layers.begin(), spec.layers.end(), [&](const LayerSpec& layer) { return layer.type == type; });
        };
        QCOMPARE(seen.size() < spec.layers.size(), has("batch_norm") && has("relu")); // it did fuse
    }

    void foldedAndPlainInferenceAgree_data() { addSettings(2); }
    void foldedAndPlainInferenceAgree() {
        const Setting s = current();
        Network network(s.spec(), 3);
        moveStatistics(network);
        const Tensor batch = images(s, 2);
        NoGrad none;
        const Tensor expected = layerByLayer(network, batch, false), plain = network.forward(batch);
        QVERIFY2(relativeError(plain, expected) < 1e-5, fmt::format("{}", relativeError(plain, expected)).c_str());
        const auto folded = foldForInference(network);
        const Tensor quick = folded->forward(batch);
        QVERIFY2(relativeError(quick, expected) < 1e-4, fmt::format("{}", relativeError(quick, expected)).c_str());
        for (const LayerSpec& layer : folded->spec().layers) {
            const bool foldable = s.model != "speed"; // there a pool lies between convolution and normalisation
            QVERIFY2(!foldable || layer.type != "batch_norm", layer.id.c_str());
        }
        network.flatParameters().fill(0); // the folded network has weights of its own
        QCOMPARE(folded->forward(batch).toVector<float>(), quick.toVector<float>());
    }

    void theStateComesBackUnchanged_data() { addSettings(1); }
    void theStateComesBackUnchanged() {
        const Setting s = current();
        Network first(s.spec(), 3), second(s.spec(), 4);
        moveStatistics(first);
        second.loadStateDict(first.stateDict());
        const std::vector<NamedTensor> a = first.stateDict(), b = second.stateDict();
        QCOMPARE(a.size(), b.size());
        for (size_t i = 0; i < a.size(); ++i) {
            QCOMPARE(a[i].name, b[i].name);
            QCOMPARE(a[i].tensor.toVector<float>(), b[i].tensor.toVector<float>());
            QVERIFY(!a[i].tensor.sharesStorage(b[i].tensor));
        }
        NoGrad none;
        QCOMPARE(first.forward(images(s, 1)).toVector<float>(), second.forward(images(s, 1)).toVector<float>());
    }

    void initialWeightsAreThoseOfPyTorchsDefault() { // U(-1/sqrt(fan_in), 1/sqrt(fan_in)); normalisation 1 and 0
        const Network network(makeTemplate("resnet9", {3, 32, 32}, 10), 7);
        const std::vector<NamedTensor> state = network.stateDict();
        for (size_t i = 0; i < network.spec().layers.size(); ++i)
            for (const WeightDef& def : network.facts().layers[i].weights) {
                const std::string name = network.spec().layers[i].id + "." + def.name;
                const Tensor tensor =
                    std::find_if(state.begin(), state.end(), [&](const NamedTensor& t) { return t.name == name; })->tensor;
                if (def.initializer != Initializer::UniformFanIn) {
                    const double value = def.initializer == Initializer::Ones ? 1 : 0;
                    QCOMPARE(tensor.toVector<double>(), std::vector<double>(size_t(tensor.elements()), value));
                    continue;
                }
                const double bound = 1 / std::sqrt(double(def.fanIn)), n = double(tensor.elements());
                QVERIFY(max(abs(tensor)).item() <= bound * (1 + 1e-6));
                if (n < 1000) continue;
                QVERIFY2(max(abs(tensor)).item() > bound * 0.99, name.c_str());
                QVERIFY2(std::fabs(mean(tensor).item()) < 5 * bound / std::sqrt(3 * n), name.c_str());
                QVERIFY2(std::fabs(mean(square(tensor)).item() / (bound * bound / 3) - 1) < 6 / std::sqrt(n), name.c_str());
            }
    }

    void weightsDependOnTheSeedAlone() {
        const ModelSpec spec = makeTemplate("vgg_small", {3, 32, 32}, 10);
        const auto weights = [&](uint64_t seed) { return Network(spec, seed).flatParameters().toVector<float>(); };
        QCOMPARE(weights(5), weights(5));
        QVERIFY(weights(5) != weights(6));
    }

    void parametersAndGradientsLieInFlatBuffers() {
        Network network(makeTemplate("speed", {3, 32, 32}, 10), 1);
        int64_t elements = 0;
        for (const NamedTensor& parameter : network.parameters()) {
            QVERIFY(parameter.tensor.sharesStorage(network.flatParameters()));
            QVERIFY(parameter.tensor.isContiguous());
            elements += parameter.tensor.elements();
        }
        QVERIFY(network.flatParameters().elements() >= elements);
        QVERIFY(network.flatGradients().elements() == network.flatParameters().elements());
        QCOMPARE(network.frozen().size(), size_t(1));
        QCOMPARE(network.frozen()[0].name, std::string("conv1.weight"));
        ForwardOptions options;
        options.training = true;
        network.zeroGradients();
        const Tensor labels = Tensor::of<int64_t>({1, 2});
        crossEntropy(network.forward(images({"speed", {3, 32, 32}, 10}, 2), options), labels).backward();
        for (const NamedTensor& parameter : network.parameters()) {
            QVERIFY2(parameter.tensor.grad().defined() && parameter.tensor.grad().sharesStorage(network.flatGradients()),
                     parameter.name.c_str());
            QVERIFY2(max(abs(parameter.tensor.grad())).item() > 0, parameter.name.c_str());
        }
        QVERIFY(!network.frozen()[0].tensor.grad().defined());
        const std::vector<float> once = network.flatGradients().toVector<float>();
        network.zeroGradients();
        QCOMPARE(network.flatGradients().toVector<float>(), std::vector<float>(once.size(), 0.0f));
    }

    void gradientsOfTwoBatchesAdd() {
        const ModelSpec spec = makeTemplate("vgg_small", {3, 32, 32}, 10);
        Network network(spec, 1);
        ForwardOptions options;
        options.training = true;
        const Tensor labels = Tensor::of<int64_t>({1, 2});
        const auto gradientOf = [&](uint64_t seed) {
            const Tensor batch = formulaTensor({2, 3, 32, 32}, seed, -1, 1, DType::F32);
            crossEntropy(network.forward(batch, options), labels).backward();
            return network.flatGradients().toVector<double>();
        };
        network.zeroGradients();
        const std::vector<double> first = gradientOf(1);
        network.zeroGradients();
        const std::vector<double> second = gradientOf(2);
        const std::vector<double> both = gradientOf(1);
        for (size_t i = 0; i < both.size(); ++i) QVERIFY(std::fabs(both[i] - first[i] - second[i]) < 1e-5);
    }

    void aSteadyTrainingStepAsksTheSystemForNoMemory_data() {
        QTest::addColumn<QString>("model");
        for (const char* model : {"lenet5", "vgg_small", "speed", "resnet20"}) QTest::newRow(model) << model;
    }
    void aSteadyTrainingStepAsksTheSystemForNoMemory() {
        STRATA_NEEDS_BLOCK_CACHE();
        QFETCH(QString, model);
        Network network(makeTemplate(model.toStdString(), {3, 32, 32}, 10), 1);
        Tensor velocity = Tensor::zeros(network.flatParameters().shape());
        const Tensor batch = formulaTensor({8, 3, 32, 32}, 1, -1, 1, DType::F32), labels = Tensor::of<int64_t>({0, 1, 2, 3, 4, 5, 6, 7});
        ForwardOptions options;
        options.training = true;
        const auto step = [&] {
            network.zeroGradients();
            crossEntropy(network.forward(batch, options), labels).backward();
            const SgdParams params{0.01, 0.9, 5e-4, false, options.step == 0};
            launch("sgd", backendOf(batch), &Backend::sgdStep, params, network.flatParameters().out(), network.flatGradients().view(),
                   velocity.out());
            ++options.step;
        };
        for (int i = 0; i < 3; ++i) step();
        const uint64_t before = cpuDevice().memory().memoryStats().systemAllocations;
        for (int i = 0; i < 5; ++i) step();
        QCOMPARE(cpuDevice().memory().memoryStats().systemAllocations, before);
    }

private:
    Golden golden_{"networks"};
};

QTEST_GUILESS_MAIN(TstNetwork)
#include "tst_network.moc"
