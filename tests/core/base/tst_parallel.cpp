// SPDX-License-Identifier: Apache-2.0
#include "core/base/bounded_queue.h"
#include "core/base/parallel.h"
#include "core/base/philox.h"
#include "core/base/workers.h"

#include <QTest>

#include <atomic>
#include <mutex>
#include <set>

using namespace strata;

class TstParallel : public QObject {
    Q_OBJECT
private slots:
    void cleanup() { setComputeThreads(2); }

    void rangesCoverEverythingOnce_data() {
        QTest::addColumn<int>("threads");
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("grain");
        for (const int threads : {1, 2, 3, 8})
            for (const int count : {0, 1, 2, 7, 100, 1000})
                for (const int grain : {1, 3, 64}) QTest::addRow("%d threads %d by %d", threads, count, grain) << threads << count << grain;
    }
    void rangesCoverEverythingOnce() {
        QFETCH(int, threads);
        QFETCH(int, count);
        QFETCH(int, grain);
        setComputeThreads(threads);
        QCOMPARE(computeThreads(), threads);
        std::vector<std::atomic<int>> seen(size_t(count) + 1);
        std::set<std::pair<int64_t, int64_t>> first;
        for (int repeat = 0; repeat < 3; ++repeat) {
            std::mutex mutex;
            std::set<std::pair<int64_t, int64_t>> ranges;
            parallelFor(count, grain, [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i) ++seen[size_t(i)];
                std::lock_guard lock(mutex);
                ranges.insert({begin, end});
            });
            if (repeat == 0) first = ranges;
            QCOMPARE(ranges, first); // the same ranges every time
            QVERIFY(int(ranges.size()) <= threads);
        }
        for (int i = 0; i < count; ++i) QCOMPARE(seen[size_t(i)].load(), 3);
    }

    void nestedCallsRunInline() {
        setComputeThreads(4);
        std::atomic<int64_t> sum{0};
        parallelFor(8, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) parallelFor(10, 1, [&](int64_t b, int64_t e) { sum += e - b; });
        });
        QCOMPARE(sum.load(), int64_t(80));
    }

    void workersRunEverythingPostedInOrderOfArrival() {
        std::vector<int> order;
        BoundedQueue<int> done(1000);
        {
            Workers one(1);
            for (int i = 0; i < 100; ++i)
                one.post([&, i] {
                    order.push_back(i);
                    done.push(i);
                });
            for (int i = 0; i < 100; ++i) QCOMPARE(done.pop().value_or(-1), i);
        }
        QCOMPARE(order.size(), size_t(100));
    }

    void workersDropWhatHasNotStarted() {
        std::atomic<int> ran{0};
        BoundedQueue<int> started(1), release(1);
        std::thread releaser;
        {
            Workers one(1);
            one.post([&] {
                started.push(1);
                release.pop();
                ++ran;
            });
            for (int i = 0; i < 50; ++i) one.post([&] { ++ran; });
            started.pop();
            releaser = std::thread([&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
                release.push(1);
            });
        }
        releaser.join();
        QCOMPARE(ran.load(), 1);
    }

    void queueBlocksAtItsCapacityAndClosesCleanly() {
        BoundedQueue<int> queue(2);
        std::atomic<int> pushed{0};
        std::thread producer([&] {
            for (int i = 0; i < 10; ++i)
                if (queue.push(i)) ++pushed;
        });
        QTRY_COMPARE(pushed.load(), 2);
        for (int i = 0; i < 5; ++i) QCOMPARE(queue.pop().value_or(-1), i);
        queue.close();
        producer.join();
        while (queue.pop()) {}
        QVERIFY(!queue.push(1));
        QVERIFY(!queue.pop().has_value());
    }

    void philoxMatchesItsPublishedVectors() {
        // Random123's kat_vectors: philox4x32 10 rounds, counter 0 and key 0.
        const uint64_t seed = uint64_t(uint32_t(Purpose::Init) * 0x9E3779B9u) << 32; // makes the key 0
        const Philox zero(seed, Purpose::Init, 0, 0);
        QCOMPARE(zero.block(0), (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
        // Counter and key all ones.
        const uint64_t ones = uint64_t(~(uint32_t(Purpose::Init) * 0x9E3779B9u)) << 32 | 0xffffffffu;
        const Philox full(ones, Purpose::Init, 0xffffffffu, ~uint64_t(0));
        QCOMPARE(full.block(0xffffffffu), (std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    }
};

QTEST_GUILESS_MAIN(TstParallel)
#include "tst_parallel.moc"
