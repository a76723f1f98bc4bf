// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/cpu/onednn_state.h"
#include "nn_values.h"

#include <QtTest>
#include <vector>

using namespace strata;
using test::relativeError;
using test::Values;

namespace {

constexpr double kDirectTolerance = 2e-6;   ///< relative L2 error of sums of f32 products in any order
constexpr double kWinogradTolerance = 1e-5; ///< Winograd F(4x4, 3x3) in f32
constexpr double kExactTolerance = 1e-6;

struct ConvCase {
    const char* name;
    Shape input, weight; ///< weight [O, I/groups, kH, kW]
    ConvParams params;
    bool bias = false;
};

ConvParams convParams(std::array<int64_t, 2> stride, std::array<int64_t, 2> padding, std::array<int64_t, 2> dilation = {1, 1},
                      int64_t groups = 1) {
    ConvParams params;
    params.stride = stride;
    params.padding = padding;
    params.dilation = dilation;
    params.groups = groups;
    return params;
}

const ConvCase kConvCases[] = {
    {"3x3, 32 to 32 channels", {2, 32, 9, 11}, {32, 32, 3, 3}, convParams({1, 1}, {1, 1}), true},
    {"first layer, 3 channels", {2, 3, 16, 16}, {32, 3, 3, 3}, convParams({1, 1}, {1, 1}), true},
    {"first layer, 1 channel to 6", {3, 1, 28, 28}, {6, 1, 5, 5}, convParams({1, 1}, {2, 2}), true},
    {"first layer, 2x2 to 24", {2, 3, 10, 10}, {24, 3, 2, 2}, convParams({1, 1}, {0, 0}), true},
    {"24 to 64 channels", {2, 24, 9, 9}, {64, 24, 3, 3}, convParams({1, 1}, {1, 1})},
    {"5 to 7 channels", {2, 5, 8, 8}, {7, 5, 3, 3}, convParams({1, 1}, {1, 1}), true},
    {"64 to 3 channels", {1, 64, 7, 7}, {3, 64, 3, 3}, convParams({1, 1}, {1, 1}), true},
    {"stride 2", {2, 16, 9, 8}, {32, 16, 3, 3}, convParams({2, 2}, {1, 1})},
    {"stride 2 by 3, last column unused", {2, 16, 10, 12}, {16, 16, 2, 3}, convParams({2, 3}, {0, 0})},
    {"1x1", {2, 32, 7, 7}, {48, 32, 1, 1}, convParams({1, 1}, {0, 0}), true},
    {"1x1, stride 2", {2, 32, 8, 8}, {64, 32, 1, 1}, convParams({2, 2}, {0, 0})},
    {"7x7, stride 2", {1, 3, 32, 32}, {64, 3, 7, 7}, convParams({2, 2}, {3, 3})},
    {"dilation 2", {2, 16, 12, 12}, {16, 16, 3, 3}, convParams({1, 1}, {2, 2}, {2, 2})},
    {"first layer, dilation 2", {1, 3, 12, 12}, {8, 3, 3, 3}, convParams({1, 1}, {0, 0}, {2, 2})},
    {"1 by 5 kernel", {2, 16, 6, 14}, {16, 16, 1, 5}, convParams({1, 1}, {0, 2}), true},
    {"image smaller than the kernel", {2, 16, 2, 2}, {16, 16, 3, 3}, convParams({1, 1}, {1, 1})},
    {"one pixel", {4, 64, 1, 1}, {32, 64, 1, 1}, convParams({1, 1}, {0, 0}), true},
    {"depthwise, 32 channels", {2, 32, 8, 8}, {32, 1, 3, 3}, convParams({1, 1}, {1, 1}, {1, 1}, 32), true},
    {"depthwise, 24 channels", {2, 24, 8, 8}, {24, 1, 3, 3}, convParams({2, 2}, {1, 1}, {1, 1}, 24)},
    {"depthwise, multiplier 2", {2, 6, 8, 8}, {12, 1, 3, 3}, convParams({1, 1}, {1, 1}, {1, 1}, 6)},
    {"2 groups of 16", {2, 32, 8, 8}, {32, 16, 3, 3}, convParams({1, 1}, {1, 1}, {1, 1}, 2), true},
    {"3 groups of 5 to 2", {2, 15, 8, 8}, {6, 5, 3, 3}, convParams({1, 1}, {1, 1}, {1, 1}, 3), true},
    {"128 channels, enough for Winograd", {2, 128, 8, 8}, {128, 128, 3, 3}, convParams({1, 1}, {1, 1})},
};

Shape outputShape(const ConvCase& c) {
    Shape out{c.input[0], c.weight[0], 0, 0};
    for (int i = 0; i < 2; ++i) {
        const auto d = size_t(i);
        out[2 + i] = (c.input[2 + i] + 2 * c.params.padding[d] - c.params.dilation[d] * (c.weight[2 + i] - 1) - 1) / c.params.stride[d] + 1;
    }
    return out;
}

struct PoolCase {
    const char* name;
    Shape input;
    PoolParams params;
};
const PoolCase kPoolCases[] = {
    {"2x2", {2, 24, 8, 8}, {{2, 2}, {2, 2}, {0, 0}, true}},
    {"2x2 of an odd image", {2, 5, 7, 9}, {{2, 2}, {2, 2}, {0, 0}, true}},
    {"3x3, stride 2, padding 1", {2, 16, 9, 8}, {{3, 3}, {2, 2}, {1, 1}, true}},
    {"3x3, stride 2, padding not counted", {2, 17, 9, 8}, {{3, 3}, {2, 2}, {1, 1}, false}},
    {"3x3, stride 1, padding 1", {1, 20, 5, 6}, {{3, 3}, {1, 1}, {1, 1}, true}},
    {"whole image", {3, 33, 4, 4}, {{4, 4}, {4, 4}, {0, 0}, true}},
    {"2 by 3, stride 3 by 4", {2, 3, 11, 13}, {{2, 3}, {3, 4}, {0, 1}, true}},
    {"window of 256 cells", {1, 4, 18, 17}, {{16, 16}, {1, 1}, {0, 0}, true}},
};
Shape outputShape(const PoolCase& c) {
    Shape out = c.input;
    for (int i = 0; i < 2; ++i) {
        const auto d = size_t(i);
        out[2 + i] = (c.input[2 + i] + 2 * c.params.padding[d] - c.params.kernel[d]) / c.params.stride[d] + 1;
    }
    return out;
}

constexpr Layout kLayouts[] = {Layout::Plain, Layout::Blocked16, Layout::Blocked8, Layout::ChannelsLast};
const char* layoutName(Layout layout) {
    constexpr const char* names[] = {"plain", "blocked by 16", "blocked by 8", "channels last"};
    return names[size_t(layout)];
}
QByteArray rowName(const char* name, Layout layout) { return QByteArray(name) + ", " + layoutName(layout); }

struct NormCase {
    const char* name;
    Shape shape;
    double shift = 0;
};
const NormCase kNormCases[] = {
    {"24 channels", {4, 24, 6, 7}}, {"3 channels of 5x5", {3, 3, 5, 5}},   {"40 channels of 20x20", {4, 40, 20, 20}},
    {"one pixel", {16, 20, 1, 1}},  {"far from zero", {4, 16, 8, 8}, 300}, {"a large plane", {2, 16, 40, 41}},
};

} // namespace

class TstNnKernels : public QObject {
    Q_OBJECT
    cpu::CpuContext context_;

    void addConvRows() {
        QTest::addColumn<int>("index");
        QTest::addColumn<bool>("exact");
        for (bool exact : {true, false})
            for (int i = 0; i < int(std::size(kConvCases)); ++i)
                QTest::addRow("%s%s", kConvCases[i].name, exact ? ", exact" : "") << i << exact;
    }
    void addPoolRows() {
        QTest::addColumn<int>("index");
        QTest::addColumn<Layout>("layout");
        for (int i = 0; i < int(std::size(kPoolCases)); ++i)
            for (Layout layout : kLayouts) QTest::newRow(rowName(kPoolCases[i].name, layout).constData()) << i << layout;
    }
    bool usesWinograd() {
        const std::string plan = cpu::exportPlan(context_).dump();
        return plan.find("winograd") != std::string::npos;
    }

private slots:
    void convolutionsAgreeWithTheF64Loops_data() { addConvRows(); }
    void convolutionsAgreeWithTheF64Loops() {
        QFETCH(int, index);
        QFETCH(bool, exact);
        const ConvCase& c = kConvCases[index];
        cpu::resetPlan(context_, exact);
        const Shape out = outputShape(c), biasShape{c.weight[0]};
        const ConvLayouts layouts = cpu::convLayouts(context_, c.params, c.input, c.weight);
        const auto input = [&](DType d) { return Values::noise(1, c.input, d); };
        const auto weight = [&](DType d) { return Values::noise(2, c.weight, d, 0.3); };
        const auto bias = [&](DType d) { return c.bias ? Values::noise(3, biasShape, d) : Values(); };
        const auto grad = [&](DType d) { return Values::noise(4, out, d); };

        Values expected(out, DType::F64), expectedData(c.input, DType::F64), expectedWeight(c.weight, DType::F64),
            expectedBias(biasShape, DType::F64);
        QVERIFY(cpu::convForward(context_, c.params, input(DType::F64), weight(DType::F64), bias(DType::F64), expected));
        QVERIFY(cpu::convBackwardData(context_, c.params, grad(DType::F64), weight(DType::F64), expectedData));
        QVERIFY(cpu::convBackwardWeights(context_, c.params, input(DType::F64), grad(DType::F64), expectedWeight, expectedBias));

        const Values in = input(DType::F32).in(layouts.input), w = weight(DType::F32), b = bias(DType::F32),
                     g = grad(DType::F32).in(layouts.output);
        const auto run = [&](Values& y, Values& dx, Values& dw, Values& db) {
            y = Values(out, DType::F32, layouts.output);
            dx = Values(c.input, DType::F32, layouts.input);
            dw = Values(c.weight, DType::F32);
            db = Values(biasShape, DType::F32);
            return cpu::convForward(context_, c.params, in, w, b, y) && cpu::convBackwardData(context_, c.params, g, w, dx) &&
                   cpu::convBackwardWeights(context_, c.params, in, g, dw, c.bias ? db.out() : OutView());
        };
        Values y, dx, dw, db, y2, dx2, dw2, db2;
        QVERIFY(run(y, dx, dw, db));
        QVERIFY(run(y2, dx2, dw2, db2));
        QVERIFY(!exact || !usesWinograd());
        const double tolerance = usesWinograd() ? kWinogradTolerance : kDirectTolerance;
        QVERIFY2(relativeError(y, expected) < tolerance, qPrintable(QString::number(relativeError(y, expected))));
        QVERIFY2(relativeError(dx, expectedData) < tolerance, qPrintable(QString::number(relativeError(dx, expectedData))));
        QVERIFY2(relativeError(dw, expectedWeight) < tolerance, qPrintable(QString::number(relativeError(dw, expectedWeight))));
        if (c.bias) QVERIFY2(relativeError(db, expectedBias) < tolerance, qPrintable(QString::number(relativeError(db, expectedBias))));
        QVERIFY(y.paddingIsZero() && dx.paddingIsZero());
        QVERIFY2(y.sameBytes(y2) && dx.sameBytes(dx2) && dw.sameBytes(dw2) && db.sameBytes(db2), "a second call gave other bits");
    }

    void everyAlgorithmAgreesWithTheF64Loops() {
        const ConvCase& c = kConvCases[std::size(kConvCases) - 1];
        const Shape out = outputShape(c);
        Values expected(out, DType::F64);
        cpu::convForward(context_, c.params, Values::noise(1, c.input, DType::F64), Values::noise(2, c.weight, DType::F64), Values(),
                         expected);
        std::vector<Values> results;
        for (const char* algorithm : {"direct", "winograd"}) {
            Json plan = cpu::exportPlan(context_);
            plan["exact"] = false;
            plan["choices"] = {{"forward 128x8x8 to 128, kernel 3x3, padding 1x1", algorithm}};
            cpu::importPlan(context_, plan);
            const ConvLayouts layouts = cpu::convLayouts(context_, c.params, c.input, c.weight);
            Values y(out, DType::F32, layouts.output);
            cpu::convForward(context_, c.params, Values::noise(1, c.input, DType::F32).in(layouts.input),
                             Values::noise(2, c.weight, DType::F32), Values(), y);
            QVERIFY2(relativeError(y, expected) < kWinogradTolerance, algorithm);
            QCOMPARE(cpu::exportPlan(context_), plan);
            results.push_back(std::move(y));
        }
        if (cpu::instructionSetName().starts_with("AVX-512"))
            QVERIFY2(!results[0].sameBytes(results[1]), "Winograd was planned but not used");
    }

    void inferenceFusesReluAndSeesChangedWeights() {
        ConvCase c = kConvCases[0];
        c.params.training = false;
        c.params.relu = true;
        const ConvLayouts layouts = cpu::convLayouts(context_, c.params, c.input, c.weight);
        const Shape out = outputShape(c);
        Values w = Values::noise(2, c.weight, DType::F32), bias = Values::noise(3, {c.weight[0]}, DType::F32);
        const Values in = Values::noise(1, c.input, DType::F32).in(layouts.input);
        for (int round = 0; round < 3; ++round) {
            Values w64(c.weight, DType::F64), expected(out, DType::F64), y(out, DType::F32, layouts.output);
            for (int64_t i = 0; i < c.weight.elements(); ++i) w64.view().as<double>()[i] = double(w.view().as<float>()[i]);
            cpu::convForward(context_, c.params, Values::noise(1, c.input, DType::F64), w64, Values::noise(3, {c.weight[0]}, DType::F64),
                             expected);
            for (int64_t i = 0; i < out.elements(); ++i) expected.view().as<double>()[i] = std::max(0.0, expected.view().as<double>()[i]);
            cpu::convForward(context_, c.params, in, w, bias, y);
            QVERIFY(relativeError(y, expected) < kWinogradTolerance);
            QVERIFY(y.paddingIsZero());
            w.view().as<float>()[round * 1000] += 3.0f;
        }
    }

    void viewsWithGapsAreTaken() {
        const ConvParams params = convParams({1, 1}, {1, 1});
        const Values whole = Values::noise(1, {2, 3, 8, 16}, DType::F32), w = Values::noise(2, {16, 3, 3, 3}, DType::F32);
        TensorView half = whole; // columns 0, 2, 4, ...
        half.shape[3] = 8;
        half.strides[3] = 2;
        Values dense(half.shape, DType::F32), a({2, 16, 8, 8}, DType::F32, Layout::Blocked16),
            b({2, 16, 8, 8}, DType::F32, Layout::Blocked16);
        for (int64_t i = 0; i < half.elements(); ++i) dense.view().as<float>()[i] = whole.view().as<float>()[2 * i];
        cpu::convForward(context_, params, half, w, {}, a);
        cpu::convForward(context_, params, dense, w, {}, b);
        QVERIFY(a.sameBytes(b));
    }

    void maximaAgreeWithTheF64Loops_data() { addPoolRows(); }
    void maximaAgreeWithTheF64Loops() {
        QFETCH(int, index);
        QFETCH(Layout, layout);
        const PoolCase& c = kPoolCases[index];
        const Shape out = outputShape(c);
        const DType indexType = c.params.kernel[0] * c.params.kernel[1] <= 255 ? DType::U8 : DType::I32;
        const auto input = [&](DType d) {
            Values values = Values::noise(1, c.input, d, 0.3);
            // Whole numbers, so that there are ties; one NaN.
            for (int64_t i = 0; i < c.input.elements(); ++i) {
                if (d == DType::F32)
                    values.view().as<float>()[i] = std::round(values.view().as<float>()[i] * 4);
                else
                    values.view().as<double>()[i] = std::round(values.view().as<double>()[i] * 4);
            }
            return values;
        };
        Values expected(out, DType::F64), expectedIndex(out, indexType), expectedGrad(c.input, DType::F64);
        cpu::maxPool(context_, c.params, input(DType::F64), expected, expectedIndex);
        cpu::maxPoolBackward(context_, c.params, Values::noise(2, out, DType::F64), expectedIndex, expectedGrad);
        const Values in = input(DType::F32).in(layout);
        Values y(out, DType::F32, layout), inference(out, DType::F32, layout), where(out, indexType, layout),
            dx(c.input, DType::F32, layout);
        QVERIFY(cpu::maxPool(context_, c.params, in, y, where));
        QVERIFY(cpu::maxPool(context_, c.params, in, inference, OutView()));
        QVERIFY(cpu::maxPoolBackward(context_, c.params, Values::noise(2, out, DType::F32).in(layout), where, dx));
        QCOMPARE(y.numbers(), expected.numbers());
        QCOMPARE(where.numbers(), expectedIndex.numbers());
        QVERIFY(relativeError(dx, expectedGrad) < kExactTolerance);
        QVERIFY(y.sameBytes(inference));
        QVERIFY(y.paddingIsZero() && dx.paddingIsZero());
    }

    void notANumberWinsTheMaximum_data() {
        QTest::addColumn<Layout>("layout");
        for (Layout layout : kLayouts) QTest::newRow(layoutName(layout)) << layout;
    }
    void notANumberWinsTheMaximum() {
        QFETCH(Layout, layout);
        Values in = Values::noise(1, {1, 16, 4, 4}, DType::F32);
        in.view().as<float>()[5] = NAN;
        Values y({1, 16, 2, 2}, DType::F32, layout), where({1, 16, 2, 2}, DType::U8, layout);
        cpu::maxPool(context_, {}, in.in(layout), y, where);
        QVERIFY(std::isnan(y.numbers()[0]));
        QCOMPARE(where.numbers()[0], 3.0);
        QVERIFY(!std::isnan(y.numbers()[1]));
    }

    void averagesAgreeWithTheF64Loops_data() { addPoolRows(); }
    void averagesAgreeWithTheF64Loops() {
        QFETCH(int, index);
        QFETCH(Layout, layout);
        const PoolCase& c = kPoolCases[index];
        const Shape out = outputShape(c);
        Values expected(out, DType::F64), expectedGrad(c.input, DType::F64);
        cpu::avgPool(context_, c.params, Values::noise(1, c.input, DType::F64), expected);
        cpu::avgPoolBackward(context_, c.params, Values::noise(2, out, DType::F64), expectedGrad);
        Values y(out, DType::F32, layout), dx(c.input, DType::F32, layout);
        QVERIFY(cpu::avgPool(context_, c.params, Values::noise(1, c.input, DType::F32).in(layout), y));
        QVERIFY(cpu::avgPoolBackward(context_, c.params, Values::noise(2, out, DType::F32).in(layout), dx));
        QVERIFY(relativeError(y, expected) < kExactTolerance);
        QVERIFY(relativeError(dx, expectedGrad) < kExactTolerance);
        QVERIFY(y.paddingIsZero() && dx.paddingIsZero());
    }

    void normalisationAgreesWithTheF64Loops_data() {
        QTest::addColumn<int>("index");
        QTest::addColumn<Layout>("layout");
        QTest::addColumn<bool>("training");
        QTest::addColumn<bool>("relu");
        QTest::addColumn<bool>("residual");
        for (int i = 0; i < int(std::size(kNormCases)); ++i)
            for (Layout layout : kLayouts)
                for (int bits = 0; bits < 8; ++bits)
                    QTest::newRow((rowName(kNormCases[i].name, layout) + (bits & 1 ? "" : ", inference") + (bits & 2 ? ", ReLU" : "") +
                                   (bits & 4 ? ", residual" : ""))
                                      .constData())
                        << i << layout << bool(bits & 1) << bool(bits & 2) << bool(bits & 4);
    }
    void normalisationAgreesWithTheF64Loops() {
        QFETCH(int, index);
        QFETCH(Layout, layout);
        QFETCH(bool, training);
        QFETCH(bool, relu);
        QFETCH(bool, residual);
        const NormCase& c = kNormCases[index];
        BatchNormParams params;
        params.training = training;
        params.relu = relu;
        checkNormalisation(params, c.shape, layout, residual, c.shift);
    }
    void normalisationOfRowsAgreesWithTheF64Loops_data() {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("channels");
        for (auto [rows, channels] : {std::pair{5, 3}, {64, 10}, {33, 16}, {200, 100}})
            QTest::addRow("%d x %d", rows, channels) << rows << channels;
    }
    void normalisationOfRowsAgreesWithTheF64Loops() {
        QFETCH(int, rows);
        QFETCH(int, channels);
        BatchNormParams params;
        params.relu = true;
        checkNormalisation(params, {rows, channels}, Layout::Plain, true, 0.5);
    }

    void productsAgreeWithTheF64Loops_data() {
        QTest::addColumn<QString>("form");
        QTest::addColumn<bool>("bias");
        for (const char* form :
             {"1 64 2048 10 nn", "1 64 2048 10 nt", "1 10 64 2048 tn", "1 64 10 2048 nn", "1 1 7 1 nn", "1 33 17 5 tt", "5 8 9 7 nn",
              "5 8 9 7 nt", "5 8 9 7 broadcast", "5 8 9 7 broadcastleft", "2 300 200 100 tn", "3 4 5 6 gaps"})
            for (bool bias : {false, true}) QTest::addRow("%s%s", form, bias ? " bias" : "") << form << bias;
    }
    void productsAgreeWithTheF64Loops() {
        QFETCH(QString, form);
        QFETCH(bool, bias);
        const QStringList words = form.split(' ');
        const int64_t batch = words[0].toInt(), m = words[1].toInt(), k = words[2].toInt(), n = words[3].toInt();
        const QString kind = words[4];
        const auto make = [&](uint64_t seed, int64_t rows, int64_t columns, bool transposed, bool repeated, DType dtype) {
            const int64_t copies = repeated ? 1 : batch, step = kind == "gaps" ? 2 : 1;
            Values values = Values::noise(seed, transposed ? Shape{copies, columns, rows} : Shape{copies, rows, columns * step}, dtype);
            return values;
        };
        const auto asView = [&](const Values& values, int64_t rows, int64_t columns, bool transposed, bool repeated) {
            TensorView view = values;
            const int64_t step = kind == "gaps" ? 2 : 1;
            view.shape = {batch, rows, columns};
            view.strides = transposed ? Shape{rows * columns, 1, rows} : Shape{rows * columns * step, columns * step, step};
            if (repeated) view.strides[0] = 0;
            return view;
        };
        const bool ta = kind == "tn" || kind == "tt", tb = kind == "nt" || kind == "tt", ra = kind == "broadcastleft",
                   rb = kind == "broadcast";
        Values results[2];
        for (DType dtype : {DType::F64, DType::F32}) {
            const Values a = make(1, m, k, ta, ra, dtype), b = make(2, k, n, tb, rb, dtype), c = Values::noise(3, {n}, dtype);
            Values out({batch, m, n}, dtype);
            QVERIFY(cpu::matmul(context_, asView(a, m, k, ta, ra), asView(b, k, n, tb, rb), bias ? c.view() : TensorView(), out));
            results[dtype == DType::F32] = std::move(out);
        }
        QVERIFY2(relativeError(results[1], results[0]) < kDirectTolerance,
                 qPrintable(QString::number(relativeError(results[1], results[0]))));
    }

    void aPlanSurvivesTheRoundTripAndIsUsed() {
        cpu::resetPlan(context_, false);
        const ConvCase& c = kConvCases[std::size(kConvCases) - 1];
        const ConvLayouts layouts = cpu::convLayouts(context_, c.params, c.input, c.weight);
        const Values in = Values::noise(1, c.input, DType::F32).in(layouts.input), w = Values::noise(2, c.weight, DType::F32);
        Values first(outputShape(c), DType::F32, layouts.output), second(outputShape(c), DType::F32, layouts.output);
        cpu::convForward(context_, c.params, in, w, {}, first);
        const Json plan = cpu::exportPlan(context_);
        QCOMPARE(plan["choices"].size(), size_t(1));
        cpu::CpuContext other;
        cpu::importPlan(other, plan);
        cpu::convForward(other, c.params, in, w, {}, second);
        QVERIFY(first.sameBytes(second));
        QCOMPARE(cpu::exportPlan(other), plan);
    }

    void aPlanOfAnotherMachineIsRefused_data() {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("message");
        const QString here = QString::fromStdString(fmt::format("this process has {} thread{} and {}", computeThreads(),
                                                                computeThreads() == 1 ? "" : "s", cpu::instructionSetName()));
        QTest::newRow("threads") << "threads"
                                 << "7"
                                 << "the run was planned for 7 threads and " + QString::fromStdString(cpu::instructionSetName()) + "; " +
                                        here;
        QTest::newRow("isa") << "isa"
                             << "\"AVX-1024\""
                             << QString::fromStdString(fmt::format("the run was planned for {} thread{} and AVX-1024; ", computeThreads(),
                                                                   computeThreads() == 1 ? "" : "s")) +
                                    here;
        QTest::newRow("library") << "onednn"
                                 << "\"9.9\""
                                 << "the run was planned with oneDNN 9.9; this machine has oneDNN " +
                                        QString::fromStdString(cpu::oneDnnVersion());
        QTest::newRow("algorithm") << "choices"
                                   << "{\"x\": \"fast\"}"
                                   << "the plan of the CPU has an unknown algorithm for \"x\"";
        QTest::newRow("type") << "exact"
                              << "3"
                              << "\"exact\" in the plan of the CPU has the wrong type";
    }
    void aPlanOfAnotherMachineIsRefused() {
        QFETCH(QString, field);
        QFETCH(QString, value);
        QFETCH(QString, message);
        Json plan = cpu::exportPlan(context_);
        plan[field.toStdString()] = Json::parse(value.toStdString());
        try {
            cpu::importPlan(context_, plan);
            QFAIL("the plan was taken");
        } catch (const Error& error) { QCOMPARE(QString(error.what()), message); }
    }

    void aSteadyStepAsksTheSystemForNothing() {
        const ConvCase& c = kConvCases[0];
        const ConvLayouts layouts = cpu::convLayouts(context_, c.params, c.input, c.weight);
        const Values in = Values::noise(1, c.input, DType::F32).in(layouts.input), w = Values::noise(2, c.weight, DType::F32);
        const Values g = Values::noise(3, outputShape(c), DType::F32).in(layouts.output);
        Values y(outputShape(c), DType::F32, layouts.output), dx(c.input, DType::F32, layouts.input), dw(c.weight, DType::F32);
        const auto step = [&] {
            cpu::convForward(context_, c.params, in, w, {}, y);
            cpu::convBackwardData(context_, c.params, g, w, dx);
            cpu::convBackwardWeights(context_, c.params, in, g, dw, {});
        };
        step();
        const uint64_t before = context_.allocator.stats().systemAllocations;
        step();
        QCOMPARE(context_.allocator.stats().systemAllocations, before);
    }

private:
    void checkNormalisation(const BatchNormParams& params, const Shape& shape, Layout layout, bool residual, double shift);
};

void TstNnKernels::checkNormalisation(const BatchNormParams& params, const Shape& shape, Layout layout, bool residual, double shift) {
    const Shape c{shape[1]};
    struct Results {
        Values runningMean, runningVar, mean, invStd, y, dx, dresidual, dgamma, dbeta;
    } results[2];
    for (DType d : {DType::F64, DType::F32}) {
        const Layout l = d == DType::F64 ? Layout::Plain : layout;
        const auto activation = [&](const Values& values) { return values.in(l); };
        Results& r = results[d == DType::F32];
        const Values x = activation(Values::noise(1, shape, d, 1, shift)), skip = activation(Values::noise(2, shape, d));
        const Values gamma = Values::noise(3, c, d), beta = Values::noise(4, c, d), g = activation(Values::noise(5, shape, d));
        r = {Values::noise(7, c, d),
             Values::noise(8, c, d, 0.1, 1),
             Values(c, d),
             Values(c, d),
             Values(shape, d, l),
             Values(shape, d, l),
             Values(shape, d, l),
             Values(c, d),
             Values(c, d)};
        QVERIFY(cpu::batchNorm(context_, params, x, residual ? skip.view() : TensorView(), gamma, beta, r.runningMean, r.runningVar,
                               params.training ? r.mean.out() : OutView(), params.training ? r.invStd.out() : OutView(), r.y));
        // The mask comes from other noise than the output, lest a rounding flips it. In inference the statistics are constants.
        QVERIFY(cpu::batchNormBackward(context_, params, x, activation(Values::noise(6, shape, d)), gamma,
                                       params.training ? r.mean : r.runningMean, params.training ? r.invStd : r.runningVar, g, r.dx,
                                       residual ? r.dresidual.out() : OutView(), r.dgamma, r.dbeta));
    }
    const auto& [expected, got] = results;
    const double far = 1 + std::abs(shift) / 20; // f32 loses digits far from zero
    const auto agree = [&](const char* what, const Values& a, const Values& b, double tolerance) {
        QVERIFY2(relativeError(a, b) < tolerance * far, qPrintable(QString("%1: %2").arg(what).arg(relativeError(a, b))));
    };
    agree("output", got.y, expected.y, kExactTolerance);
    agree("running mean", got.runningMean, expected.runningMean, kExactTolerance);
    agree("running variance", got.runningVar, expected.runningVar, kExactTolerance);
    if (params.training) {
        agree("mean", got.mean, expected.mean, kExactTolerance);
        agree("deviation", got.invStd, expected.invStd, kExactTolerance);
    }
    agree("gradient", got.dx, expected.dx, 2e-6);
    agree("gradient of gamma", got.dgamma, expected.dgamma, 2e-6);
    agree("gradient of beta", got.dbeta, expected.dbeta, 2e-6);
    if (residual) agree("gradient of the residual", got.dresidual, expected.dresidual, kExactTolerance);
    QVERIFY(got.y.paddingIsZero() && got.dx.paddingIsZero());
}

QTEST_GUILESS_MAIN(TstNnKernels)
#include "tst_nn_kernels.moc"
