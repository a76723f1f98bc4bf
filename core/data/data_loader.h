// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/dataset.h"
#include "core/data/transform.h"

#include <memory>
#include <stop_token>
#include <vector>

namespace strata {

/// A batch ready for the network: images f32 [N, C, H, W], labels i64 [N], and the samples' indices in the dataset.
struct Batch {
    Tensor images;
    Tensor labels;
    std::vector<int64_t> indices;
};

/// Order of an epoch: a permutation by sorting 64-bit Philox keys (seed, Shuffle, epoch, index), ties by index; or 0..n-1.
/// It is the same for every rank: of each run of world x batch positions rank r takes the r-th batch-sized chunk, so that
/// world x batch equals one rank with the larger batch. A shorter last run is divided evenly; in training one with fewer
/// samples than ranks is left out, so that all ranks take the same number of steps.
struct SamplerOptions {
    bool shuffle = true;
    uint64_t seed = 0;
    int rank = 0;
    int world = 1;
};
std::vector<int64_t> epochOrder(int64_t size, uint32_t epoch, const SamplerOptions& options);

struct LoaderOptions {
    int64_t batchSize = 128;
    bool dropLast = false;
    bool training = true; ///< random transforms run
    int threads = 2;      ///< 0: in the calling thread
    int prefetch = 4;     ///< batches made ahead
    SamplerOptions sampler{};
    uint64_t augmentSeed = 0;
    int64_t channels = 0; ///< convert pictures to that many channels; 0 keeps
};

/// Batches, samples, shuffles and prefetches with worker threads over one shared dataset. Batches come in order whatever the
/// number of threads, bit for bit; buffers are reused. Use from one thread.
class DataLoader {
public:
    DataLoader(DatasetPtr dataset, Pipeline pipeline, Shape imageShape, LoaderOptions options);
    ~DataLoader();
    DataLoader(const DataLoader&) = delete;
    DataLoader& operator=(const DataLoader&) = delete;

    int64_t batchesPerEpoch() const;
    Shape batchShape() const; ///< [C, H, W] after the pipeline
    /// Starts an epoch at batch `firstBatch` (resume). Ends a running one first.
    void start(uint32_t epoch, int64_t firstBatch = 0, std::stop_token stop = {});
    /// Next batch, or nullopt at the end of the epoch. The tensors stay valid until the next call. Throws what a worker met
    /// (Error naming the file), or Error(Cancelled) when stopped.
    std::optional<Batch> next();
    double waitSeconds() const; ///< total time next() waited for workers

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace strata
