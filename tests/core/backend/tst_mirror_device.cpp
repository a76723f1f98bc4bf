// SPDX-License-Identifier: Apache-2.0
// The Backend contract on a device with memory of its own: the same rows as on the CPU.
#include "core/autograd/autograd.h"
#include "core/backend/dispatch.h"
#include "core/backend/registry.h"
#include "core/model/network.h"
#include "core/ops/ops.h"
#include "core/train/optimizer.h"
#include "tests/support/case_test.h"

#include <csetjmp>
#include <csignal>

using namespace strata;
using namespace strata::test;

namespace {

sigjmp_buf afterFault;
void onFault(int) { siglongjmp(afterFault, 1); }

/// Whether reading the byte at `pointer` is a fault of the processor.
[[maybe_unused]] bool faults(const void* pointer) {
    struct sigaction handler {
    }, oldSegv{}, oldBus{};
    handler.sa_handler = onFault;
    sigaction(SIGSEGV, &handler, &oldSegv);
    sigaction(SIGBUS, &handler, &oldBus);
    bool fault = true;
    if (sigsetjmp(afterFault, 1) == 0) {
        const volatile char* bytes = static_cast<const volatile char*>(pointer);
        fault = bytes[0] != bytes[0];
    }
    sigaction(SIGSEGV, &oldSegv, nullptr);
    sigaction(SIGBUS, &oldBus, nullptr);
    return fault;
}

} // namespace

class TstMirrorDevice : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { loadModule(std::string(STRATA_BINARY_DIR) + "/tests/strata_mirror.so"); }

    void itIsListedWithItsFacts() {
        const std::vector<DeviceStatus> devices = listDevices();
        QCOMPARE(devices[0].name, std::string("cpu"));
        for (const char* name : {"mirror:0", "mirror:1"}) {
            const auto found = std::find_if(devices.begin(), devices.end(), [&](const DeviceStatus& d) { return d.name == name; });
            QVERIFY(found != devices.end() && found->available);
            QCOMPARE(found->info.description, std::string("mirror of the CPU, for tests"));
        }
    }

    void itsMemoryIsNotHandedOut() {
        STRATA_FAILS(Tensor::zeros({4}, DType::F32, device("mirror:0")).data<float>(), "data: the tensor lies on mirror:0, not on the CPU");
    }

    void itsMemoryCannotBeReadByAccident() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("the sanitizer owns the fault handlers");
#else
        const Tensor x = Tensor::zeros({4}, DType::F32, device("mirror:0"));
        QVERIFY(faults(x.storage()->data()));
        QVERIFY(!faults(Tensor::zeros({4}).storage()->data()));
#endif
    }

    void copiesKeepBitsEveryWay() {
        const Tensor x = formulaTensor({3, 4}, 5, -1, 1, DType::F32);
        const Tensor there = x.to(device("mirror:0")), further = there.to(device("mirror:1")), back = further.to(cpuDevice());
        QVERIFY(there.device().name() == "mirror:0" && further.device().name() == "mirror:1");
        QCOMPARE(back.toVector<float>(), x.toVector<float>());
        QCOMPARE(there.transpose(0, 1).toVector<float>(), x.transpose(0, 1).toVector<float>());
        QCOMPARE(there.transpose(0, 1).to(cpuDevice()).toVector<float>(), x.transpose(0, 1).toVector<float>());
    }

    void agreesWithPyTorchInF32_data() { addRows(opCases()); }
    void agreesWithPyTorchInF32() { STRATA_VERIFY(checkGolden(currentCase(opCases()), golden_, DType::F32, device("mirror:0"))); }

    void agreesWithPyTorchInF64_data() { addRows(opCases()); }
    void agreesWithPyTorchInF64() { STRATA_VERIFY(checkGolden(currentCase(opCases()), golden_, DType::F64, device("mirror:0"))); }

    void layersAgreeWithPyTorch_data() { addRows(layerCases()); }
    void layersAgreeWithPyTorch() { STRATA_VERIFY(checkGolden(currentCase(layerCases()), layers_, DType::F32, device("mirror:0"))); }

    void aNetworkTrainsThereAsHere_data() {
        QTest::addColumn<QString>("model");
        for (const char* model : {"lenet5", "vgg_small", "resnet20"}) QTest::newRow(model) << model;
    }
    void aNetworkTrainsThereAsHere() {
        QFETCH(QString, model);
        const auto train = [&](Device where) {
            backendOf(cpuDevice()).resetPlan(true);
            Network network(makeTemplate(model.toStdString(), {3, 32, 32}, 10), 1, where);
            const Tensor batch = formulaTensor({4, 3, 32, 32}, 1, -1, 1, DType::F32).to(where),
                         labels = Tensor::of<int64_t>({0, 3, 5, 9}).to(where);
            const auto optimizer = makeOptimizer("sgd", {{"lr", 0.01}}, network.flatParameters());
            ForwardOptions options;
            options.training = true;
            std::vector<double> losses;
            for (int step = 0; step < 3; ++step) {
                network.zeroGradients();
                const Tensor loss = crossEntropy(network.forward(batch, options), labels);
                loss.backward();
                optimizer->step(network.flatParameters(), network.flatGradients(), 0.01);
                losses.push_back(loss.item());
            }
            backendOf(cpuDevice()).resetPlan(false);
            return losses;
        };
        QVERIFY(relativeError(train(device("mirror:0")), train(cpuDevice())) < 1e-5);
    }

    void theGapsAreTheseAndRunOnTheCpu() { // after the rows above, which cover every operation
        const Json counts = fallbackCounts().value("mirror:0", Json::object());
        std::set<std::string> gaps;
        for (const auto& [kernel, count] : counts.items()) {
            QVERIFY(count.get<int64_t>() > 0);
            gaps.insert(kernel);
        }
        QCOMPARE(gaps, (std::set<std::string>{"avg_pool2d_backward", "dropout", "index_add", "prod", "silu", "where"}));
    }

    void aFallbackIsCountedEachTime() {
        const auto count = [] { return fallbackCounts()["mirror:0"].value("silu", int64_t(0)); };
        const Tensor x = formulaTensor({5}, 5, -1, 1, DType::F32);
        const int64_t before = count();
        const Tensor y = silu(x.to(device("mirror:0")));
        QCOMPARE(count(), before + 1);
        QCOMPARE(y.toVector<float>(), silu(x).toVector<float>());
        QVERIFY(y.device().name() == "mirror:0");
    }

    void aFallbackLeavesNeighboursAlone() { // the copy back of a strided view spans elements that are not its own
        Tensor wide = Tensor::full({4, 6}, 3, DType::F32, device("mirror:0"));
        const Tensor condition = Tensor::of<bool>({true, false, true, false}).to(device("mirror:0"));
        Tensor column = wide.select(1, 2);
        column.copyFrom(
            where(condition, Tensor::ones({4}, DType::F32, device("mirror:0")), Tensor::zeros({4}, DType::F32, device("mirror:0"))));
        QCOMPARE(column.toVector<float>(), (std::vector<float>{1, 0, 1, 0}));
        QCOMPARE(wide.sum().item(), 3.0 * 20 + 2);
    }

    void twoDevicesDoNotMix() {
        const Tensor here = Tensor::ones({2}), there = Tensor::ones({2}, DType::F32, device("mirror:0"));
        STRATA_FAILS(here + there, "add: one tensor lies on cpu, another on mirror:0");
        STRATA_FAILS(linear(Tensor::ones({1, 2}), Tensor::ones({3, 2}, DType::F32, device("mirror:0"))),
                     "linear: one tensor lies on cpu, another on mirror:0");
        STRATA_FAILS(there + Tensor::ones({2}, DType::F32, device("mirror:1")), "add: one tensor lies on mirror:0, another on mirror:1");
    }

    void gradientsCrossDevices() {
        Tensor x = formulaTensor({4}, 5, -1, 1, DType::F32);
        x.setRequiresGrad(true);
        square(x.to(device("mirror:0"))).sum().backward();
        QVERIFY(x.grad().device() == cpuDevice());
        QVERIFY(relativeError(x.grad(), x.detach() * 2.0) < 1e-6);
    }

    void runningOutOfMemoryNamesTheDeviceAndTheSize() {
        STRATA_FAILS(Tensor::empty({1 << 20}, DType::F32, device("mirror:1")),
                     "mirror:1 cannot give 4194304 bytes: 0 of its 1048576 are in use");
        QCOMPARE(device("mirror:1").memory().memoryStats().bytesInUse, uint64_t(0));
    }

    void memoryIsGivenBack() { QCOMPARE(device("mirror:0").memory().memoryStats().bytesInUse, uint64_t(0)); }

private:
    Golden golden_{"ops"};
    Golden layers_{"layers"};
};

QTEST_GUILESS_MAIN(TstMirrorDevice)
#include "tst_mirror_device.moc"
