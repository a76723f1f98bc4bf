// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace strata {

/// Whether the bytes start as gzip does.
bool isGzip(std::span<const std::byte> bytes);
/// Unpacks one or more gzip members; their CRCs are checked. Throws Error(BadFile) when damaged, cut off, or larger than
/// `limit` (before more is allocated); `name` starts the sentence.
std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& name, uint64_t limit = uint64_t(1) << 31);
/// One gzip member, without a time, so that equal contents give equal bytes.
std::string gzipBytes(std::span<const std::byte> bytes, int level = 6);

} // namespace strata
