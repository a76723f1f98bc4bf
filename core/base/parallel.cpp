// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.h"

#include <algorithm>
#include <thread>

#ifdef STRATA_OPENMP
#include <omp.h>
#else
#include <sched.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>
#endif

namespace strata {

namespace {

/// Equal ranges, at most one a thread and none smaller than the grain but the last.
struct Ranges {
    int64_t count, step, number;

    Ranges(int64_t total, int64_t grain, int threads) : count(total) {
        const int64_t share = (count + threads - 1) / threads;
        step = std::max({share, grain, int64_t(1)});
        number = (count + step - 1) / step;
    }
    void run(int64_t i, RangeFunction function, void* body) const { function(body, i * step, std::min(count, (i + 1) * step)); }
};

} // namespace

#ifdef STRATA_OPENMP

namespace {
int& threadCount() {
    static int count = std::max(1, omp_get_max_threads());
    return count;
}
} // namespace

int computeThreads() { return threadCount(); }

void setComputeThreads(int count) {
    threadCount() = std::max(1, count);
    omp_set_num_threads(threadCount());
}

void parallelRanges(int64_t count, int64_t grain, RangeFunction function, void* body) {
    const int threads = threadCount();
    const Ranges ranges(count, grain, threads);
    if (threads == 1 || ranges.number == 1 || omp_in_parallel()) {
        for (int64_t i = 0; i < ranges.number; ++i) ranges.run(i, function, body);
        return;
    }
    // Always the full team, idle members included: libgomp ends and restarts threads when the size of the team changes.
#pragma omp parallel for schedule(static, 1) num_threads(threads)
    for (int64_t i = 0; i < ranges.number; ++i) ranges.run(i, function, body);
}

#else

namespace {

int processCores() {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
    return int(std::max(1u, std::thread::hardware_concurrency()));
}

/// Threads that wait for the next call; the caller runs range 0 itself.
class Pool {
public:
    explicit Pool(int threads) {
        for (int i = 1; i < threads; ++i) threads_.emplace_back([this, i] { loop(i); });
    }
    ~Pool() {
        {
            std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }
    void run(const Ranges& ranges, RangeFunction function, void* body) {
        {
            std::lock_guard lock(mutex_);
            ranges_ = &ranges;
            function_ = function;
            body_ = body;
            pending_ = int(threads_.size());
            ++generation_;
        }
        wake_.notify_all();
        ranges.run(0, function, body);
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return pending_ == 0; });
    }

private:
    void loop(int index) {
        uint64_t seen = 0;
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [&] { return stopping_ || generation_ != seen; });
            if (stopping_) return;
            seen = generation_;
            const Ranges& ranges = *ranges_;
            const RangeFunction function = function_;
            void* const body = body_;
            lock.unlock();
            if (index < ranges.number) ranges.run(index, function, body);
            lock.lock();
            if (--pending_ == 0) done_.notify_one();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_, done_;
    uint64_t generation_ = 0;
    int pending_ = 0;
    bool stopping_ = false;
    const Ranges* ranges_ = nullptr;
    RangeFunction function_ = nullptr;
    void* body_ = nullptr;
    std::vector<std::thread> threads_;
};

struct State {
    int threads = processCores();
    std::unique_ptr<Pool> pool;
    bool running = false;
};
State& state() {
    static State instance;
    return instance;
}

} // namespace

int computeThreads() { return state().threads; }

void setComputeThreads(int count) {
    state().threads = std::max(1, count);
    state().pool.reset();
}

void parallelRanges(int64_t count, int64_t grain, RangeFunction function, void* body) {
    State& s = state();
    const Ranges ranges(count, grain, s.threads);
    if (s.threads == 1 || ranges.number == 1 || s.running) {
        for (int64_t i = 0; i < ranges.number; ++i) ranges.run(i, function, body);
        return;
    }
    if (!s.pool) s.pool = std::make_unique<Pool>(s.threads);
    s.running = true;
    s.pool->run(ranges, function, body);
    s.running = false;
}

#endif

} // namespace strata
