// SPDX-License-Identifier: Apache-2.0
#include "core/data/data_loader.h"

#include "core/data/pixel_array.h"
#include "tests/support/data_files.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <numeric>
#include <set>
#include <thread>

using namespace strata;
using namespace strata::test;

class TstDataLoader : public QObject {
    Q_OBJECT
private slots:
    void ordersArePermutationsThatChangeWithSeedAndEpoch();
    void batchesAreTheSameForAnyNumberOfThreads_data();
    void batchesAreTheSameForAnyNumberOfThreads();
    void everySampleComesOncePerEpoch_data();
    void everySampleComesOncePerEpoch();
    void anEpochResumedAtABatchEqualsItsTail();
    void ranksTogetherEqualOneRankWithTheLargerBatch_data();
    void ranksTogetherEqualOneRankWithTheLargerBatch();
    void stopEndsPromptly_data();
    void stopEndsPromptly();
    void startingAnewMidEpochIsClean();
    void errorsOfWorkersReachTheCaller_data();
    void errorsOfWorkersReachTheCaller();
    void buffersAreReused();
    void aChangedLayoutDoesNotDisturb();
    void wrongOptionsAreToldInOneSentence();
    void anEmptyDatasetHasNoBatches();
};

namespace {

std::shared_ptr<PixelArrayDataset> numbered(int64_t count) {
    PixelArray array;
    array.imageShape = Shape{3, 8, 8};
    for (int64_t i = 0; i < count; ++i) {
        array.labels.push_back(i % 10);
        for (int64_t p = 0; p < 192; ++p) array.pixels->push_back(uint8_t(i * 31 + p));
    }
    return std::make_shared<PixelArrayDataset>(std::move(array));
}

/// Decodes slowly, or breaks at one index.
class Troubled : public Dataset {
public:
    Troubled(int64_t size, int64_t broken, int milliseconds) : size_(size), broken_(broken), milliseconds_(milliseconds) {}
    int64_t size() const override { return size_; }
    Sample get(int64_t index) const override {
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds_));
        if (index == broken_) fail(ErrorKind::BadFile, "{}: this picture is broken", origin(index));
        const bool odd = broken_ == -2 && index == 7;
        return {Tensor::zeros(odd ? Shape{3, 9, 8} : Shape{3, 8, 8}, DType::U8), index % 10};
    }
    int64_t label(int64_t index) const override { return index % 10; }
    std::string origin(int64_t index) const override { return fmt::format("photo {}", index); }

private:
    int64_t size_, broken_;
    int milliseconds_;
};

Pipeline augmenting() {
    Pipeline pipeline;
    pipeline.add("pad_and_random_crop", {{"padding", 2}, {"mode", "reflect"}});
    pipeline.add("random_horizontal_flip");
    pipeline.add("normalize", {{"mean", {0.5}}, {"std", {0.25}}});
    pipeline.add("cutout", {{"size", 3}});
    return pipeline;
}

struct Epoch {
    std::vector<std::vector<int64_t>> indices;
    std::vector<std::vector<float>> images;
    std::vector<std::vector<int64_t>> labels;
    bool operator==(const Epoch&) const = default;
};

Epoch collect(DataLoader& loader, uint32_t epoch, int64_t firstBatch = 0) {
    Epoch all;
    loader.start(epoch, firstBatch);
    while (auto batch = loader.next()) {
        all.indices.push_back(batch->indices);
        all.images.push_back(batch->images.toVector<float>());
        all.labels.push_back(batch->labels.toVector<int64_t>());
    }
    return all;
}

LoaderOptions options(int threads, int64_t batch = 16) {
    LoaderOptions made;
    made.threads = threads;
    made.batchSize = batch;
    made.sampler.seed = 4;
    made.augmentSeed = 11;
    return made;
}

const Shape kShape{3, 8, 8};

} // namespace

void TstDataLoader::ordersArePermutationsThatChangeWithSeedAndEpoch() {
    const auto sorted = [](std::vector<int64_t> v) {
        std::sort(v.begin(), v.end());
        return v;
    };
    const auto plain = epochOrder(1000, 0, {.shuffle = false});
    QVERIFY(std::is_sorted(plain.begin(), plain.end()));
    const auto first = epochOrder(1000, 0, {.seed = 1});
    QVERIFY(sorted(first) == plain && first != plain);
    QVERIFY(first == epochOrder(1000, 0, {.seed = 1}));
    QVERIFY(first == epochOrder(1000, 0, {.seed = 1, .rank = 1, .world = 4}));
    QVERIFY(first != epochOrder(1000, 1, {.seed = 1}));
    QVERIFY(first != epochOrder(1000, 0, {.seed = 2}));
    double displacement = 0; // a third of n for a random permutation
    for (size_t i = 0; i < 1000; ++i) displacement += std::abs(double(first[i]) - double(i)) / 1000;
    QVERIFY(std::abs(displacement - 333) < 40);
}

void TstDataLoader::batchesAreTheSameForAnyNumberOfThreads_data() {
    QTest::addColumn<int>("threads");
    QTest::addColumn<int>("prefetch");
    for (const int threads : {1, 2, 4}) {
        for (const int prefetch : {1, 4, 9}) QTest::addRow("%d threads, %d ahead", threads, prefetch) << threads << prefetch;
    }
}

void TstDataLoader::batchesAreTheSameForAnyNumberOfThreads() {
    QFETCH(int, threads);
    QFETCH(int, prefetch);
    const auto data = numbered(203);
    DataLoader reference(data, augmenting(), kShape, options(0));
    LoaderOptions several = options(threads);
    several.prefetch = prefetch;
    DataLoader loader(data, augmenting(), kShape, several);
    for (uint32_t epoch = 0; epoch < 3; ++epoch) QVERIFY(collect(reference, epoch) == collect(loader, epoch));
    QVERIFY(collect(reference, 0).images != collect(reference, 1).images);
}

void TstDataLoader::everySampleComesOncePerEpoch_data() {
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("dropLast");
    QTest::addColumn<int>("batches");
    QTest::addColumn<int>("samples");
    QTest::newRow("even") << 64 << false << 4 << 64;
    QTest::newRow("short last batch") << 70 << false << 5 << 70;
    QTest::newRow("last batch dropped") << 70 << true << 4 << 64;
    QTest::newRow("one batch only") << 5 << false << 1 << 5;
    QTest::newRow("less than a batch, dropped") << 5 << true << 0 << 0;
}

void TstDataLoader::everySampleComesOncePerEpoch() {
    QFETCH(int, size);
    QFETCH(bool, dropLast);
    QFETCH(int, batches);
    QFETCH(int, samples);
    LoaderOptions given = options(2);
    given.dropLast = dropLast;
    DataLoader loader(numbered(size), augmenting(), kShape, given);
    QCOMPARE(loader.batchesPerEpoch(), int64_t(batches));
    QVERIFY(loader.batchShape() == kShape);
    const Epoch epoch = collect(loader, 3);
    std::set<int64_t> seen;
    for (size_t b = 0; b < epoch.indices.size(); ++b) {
        seen.insert(epoch.indices[b].begin(), epoch.indices[b].end());
        QCOMPARE(epoch.images[b].size(), epoch.indices[b].size() * 192);
        for (size_t i = 0; i < epoch.indices[b].size(); ++i) QCOMPARE(epoch.labels[b][i], epoch.indices[b][i] % 10);
    }
    QCOMPARE(int(seen.size()), samples);
    QCOMPARE(int(epoch.indices.size()), batches);
}

void TstDataLoader::anEpochResumedAtABatchEqualsItsTail() {
    for (const int threads : {0, 3}) {
        DataLoader loader(numbered(100), augmenting(), kShape, options(threads));
        const Epoch whole = collect(loader, 5);
        for (const int64_t first : {0, 1, 4, 6, 7}) {
            const Epoch tail = collect(loader, 5, first);
            QCOMPARE(tail.indices.size(), whole.indices.size() - size_t(first));
            for (size_t b = 0; b < tail.indices.size(); ++b) QVERIFY(tail.images[b] == whole.images[b + size_t(first)]);
        }
        QCOMPARE(errorOf([&] { loader.start(5, 8); }), std::string("batch 8 does not exist: an epoch has 7"));
    }
}

void TstDataLoader::ranksTogetherEqualOneRankWithTheLargerBatch_data() {
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("world");
    QTest::addColumn<bool>("training");
    QTest::newRow("two ranks") << 96 << 2 << true;
    QTest::newRow("a rest that is divided") << 101 << 2 << true;
    QTest::newRow("three ranks") << 107 << 3 << true;
    QTest::newRow("a rest below the ranks, training") << 97 << 3 << true;
    QTest::newRow("a rest below the ranks, evaluation") << 97 << 3 << false;
}

void TstDataLoader::ranksTogetherEqualOneRankWithTheLargerBatch() {
    QFETCH(int, size);
    QFETCH(int, world);
    QFETCH(bool, training);
    const auto data = numbered(size);
    const int64_t small = 16;
    LoaderOptions large = options(1, small * world);
    large.training = training;
    DataLoader one(data, augmenting(), kShape, large);
    const Epoch whole = collect(one, 2);
    std::vector<Epoch> ranks;
    for (int rank = 0; rank < world; ++rank) {
        LoaderOptions given = options(1, small);
        given.training = training;
        given.sampler.rank = rank;
        given.sampler.world = world;
        DataLoader loader(data, augmenting(), kShape, given);
        QCOMPARE(loader.batchesPerEpoch(), int64_t(collect(loader, 2).indices.size()));
        ranks.push_back(collect(loader, 2));
    }
    const bool tailLost = training && size % (small * world) != 0 && size % (small * world) < world;
    for (size_t b = 0; b < whole.indices.size() - (tailLost ? 1 : 0); ++b) {
        std::vector<int64_t> indices;
        std::vector<float> images;
        for (const Epoch& rank : ranks) {
            if (b >= rank.indices.size()) continue;
            indices.insert(indices.end(), rank.indices[b].begin(), rank.indices[b].end());
            images.insert(images.end(), rank.images[b].begin(), rank.images[b].end());
        }
        QVERIFY(indices == whole.indices[b]);
        QVERIFY(images == whole.images[b]);
    }
    if (!training) return;
    for (const Epoch& rank : ranks) QCOMPARE(rank.indices.size(), ranks.front().indices.size());
}

void TstDataLoader::stopEndsPromptly_data() {
    QTest::addColumn<int>("threads");
    for (const int threads : {0, 1, 4}) QTest::addRow("%d threads", threads) << threads;
}

void TstDataLoader::stopEndsPromptly() {
    QFETCH(int, threads);
    QElapsedTimer timer;
    {
        DataLoader loader(std::make_shared<Troubled>(10000, -1, 5), {}, kShape, options(threads, 100));
        std::stop_source source;
        loader.start(0, 0, source.get_token());
        std::thread stopper([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(60));
            source.request_stop();
        });
        timer.start();
        ErrorKind kind{};
        QCOMPARE(errorOf(
                     [&] {
                         while (loader.next()) {}
                     },
                     &kind),
                 std::string("loading was stopped"));
        QVERIFY(kind == ErrorKind::Cancelled);
        stopper.join();
    }
    QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed()))); // a batch takes 500 ms and more are under way
}

void TstDataLoader::startingAnewMidEpochIsClean() {
    DataLoader loader(numbered(300), augmenting(), kShape, options(3));
    const Epoch expected = collect(loader, 9);
    for (int round = 0; round < 20; ++round) {
        loader.start(uint32_t(round));
        for (int i = 0; i < round % 5; ++i) QVERIFY(loader.next().has_value());
    }
    QVERIFY(collect(loader, 9) == expected);
    QVERIFY(!loader.next().has_value());
}

void TstDataLoader::errorsOfWorkersReachTheCaller_data() {
    QTest::addColumn<int>("threads");
    for (const int threads : {0, 1, 4}) QTest::addRow("%d threads", threads) << threads;
}

void TstDataLoader::errorsOfWorkersReachTheCaller() {
    QFETCH(int, threads);
    LoaderOptions given = options(threads, 10);
    given.sampler.shuffle = false;
    DataLoader loader(std::make_shared<Troubled>(100, 34, 0), {}, kShape, given);
    loader.start(0);
    for (int i = 0; i < 3; ++i) QVERIFY(loader.next().has_value());
    QCOMPARE(errorOf([&] { loader.next(); }), std::string("photo 34: this picture is broken"));
    QVERIFY(!loader.next().has_value());
    DataLoader odd(std::make_shared<Troubled>(10, -2, 0), {}, kShape, given);
    odd.start(0);
    QCOMPARE(errorOf([&] { odd.next(); }),
             std::string("photo 7: a picture of 3x9x8 leaves the pipeline as 3x9x8, but the batch takes 3x8x8: "
                         "add resize and center_crop"));
}

void TstDataLoader::buffersAreReused() {
    DataLoader loader(numbered(640), augmenting(), kShape, options(2));
    std::set<float*> buffers;
    for (uint32_t epoch = 0; epoch < 3; ++epoch) {
        loader.start(epoch);
        while (auto batch = loader.next()) buffers.insert(batch->images.view().as<float>());
    }
    QVERIFY2(buffers.size() <= 5, qPrintable(QString::number(buffers.size())));
    QVERIFY(loader.waitSeconds() >= 0);
}

void TstDataLoader::aChangedLayoutDoesNotDisturb() {
    DataLoader plain(numbered(100), augmenting(), kShape, options(2)), disturbed(numbered(100), augmenting(), kShape, options(2));
    plain.start(0);
    disturbed.start(0);
    while (auto batch = plain.next()) {
        auto other = disturbed.next();
        other->images.setLayout(Layout::ChannelsLast); // as a kernel may
        QVERIFY(batch->images.toVector<float>() == other->images.clone().toVector<float>());
        QVERIFY(other->images.layout() == Layout::ChannelsLast);
    }
}

void TstDataLoader::wrongOptionsAreToldInOneSentence() {
    const auto with = [](auto change) {
        LoaderOptions given;
        change(given);
        return errorOf([&] { DataLoader(numbered(10), {}, kShape, given); });
    };
    QCOMPARE(with([](LoaderOptions& o) { o.batchSize = 0; }), std::string("batch size 0 is out of range: it must be at least 1"));
    QCOMPARE(with([](LoaderOptions& o) { o.sampler.rank = 2, o.sampler.world = 2; }), std::string("rank 2 of 2 does not exist"));
    QCOMPARE(with([](LoaderOptions& o) { o.threads = -1; }), std::string("-1 loader threads: there must be 0 or more"));
}

void TstDataLoader::anEmptyDatasetHasNoBatches() {
    DataLoader loader(numbered(0), augmenting(), kShape, options(2));
    loader.start(0);
    QCOMPARE(loader.batchesPerEpoch(), int64_t(0));
    QVERIFY(!loader.next().has_value());
}

QTEST_GUILESS_MAIN(TstDataLoader)
#include "tst_data_loader.moc"
