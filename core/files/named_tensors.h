// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/tensor.h"

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// What files of weights hold: tensors by name, in the order of the file.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The same values on the host, contiguous and row-major, as raw bytes can be taken from; the tensor itself if it is already.
Tensor hostContiguous(const Tensor& tensor);
/// Bytes of a tensor made by hostContiguous(); valid while it lives.
std::span<const std::byte> tensorBytes(const Tensor& hostContiguousTensor);
/// A new tensor with these bytes. Throws Error(BadInput) when the length does not fit.
Tensor tensorFromBytes(DType dtype, const Shape& shape, std::span<const std::byte> bytes);
/// Product of sizes from a file times the size of an element; nullopt when negative or over 2^62.
std::optional<uint64_t> checkedBytes(const std::vector<int64_t>& shape, uint64_t elementSize);
/// "[2, 3]"
std::string shapeText(const std::vector<int64_t>& shape);

} // namespace strata
