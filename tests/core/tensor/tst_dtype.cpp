// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/tensor.h"
#include "tests/support/case_test.h"

#include <cmath>

using namespace strata;

namespace {

/// Value of a floating format with `fraction` stored bits and exponent bias `bias`, from its definition (IEEE 754, 3.4).
double defined(uint16_t bits, int fraction, int bias, int exponentMax) {
    const int exponent = (bits & 0x7FFF) >> fraction, mantissa = bits & ((1 << fraction) - 1);
    const double sign = bits & 0x8000 ? -1 : 1;
    if (exponent == exponentMax) return mantissa ? std::nan("") : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - fraction);
    return sign * std::ldexp((1 << fraction) + mantissa, exponent - bias - fraction);
}

bool same(double a, double b) { return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b); }

/// The nearest of all finite values of a format, ties to the even bit pattern; infinity from half a step past the largest.
template <class Convert, class Widen> std::string checkRounding(Convert convert, Widen widen, uint16_t infinity) {
    for (uint32_t bits = 0; bits + 1 < infinity; ++bits) {
        const double low = widen(uint16_t(bits)), high = widen(uint16_t(bits + 1)), middle = (low + high) / 2;
        const auto expect = [&](float value, uint32_t wanted) -> std::string {
            for (const uint16_t sign : {uint16_t(0), uint16_t(0x8000)}) {
                const uint16_t got = convert(sign ? -value : value);
                if (got != uint16_t(wanted | sign))
                    return fmt::format("{:.9g} became {:#06x}, not {:#06x}", sign ? -value : value, got, wanted | sign);
            }
            return {};
        };
        const float f = float(middle);
        if (double(f) != middle) continue; // between two f16 subnormals every midpoint is an f32
        for (const std::string& problem : {expect(f, bits & 1 ? bits + 1 : bits), expect(std::nextafterf(f, INFINITY), bits + 1),
                                           expect(std::nextafterf(f, 0.0f), bits)})
            if (!problem.empty()) return problem;
    }
    return {};
}

} // namespace

class TstDtype : public QObject {
    Q_OBJECT

private slots:
    void all65536HalvesHaveTheValueOfTheirBits() {
        for (uint32_t bits = 0; bits < 65536; ++bits) {
            QVERIFY2(same(toFloat(Half{uint16_t(bits)}), defined(uint16_t(bits), 10, 15, 31)), fmt::format("{:#06x}", bits).c_str());
            QVERIFY2(same(toFloat(BFloat16{uint16_t(bits)}), defined(uint16_t(bits), 7, 127, 255)), fmt::format("{:#06x}", bits).c_str());
        }
    }

    void all65536HalvesSurviveTheWayThereAndBack() {
        for (uint32_t bits = 0; bits < 65536; ++bits) {
            const float half = toFloat(Half{uint16_t(bits)}), brain = toFloat(BFloat16{uint16_t(bits)});
            if (std::isnan(half))
                QVERIFY(std::isnan(toFloat(toHalf(half))));
            else
                QCOMPARE(toHalf(half).bits, uint16_t(bits));
            if (std::isnan(brain))
                QVERIFY(std::isnan(toFloat(toBFloat16(brain))));
            else
                QCOMPARE(toBFloat16(brain).bits, uint16_t(bits));
        }
    }

    void roundingIsToNearestEvenAtEveryMidpoint() {
        STRATA_VERIFY(checkRounding([](float x) { return toHalf(x).bits; }, [](uint16_t b) { return double(toFloat(Half{b})); }, 0x7C00));
        STRATA_VERIFY(
            checkRounding([](float x) { return toBFloat16(x).bits; }, [](uint16_t b) { return double(toFloat(BFloat16{b})); }, 0x7F80));
    }

    void overflowGivesInfinityAndNanStaysNan() {
        QCOMPARE(toHalf(65504.0f).bits, uint16_t(0x7BFF));
        QCOMPARE(toHalf(65519.996f).bits, uint16_t(0x7BFF));
        QCOMPARE(toHalf(65520.0f).bits, uint16_t(0x7C00));
        QCOMPARE(toHalf(-INFINITY).bits, uint16_t(0xFC00));
        QVERIFY(std::isnan(toFloat(toHalf(std::nanf("")))));
        QCOMPARE(toBFloat16(3.4e38f).bits, uint16_t(0x7F80));
        QCOMPARE(toBFloat16(3.38e38f).bits, uint16_t(0x7F7E));
        QVERIFY(std::isnan(toFloat(toBFloat16(std::bit_cast<float>(0x7F800001u)))));
    }

    void tensorsConvertAsTheScalarFunctionsDo() {
        std::vector<float> values;
        for (uint64_t i = 0; i < 5000; ++i) values.push_back(float(test::formulaValue(3, i, -1, 1) * std::pow(10.0, double(i % 12) - 7)));
        values.insert(values.end(), {0.0f, -0.0f, INFINITY, -INFINITY, 1e30f, -1e-30f, 65520.0f});
        const Tensor source = Tensor::of(values);
        const Tensor half = source.to(DType::F16), brain = source.to(DType::BF16);
        for (size_t i = 0; i < values.size(); ++i) {
            QCOMPARE(half.data<Half>()[i].bits, toHalf(values[i]).bits);
            QCOMPARE(brain.data<BFloat16>()[i].bits, toBFloat16(values[i]).bits);
        }
        const std::vector<float> back = half.to(DType::F32).toVector<float>();
        for (size_t i = 0; i < values.size(); ++i) QVERIFY(same(back[i], toFloat(toHalf(values[i]))));
    }

    void promotionFollowsPyTorchsTable_data() {
        QTest::addColumn<int>("a");
        QTest::addColumn<int>("b");
        QTest::addColumn<int>("expected");
        // torch.promote_types of PyTorch 1.13, rows and columns in the order of DType.
        const DType F = DType::F32, D = DType::F64, H = DType::F16, B = DType::BF16, L = DType::I64, I = DType::I32, U = DType::U8,
                    O = DType::Bool;
        const DType table[8][8] = {{F, D, F, F, F, F, F, F}, {D, D, D, D, D, D, D, D}, {F, D, H, F, H, H, H, H}, {F, D, F, B, B, B, B, B},
                                   {F, D, H, B, L, L, L, L}, {F, D, H, B, L, I, I, I}, {F, D, H, B, L, I, U, U}, {F, D, H, B, L, I, U, O}};
        for (int a = 0; a < 8; ++a)
            for (int b = 0; b < 8; ++b)
                QTest::newRow((std::string(dtypeName(DType(a))) + " and " + std::string(dtypeName(DType(b)))).c_str())
                    << a << b << int(table[a][b]);
    }
    void promotionFollowsPyTorchsTable() {
        QFETCH(int, a);
        QFETCH(int, b);
        QFETCH(int, expected);
        QCOMPARE(int(promoteTypes(DType(a), DType(b))), expected);
    }

    void namesAreFoundAgain() {
        for (int i = 0; i <= int(DType::Bool); ++i) QVERIFY(dtypeFromName(dtypeName(DType(i))) == DType(i));
        QVERIFY(!dtypeFromName("float32"));
    }

    void conversionsTruncateAndWrapNothing() {
        const Tensor x = Tensor::of<double>({-2.7, -0.5, 0.0, 0.5, 2.7, std::nan("")});
        QCOMPARE(x.to(DType::I64).toVector<int64_t>(), (std::vector<int64_t>{-2, 0, 0, 0, 2, 0}));
        QCOMPARE(x.to(DType::I32).toVector<int64_t>(), (std::vector<int64_t>{-2, 0, 0, 0, 2, 0}));
        QCOMPARE(x.to(DType::Bool).toVector<int64_t>(), (std::vector<int64_t>{1, 1, 0, 1, 1, 1}));
        QCOMPARE(Tensor::of<int64_t>({0, 3, -1}).to(DType::Bool).toVector<int64_t>(), (std::vector<int64_t>{0, 1, 1}));
        QCOMPARE(Tensor::of<int64_t>({0, 7, 255}).to(DType::U8).to(DType::F32).toVector<double>(), (std::vector<double>{0, 7, 255}));
    }
};

QTEST_GUILESS_MAIN(TstDtype)
#include "tst_dtype.moc"
