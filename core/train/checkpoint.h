// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/network.h"
#include "core/train/metrics.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace strata {

/// Where a run stands: with the tensors all that exact continuation needs (random numbers are keyed by seed, epoch, step).
struct TrainProgress {
    int64_t step = 0;  ///< updates done
    int64_t epoch = 0; ///< the running one, from 0
    int64_t batch = 0; ///< batches of it done
    int64_t optimizerSteps = 0;
    RunningMetrics metrics;                       ///< of the running epoch
    std::optional<double> bestAccuracy, bestLoss; ///< on validation
    int64_t bestEpoch = -1;
    int64_t bestStep = 0; ///< names the best checkpoint
    int64_t epochsSinceBest = 0;
    double seconds = 0;        ///< trained so far
    double epochSeconds = 0;   ///< of the running epoch
    uint64_t eventsOffset = 0; ///< bytes of events.jsonl when it was saved
    bool finished = false;

    Json toJson() const;
    static TrainProgress fromJson(const Json& json, const std::string& where); ///< throws Error(BadFile)
};

struct Checkpoint {
    TrainProgress progress;
    Json info = Json::object();         ///< program version, fingerprint of the data
    std::vector<NamedTensor> model;     ///< Network::stateDict
    std::vector<NamedTensor> optimizer; ///< Optimizer::state
};

/// File: "STRATACK", u32 version, u32 0, u64 file length, u64 index length, 16 hex digits xxh3 over those fields and the
/// index; index (JSON: progress, info, tensors with dtype, shape, offset, bytes, xxh3); the tensors' bytes; "KCATARTS".
/// Written through AtomicFile (fsync, read back, compare, rename). Returns the bytes written.
/// Throws Error(BadFile) on a full disk and the like, Error(Internal) naming the tensor if one is not finite (nothing is
/// written then).
uint64_t writeCheckpoint(const std::string& path, const Checkpoint& checkpoint);
/// Everything verified. Throws Error(BadFile) saying what is damaged at which byte.
Checkpoint readCheckpoint(const std::string& path);
/// Index only, its hash verified.
TrainProgress readCheckpointProgress(const std::string& path);
/// Bytes such a file takes, nearly.
uint64_t checkpointBytes(const Checkpoint& checkpoint);

/// The checkpoints of a run: RUN/checkpoints/NNNNNNNN.ckpt, named by step. Keeps the last three and the best.
class CheckpointStore {
public:
    explicit CheckpointStore(std::string folder); ///< made by the first save()

    /// Writes and verifies, then removes what is no longer kept. Returns bytes.
    uint64_t save(const Checkpoint& checkpoint);
    /// Newest that verifies; `onDamaged` is told the sentence of each that does not. nullopt if there is none at all;
    /// throws Error(BadFile) if there are some and none is whole.
    std::optional<Checkpoint> loadNewest(const std::function<void(const std::string&)>& onDamaged) const;
    /// The best by validation (of the newest whole one's record), or the newest.
    std::optional<Checkpoint> loadBest(const std::function<void(const std::string&)>& onDamaged) const;
    std::string path(int64_t step) const;
    std::vector<int64_t> steps() const; ///< ascending
    /// Removes those past `step` (superseded by a resume from an older one) and left-over temporary files.
    void dropAfter(int64_t step);
    const std::string& folder() const { return folder_; }

private:
    std::string folder_;
    void prune(const TrainProgress& newest);
};

} // namespace strata
