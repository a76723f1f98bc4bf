// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/philox.h"
#include "core/tensor/tensor.h"

namespace strata {

/// Tensors of random numbers, made on the CPU from a Philox stream (element i uses words 2i and 2i+1 of the stream).
Tensor randomUniform(const Shape& shape, double low, double high, Philox stream, DType dtype = DType::F32);
Tensor randomNormal(const Shape& shape, double mean, double deviation, Philox stream, DType dtype = DType::F32); ///< Box-Muller
Tensor randomIntegers(const Shape& shape, int64_t below, Philox stream);                                         ///< i64 in [0, below)

} // namespace strata
