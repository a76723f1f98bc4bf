// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_file.h"

#include <string>

namespace strata {

/// FormatDef::write of .npz: an array a weight under its PyTorch name, f32 or f16, and the array `strata`: UTF-8 bytes (u8) of
/// {"spec", "pipeline", "classes", "info"}, in Python json.loads(bytes(file["strata"])).
void writeNpzModel(const std::string& path, const ModelFile& model, DType dtype);
/// FormatDef::read of .npz. Throws Error(BadFile).
ModelFile readNpzModel(const std::string& path);

} // namespace strata
