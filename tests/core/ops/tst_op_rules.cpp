// SPDX-License-Identifier: Apache-2.0
// What the table does not hold: errors with their sentences, special values, random numbers.
#include "core/autograd/autograd.h"
#include "core/ops/ops.h"
#include "core/ops/random.h"
#include "tests/support/case_test.h"

#include <cmath>
#include <limits>

using namespace strata;
using namespace strata::test;

namespace {
const double kNan = std::nan(""), kInfinity = std::numeric_limits<double>::infinity();
Tensor zeros(const Shape& shape, DType dtype = DType::F32) { return Tensor::zeros(shape, dtype); }
} // namespace

class TstOpRules : public QObject {
    Q_OBJECT

private slots:
    void errorsNameTheOperationAndTheShapes() {
        STRATA_FAILS(relu(zeros({2}, DType::I64)), "relu: is not defined for i64");
        STRATA_FAILS(unary(UnaryOp::LogicalNot, zeros({2})), "logical_not: is not defined for f32");
        STRATA_FAILS(where(zeros({2}), zeros({2}), zeros({2})), "where: the condition is f32, not bool");
        STRATA_FAILS(sum(zeros({2, 3}), {2}), "sum: there is no dimension 2 in a tensor of rank 2");
        STRATA_FAILS(sum(zeros({2, 3}), {1, -1}), "sum: dimension -1 is named twice");
        STRATA_FAILS(matmul(zeros({2, 3}), zeros({2, 3})), "matmul: shapes [2, 3] and [2, 3] cannot be multiplied");
        STRATA_FAILS(matmul(zeros({2, 3}), zeros({3, 2}, DType::F64)), "matmul: dtypes f32 and f64 differ");
        STRATA_FAILS(matmul(zeros({2, 3}, DType::I64), zeros({3, 2}, DType::I64)), "matmul: needs f32 or f64, not i64");
        STRATA_FAILS(matmul(zeros({}), zeros({3})), "matmul: shapes [] and [3] need ranks 1 to 3");
        STRATA_FAILS(linear(zeros({2, 3}), zeros({5, 4})), "linear: input [2, 3] does not fit weight [5, 4]");
        STRATA_FAILS(indexSelect(zeros({4, 2}), 0, zeros({2})), "index_select: the index is f32, not i64");
        STRATA_FAILS(indexSelect(zeros({4, 2}), 0, zeros({2, 2}, DType::I64)), "index_select: needs a tensor of rank 1, not shape [2, 2]");
        STRATA_FAILS(softmax(zeros({2}, DType::I64)), "softmax: needs f32 or f64, not i64");
        STRATA_FAILS(crossEntropy(zeros({2, 3}), zeros({3}, DType::I64)),
                     "cross_entropy: logits [2, 3] and targets [3] do not fit; expected [N, C] and [N]");
        STRATA_FAILS(crossEntropy(zeros({2, 3}), zeros({2})), "cross_entropy: the targets are f32, not i64");
        STRATA_FAILS(crossEntropy(zeros({2, 3}), zeros({2}, DType::I64), 1.5), "cross_entropy: label smoothing 1.5 is not in [0, 1]");
        STRATA_FAILS(mseLoss(zeros({2, 3}), zeros({2})), "mse_loss: prediction [2, 3] and target [2] differ in shape");
        STRATA_FAILS(conv2d(zeros({3, 8, 8}), zeros({4, 3, 3, 3}), {}, {}), "conv2d: needs a tensor of rank 4, not shape [3, 8, 8]");
        STRATA_FAILS(conv2d(zeros({1, 2, 8, 8}), zeros({4, 3, 3, 3}), {}, {}),
                     "conv2d: input [1, 2, 8, 8] does not fit weight [4, 3, 3, 3] with 1 group");
        STRATA_FAILS(conv2d(zeros({1, 3, 2, 8}), zeros({4, 3, 3, 3}), {}, {}),
                     "conv2d: the kernel of weight [4, 3, 3, 3] is larger than the padded input [1, 3, 2, 8]");
        STRATA_FAILS(conv2d(zeros({1, 3, 8, 8}), zeros({4, 3, 3, 3}), zeros({3}), {}), "conv2d: bias [3] does not fit weight [4, 3, 3, 3]");
        STRATA_FAILS(maxPool2d(zeros({1, 1, 1, 4}), {}), "max_pool2d: the 2x2 window is larger than the input [1, 1, 1, 4]");
        STRATA_FAILS(batchNorm(zeros({2, 3, 2, 2}), zeros({2}), {}, zeros({3}), zeros({3}), {}),
                     "batch_norm: input [2, 3, 2, 2] has 3 channels, a parameter has shape [2]");
        STRATA_FAILS(batchNorm(zeros({1, 3}), {}, {}, zeros({3}), zeros({3}), {}),
                     "batch_norm: needs more than one value per channel when training, got input [1, 3]");
        STRATA_FAILS(dropout(zeros({2}), 1.0, {}), "dropout: the probability 1 is not in [0, 1)");
    }

    void labelsAndIndicesOutOfRangeAreRefused() {
        QVERIFY(!sentenceOf([] { indexSelect(zeros({4, 2}), 0, Tensor::of<int64_t>({0, 4})); }).empty());
        QVERIFY(!sentenceOf([] { indexSelect(zeros({4, 2}), 0, Tensor::of<int64_t>({-1})); }).empty());
        QVERIFY(!sentenceOf([] { crossEntropy(zeros({2, 3}), Tensor::of<int64_t>({0, 3})); }).empty());
        QVERIFY(!sentenceOf([] { crossEntropy(zeros({2, 3}), Tensor::of<int64_t>({-1, 0})); }).empty());
    }

    void aFusedConvolutionHasNoGradient() {
        Tensor weight = Tensor::ones({1, 1, 1, 1});
        weight.setRequiresGrad(true);
        ConvParams params;
        params.relu = true;
        STRATA_FAILS(conv2d(Tensor::ones({1, 1, 2, 2}), weight, {}, params), "conv2d: the fused ReLU is for inference and has no gradient");
        NoGrad none;
        QCOMPARE(conv2d(Tensor::of<float>({-1, 0, 1, 2}, {1, 1, 2, 2}), weight, {}, params).toVector<float>(),
                 (std::vector<float>{0, 0, 1, 2}));
    }

    void specialValuesGoThroughAsInPyTorch() {
        for (const DType dtype : {DType::F32, DType::F64}) {
            const Tensor x = Tensor::of<double>({kNan, kInfinity, -kInfinity, 1}).to(dtype);
            QVERIFY(std::isnan(max(x).item()) && std::isnan(min(x).item()));
            QCOMPARE(x.argmax(0).item(), 0.0);
            QVERIFY(std::isnan(relu(x).toVector<double>()[0]));
            QCOMPARE(relu(x).toVector<double>()[2], 0.0);
            QCOMPARE(unary(UnaryOp::IsFinite, x).toVector<int64_t>(), (std::vector<int64_t>{0, 0, 0, 1}));
            QCOMPARE(countNonFinite(x), int64_t(3));
            QVERIFY(std::isnan(maximum(x, Tensor::ones({4}, dtype)).toVector<double>()[0]));
            QCOMPARE((x == x).toVector<int64_t>(), (std::vector<int64_t>{0, 1, 1, 1}));
            QCOMPARE(sigmoid(x).toVector<double>()[1], 1.0);
            QCOMPARE(sigmoid(x).toVector<double>()[2], 0.0);
            QCOMPARE(tanh(x).toVector<double>()[2], -1.0);
            const std::vector<double> rows = softmax(Tensor::of<double>({0, 1e30, 5, -1e30}, {2, 2}).to(dtype)).toVector<double>();
            QCOMPARE(rows, (std::vector<double>{0, 1, 1, 0}));
            const Tensor picture = Tensor::of<double>({1, kNan, 3, 4}, {1, 1, 2, 2}).to(dtype);
            QVERIFY(std::isnan(maxPool2d(picture, {}).item()));
        }
    }

    void gradientsAtKinksAreThoseOfPyTorch() { // relu'(0) = 0, |0|' = 0, clamp' = 1 on its bounds, equal maxima share
        const auto gradientOf = [](const std::vector<double>& at, const std::function<Tensor(const Tensor&)>& f) {
            Tensor x = Tensor::of(at);
            x.setRequiresGrad(true);
            return gradients(f(x).sum(), {x})[0].toVector<double>();
        };
        using Reals = std::vector<double>;
        QCOMPARE(gradientOf({0}, [](const Tensor& x) { return relu(x); }), Reals{0});
        QCOMPARE(gradientOf({0}, [](const Tensor& x) { return abs(x); }), Reals{0});
        QCOMPARE(gradientOf({-1, 1, 1.5}, [](const Tensor& x) { return clamp(x, -1, 1); }), (Reals{1, 1, 0}));
        QCOMPARE(gradientOf({2, 2, 1}, [](const Tensor& x) { return max(x); }), (Reals{0.5, 0.5, 0}));
        QCOMPARE(gradientOf({2}, [](const Tensor& x) { return maximum(x, Tensor::of<double>({2})); }), Reals{0.5});
        QCOMPARE(gradientOf({0, 3}, [](const Tensor& x) { return pow(x, 2); }), (Reals{0, 6}));
        QCOMPARE(gradientOf({0, 3}, [](const Tensor& x) { return pow(x, 1); }), (Reals{1, 1}));
        QCOMPARE(gradientOf({0, 3}, [](const Tensor& x) { return pow(x, 0); }), (Reals{0, 0}));
        const auto base = [](double exponent) {
            return [exponent](const Tensor& x) { return binary(BinaryOp::Pow, x, Tensor::of<double>({exponent})); };
        };
        QCOMPARE(gradientOf({0, 3}, base(2)), (Reals{0, 6}));
        QCOMPARE(gradientOf({0, 3}, base(0)), (Reals{0, 0}));
        QCOMPARE(gradientOf({2, 0}, [](const Tensor& x) { return binary(BinaryOp::Pow, Tensor::of<double>({0}), x); }), (Reals{0, 0}));
        QCOMPARE(gradientOf({1, 1, 1, 1}, [](const Tensor& x) { return maxPool2d(x.reshape({1, 1, 2, 2}), {}); }), (Reals{1, 0, 0, 0}));
    }

    void emptyTensorsPassThrough() {
        QVERIFY((zeros({0, 3}) + zeros({1, 3})).shape() == (Shape{0, 3}));
        QCOMPARE(sum(zeros({0, 3})).item(), 0.0);
        QCOMPARE(sum(zeros({0, 3}), {0}).toVector<double>(), std::vector<double>(3, 0.0));
        QVERIFY(matmul(zeros({0, 3}), zeros({3, 2})).shape() == (Shape{0, 2}));
        QCOMPARE(matmul(zeros({2, 0}), zeros({0, 2})).toVector<double>(), std::vector<double>(4, 0.0));
        QVERIFY(cat({zeros({0, 2}), zeros({1, 2})}).shape() == (Shape{1, 2}));
        QVERIFY(!sentenceOf([] { max(zeros({0})); }).empty());
        STRATA_FAILS(indexSelect(zeros({0, 2}), 0, zeros({0}, DType::I64)).item(), "item: the tensor has shape [0, 2], not one element");
    }

    void integersStayExact() {
        const int64_t large = (int64_t(1) << 53) + 1;
        const Tensor x = Tensor::of<int64_t>({large, 1});
        QCOMPARE((x + x).toVector<int64_t>()[0], 2 * large);
        QCOMPARE(sum(x).toVector<int64_t>()[0], large + 1);
        QCOMPARE(max(x).toVector<int64_t>()[0], large);
        QCOMPARE((Tensor::of<uint8_t>({200}) + Tensor::of<uint8_t>({100})).toVector<int64_t>()[0], int64_t(44));
    }

    void longSumsInF32KeepTheirDigits() {
        const Tensor x = Tensor::full({1 << 22}, 0.1);
        QVERIFY(std::fabs(sum(x).item() / ((1 << 22) * double(0.1f)) - 1) < 1e-6);
        QVERIFY(std::fabs(mean(x).item() - double(0.1f)) < 1e-7);
    }

    void randomNumbersDependOnTheStreamAlone() {
        const Philox stream(1, Purpose::Test, 2, 3);
        const Tensor a = randomUniform({1000}, -1, 3, stream), b = randomUniform({2000}, -1, 3, stream);
        QCOMPARE(b.slice(0, 0, 1000).toVector<float>(), a.toVector<float>());
        QVERIFY(min(b).item() >= -1 && max(b).item() < 3);
        QVERIFY(std::fabs(mean(b).item() - 1) < 0.12 && std::fabs(var(b).item() - 16.0 / 12) < 0.15);
        QVERIFY(randomUniform({10}, 0, 1, Philox(1, Purpose::Test, 2, 4)).toVector<float>() !=
                randomUniform({10}, 0, 1, stream).toVector<float>());
        const Tensor normal = randomNormal({20000}, 2, 3, stream, DType::F64);
        QVERIFY(std::fabs(mean(normal).item() - 2) < 0.1 && std::fabs(var(normal).item() - 9) < 0.4);
        const Tensor integers = randomIntegers({5000}, 7, stream);
        QVERIFY(min(integers).item() == 0 && max(integers).item() == 6);
        STRATA_FAILS(randomIntegers({1}, 0, stream), "randomIntegers: the bound 0 is not positive");
    }

    void dropoutKeepsItsShareAndItsMean() {
        const Tensor ones = Tensor::ones({100, 100}), y = dropout(ones, 0.3, {1, 2, 3});
        const double kept = sum((y > zeros({1})).to(DType::F32)).item() / 10000;
        QVERIFY(std::fabs(kept - 0.7) < 0.02);
        QVERIFY(std::fabs(max(y).item() - 1 / 0.7) < 1e-6);
        QCOMPARE(dropout(ones, 0.3, {1, 2, 3}).toVector<float>(), y.toVector<float>());
        QVERIFY(dropout(ones, 0.3, {1, 3, 3}).toVector<float>() != y.toVector<float>());
        QVERIFY(dropout(ones, 0.0, {}).sharesStorage(ones));
    }

    void allCloseIsThatOfPyTorch() {
        QVERIFY(allClose(Tensor::of<float>({1, 2}), Tensor::of<float>({1.000001f, 2})));
        QVERIFY(!allClose(Tensor::of<float>({1, 2}), Tensor::of<float>({1.001f, 2})));
        QVERIFY(!allClose(Tensor::of<float>({1}), Tensor::of<float>({1, 1})));
        QVERIFY(!allClose(Tensor::of<double>({kNan}), Tensor::of<double>({kNan})));
    }
};

QTEST_GUILESS_MAIN(TstOpRules)
#include "tst_op_rules.moc"
