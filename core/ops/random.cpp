// SPDX-License-Identifier: Apache-2.0
#include "core/ops/random.h"

#include <cmath>
#include <numbers>

namespace strata {

namespace {

template <class Draw> Tensor drawn(const Shape& shape, DType dtype, Philox stream, Draw&& draw) {
    std::vector<double> values(size_t(shape.elements()));
    for (double& value : values) value = draw(stream);
    return Tensor::of(values, shape).to(dtype);
}

} // namespace

Tensor randomUniform(const Shape& shape, double low, double high, Philox stream, DType dtype) {
    return drawn(shape, dtype, stream, [low, high](Philox& s) {
        const double u = double(s.next() >> 8) * 0x1p-24;
        s.next();
        return low + (high - low) * u;
    });
}

Tensor randomNormal(const Shape& shape, double mean, double deviation, Philox stream, DType dtype) {
    return drawn(shape, dtype, stream, [mean, deviation](Philox& s) {
        const double u = (double(s.next()) + 1) * 0x1p-32, angle = double(s.next()) * 0x1p-32 * 2 * std::numbers::pi;
        return mean + deviation * std::sqrt(-2 * std::log(u)) * std::cos(angle);
    });
}

Tensor randomIntegers(const Shape& shape, int64_t below, Philox stream) {
    if (below < 1) fail(ErrorKind::BadInput, "randomIntegers: the bound {} is not positive", below);
    std::vector<int64_t> values(size_t(shape.elements()));
    for (int64_t& value : values) {
        value = int64_t((uint64_t(stream.next()) * uint64_t(below)) >> 32);
        stream.next();
    }
    return Tensor::of(values, shape);
}

} // namespace strata
