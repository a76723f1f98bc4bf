// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.h"
#include "core/cpu/cpu_backend.h"
#include "core/cpu/simd.h"
#include "tests/support/raw_tensor.h"

#include <QtTest>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

using namespace strata;
using namespace strata::test;
using cpu::Isa;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const std::vector<DType> kAllTypes = {DType::F32, DType::F64, DType::F16, DType::BF16, DType::I64, DType::I32, DType::U8, DType::Bool};

/// How an operand lies in memory.
struct Place {
    const char* name;
    Shape shape;
    Shape strides; ///< of the inputs; empty: contiguous
    Shape outStrides;
    Layout layout = Layout::Plain;
};

const std::vector<Place>& places() {
    static const std::vector<Place> all = {
        {"scalar", Shape{}, {}, {}},
        {"one", Shape{1}, {}, {}},
        {"fifteen", Shape{15}, {}, {}},
        {"sixteen", Shape{16}, {}, {}},
        {"seventeen", Shape{17}, {}, {}},
        {"nothing", Shape{3, 0, 2}, {}, {}},
        {"two threads", Shape{40001}, {}, {}},
        {"every third", Shape{5, 1300}, Shape{3900, 3}, {}},
        {"transposed", Shape{33, 65}, Shape{1, 33}, {}},
        {"from channels last", Shape{2, 17, 5, 19}, Shape{1615, 1, 323, 17}, {}},
        {"into every second", Shape{7, 31}, {}, Shape{62, 2}},
        {"into transposed", Shape{9, 40}, {}, Shape{1, 9}},
        {"broadcast rows", Shape{4, 3, 50}, Shape{0, 50, 1}, {}},
        {"broadcast columns", Shape{16, 2100}, Shape{1, 0}, {}},
        {"long rows apart", Shape{2, 34001}, Shape{34010, 1}, {}},
        {"blocked 16", Shape{2, 19, 5, 3}, {}, {}, Layout::Blocked16},
        {"blocked 8", Shape{3, 9, 4, 4}, {}, {}, Layout::Blocked8},
        {"channels last", Shape{2, 5, 3, 7}, {}, {}, Layout::ChannelsLast},
    };
    return all;
}

/// Over the grain of a thread: slow to check, so for a few operations only.
bool isLarge(const Place& place) { return place.shape.elements() > 20000; }

RawTensor inputAt(const Place& place, DType dtype) {
    if (place.layout != Layout::Plain || place.strides.empty()) return RawTensor(dtype, place.shape, place.layout);
    return RawTensor(dtype, place.shape, place.strides);
}
RawTensor outputAt(const Place& place, DType dtype) {
    if (place.layout != Layout::Plain || place.outStrides.empty()) return RawTensor(dtype, place.shape, place.layout);
    return RawTensor(dtype, place.shape, place.outStrides);
}

/// Ordinary values with every special one among them.
double sample(int64_t i, int stream, double scale) {
    constexpr double special[] = {0, -0.0, 1, -1, 0.5, kInf, -kInf, kNaN, 1e-40, -1e-40, 90, -90, 104.5, 1e30, -1e30};
    constexpr int64_t kCount = sizeof special / sizeof *special;
    const int64_t at = (i + stream * 5) % 61;
    return at < kCount ? special[at] : noise(i, stream, scale);
}
double integerSample(int64_t i, int stream, DType dtype) {
    const double value = std::floor(noise(i, stream, 40));
    return dtype == DType::U8 ? std::fabs(value) * 6 : (dtype == DType::Bool ? double(value > 0) : value);
}

struct UnaryRow {
    UnaryOp op;
    UnaryParams params;
    std::function<long double(long double)> function;
    double absolute = 1e-35; ///< error allowed where the result vanishes
};

const std::vector<UnaryRow>& unaryRows() {
    using L = long double;
    const auto normal = [](L x) { return 0.5L * erfcl(-x * 0.70710678118654752440L); };
    static const std::vector<UnaryRow> rows = {
        {UnaryOp::Neg, {}, [](L x) { return -x; }},
        {UnaryOp::Abs, {}, [](L x) { return fabsl(x); }},
        {UnaryOp::Exp, {}, [](L x) { return expl(x); }},
        {UnaryOp::Log, {}, [](L x) { return logl(x); }},
        {UnaryOp::Sqrt, {}, [](L x) { return sqrtl(x); }},
        {UnaryOp::Rsqrt, {}, [](L x) { return 1 / sqrtl(x); }},
        {UnaryOp::Square, {}, [](L x) { return x * x; }},
        {UnaryOp::Reciprocal, {}, [](L x) { return 1 / x; }},
        {UnaryOp::Sign, {}, [](L x) { return x > 0 ? 1.0L : (x < 0 ? -1.0L : x); }},
        {UnaryOp::Floor, {}, [](L x) { return floorl(x); }},
        {UnaryOp::Ceil, {}, [](L x) { return ceill(x); }},
        {UnaryOp::Round, {}, [](L x) { return rintl(x); }},
        {UnaryOp::Sin, {}, [](L x) { return L(std::sin(double(x))); }},
        {UnaryOp::Cos, {}, [](L x) { return L(std::cos(double(x))); }},
        {UnaryOp::Erf, {}, [](L x) { return erfl(x); }},
        {UnaryOp::Relu, {}, [](L x) { return std::isnan(x) ? x : std::max(x, 0.0L); }},
        {UnaryOp::LeakyRelu, {0.125, 0}, [](L x) { return x > 0 ? x : 0.125L * x; }},
        {UnaryOp::Gelu, {}, [normal](L x) { return x * normal(x); }, 1e-12},
        {UnaryOp::Silu, {}, [](L x) { return x / (1 + expl(-x)); }},
        {UnaryOp::Sigmoid, {}, [](L x) { return 1 / (1 + expl(-x)); }},
        {UnaryOp::Tanh, {}, [](L x) { return tanhl(x); }},
        {UnaryOp::AddScalar, {1.5, 0}, [](L x) { return x + 1.5L; }},
        {UnaryOp::MulScalar, {-0.75, 0}, [](L x) { return x * -0.75L; }},
        {UnaryOp::PowScalar, {2, 0}, [](L x) { return x * x; }},
        {UnaryOp::PowScalar, {3, 0}, [](L x) { return x * x * x; }},
        {UnaryOp::PowScalar, {-1.5, 0}, [](L x) { return powl(x, -1.5L); }},
        {UnaryOp::Clamp, {-0.5, 2}, [](L x) { return x < -0.5L ? -0.5L : (x > 2 ? 2.0L : x); }},
    };
    return rows;
}

/// Runs `body` on each instruction set that the processor has.
void onEachIsa(const std::function<void(Isa)>& body) {
    const Isa before = cpu::currentIsa();
    for (const Isa isa : {Isa::Baseline, Isa::Avx2, Isa::Avx512})
        if (cpu::setIsa(isa)) body(isa);
    cpu::setIsa(before);
}

QString label(auto op, DType dtype, const Place& place, Isa isa, int64_t i) {
    return QString::fromStdString(fmt::format("{} {} {} {} element {}", opName(op), dtypeName(dtype), place.name, cpu::isaName(isa), i));
}

} // namespace

class TstPlainKernels : public QObject {
    Q_OBJECT
    CpuBackend backend_;

    void checkUnary(const UnaryRow& row, DType dtype, const Place& place, Isa isa) {
        const bool blocked = place.layout != Layout::Plain;
        if (blocked && !keepsZero(row.op, row.params)) return;
        if (isLarge(place) && row.op != UnaryOp::Neg && row.op != UnaryOp::Gelu) return;
        RawTensor in = inputAt(place, dtype), out = outputAt(place, dtype);
        in.fill([&](int64_t i) { return sample(i, 1, 4); });
        QVERIFY(backend_.unary(row.op, row.params, in.view(), out.out()));
        for (int64_t i = 0; i < in.elements(); ++i) {
            const long double exact = row.function(in.get(i));
            const double want = dtype == DType::F32 ? double(float(exact)) : double(exact);
            const double relative = dtype == DType::F32 ? 1e-6 : 1e-14, absolute = dtype == DType::F32 ? row.absolute : 1e-300;
            if (!close(out.get(i), want, relative, absolute))
                QFAIL(qPrintable(label(row.op, dtype, place, isa, i) +
                                 QString(": of %1 got %2, want %3").arg(in.get(i)).arg(out.get(i), 0, 'g', 9).arg(want, 0, 'g', 9)));
        }
        QVERIFY2(out.paddingIsZero(), qPrintable(label(row.op, dtype, place, isa, -1)));
    }

private slots:
    void unaryOperationsFollowTheirFormulas() {
        onEachIsa([&](Isa isa) {
            for (const UnaryRow& row : unaryRows())
                for (const Place& place : places()) {
                    checkUnary(row, DType::F32, place, isa);
                    if (isa == Isa::Baseline) checkUnary(row, DType::F64, place, isa);
                }
        });
    }

    void aMillionValuesOfEachFunctionAreWithinOneInAMillion() {
        const int64_t count = 1000003;
        RawTensor in(DType::F32, Shape{count}), out(DType::F32, Shape{count});
        onEachIsa([&](Isa isa) {
            for (const UnaryRow& row : unaryRows()) {
                if (row.op != UnaryOp::Exp && row.op != UnaryOp::Log && row.op != UnaryOp::Erf && row.op != UnaryOp::Tanh &&
                    row.op != UnaryOp::Gelu)
                    continue;
                float* x = in.view().as<float>();
                for (int64_t i = 0; i < count; ++i) x[i] = float(i - count / 2) * 2e-5f;
                QVERIFY(backend_.unary(row.op, row.params, in.view(), out.out()));
                double worst = 0;
                for (int64_t i = 0; i < count; ++i) {
                    const auto want = double(row.function(x[i]));
                    worst =
                        std::max(worst, (std::fabs(double(out.view().as<float>()[i]) - want) - row.absolute) / (std::fabs(want) + 1e-300));
                }
                QVERIFY2(worst < 1e-6,
                         qPrintable(QString("%1 on %2: %3").arg(opName(row.op).data()).arg(cpu::isaName(isa).data()).arg(worst)));
            }
        });
    }

    void gradientsOfActivationsAreTheirSlopes() {
        onEachIsa([&](Isa isa) {
            for (const UnaryRow& row : unaryRows()) {
                if (row.op < UnaryOp::Relu || row.op > UnaryOp::Tanh) continue;
                for (const Place& place : places())
                    for (const DType dtype : {DType::F32, DType::F64}) {
                        RawTensor saved = inputAt(place, dtype), gradOut = inputAt(place, dtype), gradIn = outputAt(place, dtype);
                        const auto x = [](int64_t i) { return double(float(noise(i, 3, 8))) + 1e-3; };
                        // The input of each cell, also where several logical elements share it.
                        std::vector<double> inputs(size_t(saved.elements()));
                        saved.fill(x);
                        for (size_t i = 0; i < inputs.size(); ++i) inputs[i] = saved.get(int64_t(i));
                        if (savesOutput(row.op) && saved.view().elements() > 0 && place.strides.empty())
                            for (size_t i = 0; i < inputs.size(); ++i) saved.set(int64_t(i), double(row.function(inputs[i])));
                        else if (savesOutput(row.op))
                            continue;
                        gradOut.fill([](int64_t i) { return noise(i, 4, 2); });
                        QVERIFY(backend_.unaryBackward(row.op, row.params, saved.view(), gradOut.view(), gradIn.out()));
                        for (int64_t i = 0; i < saved.elements(); ++i) {
                            const long double at = inputs[size_t(i)], h = 1e-5L;
                            const auto slope = double((row.function(at + h) - row.function(at - h)) / (2 * h));
                            const double want = gradOut.get(i) * slope;
                            if (!close(gradIn.get(i), want, 2e-6, dtype == DType::F32 ? 5e-7 : 1e-8))
                                QFAIL(qPrintable(label(row.op, dtype, place, isa, i) +
                                                 QString(": at %1 got %2, want %3").arg(double(at)).arg(gradIn.get(i)).arg(want)));
                        }
                        QVERIFY(gradIn.paddingIsZero());
                    }
            }
        });
    }

    void aReluThatWasOffPassesNoInfiniteGradient() {
        onEachIsa([&](Isa) {
            RawTensor y(DType::F32, Shape{40}), g(DType::F32, Shape{40}), out(DType::F32, Shape{40});
            y.fill([](int64_t i) { return double(i % 2); });
            g.fill([](int64_t) { return kInf; });
            QVERIFY(backend_.unaryBackward(UnaryOp::Relu, {}, y.view(), g.view(), out.out()));
            for (int64_t i = 0; i < 40; ++i) QCOMPARE(out.get(i), i % 2 ? kInf : 0.0);
        });
    }

    void integersWrapAroundAndBooleansNegate() {
        for (const DType dtype : {DType::I64, DType::I32, DType::U8})
            for (const Place& place : places()) {
                if (place.layout != Layout::Plain) continue;
                struct Row {
                    UnaryOp op;
                    UnaryParams params;
                    std::function<double(double)> function;
                };
                const Row rows[] = {
                    {UnaryOp::Neg, {}, [](double x) { return -x; }},
                    {UnaryOp::Abs, {}, [](double x) { return std::fabs(x); }},
                    {UnaryOp::Sign, {}, [](double x) { return double((x > 0) - (x < 0)); }},
                    {UnaryOp::AddScalar, {-3, 0}, [](double x) { return x - 3; }},
                    {UnaryOp::MulScalar, {7, 0}, [](double x) { return x * 7; }},
                    {UnaryOp::Clamp, {-5, 9}, [](double x) { return std::clamp(x, -5.0, 9.0); }},
                    {UnaryOp::Clamp, {-kInf, kInf}, [](double x) { return x; }},
                };
                for (const Row& row : rows) {
                    RawTensor in = inputAt(place, dtype), out = outputAt(place, dtype);
                    in.fill([&](int64_t i) { return integerSample(i, 1, dtype); });
                    QVERIFY(backend_.unary(row.op, row.params, in.view(), out.out()));
                    for (int64_t i = 0; i < in.elements(); ++i) {
                        const double exact = row.function(in.get(i));
                        const double want = dtype == DType::U8 ? double(uint8_t(int64_t(exact))) : exact;
                        QVERIFY2(out.get(i) == want, qPrintable(label(row.op, dtype, place, Isa::Baseline, i)));
                    }
                }
            }
        RawTensor in(DType::Bool, Shape{21}), out(DType::Bool, Shape{21});
        in.fill([](int64_t i) { return double(i % 3 == 0); });
        QVERIFY(backend_.unary(UnaryOp::LogicalNot, {}, in.view(), out.out()));
        for (int64_t i = 0; i < 21; ++i) QCOMPARE(out.get(i), double(i % 3 != 0));
        QVERIFY(!backend_.unary(UnaryOp::Exp, {}, RawTensor(DType::I32, Shape{2}).view(), RawTensor(DType::I32, Shape{2}).out()));
    }

    void isFiniteTellsNumbersFromTheRest() {
        for (const DType dtype : {DType::F32, DType::F64, DType::I32}) {
            RawTensor in(dtype, Shape{5, 13}), out(DType::Bool, Shape{5, 13});
            in.fill([&](int64_t i) { return dtype == DType::I32 ? 4 : sample(i, 0, 1); });
            QVERIFY(backend_.unary(UnaryOp::IsFinite, {}, in.view(), out.out()));
            for (int64_t i = 0; i < in.elements(); ++i) QCOMPARE(out.get(i), double(std::isfinite(in.get(i))));
        }
    }

    void binaryOperationsFollowTheirFormulas() {
        struct Row {
            BinaryOp op;
            std::function<double(double, double)> function;
        };
        const auto nan = [](double a, double b) { return std::isnan(a) || std::isnan(b); };
        const Row rows[] = {
            {BinaryOp::Add, [](double a, double b) { return a + b; }},
            {BinaryOp::Sub, [](double a, double b) { return a - b; }},
            {BinaryOp::Mul, [](double a, double b) { return a * b; }},
            {BinaryOp::Div, [](double a, double b) { return a / b; }},
            {BinaryOp::Pow, [](double a, double b) { return std::pow(a, b); }},
            {BinaryOp::Maximum, [=](double a, double b) { return nan(a, b) ? kNaN : std::max(a, b); }},
            {BinaryOp::Minimum, [=](double a, double b) { return nan(a, b) ? kNaN : std::min(a, b); }},
            {BinaryOp::Equal, [](double a, double b) { return double(a == b); }},
            {BinaryOp::NotEqual, [](double a, double b) { return double(a != b); }},
            {BinaryOp::Less, [](double a, double b) { return double(a < b); }},
            {BinaryOp::LessEqual, [](double a, double b) { return double(a <= b); }},
            {BinaryOp::Greater, [](double a, double b) { return double(a > b); }},
            {BinaryOp::GreaterEqual, [](double a, double b) { return double(a >= b); }},
            {BinaryOp::LogicalAnd, [](double a, double b) { return double(a != 0 && b != 0); }},
            {BinaryOp::LogicalOr, [](double a, double b) { return double(a != 0 || b != 0); }},
        };
        onEachIsa([&](Isa isa) {
            for (const Row& row : rows)
                for (const Place& place : places())
                    for (const DType dtype : {DType::F32, DType::F64}) {
                        if (place.layout != Layout::Plain && !keepsZero(row.op)) continue;
                        if (isLarge(place) && row.op != BinaryOp::Sub && row.op != BinaryOp::Less) continue;
                        RawTensor a = inputAt(place, dtype), b(dtype, place.shape, place.layout);
                        RawTensor out = outputAt(place, isComparison(row.op) ? DType::Bool : dtype);
                        a.fill([&](int64_t i) { return sample(i, 1, 4); });
                        b.fill([&](int64_t i) { return sample(i / 2, 2, 4); });
                        QVERIFY(backend_.binary(row.op, a.view(), b.view(), out.out()));
                        for (int64_t i = 0; i < a.elements(); ++i) {
                            const double exact = row.function(a.get(i), b.get(i));
                            const double want = dtype == DType::F32 ? double(float(exact)) : exact;
                            if (!close(out.get(i), want, dtype == DType::F32 ? 2e-7 : 1e-15, dtype == DType::F32 ? 3e-45 : 0))
                                QFAIL(qPrintable(label(row.op, dtype, place, isa, i) +
                                                 QString(": %1, %2 got %3").arg(a.get(i)).arg(b.get(i)).arg(out.get(i))));
                        }
                        QVERIFY(out.paddingIsZero());
                    }
        });
    }

    void integerArithmeticTruncatesAndWraps() {
        for (const DType dtype : {DType::I64, DType::I32, DType::U8}) {
            RawTensor a(dtype, Shape{3, 41}), b(dtype, Shape{3, 41}, Shape{0, 1}), out(dtype, Shape{3, 41});
            a.fill([&](int64_t i) { return integerSample(i, 1, dtype); });
            b.fill([&](int64_t i) { return i % 7 == 0 ? 0 : integerSample(i, 2, dtype); });
            const auto check = [&](BinaryOp op, auto&& function) {
                QVERIFY(backend_.binary(op, a.view(), b.view(), out.out()));
                for (int64_t i = 0; i < a.elements(); ++i) {
                    const auto want = int64_t(function(int64_t(a.get(i)), int64_t(b.get(i))));
                    QCOMPARE(out.get(i), dtype == DType::U8 ? double(uint8_t(want)) : double(want));
                }
            };
            check(BinaryOp::Add, [](int64_t x, int64_t y) { return x + y; });
            check(BinaryOp::Sub, [](int64_t x, int64_t y) { return x - y; });
            check(BinaryOp::Mul, [](int64_t x, int64_t y) { return x * y; });
            check(BinaryOp::Div, [](int64_t x, int64_t y) { return y == 0 ? 0 : x / y; });
            check(BinaryOp::Maximum, [](int64_t x, int64_t y) { return std::max(x, y); });
            check(BinaryOp::Minimum, [](int64_t x, int64_t y) { return std::min(x, y); });
        }
        RawTensor a(DType::I64, Shape{4}), b(DType::I64, Shape{4}), out(DType::I64, Shape{4});
        const int64_t bases[] = {3, -2, std::numeric_limits<int64_t>::min(), 5}, exponents[] = {13, -3, 1, 0};
        std::memcpy(a.view().data, bases, sizeof bases);
        std::memcpy(b.view().data, exponents, sizeof exponents);
        QVERIFY(backend_.binary(BinaryOp::Pow, a.view(), b.view(), out.out()));
        QCOMPARE(out.view().as<int64_t>()[0], int64_t(1594323));
        QCOMPARE(out.view().as<int64_t>()[1], int64_t(0));
        QCOMPARE(out.view().as<int64_t>()[2], std::numeric_limits<int64_t>::min());
        QCOMPARE(out.view().as<int64_t>()[3], int64_t(1));
        b.fill([](int64_t) { return -1.0; });
        QVERIFY(backend_.binary(BinaryOp::Div, a.view(), b.view(), out.out()));
        QCOMPARE(out.view().as<int64_t>()[2], std::numeric_limits<int64_t>::min());
    }

    void booleansAddAsOrAndMultiplyAsAnd() {
        RawTensor a(DType::Bool, Shape{4}), b(DType::Bool, Shape{4}), out(DType::Bool, Shape{4});
        a.fill([](int64_t i) { return double(i & 1); });
        b.fill([](int64_t i) { return double(i >> 1); });
        QVERIFY(backend_.binary(BinaryOp::Add, a.view(), b.view(), out.out()));
        for (int64_t i = 0; i < 4; ++i) QCOMPARE(out.get(i), double(i != 0));
        QVERIFY(backend_.binary(BinaryOp::Mul, a.view(), b.view(), out.out()));
        for (int64_t i = 0; i < 4; ++i) QCOMPARE(out.get(i), double(i == 3));
        QVERIFY(!backend_.binary(BinaryOp::Sub, a.view(), b.view(), out.out()));
    }

    void copyConvertsBetweenAllTypesAndStrides() {
        onEachIsa([&](Isa isa) {
            for (const DType from : kAllTypes)
                for (const DType to : kAllTypes)
                    for (const Place& place : places()) {
                        if (isLarge(place) && (from != DType::U8 || to != DType::F32)) continue;
                        if (isa != Isa::Baseline && from != DType::F32 && to != DType::F32) continue; // only f32 has loops of its own
                        RawTensor in = inputAt(place, from), out = outputAt(place, to);
                        in.fill([&](int64_t i) {
                            return isFloating(from) ? noise(i, 1, 100) + 100 * isFloating(to) : integerSample(i, 1, from);
                        });
                        QVERIFY(backend_.copy(in.view(), out.out()));
                        RawTensor want(to, Shape{1});
                        for (int64_t i = 0; i < in.elements(); ++i) {
                            double value = in.get(i);
                            if (isInteger(to) && to != DType::Bool) value = std::trunc(value);
                            if (to == DType::U8 && isFloating(from)) value = std::clamp(value, 0.0, 255.0);
                            if (to == DType::U8) value = double(uint8_t(int64_t(value)));
                            want.set(0, value);
                            if (out.get(i) != want.get(0))
                                QFAIL(qPrintable(QString::fromStdString(
                                    fmt::format("{} to {} {} {} element {}: of {} got {}, want {}", dtypeName(from), dtypeName(to),
                                                place.name, cpu::isaName(isa), i, in.get(i), out.get(i), want.get(0)))));
                        }
                        QVERIFY(out.paddingIsZero());
                    }
        });
    }

    void floatsThatAreNoIntegersSaturateAndNaNIsZero() {
        const double values[] = {kNaN, kInf, -kInf, 1e30, -1e30, 300, -300, 2.9, -2.9, 9223372036854775808.0};
        RawTensor in(DType::F64, Shape{10}), i64(DType::I64, Shape{10}), u8(DType::U8, Shape{10}), flag(DType::Bool, Shape{10});
        in.fill([&](int64_t i) { return values[i]; });
        QVERIFY(backend_.copy(in.view(), i64.out()) && backend_.copy(in.view(), u8.out()) && backend_.copy(in.view(), flag.out()));
        constexpr int64_t low = std::numeric_limits<int64_t>::min(), high = std::numeric_limits<int64_t>::max();
        const int64_t wide[] = {0, high, low, high, low, 300, -300, 2, -2, high};
        const double narrow[] = {0, 255, 0, 255, 0, 255, 0, 2, 0, 255};
        for (int64_t i = 0; i < 10; ++i) {
            QCOMPARE(i64.view().as<int64_t>()[i], wide[i]);
            QCOMPARE(u8.get(i), narrow[i]);
            QCOMPARE(flag.get(i), 1.0);
        }
    }

    void halvesConvertBitForBitAsTheScalarFunctions() {
        onEachIsa([&](Isa) {
            RawTensor half(DType::F16, Shape{65536}), brain(DType::BF16, Shape{65536}), wide(DType::F32, Shape{65536}),
                back(DType::F16, Shape{65536});
            for (int i = 0; i < 65536; ++i) {
                half.view().as<Half>()[i].bits = uint16_t(i);
                brain.view().as<BFloat16>()[i].bits = uint16_t(i);
            }
            const auto check = [&](auto&& expected) {
                for (int i = 0; i < 65536; ++i) {
                    const float got = wide.view().as<float>()[i], want = expected(i);
                    QVERIFY2(std::isnan(want) ? std::isnan(got) : std::memcmp(&got, &want, 4) == 0, qPrintable(QString::number(i)));
                }
            };
            QVERIFY(backend_.copy(brain.view(), wide.out()));
            check([&](int i) { return toFloat(brain.view().as<BFloat16>()[i]); });
            QVERIFY(backend_.copy(half.view(), wide.out()));
            check([&](int i) { return toFloat(half.view().as<Half>()[i]); });
            for (int pass = 0; pass < 2; ++pass) {
                QVERIFY(backend_.copy(wide.view(), back.out()) && backend_.copy(wide.view(), brain.out()));
                for (int i = 0; i < 65536; ++i) {
                    const float x = wide.view().as<float>()[i];
                    if (std::isnan(x)) continue;
                    QCOMPARE(back.view().as<Half>()[i].bits, toHalf(x).bits);
                    QCOMPARE(brain.view().as<BFloat16>()[i].bits, toBFloat16(x).bits);
                }
                for (int i = 0; i < 65536; ++i) wide.view().as<float>()[i] = float(noise(i, 9)) * std::exp2(float(i % 60 - 40));
            }
        });
    }

    void fillWritesEveryElementAndNoPadding() {
        for (const DType dtype : kAllTypes)
            for (const Place& place : places()) {
                RawTensor out = outputAt(place, dtype);
                out.poison(0);
                QVERIFY(backend_.fill(3, out.out()));
                for (int64_t i = 0; i < out.elements(); ++i) QCOMPARE(out.get(i), dtype == DType::Bool ? 1.0 : 3.0);
                QVERIFY(out.paddingIsZero());
            }
    }

    void whereTakesFromOneOrTheOther() {
        for (const DType dtype : kAllTypes)
            for (const Place& place : places()) {
                if (place.layout != Layout::Plain) continue;
                RawTensor condition = inputAt(place, DType::Bool), a(dtype, place.shape), b = inputAt(place, dtype),
                          out = outputAt(place, dtype);
                condition.fill([](int64_t i) { return double(noise(i, 3) > 0); });
                a.fill([&](int64_t i) { return integerSample(i, 1, dtype); });
                b.fill([&](int64_t i) { return integerSample(i, 2, dtype); });
                QVERIFY(backend_.where(condition.view(), a.view(), b.view(), out.out()));
                for (int64_t i = 0; i < a.elements(); ++i) QCOMPARE(out.get(i), condition.get(i) != 0 ? a.get(i) : b.get(i));
            }
    }

    void resultsDoNotDependOnTheNumberOfThreads() {
        const int before = computeThreads();
        const int64_t count = 200003;
        RawTensor in(DType::F32, Shape{count}), one(DType::F32, Shape{count}), three(DType::F32, Shape{count});
        in.fill([](int64_t i) { return noise(i, 1, 6); });
        for (const UnaryOp op : {UnaryOp::Exp, UnaryOp::Gelu, UnaryOp::Tanh, UnaryOp::Silu}) {
            setComputeThreads(1);
            QVERIFY(backend_.unary(op, {}, in.view(), one.out()));
            setComputeThreads(3);
            QVERIFY(backend_.unary(op, {}, in.view(), three.out()));
            QVERIFY(std::memcmp(one.view().data, three.view().data, size_t(count) * 4) == 0);
        }
        setComputeThreads(before);
    }

    void inPlaceWorks() {
        RawTensor a(DType::F32, Shape{1000}), b(DType::F32, Shape{1000});
        a.fill([](int64_t i) { return double(i); });
        b.fill([](int64_t i) { return double(2 * i); });
        QVERIFY(backend_.binary(BinaryOp::Add, a.view(), b.view(), a.out()));
        QVERIFY(backend_.unary(UnaryOp::Neg, {}, a.view(), a.out()));
        for (int64_t i = 0; i < 1000; ++i) QCOMPARE(a.get(i), -3.0 * double(i));
    }
};

QTEST_GUILESS_MAIN(TstPlainKernels)
#include "tst_plain_kernels.moc"
