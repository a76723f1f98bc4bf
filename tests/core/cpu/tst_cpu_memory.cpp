// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/philox.h"
#include "core/cpu/cpu_backend.h"
#include "core/cpu/simd.h"
#include "tests/support/raw_tensor.h"

#include <QtTest>

#include <cmath>
#include <cstring>
#include <thread>

using namespace strata;
using namespace strata::test;
using cpu::Isa;

namespace {

template <class Body> void onEachIsa(Body&& body) {
    const Isa before = cpu::currentIsa();
    for (const Isa isa : {Isa::Baseline, Isa::Avx2, Isa::Avx512})
        if (cpu::setIsa(isa)) body();
    cpu::setIsa(before);
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kCaches = false;
#else
constexpr bool kCaches = true;
#endif

} // namespace

class TstCpuMemory : public QObject {
    Q_OBJECT

private slots:
    void allocationsAreAlignedAndReused() {
        CpuBackend backend;
        for (const size_t bytes : {size_t(0), size_t(1), size_t(511), size_t(4096), size_t(1) << 20, (size_t(5) << 20) + 3}) {
            void* first = backend.allocate(bytes);
            QVERIFY(first && reinterpret_cast<uintptr_t>(first) % 64 == 0);
            std::memset(first, 0xAB, bytes);
            backend.release(first, bytes);
            const uint64_t before = backend.memoryStats().systemAllocations;
            void* second = backend.allocate(bytes);
            if (kCaches) {
                QCOMPARE(second, first);
                QCOMPARE(backend.memoryStats().systemAllocations, before);
            }
            backend.release(second, bytes);
        }
        const MemoryStats stats = backend.memoryStats();
        QCOMPARE(stats.requests, uint64_t(12));
        QCOMPARE(stats.bytesInUse, uint64_t(0));
        QVERIFY(stats.peakBytesInUse > (5u << 20) && stats.peakBytesInUse < (6u << 20));
        backend.emptyCache();
        QCOMPARE(backend.memoryStats().bytesReserved, uint64_t(0));
        backend.release(nullptr, 0);
    }

    void aSizeClassWastesLittle() {
        for (size_t bytes = 1; bytes < (size_t(1) << 40); bytes = bytes * 9 / 8 + 1) {
            const size_t size = cpu::CachingAllocator::sizeClass(bytes);
            QVERIFY(size >= bytes && size % 64 == 0);
            QVERIFY(size - bytes < std::max<size_t>(bytes > (1u << 20) ? 65536 : 512, bytes / 8 + 1));
            QCOMPARE(cpu::CachingAllocator::sizeClass(size), size);
        }
    }

    void aRequestBeyondTheMemoryIsAnErrorThatNamesIt() {
        CpuBackend backend;
        void* held = backend.allocate(1000);
        for (const size_t bytes : {size_t(1) << 62, ~size_t(0)}) {
            try {
                backend.release(backend.allocate(bytes), bytes);
                QFAIL("allocated");
            } catch (const Error& error) {
                QCOMPARE(error.kind(), ErrorKind::OutOfMemory);
                QVERIFY(QString(error.what()).contains("were asked for while"));
            }
        }
        backend.release(held, 1000);
        QCOMPARE(backend.memoryStats().bytesInUse, uint64_t(0));
    }

    void fourThreadsShareTheAllocator() {
        CpuBackend backend;
        std::vector<std::thread> threads;
        std::atomic<int> wrong{0};
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 2000; ++i) {
                    const size_t bytes = size_t(i % 7 + 1) * 300;
                    auto* data = static_cast<unsigned char*>(backend.allocate(bytes));
                    std::memset(data, t, bytes);
                    std::this_thread::yield();
                    for (size_t k = 0; k < bytes; k += 97) wrong += data[k] != t;
                    backend.release(data, bytes);
                }
            });
        for (std::thread& thread : threads) thread.join();
        QCOMPARE(wrong.load(), 0);
        QCOMPARE(backend.memoryStats().bytesInUse, uint64_t(0));
        QCOMPARE(backend.memoryStats().requests, uint64_t(8000));
    }

    void bytesMoveUnchanged() {
        CpuBackend backend;
        const size_t bytes = (size_t(3) << 20) + 17;
        std::vector<unsigned char> source(bytes), result(bytes);
        for (size_t i = 0; i < bytes; ++i) source[i] = static_cast<unsigned char>(i * 31 + i / 256);
        void *a = backend.allocate(bytes), *b = backend.allocate(bytes);
        backend.upload(a, source.data(), bytes);
        backend.copyWithin(b, a, bytes);
        backend.download(result.data(), b, bytes);
        QVERIFY(source == result);
        backend.zero(b, bytes);
        backend.download(result.data(), b, bytes);
        QVERIFY(std::all_of(result.begin(), result.end(), [](unsigned char c) { return c == 0; }));
        backend.release(a, bytes);
        backend.release(b, bytes);
    }

    void theDeviceDescribesItself() {
        const DeviceInfo info = CpuBackend().info();
        QCOMPARE(info.name, std::string("cpu"));
        QVERIFY(info.totalBytes > info.freeBytes / 2 && info.totalBytes > 0);
        QVERIFY(!info.description.empty() && !info.libraries.empty());
    }

    void everyLayoutBecomesEveryOther() {
        CpuBackend backend;
        const Shape shapes[] = {Shape{2, 3, 32, 32}, Shape{3, 16, 4, 4},  Shape{2, 17, 5, 7}, Shape{1, 40, 1, 1},
                                Shape{5, 1, 2, 2},   Shape{1, 64, 9, 11}, Shape{0, 3, 4, 4}};
        const Layout layouts[] = {Layout::Plain, Layout::Blocked16, Layout::Blocked8, Layout::ChannelsLast};
        onEachIsa([&] {
            for (const DType dtype : {DType::F32, DType::F64, DType::F16, DType::U8, DType::I32, DType::I64, DType::Bool})
                for (const Shape& shape : shapes)
                    for (const Layout from : layouts)
                        for (const Layout to : layouts) {
                            RawTensor in(dtype, shape, from), out(dtype, shape, to);
                            in.fill([](int64_t i) { return double(i % 251); });
                            if (from != to) out.poison(0xA5);
                            if (dtype == DType::I32)
                                QVERIFY(backend.copy(in.view(), out.out()));
                            else
                                backend.relayout(in.view().data, from, out.view().data, to, shape, dtype);
                            for (int64_t i = 0; i < in.elements(); ++i)
                                if (out.get(i) != in.get(i))
                                    QFAIL(qPrintable(QString::fromStdString(fmt::format("{} {} from {} to {} element {}", dtypeName(dtype),
                                                                                        shape.text(), int(from), int(to), i))));
                            QVERIFY(shape[0] == 0 || out.paddingIsZero());
                        }
        });
    }

    void dropoutKeepsWhatPhiloxSays() {
        CpuBackend backend;
        const DropoutKey key{0x123456789ABCDEFu, 77, 0x100000005u};
        onEachIsa([&] {
            for (const DType dtype : {DType::F32, DType::F64})
                for (const double p : {0.0, 0.25, 0.5, 0.9, 1.0})
                    for (const int64_t count : {1, 4, 15, 63, 64, 65, 4097, 20003}) {
                        RawTensor in(dtype, Shape{count}), out(dtype, Shape{count}), mask(DType::U8, Shape{count});
                        in.fill([](int64_t i) { return 1 + noise(i, 1, 0.5); });
                        QVERIFY(backend.dropout(p, key, in.view(), mask.out(), out.out()));
                        const Philox philox(key.seed, Purpose::Dropout, key.step, key.layer);
                        int64_t kept = 0;
                        for (int64_t i = 0; i < count; ++i) {
                            const double uniform = double(philox.block(uint32_t(i / 4))[size_t(i % 4)] >> 8) * 0x1p-24;
                            const bool keep = uniform >= p;
                            kept += keep;
                            QCOMPARE(mask.get(i), double(keep));
                            QVERIFY(close(out.get(i), keep ? in.get(i) / (1 - p) : 0, dtype == DType::F32 ? 2e-7 : 1e-15, 0));
                        }
                        if (count > 10000) QVERIFY(std::fabs(double(kept) / double(count) - (1 - p)) < 0.02);
                    }
        });
        QVERIFY(!backend.dropout(0.5, key, RawTensor(DType::F32, Shape{4}, Shape{2}).view(), RawTensor(DType::U8, Shape{4}).out(),
                                 RawTensor(DType::F32, Shape{4}).out()));
    }

    /// Ten steps against PyTorch's order of operations in f64.
    void sgdFollowsPyTorch() {
        CpuBackend backend;
        onEachIsa([&] {
            for (const DType dtype : {DType::F32, DType::F64})
                for (const int64_t count : {1, 15, 16, 17, 40001})
                    for (int variant = 0; variant < 8; ++variant) {
                        SgdParams params{0.1, variant & 1 ? 0.9 : 0.0, variant & 2 ? 5e-4 : 0.0, variant == 5 || variant == 7, false};
                        RawTensor w(dtype, Shape{count}), g(dtype, Shape{count}), v(dtype, Shape{count});
                        v.poison(0xFF); // NaN: the first step must not read it
                        std::vector<double> weights(static_cast<size_t>(count)), velocity(static_cast<size_t>(count));
                        w.fill([](int64_t i) { return noise(i, 1); });
                        for (int64_t i = 0; i < count; ++i) weights[size_t(i)] = w.get(i);
                        for (int step = 0; step < (count > 1000 ? 2 : 10); ++step) {
                            g.fill([&](int64_t i) { return noise(i, 10 + step); });
                            params.firstStep = step == 0;
                            QVERIFY(backend.sgdStep(params, w.out(), g.view(), params.momentum != 0 ? v.out() : OutView()));
                            for (int64_t k = 0; k < count; ++k) {
                                const auto i = size_t(k);
                                double d = g.get(k) + params.weightDecay * weights[i];
                                if (params.momentum != 0) {
                                    velocity[i] = step == 0 ? d : params.momentum * velocity[i] + d;
                                    d = params.nesterov ? d + params.momentum * velocity[i] : velocity[i];
                                }
                                weights[i] -= params.learningRate * d;
                                QVERIFY(
                                    close(w.get(k), weights[i], dtype == DType::F32 ? 2e-6 : 1e-13, dtype == DType::F32 ? 2e-6 : 1e-13));
                            }
                        }
                    }
        });
    }

    void adamAndAdamWFollowPyTorch() {
        CpuBackend backend;
        onEachIsa([&] {
            for (const DType dtype : {DType::F32, DType::F64})
                for (const int64_t count : {1, 15, 16, 17, 40001})
                    for (const bool decoupled : {false, true}) {
                        AdamParams params{1e-2, 0.9, 0.99, 1e-8, 0.02, decoupled, 1};
                        RawTensor w(dtype, Shape{count}), g(dtype, Shape{count}), m(dtype, Shape{count}), s(dtype, Shape{count});
                        m.poison(0);
                        s.poison(0);
                        std::vector<double> weights(static_cast<size_t>(count)), first(static_cast<size_t>(count)),
                            second(static_cast<size_t>(count));
                        w.fill([](int64_t i) { return noise(i, 1); });
                        for (int64_t i = 0; i < count; ++i) weights[size_t(i)] = w.get(i);
                        for (; params.step <= (count > 1000 ? 2 : 10); ++params.step) {
                            g.fill([&](int64_t i) { return noise(i, 10 + int(params.step)); });
                            QVERIFY(backend.adamStep(params, w.out(), g.view(), m.out(), s.out()));
                            for (int64_t k = 0; k < count; ++k) {
                                const auto i = size_t(k);
                                double d = g.get(k);
                                if (decoupled)
                                    weights[i] *= 1 - params.learningRate * params.weightDecay;
                                else
                                    d += params.weightDecay * weights[i];
                                first[i] = params.beta1 * first[i] + (1 - params.beta1) * d;
                                second[i] = params.beta2 * second[i] + (1 - params.beta2) * d * d;
                                const double mHat = first[i] / (1 - std::pow(params.beta1, double(params.step)));
                                const double sHat = second[i] / (1 - std::pow(params.beta2, double(params.step)));
                                weights[i] -= params.learningRate * mHat / (std::sqrt(sHat) + params.eps);
                                QVERIFY(close(w.get(k), weights[i], 1e-5, dtype == DType::F32 ? 5e-6 : 1e-12));
                            }
                        }
                    }
        });
    }

    void anOptimizerRefusesWhatDoesNotFit() {
        CpuBackend backend;
        RawTensor w(DType::F32, Shape{4}), wrong(DType::F64, Shape{4}), strided(DType::F32, Shape{4}, Shape{2}), half(DType::F16, Shape{4});
        QVERIFY(!backend.sgdStep({}, w.out(), wrong.view(), OutView()));
        QVERIFY(!backend.sgdStep({}, strided.out(), w.view(), OutView()));
        QVERIFY(!backend.sgdStep({0.1, 0.9, 0, false, true}, w.out(), w.view(), OutView()));
        QVERIFY(!backend.adamStep({}, half.out(), half.view(), half.out(), half.out()));
    }
};

QTEST_GUILESS_MAIN(TstCpuMemory)
#include "tst_cpu_memory.moc"
