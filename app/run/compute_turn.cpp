// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/compute_turn.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace strata::studio {
namespace {

struct Queue {
    std::mutex mutex;
    std::condition_variable moved;
    uint64_t next = 0, serving = 0;

    void enter() {
        std::unique_lock lock(mutex);
        const uint64_t ticket = next++;
        moved.wait(lock, [&] { return serving == ticket; });
    }
    void leave() {
        {
            const std::scoped_lock lock(mutex);
            ++serving;
        }
        moved.notify_all();
    }
    bool awaited() {
        const std::scoped_lock lock(mutex);
        return next > serving + 1;
    }
};

Queue& queue() {
    static Queue instance;
    return instance;
}

} // namespace

ComputeTurn::ComputeTurn() { queue().enter(); }
ComputeTurn::~ComputeTurn() { queue().leave(); }

void ComputeTurn::pass() {
    if (!queue().awaited()) return;
    queue().leave();
    queue().enter();
}

} // namespace strata::studio
