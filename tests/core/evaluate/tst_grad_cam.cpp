// SPDX-License-Identifier: Apache-2.0
// Grad-CAM against PyTorch (tests/support/golden_studio.py), its scaling and colours.
#include "core/evaluate/grad_cam.h"

#include "core/ops/ops.h"
#include "tests/support/case.h"
#include "tests/support/files_support.h"
#include "tests/support/golden.h"
#include "tests/support/layer_spec.h"

#include <QtTest>

using namespace strata;
using namespace strata::test;

namespace {

/// Skip of golden_studio.py.
ModelSpec gradCamSpec() {
    ModelSpec spec;
    spec.name = "skip";
    spec.input = {2, 8, 6};
    spec.layers = {layerOf("conv1", "conv2d", {{"out_channels", 4}, {"padding", 1}, {"bias", false}}),
                   layerOf("bn1", "batch_norm"),
                   layerOf("relu1", "relu"),
                   layerOf("conv2", "conv2d", {{"out_channels", 4}, {"padding", 1}}),
                   layerOf("bn2", "batch_norm"),
                   layerOf("add", "add", {}, {"bn2", "relu1"}),
                   layerOf("relu2", "relu"),
                   layerOf("pool", "max_pool"),
                   layerOf("flatten", "flatten"),
                   layerOf("fc", "linear", {{"out_features", 3}})};
    return spec;
}

Network gradCamNetwork() {
    Network network(gradCamSpec(), 0);
    std::vector<NamedTensor> state;
    uint64_t k = 0;
    for (const NamedTensor& item : network.stateDict()) {
        const bool variance = item.name.ends_with("var");
        state.push_back({item.name, formulaTensor(item.tensor.shape(), 8500 + k++, variance ? 0.5 : -0.5, variance ? 1.5 : 0.5)});
    }
    network.loadStateDict(state);
    return network;
}

Tensor gradCamImage() { return formulaTensor({1, 2, 8, 6}, 8100, -1, 1).to(DType::F32); }

} // namespace

class TstGradCam : public QObject {
    Q_OBJECT
private slots:
    void mapsEqualPytorchs_data();
    void mapsEqualPytorchs();
    void aFoldedNetworkGivesTheSameMap();
    void theLastLayerWithAPictureIsTakenUnlessAnotherIsNamed();
    void gradientsOfTheNetworkStayAsTheyAre();
    void frozenNetworksHaveMapsToo();
    void whatCannotBeMappedIsToldInOneSentence();
    void scalingEqualsPytorchs_data();
    void scalingEqualsPytorchs();
    void coloursAreThoseOfCividis();
    void anOverlayMixesPictureAndMap();
};

void TstGradCam::mapsEqualPytorchs_data() {
    QTest::addColumn<QString>("layer");
    QTest::addColumn<int>("wanted");
    for (const char* layer : {"relu1", "relu2", "pool"})
        for (int wanted = 0; wanted < 3; ++wanted) QTest::addRow("%s %d", layer, wanted) << layer << wanted;
}

void TstGradCam::mapsEqualPytorchs() {
    QFETCH(QString, layer);
    QFETCH(int, wanted);
    const GradCam cam = gradCam(gradCamNetwork(), gradCamImage(), wanted, layer.toStdString());
    QCOMPARE(cam.layer, layer.toStdString());
    const std::string wrong = Golden("studio").compare(cam.map, QString("grad_cam/%1 %2").arg(layer).arg(wanted).toStdString(), 2e-5);
    QVERIFY2(wrong.empty(), wrong.c_str());
}

void TstGradCam::aFoldedNetworkGivesTheSameMap() {
    const auto folded = foldForInference(gradCamNetwork());
    for (int wanted = 0; wanted < 3; ++wanted) {
        const std::string wrong =
            Golden("studio").compare(gradCam(*folded, gradCamImage(), wanted).map, fmt::format("grad_cam/relu2 {}", wanted), 2e-5);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }
}

void TstGradCam::theLastLayerWithAPictureIsTakenUnlessAnotherIsNamed() {
    QCOMPARE(gradCamLayers(gradCamSpec()), (std::vector<std::string>{"conv1", "relu1", "conv2", "relu2", "pool"}));
    QCOMPARE(defaultGradCamLayer(gradCamSpec()), std::string("relu2"));
    QCOMPARE(gradCam(gradCamNetwork(), gradCamImage(), 1).layer, std::string("relu2"));
    for (const TemplateDef& def : modelTemplates()) {
        const ModelSpec spec = def.make({3, 32, 32}, 10);
        const std::string layer = defaultGradCamLayer(spec);
        QCOMPARE(layer.empty(), def.id == "linear" || def.id == "mlp");
        if (layer.empty()) continue;
        const Shape shape = requireValid(spec).layers[size_t(spec.find(layer))].output;
        QVERIFY2(shape.rank() == 3 && shape[1] > 1 && shape[2] > 1, layer.c_str());
    }
}

void TstGradCam::gradientsOfTheNetworkStayAsTheyAre() {
    Network network = gradCamNetwork();
    network.flatGradients().fill(3);
    gradCam(network, gradCamImage(), 0);
    QCOMPARE(network.flatGradients().toVector<float>(), std::vector<float>(size_t(network.flatGradients().elements()), 3.0f));
}

void TstGradCam::frozenNetworksHaveMapsToo() {
    const Network source = gradCamNetwork();
    ModelSpec spec = gradCamSpec();
    for (LayerSpec& layer : spec.layers) {
        if (layer.type == "conv2d" || layer.type == "batch_norm" || layer.type == "linear") layer.frozen = {"weight"};
        if (layer.id != "conv1" && !layer.frozen.empty()) layer.frozen.push_back("bias");
    }
    Network frozen(spec, 0);
    frozen.loadStateDict(source.stateDict());
    QVERIFY(allClose(gradCam(frozen, gradCamImage(), 2).map, gradCam(source, gradCamImage(), 2).map, 1e-5, 1e-6));
}

void TstGradCam::whatCannotBeMappedIsToldInOneSentence() {
    const Network network = gradCamNetwork();
    const auto sentence = [&](int64_t wanted, const char* layer) {
        return sentenceOf([&] { gradCam(network, gradCamImage(), wanted, layer); });
    };
    QCOMPARE(sentence(3, ""), QString("there is no class 3: the network tells 3 apart"));
    QCOMPARE(sentence(0, "relu3"), QString("there is no layer relu3; did you mean relu1?"));
    QCOMPARE(sentence(0, "bn1"), QString("layer bn1 has no output of its own that is a picture; a map can be made of conv1, relu1, conv2, "
                                         "relu2, pool"));
    QCOMPARE(sentence(0, "fc").left(40), QString("layer fc has no output of its own that i"));
    const Network flat(makeTemplate("linear", {1, 8, 8}, 3), 0);
    QCOMPARE(sentenceOf([&] {
                 gradCam(flat, Tensor::zeros({1, 1, 8, 8}), 0);
             }),
             QString("the network has no layer whose output is a picture: there is nothing to map"));
    QVERIFY(sentenceOf([&] { gradCam(network, Tensor::zeros({2, 2, 8, 6}), 0); }).contains("one picture"));
}

void TstGradCam::scalingEqualsPytorchs_data() {
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    for (const auto& [height, width] : {std::pair{13, 11}, {5, 7}, {32, 32}, {3, 4}})
        QTest::addRow("%dx%d", height, width) << height << width;
}

void TstGradCam::scalingEqualsPytorchs() {
    QFETCH(int, height);
    QFETCH(int, width);
    const Tensor scaled = upsampleBilinear(formulaTensor({5, 7}, 8200, 0, 1), height, width);
    const std::string wrong = Golden("studio").compare(scaled, fmt::format("upsample/{}x{}", height, width), 1e-6);
    QVERIFY2(wrong.empty(), wrong.c_str());
}

void TstGradCam::coloursAreThoseOfCividis() {
    // OpenCV's table at every 17th entry.
    const std::vector<std::pair<int, std::array<int, 3>>> table{
        {0, {0, 34, 78}},       {17, {0, 46, 108}},     {34, {30, 58, 111}},    {51, {53, 69, 108}},
        {68, {71, 81, 108}},    {85, {87, 93, 109}},    {102, {102, 105, 112}}, {119, {117, 117, 117}},
        {136, {132, 130, 121}}, {153, {148, 142, 119}}, {170, {165, 156, 116}}, {187, {183, 169, 110}},
        {204, {200, 184, 102}}, {221, {219, 199, 90}},  {238, {238, 214, 73}},  {255, {254, 232, 56}}};
    for (const auto& [at, color] : table) {
        const auto ours = cividis(at / 255.0);
        for (size_t c = 0; c < 3; ++c) QVERIFY2(std::abs(int(ours[c]) - color[c]) <= 7, qPrintable(QString::number(at)));
    }
    QCOMPARE(cividis(-1), cividis(0));
    QCOMPARE(cividis(7), cividis(1));
    QCOMPARE(cividis(NAN), cividis(0));
}

void TstGradCam::anOverlayMixesPictureAndMap() {
    Image picture{2, 1, {10, 20, 30, 100, 150, 200}};
    const Tensor map = Tensor::of(std::vector<float>{0, 1}, {1, 2});
    QCOMPARE(overlayMap(picture, map, 0).rgb, picture.rgb);
    const auto low = cividis(0), high = cividis(1);
    QCOMPARE(overlayMap(picture, map, 1).rgb, (std::vector<uint8_t>{low[0], low[1], low[2], high[0], high[1], high[2]}));
    QCOMPARE(overlayMap(picture, map, 0.5).rgb[0], uint8_t(std::lround((10 + low[0]) / 2.0)));
}

QTEST_GUILESS_MAIN(TstGradCam)
#include "tst_grad_cam.moc"
