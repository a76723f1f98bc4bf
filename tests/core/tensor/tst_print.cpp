// SPDX-License-Identifier: Apache-2.0
// Tensor::text() against what PyTorch prints (tests/support/golden_print.py holds the same rows).
#include "core/ops/ops.h"
#include "core/tensor/tensor.h"
#include "tests/support/case_test.h"

#include <cmath>
#include <limits>

using namespace strata;
using namespace strata::test;

namespace {

Tensor reals(const Shape& shape, DType dtype = DType::F32) { return formulaTensor(shape, 77, -2, 2, DType::F64).to(dtype); }
Tensor floats(const std::vector<float>& values) { return Tensor::of(values); }

std::vector<std::pair<std::string, Tensor>> rows() {
    const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
    return {{"a real", Tensor::scalar(2.5)},
            {"a whole real", Tensor::scalar(3)},
            {"a small real", Tensor::scalar(1.25e-7)},
            {"an integer", Tensor::scalar(-7, DType::I64)},
            {"a boolean", Tensor::scalar(1, DType::Bool)},
            {"no elements", Tensor::zeros({0})},
            {"no rows", Tensor::zeros({0, 3})},
            {"whole reals", floats({1, -20, 300})},
            {"reals", reals({4})},
            {"a matrix", reals({3, 4})},
            {"a cube", reals({2, 3, 2})},
            {"images", reals({2, 2, 2, 3})},
            {"f64", reals({3}, DType::F64)},
            {"f16", reals({3}, DType::F16)},
            {"bf16", reals({2, 2}, DType::BF16)},
            {"integers", Tensor::of<int64_t>({1, -200, 30, 4}, {2, 2})},
            {"i32", Tensor::of<int32_t>({1, 2})},
            {"u8", Tensor::of<uint8_t>({0, 255})},
            {"booleans", Tensor::of<bool>({true, false})},
            {"a wide range", floats({0.001f, 12345.678f})},
            {"large values", floats({123456789.0f, 1})},
            {"small values", floats({1e-5f, 2.5e-5f})},
            {"not finite", floats({nan, infinity, -infinity, 1.5f})},
            {"only not finite", floats({nan, infinity})},
            {"whole and not finite", floats({1, infinity})},
            {"zeros", Tensor::zeros({2, 2})},
            {"a long vector", reals({40})},
            {"long integers", Tensor::arange(60)},
            {"a very long vector", reals({1500})},
            {"many integers", Tensor::arange(3000).reshape({50, 60})},
            {"many reals", reals({40, 50})},
            {"a large cube", Tensor::arange(8000).reshape({20, 20, 20})},
            {"one row of many", reals({1, 1200})}};
}

} // namespace

class TstPrint : public QObject {
    Q_OBJECT

private slots:
    void aTensorPrintsAsInPyTorch_data() {
        QTest::addColumn<int>("at");
        const auto all = rows();
        for (size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].first.c_str()) << int(i);
    }
    void aTensorPrintsAsInPyTorch() {
        QFETCH(int, at);
        const auto [name, tensor] = rows()[size_t(at)];
        const Json golden = parseJson(readTestFile(goldenPath("print.json")), "print.json");
        QCOMPARE(QString::fromStdString(tensor.text()), QString::fromStdString(golden.at(name).get<std::string>()));
    }

    void viewsPrintTheirOwnElements() {
        const Tensor x = Tensor::arange(6).reshape({2, 3});
        QCOMPARE(QString::fromStdString(x.transpose(0, 1).text()), QString("tensor([[0, 3],\n        [1, 4],\n        [2, 5]])"));
        QCOMPARE(QString::fromStdString(Tensor().text()), QString("tensor(undefined)"));
    }
};

QTEST_GUILESS_MAIN(TstPrint)
#include "tst_print.moc"
