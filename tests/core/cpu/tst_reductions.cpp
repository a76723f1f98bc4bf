// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/cpu/cpu_backend.h"
#include "core/cpu/simd.h"
#include "tests/support/raw_tensor.h"

#include <QtTest>

#include <cmath>
#include <cstring>
#include <limits>

using namespace strata;
using namespace strata::test;
using cpu::Isa;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class Body> void onEachIsa(Body&& body) {
    const Isa before = cpu::currentIsa();
    for (const Isa isa : {Isa::Baseline, Isa::Avx2, Isa::Avx512})
        if (cpu::setIsa(isa)) body();
    cpu::setIsa(before);
}

Shape reducedShape(Shape shape, uint32_t dims) {
    for (int d = 0; d < shape.rank(); ++d)
        if (dims >> d & 1u) shape[d] = 1;
    return shape;
}

/// Number of the output that element i of the input is folded into.
int64_t outputOf(const Shape& shape, uint32_t dims, int64_t i) {
    int64_t at = 0, step = 1;
    for (int d = shape.rank() - 1; d >= 0; --d) {
        if (!(dims >> d & 1u)) {
            at += i % shape[d] * step;
            step *= shape[d];
        }
        i /= shape[d];
    }
    return at;
}

struct Case {
    Shape shape;
    Shape strides; ///< empty: contiguous
    uint32_t dims;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {Shape{1}, {}, 1},
        {Shape{17}, {}, 1},
        {Shape{1000003}, {}, 1},
        {Shape{64, 10}, {}, 1},
        {Shape{64, 10}, {}, 2},
        {Shape{64, 10}, {}, 3},
        {Shape{64, 10}, {}, 0},
        {Shape{3000, 33}, {}, 1},
        {Shape{8, 19, 6, 5}, {}, 0b1101},
        {Shape{8, 19, 6, 5}, {}, 0b1010},
        {Shape{8, 19, 6, 5}, {}, 0b0101},
        {Shape{5, 700}, {}, 1},
        {Shape{40, 30}, Shape{1, 40}, 1},
        {Shape{40, 30}, Shape{1, 40}, 2},
        {Shape{6, 50}, Shape{0, 3}, 1},
        {Shape{6, 50}, Shape{0, 3}, 2},
        {Shape{2, 1, 90}, Shape{90, 7, 1}, 0b010},
        {Shape{4, 0, 3}, {}, 0b010},
    };
    return all;
}

RawTensor inputOf(const Case& c, DType dtype) {
    return c.strides.empty() ? RawTensor(dtype, c.shape) : RawTensor(dtype, c.shape, c.strides);
}

} // namespace

class TstReductions : public QObject {
    Q_OBJECT
    CpuBackend backend_;

    /// The outputs wanted, folded in long double or, for Arg, by position.
    static std::vector<double> expected(ReduceOp op, const Case& c, const RawTensor& in) {
        const auto outputs = size_t(reducedShape(c.shape, c.dims).elements());
        std::vector<long double> folded(outputs, op == ReduceOp::Prod || op == ReduceOp::All ? 1 : 0);
        std::vector<int64_t> seen(outputs, 0), place(outputs, 0);
        for (int64_t i = 0; i < in.elements(); ++i) {
            const auto o = size_t(outputOf(c.shape, c.dims, i));
            const long double x = in.get(i);
            const bool first = seen[o] == 0, wasNaN = std::isnan(folded[o]) && !first;
            switch (op) {
            case ReduceOp::Sum:
            case ReduceOp::Mean: folded[o] += x; break;
            case ReduceOp::Prod: folded[o] *= x; break;
            case ReduceOp::Any: folded[o] = folded[o] != 0 || x != 0; break;
            case ReduceOp::All: folded[o] = folded[o] != 0 && x != 0; break;
            case ReduceOp::Max:
            case ReduceOp::ArgMax:
                if (first || (!wasNaN && (std::isnan(x) || x > folded[o]))) folded[o] = x, place[o] = seen[o];
                break;
            case ReduceOp::Min:
            case ReduceOp::ArgMin:
                if (first || (!wasNaN && (std::isnan(x) || x < folded[o]))) folded[o] = x, place[o] = seen[o];
                break;
            }
            ++seen[o];
        }
        std::vector<double> result(outputs);
        for (size_t o = 0; o < outputs; ++o) {
            result[o] = op == ReduceOp::ArgMax || op == ReduceOp::ArgMin ? double(place[o]) : double(folded[o]);
            if (op == ReduceOp::Mean) result[o] = double(folded[o] / (long double)(seen[o]));
            if (op == ReduceOp::Mean && in.view().dtype == DType::I64) result[o] = seen[o] ? std::trunc(result[o]) : 0;
        }
        return result;
    }

    void check(ReduceOp op, const Case& c, DType dtype, bool special) {
        const bool arg = op == ReduceOp::ArgMax || op == ReduceOp::ArgMin;
        if (arg && __builtin_popcount(c.dims) != 1) return;
        if (c.shape.elements() == 0 && (op == ReduceOp::Max || op == ReduceOp::Min || arg)) return;
        RawTensor in = inputOf(c, dtype);
        const bool flag = op == ReduceOp::Any || op == ReduceOp::All;
        RawTensor out(arg ? DType::I64 : (flag ? DType::Bool : dtype), reducedShape(c.shape, c.dims));
        in.fill([&](int64_t i) {
            if (special && i % 37 == 5) return kNaN;
            if (special && i % 53 == 9) return kInf;
            if (op == ReduceOp::Prod)
                return isFloating(dtype) ? 1 + noise(i, 1, 0.01)
                                         : double(i % 11 == 0 ? 2 : 1) * (c.shape.elements() > 99 ? i % 97 != 0 : 1);
            if (flag) return double(op == ReduceOp::Any ? i % 29 == 0 : i % 29 != 0);
            const double value = noise(i, 1, 50);
            return isFloating(dtype) ? value : std::fabs(std::floor(value));
        });
        QVERIFY(backend_.reduce(op, c.dims, in.view(), out.out()));
        const std::vector<double> want = expected(op, c, in);
        for (size_t o = 0; o < want.size(); ++o) {
            const double value = dtype == DType::F32 && !arg && !flag ? double(float(want[o])) : want[o];
            const double relative = dtype == DType::F32 ? 2e-7 : 1e-12;
            if (!close(out.get(int64_t(o)), value, relative, op == ReduceOp::Sum ? 1e-9 : 1e-12))
                QFAIL(qPrintable(
                    QString::fromStdString(fmt::format("{} {} {} dims {} output {}: got {}, want {}", opName(op), dtypeName(dtype),
                                                       c.shape.text(), c.dims, o, out.get(int64_t(o)), value))));
        }
    }

private slots:
    void reductionsFollowTheirDefinitions() {
        onEachIsa([&] {
            for (const Case& c : cases())
                for (const ReduceOp op : {ReduceOp::Sum, ReduceOp::Mean, ReduceOp::Max, ReduceOp::Min, ReduceOp::Prod, ReduceOp::ArgMax,
                                          ReduceOp::ArgMin, ReduceOp::Any, ReduceOp::All})
                    for (const DType dtype : {DType::F32, DType::F64, DType::I64}) {
                        const bool simd = dtype == DType::F32 && (op == ReduceOp::Sum || op == ReduceOp::Mean);
                        if (!simd && (cpu::currentIsa() != Isa::Baseline || c.shape.elements() > 200000)) continue;
                        check(op, c, dtype, false);
                        if (isFloating(dtype)) check(op, c, dtype, true);
                    }
        });
    }

    void smallIntegersAndBooleansHaveExtremaAndTruth() {
        for (const Case& c : cases()) {
            if (c.shape.elements() > 200000) continue;
            for (const DType dtype : {DType::I32, DType::U8, DType::Bool})
                for (const ReduceOp op : {ReduceOp::Max, ReduceOp::Min, ReduceOp::ArgMax, ReduceOp::ArgMin, ReduceOp::Any, ReduceOp::All})
                    check(op, c, dtype, false);
        }
        QVERIFY(!backend_.reduce(ReduceOp::Sum, 1, RawTensor(DType::U8, Shape{3}).view(), RawTensor(DType::U8, Shape{1}).out()));
    }

    void aSumOfManyEqualNumbersIsExact() {
        RawTensor in(DType::F32, Shape{4000003}), out(DType::F32, Shape{1});
        std::fill_n(in.view().as<float>(), in.elements(), 0.1f);
        QVERIFY(backend_.reduce(ReduceOp::Sum, 1, in.view(), out.out()));
        QCOMPARE(float(out.get(0)), float(4000003 * double(0.1f)));
    }

    void sumsDoNotDependOnTheNumberOfThreads() {
        const int before = computeThreads();
        for (const Case& c : {Case{Shape{1000003}, {}, 1}, Case{Shape{50000, 20}, {}, 1}, Case{Shape{50, 20000}, {}, 2}}) {
            RawTensor in = inputOf(c, DType::F32), one(DType::F32, reducedShape(c.shape, c.dims)),
                      three(DType::F32, reducedShape(c.shape, c.dims));
            in.fill([](int64_t i) { return noise(i, 1, 1) * std::exp(noise(i, 2, 10)); });
            setComputeThreads(1);
            QVERIFY(backend_.reduce(ReduceOp::Sum, c.dims, in.view(), one.out()));
            setComputeThreads(3);
            QVERIFY(backend_.reduce(ReduceOp::Sum, c.dims, in.view(), three.out()));
            QVERIFY(std::memcmp(one.view().data, three.view().data, size_t(one.elements()) * 4) == 0);
        }
        setComputeThreads(before);
    }

    void nonFiniteNumbersAreCounted() {
        onEachIsa([&] {
            for (const DType dtype : {DType::F32, DType::F64})
                for (const int64_t count : {1, 15, 17, 100003}) {
                    RawTensor in(dtype, Shape{count}), strided(dtype, Shape{count}, Shape{2}), found(DType::I64, Shape{1});
                    const auto value = [](int64_t i) { return i % 100 == 3 ? kNaN : (i % 71 == 0 ? -kInf : (i % 7 ? 1e38 : 0)); };
                    in.fill(value);
                    strided.fill(value);
                    int64_t want = 0;
                    for (int64_t i = 0; i < count; ++i) want += std::isfinite(value(i)) ? 0 : 1;
                    QVERIFY(backend_.countNonFinite(in.view(), found.out()));
                    QCOMPARE(int64_t(found.get(0)), want);
                    QVERIFY(backend_.countNonFinite(strided.view(), found.out()));
                    QCOMPARE(int64_t(found.get(0)), want);
                }
        });
    }

    void softmaxAndItsGradientFollowTheFormula() {
        onEachIsa([&] {
            for (const DType dtype : {DType::F32, DType::F64})
                for (const int64_t classes : {1, 2, 10, 15, 16, 17, 100, 3001})
                    for (const bool logarithm : {false, true}) {
                        const int64_t rows = 7;
                        RawTensor x(dtype, Shape{rows, classes}, Shape{classes + 3, 1}), y(dtype, Shape{rows, classes}),
                            g(dtype, Shape{rows, classes}), dx(dtype, Shape{rows, classes});
                        x.fill([&](int64_t i) { return i / classes == 2 ? 1000 + noise(i, 1, 3) : noise(i, 1, 20); });
                        if (classes > 3) x.set(3 * classes + 1, -kInf);
                        g.fill([](int64_t i) { return noise(i, 2); });
                        QVERIFY(backend_.softmax(logarithm, x.view(), y.out()));
                        QVERIFY(backend_.softmaxBackward(logarithm, y.view(), g.view(), dx.out()));
                        const double relative = dtype == DType::F32 ? 3e-6 : 1e-13;
                        for (int64_t n = 0; n < rows; ++n) {
                            double top = -kInf, total = 0, sum = 0, dot = 0;
                            for (int64_t k = 0; k < classes; ++k) top = std::max(top, x.get(n * classes + k));
                            for (int64_t k = 0; k < classes; ++k) total += std::exp(x.get(n * classes + k) - top);
                            const auto p = [&](int64_t k) { return std::exp(x.get(n * classes + k) - top) / total; };
                            for (int64_t k = 0; k < classes; ++k) sum += g.get(n * classes + k), dot += g.get(n * classes + k) * p(k);
                            for (int64_t k = 0; k < classes; ++k) {
                                const int64_t i = n * classes + k;
                                const double want = logarithm ? x.get(i) - top - std::log(total) : p(k);
                                QVERIFY2(close(y.get(i), want, relative, logarithm ? 2e-6 + (n == 2 ? 1e-4 : 0) : 1e-37),
                                         qPrintable(QString("%1 of %2: %3, want %4").arg(i).arg(classes).arg(y.get(i)).arg(want)));
                                const double slope = logarithm ? g.get(i) - p(k) * sum : p(k) * (g.get(i) - dot);
                                QVERIFY2(
                                    close(dx.get(i), slope, 1e-5, (dtype == DType::F32 ? 2e-6 : 1e-12) * (n == 2 && logarithm ? 300 : 1)),
                                    qPrintable(QString("gradient %1 of %2: %3, want %4").arg(i).arg(classes).arg(dx.get(i)).arg(slope)));
                            }
                        }
                        QVERIFY(backend_.softmax(logarithm, x.view(), x.out()));
                        for (int64_t i = 0; i < x.elements(); ++i) QCOMPARE(x.get(i), y.get(i));
                    }
        });
    }

    void aNaNMakesItsRowOfSoftmaxNaN() {
        for (const bool logarithm : {false, true}) {
            RawTensor x(DType::F32, Shape{2, 40}), y(DType::F32, Shape{2, 40});
            x.fill([](int64_t i) { return i == 7 ? kNaN : double(i); });
            QVERIFY(backend_.softmax(logarithm, x.view(), y.out()));
            for (int64_t i = 0; i < 80; ++i) QCOMPARE(std::isnan(y.get(i)), i < 40);
        }
    }

    void crossEntropyAndItsGradientFollowTheFormula() {
        onEachIsa([&] {
            for (const DType dtype : {DType::F32, DType::F64})
                for (const double smoothing : {0.0, 0.1})
                    for (const int64_t classes : {1, 10, 33, 1000}) {
                        const int64_t rows = 9;
                        RawTensor x(dtype, Shape{rows, classes}), target(DType::I64, Shape{rows}), losses(dtype, Shape{rows}),
                            p(dtype, Shape{rows, classes});
                        RawTensor g(dtype, Shape{rows}, Shape{0}), dx(dtype, Shape{rows, classes});
                        x.fill([](int64_t i) { return noise(i, 1, 10); });
                        target.fill([&](int64_t n) { return double(n * 7 % classes); });
                        g.fill([](int64_t) { return 0.25; });
                        QVERIFY(backend_.crossEntropy(smoothing, x.view(), target.view(), losses.out(), p.out()));
                        QVERIFY(backend_.crossEntropyBackward(smoothing, p.view(), target.view(), g.view(), dx.out()));
                        for (int64_t n = 0; n < rows; ++n) {
                            long double total = 0, mean = 0;
                            for (int64_t k = 0; k < classes; ++k) total += expl(x.get(n * classes + k));
                            const auto logP = [&](int64_t k) { return (long double)(x.get(n * classes + k)) - logl(total); };
                            for (int64_t k = 0; k < classes; ++k) mean += logP(k) / (long double)(classes);
                            const auto label = int64_t(target.get(n));
                            const auto want = double(-(1 - smoothing) * logP(label) - smoothing * mean);
                            QVERIFY2(close(losses.get(n), want, dtype == DType::F32 ? 2e-6 : 1e-12, 1e-6),
                                     qPrintable(QString("%1, want %2").arg(losses.get(n)).arg(want)));
                            for (int64_t k = 0; k < classes; ++k) {
                                const double exact = double(expl(logP(k)));
                                QVERIFY(close(p.get(n * classes + k), exact, 3e-6, 1e-37));
                                const double slope = 0.25 * (exact - (1 - smoothing) * (k == label) - smoothing / double(classes));
                                QVERIFY(close(dx.get(n * classes + k), slope, 1e-5, dtype == DType::F32 ? 3e-8 : 1e-14));
                            }
                        }
                    }
        });
    }

    void aLabelThatIsNoClassIsNamed() {
        RawTensor x(DType::F32, Shape{3, 10}), target(DType::I64, Shape{3}), losses(DType::F32, Shape{3}), p(DType::F32, Shape{3, 10});
        target.set(1, 10);
        try {
            backend_.crossEntropy(0, x.view(), target.view(), losses.out(), p.out());
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::BadInput);
            QCOMPARE(QString(error.what()), QString("cross_entropy: label 10 of sample 1 is not one of 10 classes"));
        }
    }

    void indexSelectTakesSlices() {
        for (const DType dtype : {DType::F32, DType::F64, DType::F16, DType::I64, DType::U8, DType::Bool})
            for (int dim = 0; dim < 3; ++dim)
                for (const bool contiguous : {true, false}) {
                    const Shape shape{4, 5, 6};
                    RawTensor in = contiguous ? RawTensor(dtype, shape) : RawTensor(dtype, shape, Shape{1, 4, 20});
                    in.fill([](int64_t i) { return double(i % 101); });
                    RawTensor index(DType::I64, Shape{7}, Shape{2});
                    index.fill([&](int64_t i) { return double(i * 3 % shape[dim]); });
                    Shape outShape = shape;
                    outShape[dim] = 7;
                    RawTensor out(dtype, outShape);
                    QVERIFY(backend_.indexSelect(dim, in.view(), index.view(), out.out()));
                    for (int64_t i = 0; i < out.elements(); ++i) {
                        int64_t at[3] = {i / outShape[2] / outShape[1], i / outShape[2] % outShape[1], i % outShape[2]};
                        at[dim] = int64_t(index.get(at[dim]));
                        QCOMPARE(out.get(i), in.get((at[0] * 5 + at[1]) * 6 + at[2]));
                    }
                }
    }

    void indexAddAddsRepeatedIndices() {
        for (const DType dtype : {DType::F32, DType::F64})
            for (int dim = 0; dim < 3; ++dim)
                for (const bool contiguous : {true, false}) {
                    Shape shape{4, 5, 6}, inShape = shape;
                    inShape[dim] = 9;
                    RawTensor in(dtype, inShape), index(DType::I64, Shape{9}),
                        out = contiguous ? RawTensor(dtype, shape) : RawTensor(dtype, shape, Shape{1, 4, 20});
                    in.fill([](int64_t i) { return noise(i, 1); });
                    index.fill([&](int64_t i) { return double(i * i % shape[dim]); });
                    out.fill([](int64_t i) { return double(i); });
                    std::vector<double> want(size_t(out.elements()));
                    for (size_t i = 0; i < want.size(); ++i) want[i] = double(i);
                    for (int64_t i = 0; i < in.elements(); ++i) {
                        int64_t at[3] = {i / inShape[2] / inShape[1], i / inShape[2] % inShape[1], i % inShape[2]};
                        at[dim] = int64_t(index.get(at[dim]));
                        want[size_t((at[0] * 5 + at[1]) * 6 + at[2])] += in.get(i);
                    }
                    QVERIFY(backend_.indexAdd(dim, in.view(), index.view(), out.out()));
                    for (size_t i = 0; i < want.size(); ++i) QVERIFY(close(out.get(int64_t(i)), want[i], 1e-6, 1e-6));
                }
    }

    void anIndexOutOfRangeIsNamed() {
        RawTensor in(DType::F32, Shape{3, 4}), index(DType::I64, Shape{2}), out(DType::F32, Shape{2, 4});
        index.set(1, -1);
        try {
            backend_.indexSelect(0, in.view(), index.view(), out.out());
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::BadInput);
            QCOMPARE(QString(error.what()), QString("index_select: index -1 at position 1 is out of range for dimension 0 of size 3"));
        }
        index.set(1, 2);
        QVERIFY_THROWS_EXCEPTION(Error, backend_.indexAdd(0, in.view(), index.view(), out.out()));
    }
};

QTEST_GUILESS_MAIN(TstReductions)
#include "tst_reductions.moc"
