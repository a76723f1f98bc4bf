// SPDX-License-Identifier: Apache-2.0
#include "core/ops/ops.h"
#include "core/tensor/tensor.h"
#include "tests/support/case_test.h"
#include "tests/support/sanitizer.h"

using namespace strata;

namespace {

/// Where element (n, c, h, w) lies in each layout, from the definition in storage.h.
int64_t positionIn(Layout layout, const Shape& s, int64_t n, int64_t c, int64_t h, int64_t w) {
    if (layout == Layout::Plain) return ((n * s[1] + c) * s[2] + h) * s[3] + w;
    if (layout == Layout::ChannelsLast) return ((n * s[2] + h) * s[3] + w) * s[1] + c;
    const int64_t block = layout == Layout::Blocked16 ? 16 : 8, blocks = (s[1] + block - 1) / block;
    return (((n * blocks + c / block) * s[2] + h) * s[3] + w) * block + c % block;
}

} // namespace

class TstStorage : public QObject {
    Q_OBJECT

private slots:
    void layoutsLieInMemoryAsDefined_data() {
        QTest::addColumn<int>("layout");
        QTest::addColumn<int>("channels");
        for (const auto& [name, layout] : {std::pair{"blocks of 16", Layout::Blocked16}, std::pair{"blocks of 8", Layout::Blocked8},
                                           std::pair{"channels last", Layout::ChannelsLast}})
            for (const int channels : {1, 3, 8, 16, 20, 33})
                QTest::newRow(fmt::format("{}, {} channels", name, channels).c_str()) << int(layout) << channels;
    }
    void layoutsLieInMemoryAsDefined() {
        QFETCH(int, layout);
        QFETCH(int, channels);
        const Shape shape{2, channels, 3, 5};
        for (const DType dtype : {DType::F32, DType::U8, DType::F64, DType::I32}) {
            Tensor x = Tensor::empty(shape, DType::I64);
            std::vector<int64_t> values;
            for (int64_t i = 0; i < shape.elements(); ++i) values.push_back(i % 251 + 1);
            x = Tensor::of(values, shape).to(dtype);
            const Tensor view = x.detach();
            x.storage()->setLayout(Layout(layout), shape, dtype);
            QVERIFY(view.layout() == Layout(layout));
            const int64_t total = layoutElements(Layout(layout), shape);
            QCOMPARE(x.storage()->bytes(), size_t(total) * dtypeSize(dtype));
            const Tensor raw = Tensor::fromBlob(x.storage()->data(), {total}, dtype);
            std::vector<double> memory = raw.toVector<double>();
            int64_t i = 0;
            for (int64_t n = 0; n < 2; ++n)
                for (int64_t c = 0; c < channels; ++c)
                    for (int64_t h = 0; h < 3; ++h)
                        for (int64_t w = 0; w < 5; ++w) {
                            double& cell = memory[size_t(positionIn(Layout(layout), shape, n, c, h, w))];
                            QCOMPARE(cell, double(values[size_t(i++)]));
                            cell = 0;
                        }
            for (const double rest : memory) QCOMPARE(rest, 0.0); // padded channels
            QCOMPARE(view.toVector<int64_t>(), values);           // asking for elements made it plain again
            QVERIFY(x.layout() == Layout::Plain);
        }
    }

    void viewsStridesAndPointersMakeItPlainBeneathAllHandles() {
        const Shape shape{1, 16, 2, 2};
        const std::vector<std::function<void(const Tensor&)>> questions{
            [](const Tensor& x) { x.strides(); },        [](const Tensor& x) { x.data<float>(); },
            [](const Tensor& x) { x.slice(1, 0, 4); },   [](const Tensor& x) { x.permute({0, 2, 3, 1}); },
            [](const Tensor& x) { x.reshape({16, 4}); }, [](const Tensor& x) { x.plainView(); }};
        for (const auto& question : questions) {
            const Tensor x = test::formulaTensor(shape, 5, -1, 1, DType::F32), other = x.detach();
            const std::vector<float> before = x.toVector<float>();
            x.storage()->setLayout(Layout::Blocked16, shape, DType::F32);
            QVERIFY(other.layout() == Layout::Blocked16);
            question(x);
            QVERIFY(other.layout() == Layout::Plain);
            QCOMPARE(other.toVector<float>(), before);
        }
    }

    void relayingIsNoChangeOfValue() {
        const Tensor x = test::formulaTensor({1, 3, 2, 2}, 5, -1, 1, DType::F32);
        const uint64_t version = x.storage()->version();
        x.storage()->setLayout(Layout::Blocked8, x.shape(), DType::F32);
        x.storage()->makePlain();
        QCOMPARE(x.storage()->version(), version);
    }

    void everyWriteRaisesTheVersionOfAllHandles() {
        Tensor x = Tensor::zeros({4, 4});
        const Tensor view = x.slice(0, 1, 2);
        const std::vector<std::function<void()>> writes{[&] { x.fill(1); }, [&] { x.copyFrom(Tensor::ones({4})); },
                                                        [&] { x.mutableData<float>(); }, [&] { x.out(); }, [&] { Tensor(view).fill(3); }};
        for (const auto& write : writes) {
            const uint64_t before = view.storage()->version();
            write();
            QVERIFY(view.storage()->version() > before);
        }
        const uint64_t before = view.storage()->version();
        x.data<float>();
        x.toVector<float>();
        (void)(x + x);
        QCOMPARE(view.storage()->version(), before);
    }

    void aPinnedStorageKeepsItsBuffer() {
        Tensor x = test::formulaTensor({1, 16, 2, 2}, 5, -1, 1, DType::F32);
        const float* pointer = x.data<float>();
        QVERIFY(x.storage()->pinned());
        STRATA_FAILS(x.storage()->setLayout(Layout::Blocked16, x.shape(), DType::F32),
                     "internal error: the layout of a pinned storage was to change");
        const Tensor weight = test::formulaTensor({16, 16, 3, 3}, 6, -1, 1, DType::F32);
        ConvParams params;
        params.padding = {1, 1};
        const Tensor y = conv2d(x, weight, {}, params); // wants blocks: copies instead
        QCOMPARE(x.data<float>(), pointer);
        QVERIFY(x.layout() == Layout::Plain);
        const Tensor same = conv2d(x.clone(), weight, {}, params);
        QCOMPARE(y.toVector<float>(), same.toVector<float>());
    }

    void aPartOfAnActivationIsReadFromAnyLayout() {
        const Tensor x = test::formulaTensor({2, 16, 2, 2}, 5, -1, 1, DType::F32);
        const Tensor part = x.slice(0, 1, 2);
        const std::vector<float> before = part.toVector<float>();
        x.storage()->setLayout(Layout::Blocked16, x.shape(), DType::F32);
        QCOMPARE((part * 1.0).toVector<float>(), before);
        x.storage()->setLayout(Layout::ChannelsLast, x.shape(), DType::F32);
        QCOMPARE(part.toVector<float>(), before);
    }

    void turnedViewsOfASquareActivationAreReadFromAnyLayout() { // same shape as the whole, other strides
        const Tensor x = test::formulaTensor({4, 4, 4, 4}, 5, -1, 1, DType::F32);
        for (const std::vector<int>& order : std::vector<std::vector<int>>{{1, 0, 2, 3}, {0, 1, 3, 2}, {3, 2, 1, 0}}) {
            const Tensor turned = x.permute(order);
            const std::vector<float> before = turned.toVector<float>();
            for (const Layout layout : {Layout::Blocked16, Layout::ChannelsLast}) {
                x.storage()->setLayout(layout, x.shape(), DType::F32);
                QCOMPARE(relu(turned + 2.0).toVector<float>(), (turned.contiguous() + 2.0).toVector<float>());
                QCOMPARE(turned.toVector<float>(), before);
            }
        }
    }

    void memoryIsCountedAndGivenBack() {
        DeviceMemory& memory = cpuDevice().memory();
        const uint64_t before = memory.memoryStats().bytesInUse;
        {
            const Tensor x = Tensor::empty({1 << 20});
            QVERIFY(memory.memoryStats().bytesInUse >= before + (1u << 22));
        }
        QCOMPARE(memory.memoryStats().bytesInUse, before);
    }

    void whatWasGivenBackIsUsedAgain() {
        STRATA_NEEDS_BLOCK_CACHE();
        DeviceMemory& memory = cpuDevice().memory();
        Tensor::empty({1 << 20});
        const uint64_t system = memory.memoryStats().systemAllocations;
        for (int i = 0; i < 10; ++i) Tensor::empty({1 << 20});
        QCOMPARE(memory.memoryStats().systemAllocations, system);
    }

    void askingForTooMuchNamesTheSize() {
        const std::string sentence = test::sentenceOf([] { Tensor::empty({int64_t(1) << 50}); });
        QVERIFY2(sentence.find("4503599627370496") != std::string::npos || sentence.find("PB") != std::string::npos ||
                     sentence.find("TB") != std::string::npos,
                 sentence.c_str());
        STRATA_FAILS(Tensor::empty({int64_t(1) << 61}, DType::F64), "a tensor of shape [2305843009213693952] has too many bytes");
        STRATA_FAILS(Tensor::empty({int64_t(1) << 40, int64_t(1) << 40}), "shape: the number of elements overflows");
    }
};

QTEST_GUILESS_MAIN(TstStorage)
#include "tst_storage.moc"
