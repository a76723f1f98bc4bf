// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

namespace strata {

/// Threads for loading work: the cores of this process, at most eight.
int loadingThreads();

/// Runs job(begin, end) over chunks that cover [0, count) on base's workers and waits for all. Chunks depend only on count
/// and chunk. Rethrows what the first failing chunk (by position) threw; later chunks are then left out.
void forChunks(int64_t count, int64_t chunk, const std::function<void(int64_t begin, int64_t end)>& job);

} // namespace strata
