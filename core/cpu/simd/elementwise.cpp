// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/elementwise.h"

#include "core/cpu/simd/math.h"

namespace strata::cpu::STRATA_ISA {
namespace {

// Input and output may be the same memory but never overlap otherwise, hence ivdep.
template <float (*function)(float, float, float)> void map(const float* in, float* out, int64_t count, float a, float b) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = function(in[i], a, b);
}
template <float (*derivative)(float, float)>
void mapBackward(const float* saved, const float* gradOut, float* gradIn, int64_t count, float a) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) gradIn[i] = gradOut[i] * derivative(saved[i], a);
}
template <float (*function)(float, float)> void combine(const float* a, const float* b, float* out, int64_t count) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) out[i] = function(a[i], b[i]);
}

STRATA_INLINE float neg(float x, float, float) { return -x; }
STRATA_INLINE float abs(float x, float, float) { return absolute(x); }
STRATA_INLINE float exp(float x, float, float) { return expApprox(x); }
STRATA_INLINE float log(float x, float, float) { return logApprox(x); }
STRATA_INLINE float sqrt(float x, float, float) { return __builtin_sqrtf(x); }
STRATA_INLINE float rsqrt(float x, float, float) { return 1.0f / __builtin_sqrtf(x); }
STRATA_INLINE float square(float x, float, float) { return x * x; }
STRATA_INLINE float reciprocal(float x, float, float) { return 1.0f / x; }
STRATA_INLINE float sign(float x, float, float) { return x > 0 ? 1.0f : (x < 0 ? -1.0f : x); }
STRATA_INLINE float floor(float x, float, float) { return __builtin_floorf(x); }
STRATA_INLINE float ceil(float x, float, float) { return __builtin_ceilf(x); }
STRATA_INLINE float round(float x, float, float) { return __builtin_rintf(x); }
STRATA_INLINE float sin(float x, float, float) { return __builtin_sinf(x); }
STRATA_INLINE float cos(float x, float, float) { return __builtin_cosf(x); }
STRATA_INLINE float erf(float x, float, float) { return erfApprox(x); }
STRATA_INLINE float relu(float x, float, float) { return x < 0 ? 0.0f : x; }
STRATA_INLINE float leakyRelu(float x, float a, float) { return x > 0 ? x : a * x; }
STRATA_INLINE float gelu(float x, float, float) { return x * normalApprox(x).cumulative; }
STRATA_INLINE float silu(float x, float, float) { return x * sigmoidApprox(x); }
STRATA_INLINE float sigmoid(float x, float, float) { return sigmoidApprox(x); }
STRATA_INLINE float tanh(float x, float, float) { return tanhApprox(x); }
STRATA_INLINE float addScalar(float x, float a, float) { return x + a; }
STRATA_INLINE float mulScalar(float x, float a, float) { return x * a; }
STRATA_INLINE float power(float x, float a, float) { return __builtin_powf(x, a); }
STRATA_INLINE float clamp(float x, float a, float b) {
    const float atLeast = x < a ? a : x;
    return atLeast > b ? b : atLeast;
}

void powScalar(const float* in, float* out, int64_t count, float a, float b) {
    if (a == 2.0f) return map<square>(in, out, count, a, b);
    if (a == 0.5f) return map<sqrt>(in, out, count, a, b);
    if (a == -1.0f) return map<reciprocal>(in, out, count, a, b);
    map<power>(in, out, count, a, b);
}

// Not a product with 0 or 1, so that an infinite gradient does not turn into NaN where the input was off.
void reluBackward(const float* saved, const float* gradOut, float* gradIn, int64_t count, float) {
#pragma GCC ivdep
    for (int64_t i = 0; i < count; ++i) {
        const float gradient = gradOut[i];
        gradIn[i] = saved[i] <= 0 ? 0.0f : gradient;
    }
}
STRATA_INLINE float leakyReluSlope(float x, float a) { return x > 0 ? 1.0f : a; }
STRATA_INLINE float geluSlope(float x, float) {
    const Normal normal = normalApprox(x);
    return normal.cumulative + x * normal.density;
}
STRATA_INLINE float siluSlope(float x, float) {
    const float s = sigmoidApprox(x);
    return s * (1.0f + x * (1.0f - s));
}
STRATA_INLINE float sigmoidSlope(float y, float) { return y * (1.0f - y); }
STRATA_INLINE float tanhSlope(float y, float) { return 1.0f - y * y; }

STRATA_INLINE float add(float a, float b) { return a + b; }
STRATA_INLINE float sub(float a, float b) { return a - b; }
STRATA_INLINE float mul(float a, float b) { return a * b; }
STRATA_INLINE float div(float a, float b) { return a / b; }
STRATA_INLINE float pow(float a, float b) { return __builtin_powf(a, b); }
STRATA_INLINE float maximum(float a, float b) { return a > b || a != a ? a : b; }
STRATA_INLINE float minimum(float a, float b) { return a < b || a != a ? a : b; }

} // namespace

const ElementwiseSimd kElementwise = {
    map<neg>,
    map<abs>,
    map<exp>,
    map<log>,
    map<sqrt>,
    map<rsqrt>,
    map<square>,
    map<reciprocal>,
    map<sign>,
    map<floor>,
    map<ceil>,
    map<round>,
    map<sin>,
    map<cos>,
    map<erf>,
    map<relu>,
    map<leakyRelu>,
    map<gelu>,
    map<silu>,
    map<sigmoid>,
    map<tanh>,
    map<addScalar>,
    map<mulScalar>,
    powScalar,
    map<clamp>,
    reluBackward,
    mapBackward<leakyReluSlope>,
    mapBackward<geluSlope>,
    mapBackward<siluSlope>,
    mapBackward<sigmoidSlope>,
    mapBackward<tanhSlope>,
    combine<add>,
    combine<sub>,
    combine<mul>,
    combine<div>,
    combine<pow>,
    combine<maximum>,
    combine<minimum>,
};

} // namespace strata::cpu::STRATA_ISA
