// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <type_traits>

namespace strata {

/// Number of compute threads parallelFor uses (OpenMP; std::thread in the tsan preset). Default: the cores of the process.
int computeThreads();
/// Sets it; at least 1. Call from the computing thread, before work starts.
void setComputeThreads(int count);

using RangeFunction = void (*)(void* body, int64_t begin, int64_t end);
void parallelRanges(int64_t count, int64_t grain, RangeFunction function, void* body);

/// Runs body(begin, end) over disjoint ranges that cover [0, count), on the compute threads; ranges depend only on count,
/// grain and the number of threads. Runs inline when count <= grain. The body must not throw. Only kernels call this, from
/// the one computing thread of the process.
template <class Body> void parallelFor(int64_t count, int64_t grain, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    if (count <= grain) {
        if (count > 0) body(int64_t(0), count);
        return;
    }
    parallelRanges(
        count, grain, [](void* b, int64_t begin, int64_t end) { (*static_cast<Plain*>(b))(begin, end); },
        const_cast<void*>(static_cast<const void*>(&body)));
}

} // namespace strata
