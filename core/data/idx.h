// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace strata {

/// The contents of an IDX file of bytes (http://yann.lecun.com/exdb/mnist: 00 00 08 rank, u32 big-endian sizes, data).
struct IdxArray {
    std::vector<int64_t> shape;
    std::span<const uint8_t> values; ///< in the bytes it was read from
};

/// Checks magic, rank and sizes against the length. `label` starts the sentences. Throws Error(BadFile).
IdxArray parseIdx(std::span<const std::byte> bytes, const std::string& label);

} // namespace strata
