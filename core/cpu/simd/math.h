// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Functions of one float for the loops of this folder: branch-free, so that the compiler vectorises them, and of internal
/// linkage, so that no code for one instruction set is ever linked into another. Relative errors are below 1e-6.
#define STRATA_INLINE static inline __attribute__((always_inline))

namespace strata::cpu::STRATA_ISA {

STRATA_INLINE float bitsToFloat(uint32_t bits) { return __builtin_bit_cast(float, bits); }
STRATA_INLINE uint32_t floatToBits(float value) { return __builtin_bit_cast(uint32_t, value); }

/// e^x: 2^n times a polynomial on [-ln2/2, ln2/2] (coefficients of Cephes' expf). Overflows to infinity, underflows through
/// subnormals to 0, NaN stays NaN.
STRATA_INLINE float expApprox(float x) {
    float c = x > 88.8f ? 88.8f : x;
    c = c < -104.0f ? -104.0f : c;
    const float shifted = c * 1.44269504f + 12582912.0f; // adding 1.5 * 2^23 rounds to an integer
    const float n = shifted - 12582912.0f;
    const float r = (c - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const float y = p * (r * r) + r + 1.0f;
    const int32_t exponent = int32_t(floatToBits(shifted) - 0x4B400000u);
    const int32_t half = exponent >> 1; // two factors, so that neither over- nor underflows alone
    const float first = bitsToFloat(uint32_t(half + 127) << 23);
    const float second = bitsToFloat(uint32_t(exponent - half + 127) << 23);
    return y * first * second;
}

/// ln x: exponent and a polynomial on [sqrt(1/2), sqrt(2)] (coefficients of Cephes' logf); -infinity at 0, NaN below.
STRATA_INLINE float logApprox(float x) {
    const bool subnormal = x < 1.17549435e-38f;
    const float scaled = subnormal ? x * 0x1p23f : x;
    const uint32_t bits = floatToBits(scaled);
    const bool upper = (bits & 0x7FFFFFu) > 0x3504F3u; // mantissa over sqrt(2): half of it, and one more exponent
    float m = bitsToFloat((bits & 0x7FFFFFu) | (upper ? 0x3F000000u : 0x3F800000u)) - 1.0f;
    const int32_t exponent = int32_t(bits >> 23) - (upper ? 126 : 127) - (subnormal ? 23 : 0);
    const auto e = float(exponent);
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    const float square = m * m;
    const float result = (m * square * p + e * -2.12194440e-4f - 0.5f * square) + m + e * 0.693359375f;
    const float finite = x < __builtin_inff() ? result : x; // infinity and NaN pass through
    const float positive = x < 0.0f ? __builtin_nanf("") : finite;
    return x == 0.0f ? -__builtin_inff() : positive;
}

STRATA_INLINE float absolute(float x) { return bitsToFloat(floatToBits(x) & 0x7FFFFFFFu); }
STRATA_INLINE float copySign(float magnitude, float sign) {
    return bitsToFloat((floatToBits(magnitude) & 0x7FFFFFFFu) | (floatToBits(sign) & 0x80000000u));
}

/// e^(z^2) erfc(z) for z >= 0: t Q(t), t = 1 / (1 + 0.4 z), Q interpolated at Chebyshev nodes in extended precision.
STRATA_INLINE float erfcxApprox(float z) {
    const float t = 1.0f / (1.0f + 0.4f * z);
    float q = 0.0513464851f;
    q = q * t - 0.187325505f;
    q = q * t + 0.176427926f;
    q = q * t - 0.0119615726f;
    q = q * t + 0.144481336f;
    q = q * t + 0.167746286f;
    q = q * t + 0.207944658f;
    q = q * t + 0.225664628f;
    q = q * t + 0.225675901f;
    return q * t;
}

STRATA_INLINE float erfApprox(float x) {
    const float z = absolute(x);
    const float s = x * x;
    float p = -0.000564805987f;
    p = p * s + 0.00492176203f;
    p = p * s - 0.0267150542f;
    p = p * s + 0.112803167f;
    p = p * s - 0.376123438f;
    p = p * s + 1.12837913f;
    const float large = copySign(1.0f - erfcxApprox(z) * expApprox(-s), x);
    return z < 1.0f ? p * x : (x == x ? large : x);
}

/// Near 0 Cephes' tanhf polynomial, else 1 - 2 / (e^2x + 1).
STRATA_INLINE float tanhApprox(float x) {
    const float z = absolute(x);
    const float s = x * x;
    float p = -5.70498872745e-3f;
    p = p * s + 2.06390887954e-2f;
    p = p * s - 5.37397155531e-2f;
    p = p * s + 1.33314422036e-1f;
    p = p * s - 3.33332819422e-1f;
    const float small = x + x * s * p;
    const float large = copySign(1.0f - 2.0f / (expApprox(2.0f * z) + 1.0f), x);
    return z < 0.625f ? small : (x == x ? large : x);
}

STRATA_INLINE float sigmoidApprox(float x) { return 1.0f / (1.0f + expApprox(-x)); }

/// Distribution function of the standard normal, and its density.
struct Normal {
    float cumulative;
    float density;
};
STRATA_INLINE Normal normalApprox(float x) {
    const float bell = expApprox(-0.5f * (x * x));
    const float tail = 0.5f * erfcxApprox(absolute(x) * 0.707106781f) * bell;
    return {x < 0.0f ? tail : 1.0f - tail, 0.398942280f * bell};
}

} // namespace strata::cpu::STRATA_ISA
