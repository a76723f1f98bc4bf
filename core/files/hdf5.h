// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/named_tensors.h"

#include <map>

namespace strata {

/// A layer as Keras's legacy HDF5 layout stores it: arrays already in Keras's axis order, named as Keras names them
/// ("kernel:0", "bias:0", "gamma:0"), trainable ones first.
struct KerasLayer {
    std::string name;
    NamedTensors weights;
};

/// The bytes of a weights file that Keras's load_weights reads (formats.md 3d): root attributes layer_names, backend,
/// keras_version and `attributes`; a group a layer with weight_names and the datasets `layer/layer/kernel:0`. Made in memory.
/// Everything is stored as f32. Throws Error(BadInput) for names that are empty, doubled or hold '/'.
std::string kerasWeightsBytes(const std::vector<KerasLayer>& layers, const std::map<std::string, std::string>& attributes = {});
/// The same through AtomicFile. Throws Error(BadFile).
void writeKerasWeights(const std::string& path, const std::vector<KerasLayer>& layers,
                       const std::map<std::string, std::string>& attributes = {});

/// What an HDF5 file holds, as far as weights go.
struct Hdf5Contents {
    NamedTensors datasets;                         ///< path without the leading '/', f32; by name within a group
    std::map<std::string, std::string> attributes; ///< string attributes of the root
};

/// Reads all datasets as f32. Refused: soft and external links, external storage, virtual datasets, filters other than deflate,
/// shuffle and fletcher32, anything but numbers, sizes that the file cannot hold. Throws Error(BadFile).
/// libhdf5 1.10 has known faults on hostile files: read files from strangers only in a child process.
Hdf5Contents readHdf5(const std::string& path);

} // namespace strata
