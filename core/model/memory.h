// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <cstdint>

namespace strata {

/// Bytes that training a network takes at its peak, by what they are for. A forecast from shapes alone: what the tensors of one
/// step hold, not what the process takes (program, libraries and data set are not in it).
struct MemoryForecast {
    uint64_t parameters = 0; ///< trained, frozen and running statistics, f32
    uint64_t gradients = 0;  ///< of the trained ones
    uint64_t optimizer = 0;  ///< moments
    uint64_t batch = 0;      ///< pictures in the loader's buffers
    /// Outputs kept for the way back: one a step that runs (a normalisation with its ReLU and add is one), with what layers
    /// keep beside them (positions of a pooling, mask of a dropout).
    uint64_t activations = 0;
    uint64_t activationGradients = 0; ///< most that are alive at once on the way back
    /// An estimate of what the CPU's convolutions take while they run: Winograd's transformed pictures where that is possible
    /// (it is tried even where the direct way wins), else rewritten weights and pictures. Other devices may take less.
    uint64_t workspace = 0;
    uint64_t total() const { return parameters + gradients + optimizer + batch + activations + activationGradients + workspace; }
    Json toJson() const; ///< the fields and "total"
};

/// For batches of `batch` with an optimizer that keeps `moments` values a weight (SGD with momentum 1, Adam 2). Throws
/// Error(BadInput) on a spec with problems.
MemoryForecast memoryForecast(const ModelSpec& spec, int64_t batch, int moments = 1);
/// The largest batch whose forecast stays within `bytes`; 0 if not even one picture does.
int64_t largestBatch(const ModelSpec& spec, uint64_t bytes, int moments = 1);

} // namespace strata
