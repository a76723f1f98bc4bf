// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/dtype.h"

namespace strata {

std::optional<DType> dtypeFromName(std::string_view name) {
    for (int i = 0; i <= int(DType::Bool); ++i)
        if (dtypeName(DType(i)) == name) return DType(i);
    return std::nullopt;
}

DType promoteTypes(DType a, DType b) {
    if (a == b) return a;
    if (isFloating(a) != isFloating(b)) return isFloating(a) ? a : b;
    if (isFloating(a)) {
        if (a == DType::F64 || b == DType::F64) return DType::F64;
        return DType::F32; // f32 with a half, or f16 with bf16
    }
    return a < b ? a : b; // i64 > i32 > u8 > bool in the order of the enumeration
}

} // namespace strata
