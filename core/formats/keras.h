// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/hdf5.h"
#include "core/model/model_file.h"

#include <string>
#include <vector>

namespace strata {

/// The weights as Keras lays them out (axis orders read in its layer sources): convolution OIHW -> HWIO; dense transposed, and after a
/// flatten of [C, H, W] its rows in the order [H, W, C]; normalisation gamma, beta, moving_mean, moving_variance. One entry a layer with
/// weights. Throws Error(Unsupported) naming a layer whose weights have no place in Keras.
std::vector<KerasLayer> toKeras(const ModelSpec& spec, const std::vector<NamedTensor>& state);

/// FormatDef::write of .h5.
void writeKeras(const std::string& path, const ModelFile& model, DType dtype);

/// The inverse of toKeras: datasets "layer/layer/kernel:0" as readHdf5 gives them to weights under their PyTorch names. Throws
/// Error(BadFile) naming what is missing or misshapen.
std::vector<NamedTensor> fromKeras(const ModelSpec& spec, const NamedTensors& datasets, const std::string& where);
/// FormatDef::read of .h5. Throws Error(BadFile).
ModelFile readKeras(const std::string& path);

} // namespace strata
