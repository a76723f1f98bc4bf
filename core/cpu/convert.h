// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tensor/dtype.h"

#include <cmath>
#include <limits>
#include <type_traits>

namespace strata::cpu {

template <class T> constexpr bool kIsHalf = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

/// Float to integer truncates and stays within the type's range, NaN is 0; to bool is != 0; f64 to half by way of f32.
template <class To, class From> To convert(From value) {
    if constexpr (kIsHalf<From>) {
        return convert<To>(toFloat(value));
    } else if constexpr (std::is_same_v<To, Half>) {
        return toHalf(float(value));
    } else if constexpr (std::is_same_v<To, BFloat16>) {
        return toBFloat16(float(value));
    } else if constexpr (std::is_same_v<To, bool>) {
        return value != From(0);
    } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
        if (std::isnan(value)) return 0;
        constexpr auto lowest = From(std::numeric_limits<To>::lowest());
        constexpr auto beyond = From(std::numeric_limits<To>::max() / 2 + 1) * 2;
        if (value <= lowest) return std::numeric_limits<To>::lowest();
        if (value >= beyond) return std::numeric_limits<To>::max();
        return To(value);
    } else {
        return To(value);
    }
}

} // namespace strata::cpu
