// SPDX-License-Identifier: Apache-2.0
// Shared by the files of core/ops only.
#pragma once
#include "core/autograd/autograd.h"
#include "core/backend/dispatch.h"
#include "core/ops/ops.h"

namespace strata::detail {

/// Throws Error(BadInput) unless all lie on one device.
void requireSameDevice(const char* operation, std::initializer_list<const Tensor*> tensors);
/// Throws Error(BadInput) unless f32 or f64.
void requireFloat(const char* operation, const Tensor& tensor);
void requireRank(const char* operation, const Tensor& tensor, int rank);

/// The same values as a whole activation in `layout`: relays the storage in place where the tensor is all of it and nobody
/// holds its pointer, else copies.
Tensor inLayout(const Tensor& tensor, Layout layout);
/// The layout in which two whole activations can meet without conversion, else Plain.
Layout commonLayout(const Tensor& a, const Tensor& b);
/// A contiguous plain tensor with the same values (itself where it is one). Not recorded.
Tensor plainContiguous(const Tensor& tensor);
/// Sums a gradient down to `shape`: the reverse of broadcasting.
Tensor sumTo(const Tensor& gradient, const Shape& shape);
/// `tensor` seen with `shape` by zero strides. Not recorded.
Tensor broadcastView(const Tensor& tensor, const Shape& shape);
/// Converts the dtype, not recorded; the tensor itself if it is that already.
Tensor convert(const Tensor& tensor, DType dtype);

} // namespace strata::detail
