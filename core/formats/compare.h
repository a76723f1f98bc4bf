// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/named_tensors.h"

#include <string>

namespace strata {

/// Throws Error(BadFile) and removes the file at `path` unless every tensor of `written` is in `read` with the same shape and
/// the same bits: what an export does before it says done.
void requireSame(const NamedTensors& written, const NamedTensors& read, const std::string& path);

} // namespace strata
