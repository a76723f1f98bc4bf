// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace strata::test {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

/// For tests that count what the system is asked for.
#define STRATA_NEEDS_BLOCK_CACHE()                                                                                                         \
    do {                                                                                                                                   \
        if (strata::test::kAddressSanitizer)                                                                                               \
            QSKIP("under AddressSanitizer the allocator keeps no blocks, so that their use after release is found");                       \
    } while (false)

} // namespace strata::test
