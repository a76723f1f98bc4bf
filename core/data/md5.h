// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace strata {

/// MD5 (RFC 1321), as data sets publish it: against damage in transit, not against an attacker.
class Md5 {
public:
    void add(std::span<const std::byte> bytes);
    std::string hex(); ///< 32 digits; ends the sum

private:
    void block(const std::byte* bytes);
    std::array<uint32_t, 4> state_{0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u};
    std::array<std::byte, 64> rest_{};
    uint64_t length_ = 0;
};

} // namespace strata
