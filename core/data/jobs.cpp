// SPDX-License-Identifier: Apache-2.0
#include "core/data/jobs.h"

#include "core/base/workers.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <latch>
#include <mutex>

namespace strata {

int loadingThreads() { return std::clamp(int(std::thread::hardware_concurrency()), 1, 8); }

void forChunks(int64_t count, int64_t chunk, const std::function<void(int64_t begin, int64_t end)>& job) {
    const int64_t chunks = (count + chunk - 1) / chunk;
    if (chunks <= 1) {
        if (count > 0) job(0, count);
        return;
    }
    std::atomic<int64_t> nextChunk{0};
    std::mutex mutex;
    std::exception_ptr error;
    int64_t errorAt = chunks;
    const auto work = [&] {
        for (int64_t i = nextChunk++; i < chunks; i = nextChunk++) {
            {
                std::lock_guard lock(mutex);
                if (errorAt < i) return;
            }
            try {
                job(i * chunk, std::min(count, (i + 1) * chunk));
            } catch (...) { // carried to the caller below
                std::lock_guard lock(mutex);
                if (i < errorAt) errorAt = i, error = std::current_exception();
            }
        }
    };
    const int threads = int(std::min<int64_t>(loadingThreads(), chunks));
    std::latch done(threads);
    {
        Workers workers(threads);
        for (int t = 0; t < threads; ++t)
            workers.post([&] {
                work();
                done.count_down();
            });
        done.wait();
    }
    if (error) std::rethrow_exception(error);
}

} // namespace strata
