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

} // namespace strata
