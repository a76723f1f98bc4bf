// SPDX-License-Identifier: Apache-2.0
#include "core/autograd/autograd.h"
#include "core/ops/ops.h"
#include "tests/support/case_test.h"

using namespace strata;

namespace {
using Reals = std::vector<double>;
Tensor leaf(const Reals& values) {
    Tensor x = Tensor::of(values);
    x.setRequiresGrad(true);
    return x;
}
} // namespace

class TstAutograd : public QObject {
    Q_OBJECT

private slots:
    void aDiamondAddsItsTwoWays() {
        const Tensor x = leaf({1, 2, 3});
        const Tensor middle = x * x;
        const Tensor y = (middle * 2.0 + exp(middle)).sum();
        y.backward();
        Reals expected;
        for (const double v : {1.0, 2.0, 3.0}) expected.push_back((2 + std::exp(v * v)) * 2 * v);
        QVERIFY(test::relativeError(x.grad().toVector<double>(), expected) < 1e-14);
    }

    void aNodeRunsOnceAfterAllItsUsers() {
        const Tensor x = leaf({1});
        int runs = 0;
        Tensor counted = record("counted", x.detach().clone(), {x}, [&](const Tensor& g, const std::vector<bool>&) {
            ++runs;
            return std::vector<Tensor>{g};
        });
        Tensor sum = counted;
        for (int i = 0; i < 20; ++i) sum = sum + counted * double(i); // users of different age
        sum.sum().backward();
        QCOMPARE(runs, 1);
        QCOMPARE(x.grad().item(), 1.0 + 190.0);
    }

    void aLadderOfDiamondsTakesLinearTime() { // 2^200 paths
        const Tensor x = leaf({1});
        Tensor y = x;
        for (int i = 0; i < 200; ++i) y = (y + y) * 0.5;
        y.backward();
        QCOMPARE(x.grad().item(), 1.0);
    }

    void aGraphOf100000NodesNeedsNoRecursion() {
        const Tensor x = leaf({1, -1});
        {
            Tensor y = x;
            for (int i = 0; i < 100000; ++i) y = i % 2 ? y * 1.0 : y + x;
            y.sum().backward();
            QCOMPARE(x.grad().toVector<double>(), Reals(2, 50001.0));
        }
        Tensor dropped = x;
        for (int i = 0; i < 100000; ++i) dropped = dropped * x; // keeps its inputs; freed without ever running
        dropped = Tensor();
        Tensor kept = x;
        for (int i = 0; i < 100000; ++i) kept = sigmoid(kept); // keeps its outputs
        kept = Tensor();
    }

    void gradientsAccumulateOverBackwards() {
        const Tensor x = leaf({1, 2});
        for (int i = 1; i <= 3; ++i) {
            (x * x).sum().backward();
            QCOMPARE(x.grad().toVector<double>(), (Reals{2.0 * i, 4.0 * i}));
        }
    }

    void gradientsOfTwoLeavesShareNoMemory() {
        const Tensor a = leaf({1, 2}), b = leaf({3, 4});
        const Tensor seed = Tensor::of<double>({1, 1});
        (a + b).backward(seed);
        QVERIFY(a.grad().isContiguous());
        Tensor(a.grad()).fill(7);
        QCOMPARE(b.grad().toVector<double>(), (Reals{1, 1}));
        QCOMPARE(seed.toVector<double>(), (Reals{1, 1}));
        const Tensor c = leaf({1, 2, 3});
        c.sum().backward();
        QVERIFY(c.grad().isContiguous());
    }

    void aFlatBufferReceivesTheGradient() {
        Tensor flat = Tensor::zeros({5}, DType::F64);
        const Tensor x = leaf({1, 2}), y = leaf({3, 4, 5});
        x.autogradMeta()->gradTarget = flat.slice(0, 0, 2);
        y.autogradMeta()->gradTarget = flat.slice(0, 2, 5);
        (square(x).sum() + square(y).sum()).backward();
        QCOMPARE(flat.toVector<double>(), (Reals{2, 4, 6, 8, 10}));
        (square(x).sum() + square(y).sum()).backward();
        QCOMPARE(flat.toVector<double>(), (Reals{4, 8, 12, 16, 20}));
        QVERIFY(x.grad().sharesStorage(flat));
    }

    void gradientsDoNotWriteTheFlatBuffer() {
        const Tensor weight = test::formulaTensor({2, 3}, 1, -1, 1), bias = test::formulaTensor({2}, 2, -1, 1);
        Tensor flat = Tensor::zeros({6}, DType::F64);
        Tensor leaf = weight.clone();
        leaf.setRequiresGrad(true);
        leaf.autogradMeta()->gradTarget = flat.reshape({2, 3});
        const auto gradientOf = [&](double scale) {
            return gradients(linear(Tensor::full({1, 3}, scale, DType::F64), leaf, bias).sum(), {leaf})[0];
        };
        const Tensor first = gradientOf(1), second = gradientOf(5);
        QCOMPARE(first.toVector<double>(), Reals(6, 1.0));
        QCOMPARE(second.toVector<double>(), Reals(6, 5.0));
        QCOMPARE(flat.toVector<double>(), Reals(6, 0.0));
        const Tensor x = Tensor::ones({1, 3}, DType::F64); // one weight used twice
        const Tensor twice = gradients((linear(x, leaf) + linear(x * 2.0, leaf)).sum(), {leaf})[0];
        QCOMPARE(twice.toVector<double>(), Reals(6, 3.0));
    }

    void aWeightUsedTwiceGetsBothGradients() {
        Tensor flat = Tensor::zeros({6}, DType::F64);
        Tensor leaf = test::formulaTensor({2, 3}, 1, -1, 1);
        leaf.setRequiresGrad(true);
        leaf.autogradMeta()->gradTarget = flat.reshape({2, 3});
        const Tensor x = Tensor::ones({1, 3}, DType::F64);
        (linear(x, leaf) + linear(x * 2.0, leaf)).sum().backward();
        QCOMPARE(flat.toVector<double>(), Reals(6, 3.0));
    }

    void onlyLeavesGetAGradient() {
        const Tensor x = leaf({1, 2});
        const Tensor y = x * 2.0, constant = Tensor::of<double>({1, 1});
        (y * constant).sum().backward();
        QVERIFY(!y.grad().defined());
        QVERIFY(!constant.grad().defined());
        QVERIFY(x.grad().defined());
        STRATA_FAILS(Tensor(y).setRequiresGrad(false), "setRequiresGrad: only leaves can be switched; this is a result of mul_scalar");
        STRATA_FAILS(Tensor::ones({2}, DType::I64).setRequiresGrad(true),
                     "setRequiresGrad: only f32 and f64 tensors have gradients, not i64");
    }

    void aLeafCanBeItsOwnOutput() {
        const Tensor x = leaf({2});
        x.backward();
        QCOMPARE(x.grad().item(), 1.0);
    }

    void noGradRecordsNothingAndEnds() {
        const Tensor x = leaf({1, 2});
        {
            NoGrad none;
            QVERIFY(!gradEnabled());
            { NoGrad inner; }
            QVERIFY(!gradEnabled());
            QVERIFY(!(x * x).requiresGrad());
        }
        QVERIFY(gradEnabled());
        QVERIFY((x * x).requiresGrad());
        QVERIFY(!x.detach().requiresGrad());
        try {
            NoGrad none;
            fail(ErrorKind::BadInput, "thrown inside");
        } catch (const Error&) {}
        QVERIFY(gradEnabled());
    }

    void theGraphIsUsedOnceUnlessRetained() {
        const Tensor x = leaf({3});
        const Tensor y = x * x;
        runBackward(y, {}, true);
        runBackward(y, {}, true);
        QCOMPARE(x.grad().item(), 12.0);
        runBackward(y, {});
        QCOMPARE(x.grad().item(), 18.0);
        STRATA_FAILS(runBackward(y, {}), "backward: the graph of mul was already used and freed; pass retainGraph to go through it twice");
    }

    void gradientsLeaveGradAlone() {
        const Tensor x = leaf({1, 2}), unused = leaf({5});
        const Tensor y = (x * x * x).sum();
        const std::vector<Tensor> found = gradients(y, {x, unused});
        QCOMPARE(found[0].toVector<double>(), (Reals{3, 12}));
        QVERIFY(!found[1].defined());
        QVERIFY(!x.grad().defined());
    }

    void gradientsOfGradientsGoOn() { // d^3/dx^3 of x^5
        const Tensor x = leaf({1.5});
        Tensor y = pow(x, 5).sum();
        const double expected[] = {5 * std::pow(1.5, 4), 20 * std::pow(1.5, 3), 60 * std::pow(1.5, 2)};
        for (const double value : expected) {
            y = gradients(y, {x}, {}, true)[0].sum();
            QVERIFY(std::fabs(y.item() - value) < 1e-12 * value);
        }
    }

    void wrongRootsAndSeedsAreNamed() {
        const Tensor x = leaf({1, 2});
        STRATA_FAILS((x * 2.0).backward(), "backward: the tensor has shape [2]; give a gradient, or call it on one element");
        STRATA_FAILS((x * 2.0).backward(Tensor::of<double>({1})), "backward: the gradient has shape [1], the tensor [2]");
        STRATA_FAILS(Tensor::ones({1}).backward(), "backward: the tensor takes no part in autograd");
    }

    void anInPlaceChangeOfASavedResultIsFound() {
        const Tensor x = leaf({1, 2});
        for (const auto& [name, op] :
             {std::pair{"relu", UnaryOp::Relu}, std::pair{"sigmoid", UnaryOp::Sigmoid}, std::pair{"tanh", UnaryOp::Tanh}}) {
            Tensor y = unary(op, x);
            const Tensor z = y.sum();
            y.detach().fill(1);
            STRATA_FAILS(
                z.backward(),
                fmt::format("backward: a tensor of shape [2] that the gradient of {} needs was changed in place since", name).c_str());
        }
    }

    void anInPlaceChangeThatNoGradientNeedsIsAllowed() { // as PyTorch allows it
        const Tensor x = leaf({1, 2});
        const std::vector<std::pair<std::string, std::function<Tensor(const Tensor&)>>> operations{
            {"add", [](const Tensor& t) { return t + t; }},
            {"neg", [](const Tensor& t) { return -t; }},
            {"add_scalar", [](const Tensor& t) { return t + 1.0; }},
            {"mul_scalar", [](const Tensor& t) { return t * 3.0; }},
            {"sum", [](const Tensor& t) { return t.sum(); }},
            {"relu", [](const Tensor& t) { return relu(t); }},
            {"mul by a constant",
             [](const Tensor& t) {
                 return t * Tensor::of<double>({1, 2});
             }},
            {"reshape", [](const Tensor& t) {
                 return t.reshape({2, 1}) * 1.0;
             }}};
        for (const auto& [name, operation] : operations) {
            const Tensor y = x * 2.0;
            const Tensor z = operation(y).sum();
            y.detach().fill(9);
            const std::string sentence = test::sentenceOf([&] { z.backward(); });
            QVERIFY2(sentence.empty(), (name + ": " + sentence).c_str());
        }
    }

    void relayingASavedTensorIsNoChange() {
        const Tensor x = test::formulaTensor({1, 16, 2, 2}, 5, -1, 1, DType::F32);
        Tensor input = x.clone();
        input.setRequiresGrad(true);
        const Tensor y = square(input).sum();
        input.storage()->setLayout(Layout::Blocked16, input.shape(), DType::F32);
        y.backward();
        QVERIFY(test::relativeError(input.grad(), x * 2.0) < 1e-6);
    }

    void memoryIsFreedWhileBackwardRuns() {
        DeviceMemory& memory = cpuDevice().memory();
        Tensor x = Tensor::ones({1 << 18});
        x.setRequiresGrad(true);
        const uint64_t before = memory.memoryStats().bytesInUse;
        Tensor y = x;
        uint64_t halfway = 0;
        for (int i = 0; i < 40; ++i) {
            y = sigmoid(y);
            if (i != 20) continue;
            y = record("probe", y.detach(), {y}, [&](const Tensor& g, const std::vector<bool>&) {
                halfway = memory.memoryStats().bytesInUse;
                return std::vector<Tensor>{g};
            });
        }
        const Tensor root = y.sum();
        y = Tensor();
        QVERIFY(memory.memoryStats().bytesInUse - before >= 40ull << 20);
        root.backward();
        QVERIFY2(halfway - before <= 25ull << 20, fmt::format("{} bytes were held halfway", halfway - before).c_str());
        const uint64_t after = memory.memoryStats().bytesInUse;
        QVERIFY2(after <= before + (2ull << 20), fmt::format("{} bytes are still held", after - before).c_str()); // the gradient alone
    }

    void droppingAGraphFreesItsMemory() {
        DeviceMemory& memory = cpuDevice().memory();
        const uint64_t before = memory.memoryStats().bytesInUse;
        {
            Tensor x = Tensor::ones({1 << 16}), w = Tensor::ones({1 << 16});
            x.setRequiresGrad(true), w.setRequiresGrad(true);
            Tensor y = x;
            for (int i = 0; i < 10; ++i) y = sigmoid(y * w) + exp(y);
            const Tensor g = gradients(y.sum(), {x}, {}, false)[0];
        }
        QCOMPARE(memory.memoryStats().bytesInUse, before);
    }
};

QTEST_GUILESS_MAIN(TstAutograd)
#include "tst_autograd.moc"
