// SPDX-License-Identifier: Apache-2.0
#include "core/base/workers.h"

#include <algorithm>

namespace strata {

Workers::Workers(int count) {
    threads_.reserve(size_t(std::max(count, 1)));
    for (int i = 0; i < std::max(count, 1); ++i) threads_.emplace_back([this] { loop(); });
}

Workers::~Workers() {
    std::deque<std::function<void()>> dropped;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(tasks_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void Workers::post(std::function<void()> task) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
}

void Workers::loop() {
    while (true) {
        std::function<void()> task;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (stopping_) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

} // namespace strata
