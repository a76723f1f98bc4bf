// SPDX-License-Identifier: Apache-2.0
#include "core/train/checkpoint.h"

#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/base/text.h"

#include <algorithm>

namespace strata {

namespace {

constexpr size_t kKept = 3;
constexpr std::string_view kExtension = ".ckpt";

/// Step of "00000042.ckpt", nullopt for any other name.
std::optional<int64_t> stepOf(const std::string& name) {
    if (name.size() < 8 + kExtension.size() || !name.ends_with(kExtension)) return std::nullopt;
    const std::string digits = name.substr(0, name.size() - kExtension.size());
    if (digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return parseInteger(digits);
}

void removeQuietly(const std::string& path) {
    if (const int result = fs().remove(path); result < 0)
        logMessage(LogLevel::Warning, fmt::format("cannot remove {}: {}", path, describeErrno(result)));
}

} // namespace

CheckpointStore::CheckpointStore(std::string folder) : folder_(std::move(folder)) {}

std::string CheckpointStore::path(int64_t step) const { return joinPath(folder_, fmt::format("{:08}{}", step, kExtension)); }

std::vector<int64_t> CheckpointStore::steps() const {
    std::vector<int64_t> found;
    if (!fs().status(folder_).directory) return found;
    for (const std::string& name : listFolder(folder_))
        if (const std::optional<int64_t> step = stepOf(name)) found.push_back(*step);
    std::sort(found.begin(), found.end());
    return found;
}

uint64_t CheckpointStore::save(const Checkpoint& checkpoint) {
    makeFolders(folder_);
    const uint64_t bytes = writeCheckpoint(path(checkpoint.progress.step), checkpoint);
    prune(checkpoint.progress);
    return bytes;
}

void CheckpointStore::prune(const TrainProgress& newest) {
    std::vector<int64_t> all = steps();
    // Steps past the newest are left from before a resume from an older one; dropAfter() takes those.
    std::erase_if(all, [&](int64_t step) { return step > newest.step; });
    if (all.size() <= kKept) return;
    const size_t surplus = all.size() - kKept;
    // The best of each kept one stays too, so that a fall-back to an older one still finds its best.
    std::vector<int64_t> best;
    for (size_t i = surplus; i < all.size(); ++i) {
        try {
            const TrainProgress kept = readCheckpointProgress(path(all[i]));
            if (kept.bestEpoch >= 0) best.push_back(kept.bestStep);
        } catch (const Error& error) {
            logMessage(LogLevel::Warning, error.what());
            return; // a damaged one among the last three: keep all until there are three whole ones
        }
    }
    for (size_t i = 0; i < surplus; ++i)
        if (std::find(best.begin(), best.end(), all[i]) == best.end()) removeQuietly(path(all[i]));
}

std::optional<Checkpoint> CheckpointStore::loadNewest(const std::function<void(const std::string&)>& onDamaged) const {
    const std::vector<int64_t> all = steps();
    std::string last;
    for (auto step = all.rbegin(); step != all.rend(); ++step) {
        try {
            Checkpoint checkpoint = readCheckpoint(path(*step));
            if (checkpoint.progress.step != *step)
                fail(ErrorKind::BadFile, "{}: holds step {}, not the one its name says", path(*step), checkpoint.progress.step);
            return checkpoint;
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::OutOfMemory) throw;
            last = error.what();
            if (onDamaged) onDamaged(last);
        }
    }
    if (all.empty()) return std::nullopt;
    fail(ErrorKind::BadFile, "{}: none of the {} checkpoints can be read; the last reason: {}", folder_, all.size(), last);
}

std::optional<Checkpoint> CheckpointStore::loadBest(const std::function<void(const std::string&)>& onDamaged) const {
    std::optional<Checkpoint> newest = loadNewest(onDamaged);
    if (!newest || newest->progress.bestEpoch < 0 || newest->progress.bestStep == newest->progress.step) return newest;
    try {
        return readCheckpoint(path(newest->progress.bestStep));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::OutOfMemory) throw;
        if (onDamaged) onDamaged(error.what());
        return newest;
    }
}

void CheckpointStore::dropAfter(int64_t step) {
    for (const int64_t found : steps())
        if (found > step) removeQuietly(path(found));
    if (!fs().status(folder_).directory) return;
    for (const std::string& name : listFolder(folder_))
        if (name.starts_with(".") && name.ends_with(".tmp")) removeQuietly(joinPath(folder_, name));
}

} // namespace strata
