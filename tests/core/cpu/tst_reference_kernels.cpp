// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/reference.h"
#include "tests/support/raw_tensor.h"

#include <QtTest>

#include <cmath>
#include <functional>
#include <limits>

using namespace strata;
using namespace strata::test;
namespace reference = strata::cpu::reference;

namespace {

constexpr DType F64 = DType::F64;

RawTensor random(const Shape& shape, int stream) {
    RawTensor t(F64, shape);
    t.fill([&](int64_t i) { return noise(i, stream); });
    return t;
}

double inner(const RawTensor& a, const RawTensor& b) {
    double sum = 0;
    for (int64_t i = 0; i < a.elements(); ++i) sum += a.get(i) * b.get(i);
    return sum;
}

/// Gradient of loss() with respect to each element of x by central differences, held against `gradient`.
void checkGradient(const char* what, RawTensor& x, const RawTensor& gradient, const std::function<double()>& loss) {
    for (int64_t i = 0; i < x.elements(); ++i) {
        const double value = x.get(i), h = 1e-5;
        x.set(i, value + h);
        const double above = loss();
        x.set(i, value - h);
        const double below = loss();
        x.set(i, value);
        const double want = (above - below) / (2 * h);
        QVERIFY2(close(gradient.get(i), want, 1e-6, 1e-8),
                 qPrintable(QString("%1 element %2: %3, want %4").arg(what).arg(i).arg(gradient.get(i)).arg(want)));
    }
}

struct ConvCase {
    const char* name;
    ConvParams params;
    Shape input, weight;
};

const std::vector<ConvCase>& convCases() {
    static const std::vector<ConvCase> all = {
        {"1x1", {}, Shape{2, 3, 4, 5}, Shape{4, 3, 1, 1}},
        {"3x3 padded", {{1, 1}, {1, 1}, {1, 1}, 1}, Shape{2, 3, 5, 4}, Shape{2, 3, 3, 3}},
        {"stride 2", {{2, 2}, {1, 1}, {1, 1}, 1}, Shape{1, 2, 7, 6}, Shape{3, 2, 3, 3}},
        {"dilated", {{1, 2}, {2, 0}, {2, 1}, 1}, Shape{1, 2, 6, 7}, Shape{2, 2, 3, 2}},
        {"groups", {{1, 1}, {0, 1}, {1, 1}, 2}, Shape{2, 4, 4, 4}, Shape{6, 2, 2, 3}},
        {"depthwise", {{1, 1}, {1, 1}, {1, 1}, 3}, Shape{1, 3, 4, 4}, Shape{3, 1, 3, 3}},
    };
    return all;
}

Shape convOutput(const ConvCase& c) {
    Shape out{c.input[0], c.weight[0], 0, 0};
    for (int d = 0; d < 2; ++d) {
        const auto at = size_t(d);
        out[2 + d] =
            (c.input[2 + d] + 2 * c.params.padding[at] - c.params.dilation[at] * (c.weight[2 + d] - 1) - 1) / c.params.stride[at] + 1;
    }
    return out;
}

} // namespace

class TstReferenceKernels : public QObject {
    Q_OBJECT

private slots:
    void convolutionIsTheSumOverItsWindow() {
        for (const ConvCase& c : convCases()) {
            const RawTensor x = random(c.input, 1), w = random(c.weight, 2), b = random(Shape{c.weight[0]}, 3);
            RawTensor y(F64, convOutput(c));
            reference::convForward<double>(c.params, x.view(), w.view(), b.view(), y.out());
            // Scatter every product of an input and a weight to the output it belongs to.
            std::vector<double> want(size_t(y.elements()));
            const Shape &in = c.input, &k = c.weight, &out = y.view().shape;
            for (int64_t i = 0; i < y.elements(); ++i) want[size_t(i)] = b.get(i / out[3] / out[2] % out[1]);
            for (int64_t i = 0; i < x.elements(); ++i)
                for (int64_t j = 0; j < w.elements(); ++j) {
                    const int64_t v = i % in[3], h = i / in[3] % in[2], channel = i / in[3] / in[2] % in[1], n = i / in[3] / in[2] / in[1];
                    const int64_t kw = j % k[3], kh = j / k[3] % k[2], ki = j / k[3] / k[2] % k[1], o = j / k[3] / k[2] / k[1];
                    if (channel != o / (k[0] / c.params.groups) * k[1] + ki) continue;
                    const int64_t row = h + c.params.padding[0] - kh * c.params.dilation[0],
                                  column = v + c.params.padding[1] - kw * c.params.dilation[1];
                    if (row < 0 || column < 0 || row % c.params.stride[0] || column % c.params.stride[1]) continue;
                    if (row / c.params.stride[0] >= out[2] || column / c.params.stride[1] >= out[3]) continue;
                    want[size_t(((n * out[1] + o) * out[2] + row / c.params.stride[0]) * out[3] + column / c.params.stride[1])] +=
                        x.get(i) * w.get(j);
                }
            for (int64_t i = 0; i < y.elements(); ++i) QVERIFY2(close(y.get(i), want[size_t(i)], 1e-12, 1e-13), c.name);
            ConvParams relu = c.params;
            relu.relu = true;
            reference::convForward<double>(relu, x.view(), w.view(), b.view(), y.out());
            for (int64_t i = 0; i < y.elements(); ++i) QVERIFY2(close(y.get(i), std::max(0.0, want[size_t(i)]), 1e-12, 1e-13), c.name);
        }
    }

    void gradientsOfConvolutionAreFiniteDifferences() {
        for (const ConvCase& c : convCases()) {
            RawTensor x = random(c.input, 1), w = random(c.weight, 2), b = random(Shape{c.weight[0]}, 3);
            RawTensor y(F64, convOutput(c)), dx(F64, c.input), dw(F64, c.weight), db(F64, Shape{c.weight[0]});
            const RawTensor g = random(convOutput(c), 4);
            const auto loss = [&] {
                reference::convForward<double>(c.params, x.view(), w.view(), b.view(), y.out());
                return inner(y, g);
            };
            reference::convBackwardData<double>(c.params, g.view(), w.view(), dx.out());
            reference::convBackwardWeights<double>(c.params, x.view(), g.view(), dw.out(), db.out());
            checkGradient(c.name, x, dx, loss);
            checkGradient(c.name, w, dw, loss);
            checkGradient(c.name, b, db, loss);
            reference::convBackwardWeights<double>(c.params, x.view(), g.view(), dw.out(), OutView());
        }
    }

    void f32AndStridedViewsGiveTheSame() {
        const ConvCase& c = convCases()[1];
        const RawTensor x = random(c.input, 1), w = random(c.weight, 2);
        RawTensor x32(DType::F32, c.input, Shape{1, 2, 6, 30}), w32(DType::F32, c.weight), y(F64, convOutput(c)),
            y32(DType::F32, convOutput(c));
        x32.fill([&](int64_t i) { return x.get(i); });
        w32.fill([&](int64_t i) { return w.get(i); });
        reference::convForward<double>(c.params, x.view(), w.view(), TensorView(), y.out());
        reference::convForward<float>(c.params, x32.view(), w32.view(), TensorView(), y32.out());
        for (int64_t i = 0; i < y.elements(); ++i) QVERIFY(close(y32.get(i), y.get(i), 1e-5, 1e-6));
    }

    void maxPoolTakesTheFirstOfEqualsAndNaNWins() {
        RawTensor x(F64, Shape{1, 1, 4, 4}), y(F64, Shape{1, 1, 2, 2}), at(DType::U8, Shape{1, 1, 2, 2});
        const double values[] = {1, 1, 5, 2, 1, 1, 2, 5, 0, 3, std::nan(""), 7, 4, 4, 9, std::nan("")};
        x.fill([&](int64_t i) { return values[i]; });
        reference::maxPool<double>({}, x.view(), y.out(), at.out());
        const double want[] = {1, 5, 4, std::nan("")}, places[] = {0, 0, 2, 0};
        for (int64_t i = 0; i < 4; ++i) {
            QVERIFY(close(y.get(i), want[i], 0, 0));
            QCOMPARE(at.get(i), places[i]);
        }
    }

    void poolingAndItsGradients() {
        struct Case {
            PoolParams params;
            Shape input, output;
        };
        const Case cases[] = {
            {{{2, 2}, {2, 2}, {0, 0}}, Shape{2, 3, 6, 4}, Shape{2, 3, 3, 2}},
            {{{3, 3}, {2, 2}, {1, 1}}, Shape{1, 2, 7, 7}, Shape{1, 2, 4, 4}},
            {{{3, 2}, {1, 2}, {1, 0}, false}, Shape{2, 1, 4, 6}, Shape{2, 1, 4, 3}},
            {{{17, 17}, {1, 1}, {0, 0}}, Shape{1, 1, 18, 17}, Shape{1, 1, 2, 1}},
        };
        for (const Case& c : cases) {
            RawTensor x = random(c.input, 1), y(F64, c.output), dx(F64, c.input);
            const RawTensor g = random(c.output, 2);
            RawTensor at(c.params.kernel[0] * c.params.kernel[1] <= 255 ? DType::U8 : DType::I32, c.output);
            const auto window = [&](int64_t i, auto&& visit) {
                const int64_t column = i % c.output[3], row = i / c.output[3] % c.output[2], plane = i / c.output[3] / c.output[2];
                for (int64_t kh = 0; kh < c.params.kernel[0]; ++kh)
                    for (int64_t kw = 0; kw < c.params.kernel[1]; ++kw) {
                        const int64_t h = row * c.params.stride[0] - c.params.padding[0] + kh,
                                      w = column * c.params.stride[1] - c.params.padding[1] + kw;
                        if (h >= 0 && w >= 0 && h < c.input[2] && w < c.input[3]) visit(x.get((plane * c.input[2] + h) * c.input[3] + w));
                    }
            };
            reference::maxPool<double>(c.params, x.view(), y.out(), at.out());
            for (int64_t i = 0; i < y.elements(); ++i) {
                double best = -1e9;
                window(i, [&](double value) { best = std::max(best, value); });
                QCOMPARE(y.get(i), best);
            }
            reference::maxPoolBackward<double>(c.params, g.view(), at.view(), dx.out());
            checkGradient("max_pool", x, dx, [&] {
                reference::maxPool<double>(c.params, x.view(), y.out(), OutView());
                return inner(y, g);
            });
            reference::avgPool<double>(c.params, x.view(), y.out());
            for (int64_t i = 0; i < y.elements(); ++i) {
                double sum = 0;
                int64_t count = 0;
                window(i, [&](double value) { sum += value, ++count; });
                QVERIFY(close(y.get(i), sum / double(c.params.countIncludePad ? c.params.kernel[0] * c.params.kernel[1] : count), 1e-12,
                              1e-13));
            }
            reference::avgPoolBackward<double>(c.params, g.view(), dx.out());
            checkGradient("avg_pool", x, dx, [&] {
                reference::avgPool<double>(c.params, x.view(), y.out());
                return inner(y, g);
            });
        }
    }

    void batchNormNormalisesAndItsGradientsAreFiniteDifferences() {
        for (const Shape& shape : {Shape{3, 2, 2, 4}, Shape{6, 3}})
            for (const bool training : {true, false})
                for (const bool relu : {false, true}) {
                    const BatchNormParams params{1e-3, 0.2, training, relu};
                    const Shape channels{shape[1]};
                    RawTensor x = random(shape, 1), r = random(shape, 2), gamma = random(channels, 3), beta = random(channels, 4),
                              y(F64, shape);
                    RawTensor mean(F64, channels), var(F64, channels), savedMean(F64, channels), savedInvStd(F64, channels);
                    const auto reset = [&] {
                        mean.fill([](int64_t i) { return noise(i, 5); });
                        var.fill([](int64_t i) { return 1 + 0.5 * noise(i, 6); });
                    };
                    const auto forward = [&] {
                        reset();
                        reference::batchNorm<double>(params, x.view(), r.view(), gamma.view(), beta.view(), mean.out(), var.out(),
                                                     savedMean.out(), savedInvStd.out(), y.out());
                    };
                    forward();
                    const int64_t pixels = shape.rank() == 4 ? shape[2] * shape[3] : 1, count = shape[0] * pixels;
                    const auto channelOf = [&](int64_t i) { return i / pixels % shape[1]; };
                    for (int64_t c = 0; c < shape[1]; ++c) {
                        double sum = 0, squares = 0;
                        for (int64_t i = 0; i < x.elements(); ++i)
                            if (channelOf(i) == c) sum += x.get(i), squares += x.get(i) * x.get(i);
                        const double batchMean = sum / double(count), biased = squares / double(count) - batchMean * batchMean;
                        const double m = training ? batchMean : noise(c, 5), v = training ? biased : 1 + 0.5 * noise(c, 6);
                        if (training) {
                            QVERIFY(close(savedMean.get(c), batchMean, 1e-12, 1e-14) &&
                                    close(savedInvStd.get(c), 1 / std::sqrt(biased + 1e-3), 1e-11, 0));
                            QVERIFY(close(mean.get(c), 0.8 * noise(c, 5) + 0.2 * batchMean, 1e-12, 1e-13));
                            QVERIFY(close(var.get(c), 0.8 * (1 + 0.5 * noise(c, 6)) + 0.2 * biased * double(count) / double(count - 1),
                                          1e-11, 0));
                        }
                        for (int64_t i = 0; i < x.elements(); ++i) {
                            if (channelOf(i) != c) continue;
                            const double want = (x.get(i) - m) / std::sqrt(v + 1e-3) * gamma.get(c) + beta.get(c) + r.get(i);
                            QVERIFY(close(y.get(i), relu ? std::max(0.0, want) : want, 1e-11, 1e-12));
                        }
                    }
                    const RawTensor g = random(shape, 7);
                    RawTensor dx(F64, shape), dr(F64, shape), dGamma(F64, channels), dBeta(F64, channels);
                    if (!training) {
                        savedMean.fill([&](int64_t c) { return mean.get(c); });
                        savedInvStd.fill([&](int64_t c) { return 1 / std::sqrt(var.get(c) + 1e-3); });
                    }
                    reference::batchNormBackward<double>(params, x.view(), y.view(), gamma.view(), savedMean.view(), savedInvStd.view(),
                                                         g.view(), dx.out(), dr.out(), dGamma.out(), dBeta.out());
                    const auto loss = [&] {
                        forward();
                        return inner(y, g);
                    };
                    checkGradient("input", x, dx, loss);
                    checkGradient("residual", r, dr, loss);
                    checkGradient("gamma", gamma, dGamma, loss);
                    checkGradient("beta", beta, dBeta, loss);
                }
    }

    void matmulIsTheSumOfProducts() {
        RawTensor a = random(Shape{3, 4, 5}, 1), b(F64, Shape{3, 5, 6}, Shape{0, 1, 5}), bias = random(Shape{6}, 3), y(F64, Shape{3, 4, 6});
        b.fill([](int64_t i) { return noise(i, 2); });
        for (const bool biased : {false, true}) {
            reference::matmul<double>(a.view(), b.view(), biased ? bias.view() : TensorView(), y.out());
            for (int64_t i = 0; i < y.elements(); ++i) {
                const int64_t n = i % 6, m = i / 6 % 4, batch = i / 24;
                double want = biased ? bias.get(n) : 0;
                for (int64_t k = 0; k < 5; ++k) want += a.get((batch * 4 + m) * 5 + k) * b.get((batch * 5 + k) * 6 + n);
                QVERIFY(close(y.get(i), want, 1e-12, 1e-13));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TstReferenceKernels)
#include "tst_reference_kernels.moc"
