// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_file.h"

#include <string>

namespace strata {

/// A network as readable PyTorch source: one nn.Module with __init__ and forward, shapes in comments, and load_weights() for a
/// .npz written beside it (`strata export --to model.npz`). Names of parameters are Strata's, so that load_state_dict takes
/// them. Needs torch only; load_weights() also numpy. Throws Error(BadInput) on a spec with problems, Error(Unsupported) naming
/// a layer that PyTorch cannot express.
std::string pytorchSource(const ModelSpec& spec);

/// FormatDef::write of .py: source only, classes and preprocessing as a comment and constants.
void writePytorchSource(const std::string& path, const ModelFile& model, DType dtype);

} // namespace strata
