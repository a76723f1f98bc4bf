// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace strata {

/// Times the kernel's out-of-memory killer struck so far: in this process's control group where that is told, else on the
/// whole machine; nullopt where neither is told.
std::optional<int64_t> outOfMemoryKills();

/// Writes RUN/process.json: who trains this run now. Throws Error(BadFile).
void writeProcessRecord(const std::string& path);

/// How the process of the record at `path` ended, given that it left no last word at `step`: one sentence, with the smaller
/// batch that is suggested.
std::string describeSuddenEnd(const std::string& path, int64_t step, int64_t batchSize);

} // namespace strata
