// SPDX-License-Identifier: Apache-2.0
#include "core/formats/formats.h"

#include "core/autograd/autograd.h"
#include "core/base/fs.h"
#include "core/files/npy.h"
#include "core/files/safetensors.h"
#include "core/formats/compare.h"
#include "core/formats/keras.h"
#include "core/ops/ops.h"
#include "core/ops/random.h"
#include "tests/support/layer_spec.h"
#include "tests/support/program.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace strata;
using namespace strata::test;

namespace {

/// conv, norm, relu, pool, conv, flatten, dense, norm, relu, dense on pictures of 2x6x4: height and width differ, so that a
/// wrong order of axes cannot hide.
ModelSpec smallSpec() {
    ModelSpec spec;
    spec.name = "small";
    spec.input = {2, 6, 4};
    const Json conv{{"out_channels", 5}, {"kernel_size", 3}, {"padding", 1}};
    spec.layers = {layerOf("conv1", "conv2d", conv),
                   layerOf("bn1", "batch_norm"),
                   layerOf("relu1", "relu"),
                   layerOf("pool", "max_pool", {{"kernel_size", 2}}),
                   layerOf("block.conv2", "conv2d", {{"out_channels", 3}, {"kernel_size", 3}, {"padding", 1}, {"bias", false}}),
                   layerOf("flatten", "flatten"),
                   layerOf("relu2", "relu"),
                   layerOf("bn2", "batch_norm"),
                   layerOf("fc1", "linear", {{"out_features", 7}}),
                   layerOf("relu3", "relu"),
                   layerOf("fc2", "linear", {{"out_features", 3}})};
    return spec;
}

ModelFile smallModel() {
    ModelFile model;
    model.spec = smallSpec();
    const Network network(model.spec, 11);
    uint64_t index = 0;
    for (const NamedTensor& entry : network.stateDict()) { // running statistics too: every value differs
        const double low = entry.name.ends_with("running_var") ? 0.5 : -1;
        model.state.push_back({entry.name, randomUniform(entry.tensor.shape(), low, 1, Philox(3, Purpose::Test, 0, index++))});
    }
    model.classes = {"a", "b", "c"};
    model.pipeline.add("normalize", {{"mean", {0.5, 0.25}}, {"std", {0.25, 0.5}}});
    model.info = {{"accuracy", 0.5}};
    return model;
}

QString sentenceOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) { return QString::fromStdString(error.what()); }
    return "no error";
}

} // namespace

class TstFormats : public QObject {
    Q_OBJECT
private slots:
    void kerasRunsTheExportedNetworkToTheSameLogits();
    void npzIsWhatNumpyReads();
    void safetensorsComesBackAsTheSameModel_data();
    void safetensorsComesBackAsTheSameModel();
    void everyTemplateGoesToEveryFormat_data();
    void everyTemplateGoesToEveryFormat();
    void wrongRequestsAreToldInOneSentence_data();
    void wrongRequestsAreToldInOneSentence();
    void aFileThatReadsBackDifferentlyIsRemoved();

private:
    QTemporaryDir folder_;
    std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }
};

void TstFormats::kerasRunsTheExportedNetworkToTheSameLogits() {
    if (test::runProgram("/usr/bin/python3", {"-c", "import h5py, numpy"}).exitCode != 0)
        QSKIP("python3-h5py and python3-numpy are not installed");
    const ModelFile model = smallModel();
    exportModel(path("small.h5"), model);
    const Tensor input = randomUniform({2, 2, 6, 4}, -1, 1, Philox(9, Purpose::Test, 0, 0));
    writeNpy(input, path("input.npy"));
    test::writeBytes(folder_.filePath("steps.json"),
                     R"([["conv","conv1"],["bn","bn1",1e-5],["relu"],["pool"],["conv","block.conv2"],["flatten"],["relu"],
        ["bn","bn2",1e-5],["dense","fc1"],["relu"],["dense","fc2"]])");
    const test::ProgramResult result =
        test::runProgram("/usr/bin/python3", {STRATA_SOURCE_DIR "/tests/core/formats/keras_forward.py", folder_.filePath("small.h5"),
                                              folder_.filePath("steps.json"), folder_.filePath("input.npy")});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QJsonArray rows = QJsonDocument::fromJson(result.out).array();
    const NoGrad noGrad;
    const std::vector<double> expected = makeNetwork(model)->forward(input).toVector<double>();
    for (int i = 0; i < 6; ++i) {
        const double got = rows[i / 3].toArray()[i % 3].toDouble();
        QVERIFY2(std::abs(got - expected[size_t(i)]) < 1e-4 * std::max(1.0, std::abs(got)),
                 qPrintable(QString("%1: %2, expected %3").arg(i).arg(got).arg(expected[size_t(i)])));
    }
}

void TstFormats::npzIsWhatNumpyReads() {
    if (test::runProgram("/usr/bin/python3", {"-c", "import numpy"}).exitCode != 0) QSKIP("python3-numpy is not installed");
    const ModelFile model = smallModel();
    for (DType dtype : {DType::F32, DType::F16}) {
        const ExportReport report = exportModel(path("small.npz"), model, dtype);
        QCOMPARE(report.format, std::string("npz"));
        const test::ProgramResult result = test::runProgram("/usr/bin/python3", {"-c", R"(
import json, sys, numpy as np
f = np.load(sys.argv[1])
about = json.loads(bytes(f["strata"]))
assert about["classes"] == ["a", "b", "c"] and about["pipeline"]["steps"][0]["type"] == "normalize", about
assert about["spec"]["layers"][4]["id"] == "block.conv2"
w = f["block.conv2.weight"]
print(w.dtype, w.shape, repr(float(w[2, 4, 0, 2])))
)",
                                                                                 folder_.filePath("small.npz")});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        double value = 0;
        for (const NamedTensor& entry : model.state)
            if (entry.name == "block.conv2.weight") value = entry.tensor.toVector<double>()[(2 * 5 + 4) * 9 + 2];
        if (dtype == DType::F16) value = double(toFloat(toHalf(float(value))));
        const QByteArray expected = dtype == DType::F16 ? "float16 (3, 5, 3, 3) " : "float32 (3, 5, 3, 3) ";
        QVERIFY2(result.out.startsWith(expected), result.out.constData());
        QCOMPARE(result.out.mid(expected.size()).trimmed().toDouble(), value);
    }
}

void TstFormats::safetensorsComesBackAsTheSameModel_data() {
    QTest::addColumn<int>("dtype");
    QTest::newRow("f32") << int(DType::F32);
    QTest::newRow("f16") << int(DType::F16);
    QTest::newRow("bf16") << int(DType::BF16);
}

void TstFormats::safetensorsComesBackAsTheSameModel() {
    QFETCH(int, dtype);
    const ModelFile model = smallModel();
    exportModel(path("small.safetensors"), model, DType(dtype));
    const ModelFile back = readModelFile(path("small.safetensors"));
    QCOMPARE(back.classes, model.classes);
    QVERIFY(back.pipeline.toJson() == model.pipeline.toJson());
    QVERIFY(back.spec.toJson() == model.spec.toJson());
    QVERIFY(back.info["accuracy"] == 0.5);
    QCOMPARE(back.state.size(), model.state.size());
    for (const NamedTensor& entry : model.state) {
        const auto same = std::find_if(back.state.begin(), back.state.end(), [&](const NamedTensor& b) { return b.name == entry.name; });
        QVERIFY2(same != back.state.end(), entry.name.c_str());
        QVERIFY2(allClose(same->tensor.to(DType::F32), entry.tensor.to(DType(dtype)).to(DType::F32), 0, 0), entry.name.c_str());
    }
}

void TstFormats::everyTemplateGoesToEveryFormat_data() {
    QTest::addColumn<QString>("model");
    for (const char* id : {"linear", "mlp", "lenet5", "vgg_small", "resnet20"}) QTest::newRow(id) << id;
}

void TstFormats::everyTemplateGoesToEveryFormat() {
    QFETCH(QString, model);
    ModelFile file;
    file.spec = makeTemplate(model.toStdString(), {3, 32, 32}, 10);
    file.state = Network(file.spec, 1).stateDict();
    file.classes.assign(10, "class");
    for (const FormatDef& format : formats())
        for (const std::string& extension : format.extensions) {
            const ExportReport report = exportModel(path(("m" + extension).c_str()), file);
            QCOMPARE(report.format, format.spec.id);
            QVERIFY(report.bytes > (format.weights ? 4000u : 1000u));
        }
}

void TstFormats::wrongRequestsAreToldInOneSentence_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("format");
    QTest::addColumn<int>("dtype");
    QTest::addColumn<QString>("message");
    QTest::newRow("unknown extension") << "m.xyz"
                                       << "" << int(DType::F32)
                                       << "m.xyz: no format has the extension .xyz (known are .safetensors, .h5, .hdf5, .npz, .py)";
    QTest::newRow("no extension") << "m"
                                  << "" << int(DType::F32)
                                  << "m: the name has no extension that tells the format (.safetensors, .h5, .hdf5, .npz, .py)";
    QTest::newRow("unknown format") << "m.npz"
                                    << "numpy" << int(DType::F32) << "there is no format 'numpy': known are safetensors, keras, npz, pytorch_source";
    QTest::newRow("half in Keras") << "m.h5"
                                   << "" << int(DType::F16) << "m.h5: Keras HDF5 weights cannot store f16 (it can f32)";
    QTest::newRow("bf16 in npz") << "m.npz"
                                 << "" << int(DType::BF16) << "m.npz: NumPy arrays cannot store bf16 (it can f32, f16)";
}

void TstFormats::wrongRequestsAreToldInOneSentence() {
    QFETCH(QString, file);
    QFETCH(QString, format);
    QFETCH(int, dtype);
    QFETCH(QString, message);
    QCOMPARE(sentenceOf([&] { exportModel(file.toStdString(), smallModel(), DType(dtype), format.toStdString()); }), message);
    QVERIFY(!QFile::exists(file));
}

void TstFormats::aFileThatReadsBackDifferentlyIsRemoved() {
    const std::string file = path("damaged.npz");
    test::writeBytes(QString::fromStdString(file), "x");
    const NamedTensors written{{"w", Tensor::of(std::vector<float>{1, 2})}};
    const NamedTensors read{{"w", Tensor::of(std::vector<float>{1, 3})}};
    QCOMPARE(sentenceOf([&] { requireSame(written, read, file); }),
             QString::fromStdString(file) + ": read back, w is not what was written; the file was removed");
    QVERIFY(!fs().status(file).exists);
    requireSame(written, {{"other", read[0].second}, written[0]}, file);
}

QTEST_GUILESS_MAIN(TstFormats)
#include "tst_formats.moc"
