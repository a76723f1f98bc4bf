// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/train/run.h"
#include "core/train/trainer.h"

#include <string>
#include <vector>

namespace strata::test {

/// A network for 1x8x8 pictures with every kind of state a run carries: convolution, normalisation, dropout, linear layers.
ModelSpec tinySpec(int64_t classes = 4);

/// Learnable noise in memory: 1x8x8 pictures, class i % classes, a bright quarter tells the class. Same seed, same samples.
DatasetPtr tinyDataset(int64_t count, int64_t classes = 4, uint64_t seed = 1);

/// Splits of tinyDataset with a normalising pipeline (and flips, so that random draws take part).
TrainData tinyData(int64_t train = 70, int64_t validation = 30);

/// Three epochs in batches of 16 (so the last one is smaller), SGD with momentum; no checkpoint by time.
TrainConfig tinyConfig();

/// Hash over names and values, bit for bit.
std::string stateHash(const std::vector<NamedTensor>& state);
/// Hash over weights and optimizer state of a run's newest checkpoint.
std::string runHash(const std::string& runFolder);

/// Trains in memory and returns stateHash of the weights.
std::string trainedHash(const TrainConfig& config, const TrainData& data = tinyData());

/// A network small enough for a run of a few milliseconds on `shapes` data; written as a spec file into `folder`.
std::string writeShapesSpec(const std::string& folder);
/// Settings for short runs on "shapes:COUNT" with that network.
TrainConfig shapesConfig(const std::string& specFile, int64_t count = 300);

/// The events of one type, in order.
template <class T> std::vector<T> eventsOf(const std::vector<TrainEvent>& events) {
    std::vector<T> found;
    for (const TrainEvent& event : events)
        if (const T* match = std::get_if<T>(&event)) found.push_back(*match);
    return found;
}

} // namespace strata::test
