// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "core/files/npy.h"
#include "tests/support/data_files.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <set>

using namespace strata;
using namespace strata::test;

class TstTransforms : public QObject {
    Q_OBJECT
private slots:
    void everyTransformIsDescribed();
    void normalizeAndCropAndFlipEqualPlainFormulas_data();
    void normalizeAndCropAndFlipEqualPlainFormulas();
    void onePassEqualsStepByStep_data();
    void onePassEqualsStepByStep();
    void drawsDoNotDependOnOtherTransforms();
    void drawsAreSpreadOverTheirRange();
    void resizeAndCropEqualTorchvision();
    void colorJitterKeepsItsRanges();
    void cutoutClearsASquareAtItsCentre();
    void outsideTrainingRandomStepsRest();
    void greyAndColourAreConverted();
    void pipelineSurvivesJson();
    void wrongPipelinesAreToldInOneSentence_data();
    void wrongPipelinesAreToldInOneSentence();
    void defaultPipelineFitsTheData_data();
    void defaultPipelineFitsTheData();
};

namespace {

std::vector<uint8_t> picture(const Shape& shape, int seed = 1) {
    std::vector<uint8_t> pixels(size_t(shape.elements()));
    Philox random(uint64_t(seed), Purpose::Test, 0, 0);
    for (uint8_t& pixel : pixels) pixel = uint8_t(random.next() >> 24);
    return pixels;
}

std::vector<float> run(const Pipeline& pipeline, const std::vector<uint8_t>& pixels, const Shape& shape, bool training = true,
                       DrawKey key = {}, int64_t channels = 0) {
    Shape input = shape;
    if (channels) input[0] = channels;
    std::vector<float> values(size_t(pipeline.outputShape(input).elements()), -77.0f);
    pipeline.apply(pixels.data(), shape, training, key, values.data(), channels);
    return values;
}

std::array<uint32_t, 4> words(const DrawKey& key, uint32_t block) {
    return Philox(key.seed, Purpose::Augment, key.epoch, key.index).block(block);
}

const Json kMean = {0.4914, 0.4822, 0.4465}, kStd = {0.247, 0.2435, 0.2616};

} // namespace

void TstTransforms::everyTransformIsDescribed() {
    QStringList ids;
    std::set<uint32_t> blocks;
    for (const TransformDef& def : transforms()) {
        ids << QString::fromStdString(def.spec.id);
        blocks.insert(def.drawBlock);
        QVERIFY(!def.spec.title.empty() && !def.spec.group.empty() && def.spec.help.ends_with("."));
        for (const ParamDef& param : def.spec.params) QVERIFY(param.help.ends_with("."));
        QVERIFY(def.drawBlock < 16);
    }
    QCOMPARE(ids, (QStringList{"resize", "center_crop", "pad_and_random_crop", "random_horizontal_flip", "color_jitter", "normalize",
                               "cutout"}));
    QCOMPARE(blocks.size(), transforms().size());
    QCOMPARE(errorOf([] { transformDef("normalise"); }), std::string("unknown transform 'normalise': did you mean 'normalize'?"));
}

void TstTransforms::normalizeAndCropAndFlipEqualPlainFormulas_data() {
    QTest::addColumn<bool>("reflect");
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("padding");
    QTest::addColumn<QSize>("size");
    for (const bool reflect : {false, true}) {
        for (const int channels : {1, 3}) {
            QTest::addRow("%s %d", reflect ? "reflect" : "zero", channels) << reflect << channels << 4 << QSize(0, 0);
            QTest::addRow("%s %d smaller", reflect ? "reflect" : "zero", channels) << reflect << channels << 2 << QSize(9, 7);
            QTest::addRow("%s %d larger", reflect ? "reflect" : "zero", channels) << reflect << channels << 4 << QSize(21, 19);
        }
    }
}

void TstTransforms::normalizeAndCropAndFlipEqualPlainFormulas() {
    QFETCH(bool, reflect);
    QFETCH(int, channels);
    QFETCH(int, padding);
    QFETCH(QSize, size);
    const int64_t height = 13, width = 15, outHeight = size.height() ? size.height() : height,
                  outWidth = size.width() ? size.width() : width;
    const Shape shape{channels, height, width};
    const auto pixels = picture(shape);
    Pipeline pipeline;
    pipeline.add("pad_and_random_crop",
                 {{"size", Json::array({size.height(), size.width()})}, {"padding", padding}, {"mode", reflect ? "reflect" : "zero"}});
    pipeline.add("random_horizontal_flip");
    pipeline.add("normalize", {{"mean", channels == 3 ? kMean : Json{0.3}}, {"std", channels == 3 ? kStd : Json{0.2}}});
    int flipped = 0;
    for (uint64_t index = 0; index < 40; ++index) {
        const DrawKey key{3, 2, index};
        const auto values = run(pipeline, pixels, shape, true, key);
        const auto crop = words(key, 0), flip = words(key, 1);
        const int64_t top = int64_t(uint64_t(crop[0]) * uint64_t(height + 2 * padding - outHeight + 1) >> 32) - padding;
        const int64_t left = int64_t(uint64_t(crop[1]) * uint64_t(width + 2 * padding - outWidth + 1) >> 32) - padding;
        const bool mirrored = float(flip[0] >> 8) / 16777216.0f < 0.5f;
        flipped += mirrored;
        for (int64_t c = 0; c < channels; ++c) {
            for (int64_t y = 0; y < outHeight; ++y) {
                for (int64_t x = 0; x < outWidth; ++x) {
                    int64_t sy = y + top, sx = (mirrored ? outWidth - 1 - x : x) + left;
                    double value = 0;
                    if (reflect) {
                        sy = std::abs(sy), sx = std::abs(sx);
                        if (sy >= height) sy = 2 * height - 2 - sy;
                        if (sx >= width) sx = 2 * width - 2 - sx;
                    }
                    if (sy >= 0 && sy < height && sx >= 0 && sx < width) value = pixels[size_t((c * height + sy) * width + sx)] / 255.0;
                    const double mean = channels == 3 ? kMean[size_t(c)].get<double>() : 0.3,
                                 deviation = channels == 3 ? kStd[size_t(c)].get<double>() : 0.2;
                    const double wanted = (value - mean) / deviation;
                    const double got = double(values[size_t((c * outHeight + y) * outWidth + x)]);
                    QVERIFY2(std::abs(got - wanted) < 2e-6,
                             qPrintable(QString("%1 %2 %3: %4 %5").arg(c).arg(y).arg(x).arg(got).arg(wanted)));
                }
            }
        }
    }
    QVERIFY(flipped > 8 && flipped < 32);
}

void TstTransforms::onePassEqualsStepByStep_data() {
    QTest::addColumn<QString>("steps");
    const char* crop = R"({"type": "pad_and_random_crop", "params": {"padding": 3, "mode": "reflect"}})";
    const char* zero = R"({"type": "pad_and_random_crop", "params": {"size": [10, 20], "padding": 5}})";
    const char* flip = R"({"type": "random_horizontal_flip", "params": {"p": 0.7}})";
    const char* normal = R"({"type": "normalize", "params": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.25]}})";
    const char* cutout = R"({"type": "cutout", "params": {"size": 6}})";
    QTest::newRow("crop flip normalize cutout") << QStringList{crop, flip, normal, cutout}.join(", ");
    QTest::newRow("zero crop flip normalize") << QStringList{zero, flip, normal}.join(", ");
    QTest::newRow("flip normalize") << QStringList{flip, normal}.join(", ");
    QTest::newRow("crop only") << QString(crop);
    QTest::newRow("normalize cutout") << QStringList{normal, cutout}.join(", ");
}

void TstTransforms::onePassEqualsStepByStep() {
    QFETCH(QString, steps);
    const Json json = Json::parse("{\"version\": 1, \"steps\": [" + steps.toStdString() + "]}");
    const Pipeline fused = Pipeline::fromJson(json);
    // A colour jitter of strength 0 in front changes nothing but keeps the steps from being one pass.
    Json longer = json;
    longer["steps"].insert(longer["steps"].begin(),
                           Json::parse(R"({"type": "color_jitter", "params": {"brightness": 0, "contrast": 0, "saturation": 0}})"));
    const Pipeline single = Pipeline::fromJson(longer);
    const Shape shape{3, 14, 17};
    const auto pixels = picture(shape, 5);
    for (const bool training : {true, false}) {
        for (uint64_t index = 0; index < 50; ++index)
            QVERIFY(run(fused, pixels, shape, training, {1, 2, index}) == run(single, pixels, shape, training, {1, 2, index}));
    }
}

void TstTransforms::drawsDoNotDependOnOtherTransforms() {
    const Shape shape{3, 16, 16};
    const auto pixels = picture(shape);
    Pipeline flip, cropAndFlip;
    flip.add("random_horizontal_flip");
    cropAndFlip.add("pad_and_random_crop", {{"padding", 0}});
    cropAndFlip.add("random_horizontal_flip");
    Pipeline twice = flip;
    twice.add("random_horizontal_flip");
    int different = 0;
    for (uint64_t index = 0; index < 100; ++index) {
        QVERIFY(run(flip, pixels, shape, true, {1, 0, index}) == run(cropAndFlip, pixels, shape, true, {1, 0, index}));
        different += run(twice, pixels, shape, true, {1, 0, index}) != run(flip, pixels, shape, false);
    }
    QVERIFY(different > 25 && different < 75); // the second flip draws for itself
}

void TstTransforms::drawsAreSpreadOverTheirRange() {
    Pipeline pipeline;
    pipeline.add("pad_and_random_crop", {{"padding", 2}});
    const Shape shape{1, 1, 1};
    const std::vector<uint8_t> pixels{255};
    int seen = 0;
    for (uint64_t index = 0; index < 5000; ++index) seen += run(pipeline, pixels, shape, true, {0, 0, index})[0] == 1.0f;
    QVERIFY2(std::abs(seen - 200) < 45, qPrintable(QString::number(seen))); // 1 of 25 places
    std::set<std::vector<float>> epochs;
    const Shape large{1, 8, 8};
    for (uint32_t epoch = 0; epoch < 20; ++epoch) epochs.insert(run(pipeline, picture(large), large, true, {0, epoch, 7}));
    QVERIFY(epochs.size() > 8);
}

void TstTransforms::resizeAndCropEqualTorchvision() {
    struct Row {
        int height, width, size;
        bool antialias;
    };
    const std::vector<Row> rows{{50, 71, 24, true},  {71, 50, 32, true},  {20, 31, 64, true},
                                {50, 71, 24, false}, {20, 31, 64, false}, {32, 32, 32, true}};
    QTemporaryDir folder;
    const auto path = [&](const char* name, size_t row) { return folder.filePath(QString("%1%2.npy").arg(name).arg(row)).toStdString(); };
    QStringList arguments{"-c", R"(import sys, numpy as np, torch, torchvision.transforms.functional as F
for a in sys.argv[2:]:
    row, size, antialias = (int(n) for n in a.split(','))
    x = torch.tensor(np.load(f'{sys.argv[1]}/in{row}.npy')).float() / 255
    y = F.center_crop(F.resize(x, size, antialias=antialias == 1), [size - 5, size - 2])
    np.save(f'{sys.argv[1]}/out{row}.npy', np.ascontiguousarray(y.numpy()))
)",
                          folder.path()};
    for (size_t r = 0; r < rows.size(); ++r) {
        const Shape shape{3, rows[r].height, rows[r].width};
        writeNpy(Tensor::of(picture(shape, int(r)), shape), path("in", r));
        arguments << QString("%1,%2,%3").arg(r).arg(rows[r].size).arg(int(rows[r].antialias));
    }
    QProcess python;
    python.start("/usr/bin/python3", arguments);
    if (!python.waitForStarted() || !python.waitForFinished(120000) || python.exitCode() != 0)
        QSKIP("no /usr/bin/python3 with torchvision here");
    for (size_t r = 0; r < rows.size(); ++r) {
        const auto [height, width, size, antialias] = rows[r];
        const Shape shape{3, height, width};
        Pipeline pipeline;
        pipeline.add("resize", {{"size", size}, {"antialias", antialias}});
        pipeline.add("center_crop", {{"size", Json::array({size - 5, size - 2})}});
        const auto values = run(pipeline, picture(shape, int(r)), shape);
        const Tensor wanted = readNpy(path("out", r));
        QVERIFY(wanted.shape() == pipeline.outputShape(shape));
        double worst = 0;
        for (size_t i = 0; i < values.size(); ++i) worst = std::max(worst, std::abs(double(values[i]) - double(wanted.data<float>()[i])));
        QVERIFY2(worst < 1e-5, qPrintable(QString("row %1: %2").arg(r).arg(worst)));
    }
}

void TstTransforms::colorJitterKeepsItsRanges() {
    const Shape shape{3, 4, 4};
    const std::vector<uint8_t> grey(48, 100);
    Pipeline pipeline;
    pipeline.add("color_jitter", {{"brightness", 0.5}, {"contrast", 0.9}, {"saturation", 0.9}});
    float low = 1, high = 0;
    for (uint64_t index = 0; index < 300; ++index) {
        const auto values = run(pipeline, grey, shape, true, {0, 0, index});
        const double factor = 0.5 + double(words({0, 0, index}, 2)[0] >> 8) / 16777216.0;
        for (const float value : values) { // an even grey changes with the brightness alone
            QVERIFY(std::abs(double(value) - 100.0 / 255 * factor) < 1e-4);
            low = std::min(low, value), high = std::max(high, value);
        }
    }
    QVERIFY(low < 0.21f && high > 0.57f);

    Pipeline saturation;
    saturation.add("color_jitter", {{"brightness", 0}, {"contrast", 0}, {"saturation", 1}});
    const auto pixels = picture(shape);
    const DrawKey key{0, 0, 3};
    const auto values = run(saturation, pixels, shape, true, key);
    const double factor = 2 * double(words(key, 2)[2] >> 8) / 16777216.0;
    for (size_t i = 0; i < 16; ++i) {
        const double luma = (0.2989 * pixels[i] + 0.587 * pixels[16 + i] + 0.114 * pixels[32 + i]) / 255;
        for (size_t c = 0; c < 3; ++c) {
            const double wanted = std::clamp(factor * pixels[c * 16 + i] / 255 + (1 - factor) * luma, 0.0, 1.0);
            QVERIFY(std::abs(double(values[c * 16 + i]) - wanted) < 1e-5);
        }
    }
}

void TstTransforms::cutoutClearsASquareAtItsCentre() {
    const Shape shape{2, 12, 10};
    const std::vector<uint8_t> white(size_t(shape.elements()), 255);
    Pipeline pipeline;
    pipeline.add("cutout", {{"size", 5}});
    for (uint64_t index = 0; index < 100; ++index) {
        const auto draw = words({0, 0, index}, 3);
        const int64_t cy = int64_t(uint64_t(draw[0]) * 12 >> 32), cx = int64_t(uint64_t(draw[1]) * 10 >> 32);
        const auto values = run(pipeline, white, shape, true, {0, 0, index});
        for (int64_t i = 0; i < shape.elements(); ++i) {
            const int64_t y = i / 10 % 12, x = i % 10;
            const bool inside = std::abs(y - cy) <= 2 && std::abs(x - cx) <= 2;
            QCOMPARE(values[size_t(i)], inside ? 0.0f : 1.0f);
        }
    }
}

void TstTransforms::outsideTrainingRandomStepsRest() {
    const Shape shape{3, 20, 20};
    const auto pixels = picture(shape);
    Pipeline plain, augmented, cropped, centred;
    for (Pipeline* pipeline : {&augmented}) {
        pipeline->add("pad_and_random_crop");
        pipeline->add("random_horizontal_flip", {{"p", 1}});
        pipeline->add("color_jitter");
    }
    for (Pipeline* pipeline : {&plain, &augmented}) pipeline->add("normalize", {{"mean", kMean}, {"std", kStd}});
    augmented.add("cutout");
    QVERIFY(run(plain, pixels, shape, false) == run(augmented, pixels, shape, false));
    cropped.add("pad_and_random_crop", {{"size", 10}, {"padding", 0}});
    centred.add("center_crop", {{"size", 10}});
    QVERIFY(run(cropped, pixels, shape, false) == run(centred, pixels, shape, false));
}

void TstTransforms::greyAndColourAreConverted() {
    const Shape colour{3, 3, 3}, grey{1, 3, 3};
    const auto pixels = picture(colour), single = picture(grey);
    Pipeline pipeline;
    pipeline.add("normalize", {{"mean", {0}}, {"std", {1}}});
    const auto luma = run(pipeline, pixels, colour, false, {}, 1);
    for (size_t i = 0; i < 9; ++i) {
        const double wanted = (0.299 * pixels[i] + 0.587 * pixels[9 + i] + 0.114 * pixels[18 + i]) / 255;
        QVERIFY(std::abs(double(luma[i]) - wanted) < 0.51 / 255);
    }
    const auto repeated = run(pipeline, single, grey, false, {}, 3);
    for (size_t i = 0; i < 27; ++i) QCOMPARE(repeated[i], float(single[i % 9]) / 255.0f);
    QCOMPARE(errorOf([&] { run(pipeline, pixels, colour, false, {}, 4); }),
             std::string("pipeline: a picture of 3 channels cannot become one of 4"));
}

void TstTransforms::pipelineSurvivesJson() {
    Json json =
        Json::parse(R"({"version": 1, "steps": [{"type": "resize", "params": {"size": 40}}, {"type": "center_crop", "params": {"size": 32}},
        {"type": "normalize", "params": {"mean": [0.5], "std": [0.25]}}], "input": [3, 64, 48], "note": "kept"})");
    const Pipeline pipeline = Pipeline::fromJson(json);
    QVERIFY(pipeline.input() == (Shape{3, 64, 48}));
    QVERIFY(pipeline.outputShape(pipeline.input()) == (Shape{3, 32, 32}));
    const Json written = pipeline.toJson();
    QCOMPARE(written["note"].get<std::string>(), std::string("kept"));
    QVERIFY(written["steps"][0]["params"]["antialias"].get<bool>());
    QCOMPARE(Pipeline::fromJson(written).toJson().dump(), written.dump());
}

void TstTransforms::wrongPipelinesAreToldInOneSentence_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("message");
    QTest::newRow("no object") << "[]"
                               << "pipeline: must be an object with version and steps";
    QTest::newRow("newer") << R"({"version": 2, "steps": []})"
                           << "pipeline: version 2 is not known to this program (it reads up to 1)";
    QTest::newRow("no steps") << R"({"version": 1})"
                              << "pipeline: steps must be a list";
    QTest::newRow("step without type") << R"({"version": 1, "steps": [{}]})"
                                       << "pipeline: step 1 has no type";
    QTest::newRow("input") << R"({"version": 1, "steps": [], "input": [3, -1, 2]})"
                           << "pipeline: input is [3,-1,2], but must be [channels, height, width]";
    QTest::newRow("unknown") << R"({"version": 1, "steps": [{"type": "cut_out"}]})"
                             << "unknown transform 'cut_out': did you mean 'cutout'?";
    QTest::newRow("means and deviations") << R"({"version": 1, "steps": [{"type": "normalize", "params": {"mean": [0.5], "std": [1, 1]}}]})"
                                          << "normalize: mean has 1 numbers and std 2: they must be as many, at least one";
    QTest::newRow("zero deviation") << R"({"version": 1, "steps": [{"type": "normalize", "params": {"mean": [0.5], "std": [0]}}]})"
                                    << "normalize: std has 0, but each must be above 0";
    QTest::newRow("crop too large") << R"({"version": 1, "steps": [{"type": "center_crop", "params": {"size": [40, 8]}}]})"
                                    << "center_crop: 40 x 8 is larger than the picture of 32 x 32";
    QTest::newRow("random crop too large") << R"({"version": 1, "steps": [{"type": "pad_and_random_crop", "params": {"size": 64}}]})"
                                           << "pad_and_random_crop: 64 x 64 is larger than the picture of 32 x 32 with a padding of 4";
    QTest::newRow("reflection too large")
        << R"({"version": 1, "steps": [{"type": "pad_and_random_crop", "params": {"padding": 32, "mode": "reflect"}}]})"
        << "pad_and_random_crop: a reflected padding of 32 needs a picture larger than 32 x 32";
    QTest::newRow("channels") << R"({"version": 1, "steps": [{"type": "normalize", "params": {"mean": [0, 0], "std": [1, 1]}}]})"
                              << "normalize: 2 means for pictures of 3 channels";
}

void TstTransforms::wrongPipelinesAreToldInOneSentence() {
    QFETCH(QString, json);
    QFETCH(QString, message);
    ErrorKind kind{};
    QCOMPARE(QString::fromStdString(errorOf(
                 [&] {
                     Pipeline::fromJson(Json::parse(json.toStdString())).outputShape(Shape{3, 32, 32});
                 },
                 &kind)),
             message);
    QVERIFY(kind == ErrorKind::BadInput);
}

void TstTransforms::defaultPipelineFitsTheData_data() {
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("shape");
    QTest::addColumn<bool>("mixed");
    QTest::addColumn<QString>("types");
    QTest::addColumn<QString>("output");
    QTest::newRow("cifar") << "cifar10:x"
                           << "3x32x32" << false << "pad_and_random_crop random_horizontal_flip normalize"
                           << "3x32x32";
    QTest::newRow("digits are not mirrored") << "mnist:x"
                                             << "1x28x28" << false << "pad_and_random_crop normalize"
                                             << "1x28x28";
    QTest::newRow("photos") << "folder:x"
                            << "3x375x500" << true << "resize center_crop pad_and_random_crop random_horizontal_flip normalize"
                            << "3x128x128";
    QTest::newRow("small mixed") << "folder:x"
                                 << "3x40x50" << true << "resize center_crop pad_and_random_crop random_horizontal_flip normalize"
                                 << "3x32x32";
}

void TstTransforms::defaultPipelineFitsTheData() {
    QFETCH(QString, spec);
    QFETCH(QString, shape);
    QFETCH(bool, mixed);
    QFETCH(QString, types);
    QFETCH(QString, output);
    DataSource source;
    source.spec = spec.toStdString();
    source.mixedSizes = mixed;
    std::vector<int64_t> sizes;
    for (const QString& size : shape.split('x')) sizes.push_back(size.toInt());
    source.imageShape = Shape(sizes);
    DataStatistics statistics;
    statistics.mean.assign(size_t(sizes[0]), 0.12345678);
    statistics.deviation.assign(size_t(sizes[0]), 0.25);
    const Pipeline pipeline = defaultPipeline(source, statistics, true);
    QStringList got;
    for (const auto& step : pipeline.steps()) got << QString::fromStdString(step.type);
    QCOMPARE(got.join(' '), types);
    QCOMPARE(QString::fromStdString(pipeline.outputShape(source.imageShape).text('x')), output);
    QCOMPARE(pipeline.steps().back().params["mean"][0].get<double>(), 0.1235);
    const Pipeline plain = defaultPipeline(source, statistics, false);
    for (const auto& step : plain.steps()) QVERIFY(!step.transform->random());
}

QTEST_GUILESS_MAIN(TstTransforms)
#include "tst_transforms.moc"
