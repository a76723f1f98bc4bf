// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// What a reader of archives is ready to unpack.
struct ArchiveLimits {
    uint64_t maxMembers = 1u << 20;
    uint64_t maxMemberBytes = uint64_t(1) << 32;
    uint64_t maxTotalBytes = uint64_t(1) << 36;
};

/// Called for every regular member, in order; return false to stop.
using ArchiveVisitor = std::function<bool(const std::string& name, std::vector<std::byte>&& bytes)>;

/// Walks a .tar or .tar.gz (libarchive) without writing anything. Folders are skipped. Links, devices, absolute names and names
/// with ".." are refused, as are sizes over the limits. Throws Error(BadFile) naming the member. `wanted` (if given) picks the
/// members whose bytes are unpacked; the others are skipped.
void visitArchive(const std::string& path, const ArchiveVisitor& visitor, const ArchiveLimits& limits = {},
                  const std::function<bool(const std::string& name)>& wanted = {});

/// All regular members in memory.
std::vector<std::pair<std::string, std::vector<std::byte>>> readArchive(const std::string& path, const ArchiveLimits& limits = {});
/// Writes them below `folder` (created if missing), each through AtomicFile. Returns the names written.
std::vector<std::string> extractArchive(const std::string& path, const std::string& folder, const ArchiveLimits& limits = {});

} // namespace strata
