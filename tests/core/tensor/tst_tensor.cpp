// SPDX-License-Identifier: Apache-2.0
#include "core/ops/ops.h"
#include "core/tensor/tensor.h"
#include "tests/support/case_test.h"

using namespace strata;

namespace {
using Ints = std::vector<int64_t>;
Tensor counted(const Shape& shape, DType dtype = DType::I64) { return Tensor::arange(shape.elements()).reshape(shape).to(dtype); }
} // namespace

class TstTensor : public QObject {
    Q_OBJECT

private slots:
    void creationFillsEveryDtype() {
        for (int i = 0; i <= int(DType::Bool); ++i) {
            const DType dtype = DType(i);
            QCOMPARE(Tensor::zeros({2, 2}, dtype).toVector<double>(), std::vector<double>(4, 0.0));
            QCOMPARE(Tensor::ones({3}, dtype).toVector<double>(), std::vector<double>(3, 1.0));
            QCOMPARE(Tensor::full({2}, 5, dtype).toVector<double>(), std::vector<double>(2, dtype == DType::Bool ? 1.0 : 5.0));
            QVERIFY(Tensor::empty({2}, dtype).dtype() == dtype);
        }
        QCOMPARE(Tensor::arange(4).toVector<int64_t>(), (Ints{0, 1, 2, 3}));
        QCOMPARE(Tensor::scalar(2.5).item(), 2.5);
        QVERIFY(Tensor::scalar(2.5).shape().empty());
        QCOMPARE(Tensor::of<bool>({true, false}).toVector<int64_t>(), (Ints{1, 0}));
        QCOMPARE(Tensor::zeros({0, 3}).elements(), int64_t(0));
        QVERIFY(Tensor::zeros({0, 3}).toVector<float>().empty());
    }

    void freshTensorsAreAlignedAndContiguous() {
        const Tensor x = Tensor::empty({3, 5, 7});
        QCOMPARE(reinterpret_cast<uintptr_t>(x.data<float>()) % 64, uintptr_t(0));
        QVERIFY(x.isContiguous());
        QVERIFY(x.strides() == (Shape{35, 7, 1}));
    }

    void fromBlobBorrowsAndGivesBackOnce() {
        float values[6] = {0, 1, 2, 3, 4, 5};
        int released = 0;
        {
            Tensor x = Tensor::fromBlob(values, {2, 3}, DType::F32, [&] { ++released; });
            const Tensor row = x.select(0, 1);
            x = Tensor();
            QCOMPARE(released, 0);
            QCOMPARE(row.toVector<float>(), (std::vector<float>{3, 4, 5}));
            values[4] = 9;
            QCOMPARE(row.toVector<float>()[1], 9.0f);
        }
        QCOMPARE(released, 1);
    }

    void viewsShareStorageAndSeeChanges() {
        Tensor x = counted({3, 4});
        Tensor column = x.select(1, 2), part = x.slice(0, 1, 3), turned = x.transpose(0, 1);
        for (const Tensor& view : {column, part, turned, x.reshape({12}), x.unsqueeze(0), x.expand({2, 3, 4}), x.detach()})
            QVERIFY(view.sharesStorage(x));
        column.fill(-1);
        QCOMPARE(x.toVector<int64_t>(), (Ints{0, 1, -1, 3, 4, 5, -1, 7, 8, 9, -1, 11}));
        QCOMPARE(turned.toVector<int64_t>(), (Ints{0, 4, 8, 1, 5, 9, -1, -1, -1, 3, 7, 11}));
        part.copyFrom(Tensor::of<int64_t>({100, 200, 300, 400}));
        QCOMPARE(x.slice(0, 1, 2).toVector<int64_t>(), (Ints{100, 200, 300, 400}));
        QCOMPARE(x.slice(0, 2, 3).toVector<int64_t>(), (Ints{100, 200, 300, 400}));
        QVERIFY(!x.clone().sharesStorage(x));
        QVERIFY(!turned.contiguous().sharesStorage(x));
        QVERIFY(x.contiguous().sharesStorage(x));
        QVERIFY(!turned.reshape({12}).sharesStorage(x));
    }

    void reshapeIsAViewWhereStridesAllow() { // as PyTorch's view() accepts
        const Tensor x = counted({4, 6, 5});
        const std::vector<std::tuple<Tensor, Shape, bool>> rows{{x, {24, 5}, true},
                                                                {x.slice(2, 0, 3), {24, 3}, true},
                                                                {x.slice(2, 0, 3), {4, 18}, false},
                                                                {x.slice(1, 0, 3), {4, 15}, true},
                                                                {x.slice(1, 0, 4), {4, 2, 2, 5}, true},
                                                                {x.transpose(0, 1), {6, 4, 5, 1}, true},
                                                                {x.transpose(0, 1), {24, 5}, false},
                                                                {x.select(0, 1).unsqueeze(0).expand({3, 6, 5}), {3, 30}, true},
                                                                {x.select(0, 1).unsqueeze(0).expand({3, 6, 5}), {90}, false},
                                                                {x.slice(0, 0, 4, 2), {2, 1, 30}, true}};
        for (const auto& [tensor, shape, view] : rows) {
            const Tensor result = tensor.reshape(shape);
            QVERIFY(result.shape() == shape);
            QCOMPARE(result.toVector<int64_t>(), tensor.toVector<int64_t>());
            QVERIFY2(result.sharesStorage(tensor) == view, (tensor.shape().text() + " to " + shape.text()).c_str());
        }
    }

    void stridesAreThoseOfPyTorch() {
        const Tensor x = counted({2, 3, 4});
        QVERIFY(x.transpose(0, 2).strides() == (Shape{1, 4, 12}));
        QVERIFY(x.permute({1, 2, 0}).strides() == (Shape{4, 1, 12}));
        QVERIFY(x.slice(2, 1, 4, 2).strides() == (Shape{12, 4, 2}));
        QCOMPARE(x.slice(2, 1, 4, 2).offset(), int64_t(1));
        QVERIFY(x.select(1, 2).strides() == (Shape{12, 1}));
        QVERIFY(x.select(0, 0).unsqueeze(0).expand({5, 3, 4}).strides() == (Shape{0, 4, 1}));
        QVERIFY(!x.transpose(0, 1).isContiguous());
    }

    void slicingFollowsPython() {
        const Tensor x = counted({10});
        QCOMPARE(x.slice(0, 2, 9, 3).toVector<int64_t>(), (Ints{2, 5, 8}));
        QCOMPARE(x.slice(0, -3, 100).toVector<int64_t>(), (Ints{7, 8, 9}));
        QCOMPARE(x.slice(0, -100, 2).toVector<int64_t>(), (Ints{0, 1}));
        QCOMPARE(x.slice(0, 5, 5).toVector<int64_t>(), Ints{});
        QCOMPARE(x.slice(0, 8, 3).toVector<int64_t>(), Ints{});
        QCOMPARE(counted({4, 5}).index({Slice{1, 3, 1}, Slice{0, std::nullopt, 2}}).toVector<int64_t>(), (Ints{5, 7, 9, 10, 12, 14}));
        QCOMPARE(counted({4, 5}).index({Slice{-1, std::nullopt, 1}}).toVector<int64_t>(), (Ints{15, 16, 17, 18, 19}));
    }

    void catAndStackKeepOrder() {
        const Tensor a = counted({2, 2}), b = counted({1, 2}) + Tensor::scalar(10, DType::I64);
        QCOMPARE(cat({a, b}).toVector<int64_t>(), (Ints{0, 1, 2, 3, 10, 11}));
        QCOMPARE(cat({a, a}, 1).toVector<int64_t>(), (Ints{0, 1, 0, 1, 2, 3, 2, 3}));
        QCOMPARE(stack({a, a}, -1).toVector<int64_t>(), (Ints{0, 0, 1, 1, 2, 2, 3, 3}));
        QVERIFY(stack({a, a}).shape() == (Shape{2, 2, 2}));
    }

    void aZeroDimensionalTensorDoesNotWidenTheOther() { // PyTorch's result_type
        const Tensor f32 = Tensor::ones({2}), f16 = Tensor::ones({2}, DType::F16), i64 = Tensor::ones({2}, DType::I64),
                     u8 = Tensor::ones({2}, DType::U8);
        QVERIFY((f32 + Tensor::scalar(1, DType::F64)).dtype() == DType::F32);
        QVERIFY((f16 + Tensor::scalar(1, DType::F32)).dtype() == DType::F16);
        QVERIFY((u8 + Tensor::scalar(1, DType::I64)).dtype() == DType::U8);
        QVERIFY((i64 + Tensor::scalar(1, DType::F32)).dtype() == DType::F32);
        QVERIFY((f32 + Tensor::ones({2}, DType::F64)).dtype() == DType::F64);
        QVERIFY((i64 / i64).dtype() == DType::F32);
        QVERIFY((f16 * f16).dtype() == DType::F16);
        QVERIFY((f16 < f32).dtype() == DType::Bool);
        QVERIFY((i64 + f32).dtype() == DType::F32);
        QVERIFY((u8 + i64).dtype() == DType::I64);
    }

    void halvesAreStoredAndComputedInF32() {
        const Tensor x = Tensor::of<double>({1, 2, 0.333251953125}).to(DType::F16);
        QCOMPARE((x + x).toVector<double>(), (std::vector<double>{2, 4, 0.66650390625}));
        QVERIFY(relu(x).dtype() == DType::F16);
        QCOMPARE(exp(x.to(DType::BF16)).dtype() == DType::BF16, true);
    }

    void errorsNameTheOperationAndTheShapes() {
        const Tensor x = Tensor::zeros({2, 3});
        STRATA_FAILS(x + Tensor::zeros({4}), "add: shapes [2, 3] and [4] cannot be broadcast together");
        STRATA_FAILS(x.reshape({4, 2}), "reshape: shape [4, 2] does not fit the 6 elements of [2, 3]");
        STRATA_FAILS(x.reshape({-1, 4}), "reshape: shape [-1, 4] does not fit the 6 elements of [2, 3]");
        STRATA_FAILS(x.reshape({-1, -1}), "reshape: [-1, -1] is not a shape");
        STRATA_FAILS(x.transpose(0, 2), "transpose: there is no dimension 2 in a tensor of rank 2");
        STRATA_FAILS(x.permute({0, 0}), "permute: dimension 0 is named twice");
        STRATA_FAILS(x.permute({0}), "permute: 1 dimensions were named for a tensor of rank 2");
        STRATA_FAILS(x.expand({3, 3}), "expand: shapes [2, 3] and [3, 3] cannot be broadcast together");
        STRATA_FAILS(x.expand({3}), "expand: shape [2, 3] cannot be expanded to [3]");
        STRATA_FAILS(x.select(1, 3), "select: there is no index 3 in dimension 1 of size 3");
        STRATA_FAILS(x.slice(0, 0, 1, 0), "slice: the step 0 is not positive");
        STRATA_FAILS(x.flatten(1, 0), "flatten: the start dimension 1 lies behind the end 0");
        STRATA_FAILS(x.index({Slice{}, Slice{}, Slice{}}), "index: 3 slices for a tensor of rank 2");
        STRATA_FAILS(x.item(), "item: the tensor has shape [2, 3], not one element");
        STRATA_FAILS(x.data<double>(), "data: the tensor holds f32, not f64");
        STRATA_FAILS(x.transpose(0, 1).data<float>(), "data: the tensor of shape [3, 2] is not contiguous");
        STRATA_FAILS(Tensor().shape(), "the tensor is undefined");
        STRATA_FAILS(Tensor::of<float>({1, 2, 3}, {2, 2}), "of: 3 values do not fill shape [2, 2]");
        STRATA_FAILS(Tensor::arange(-1), "arange: the end -1 is negative");
        STRATA_FAILS(Tensor::zeros({-1}), "shape: size -1 is negative");
        STRATA_FAILS(Shape(std::vector<int64_t>(9, 1)), "a tensor has at most 8 dimensions, not 9");
        STRATA_FAILS(cat({}), "cat: no tensors were given");
        STRATA_FAILS(cat({x, Tensor::zeros({3, 2})}), "cat: shapes [2, 3] and [3, 2] differ outside dimension 0");
        STRATA_FAILS(cat({x, Tensor::zeros({2, 3}, DType::F64)}), "cat: dtypes f32 and f64 differ");
        STRATA_FAILS(stack({x, Tensor::zeros({3, 2})}), "stack: shapes [2, 3] and [3, 2] differ");
        STRATA_FAILS(Tensor::zeros({2}).copyFrom(x), "copyFrom: shapes [2, 3] and [2] cannot be broadcast together");
        STRATA_FAILS(Tensor::zeros({3}).copyFrom(x), "copyFrom: shape [2, 3] does not fit into [3]");
    }
};

QTEST_GUILESS_MAIN(TstTensor)
#include "tst_tensor.moc"
