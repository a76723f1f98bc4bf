// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"

#include <cstdint>

namespace strata::mirror {

/// A mirror pointer is a host pointer with bit 62 flipped: the processor faults on it, arithmetic on it works, null stays
/// null. Nothing outside this module can read device memory by accident.
constexpr uintptr_t kFlipped = uintptr_t(1) << 62;

inline void* flip(const void* pointer) {
    return pointer ? reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(pointer) ^ kFlipped) : nullptr;
}
inline TensorView onHost(const TensorView& view) {
    TensorView host = view;
    host.data = flip(view.data);
    return host;
}
inline OutView onHost(const OutView& view) { return OutView(onHost(static_cast<const TensorView&>(view))); }
template <class T> const T& onHost(const T& value) { return value; }

} // namespace strata::mirror
