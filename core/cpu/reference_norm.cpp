// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/reference.h"
#include "core/cpu/reference_view.h"

#include <cmath>

namespace strata::cpu::reference {
namespace {

/// body(n, h, w) for all pixels of one channel.
template <class T, class Body> void forPixels(const Grid<T>& grid, Body&& body) {
    for (int64_t n = 0; n < grid.size[0]; ++n)
        for (int64_t h = 0; h < grid.size[2]; ++h)
            for (int64_t w = 0; w < grid.size[3]; ++w) body(n, h, w);
}

template <class T> double optional(const TensorView& view, int64_t c, double otherwise) {
    return view ? double(view.as<T>()[c * view.strides[0]]) : otherwise;
}

template <class T> void set(const TensorView& view, int64_t c, double value) {
    if (view) view.as<T>()[c * view.strides[0]] = T(value);
}

struct Statistics {
    double mean, variance;
};

template <class T> Statistics batchStatistics(const Grid<const T>& x, int64_t c) {
    const auto count = double(x.size[0] * x.size[2] * x.size[3]);
    double sum = 0, squares = 0;
    forPixels(x, [&](int64_t n, int64_t h, int64_t w) { sum += double(x(n, c, h, w)); });
    const double mean = sum / count;
    forPixels(x, [&](int64_t n, int64_t h, int64_t w) { squares += (double(x(n, c, h, w)) - mean) * (double(x(n, c, h, w)) - mean); });
    return {mean, squares / count};
}

} // namespace

template <class T>
void batchNorm(const BatchNormParams& p, const TensorView& input, const TensorView& residual, const TensorView& gamma,
               const TensorView& beta, const OutView& runningMean, const OutView& runningVar, const OutView& savedMean,
               const OutView& savedInvStd, const OutView& output) {
    const Grid<const T> x(input), r(residual);
    const Grid<T> y(output);
    const auto count = double(x.size[0] * x.size[2] * x.size[3]);
    forPairs(x.size[1], 1, 4 * x.size[0] * x.pixels(), [&](int64_t c, int64_t) {
        Statistics s{optional<T>(runningMean, c, 0), optional<T>(runningVar, c, 1)};
        if (p.training) {
            const Statistics batch = batchStatistics(x, c);
            const double unbiased = count > 1 ? batch.variance * count / (count - 1) : batch.variance;
            set<T>(runningMean, c, (1 - p.momentum) * s.mean + p.momentum * batch.mean);
            set<T>(runningVar, c, (1 - p.momentum) * s.variance + p.momentum * unbiased);
            s = batch;
        }
        const double invStd = 1 / std::sqrt(s.variance + p.eps);
        if (p.training) {
            set<T>(savedMean, c, s.mean);
            set<T>(savedInvStd, c, invStd);
        }
        const double scale = optional<T>(gamma, c, 1) * invStd, shift = optional<T>(beta, c, 0);
        forPixels(x, [&](int64_t n, int64_t h, int64_t w) {
            double value = (double(x(n, c, h, w)) - s.mean) * scale + shift;
            if (r) value += double(r(n, c, h, w));
            y(n, c, h, w) = T(p.relu && value < 0 ? 0.0 : value);
        });
    });
}

template <class T>
void batchNormBackward(const BatchNormParams& p, const TensorView& input, const TensorView& output, const TensorView& gamma,
                       const TensorView& savedMean, const TensorView& savedInvStd, const TensorView& gradOutput, const OutView& gradInput,
                       const OutView& gradResidual, const OutView& gradGamma, const OutView& gradBeta) {
    const Grid<const T> x(input), y(output), g(gradOutput);
    const Grid<T> dx(gradInput), dr(gradResidual);
    const auto count = double(x.size[0] * x.size[2] * x.size[3]);
    forPairs(x.size[1], 1, 4 * x.size[0] * x.pixels(), [&](int64_t c, int64_t) {
        const double mean = optional<T>(savedMean, c, 0), invStd = optional<T>(savedInvStd, c, 1);
        const auto gradient = [&](int64_t n, int64_t h, int64_t w) { return p.relu && y(n, c, h, w) <= 0 ? 0.0 : double(g(n, c, h, w)); };
        double sum = 0, product = 0;
        forPixels(x, [&](int64_t n, int64_t h, int64_t w) {
            sum += gradient(n, h, w);
            product += gradient(n, h, w) * (double(x(n, c, h, w)) - mean) * invStd;
        });
        set<T>(gradGamma, c, product);
        set<T>(gradBeta, c, sum);
        const double scale = optional<T>(gamma, c, 1) * invStd;
        forPixels(x, [&](int64_t n, int64_t h, int64_t w) {
            const double dy = gradient(n, h, w), normalized = (double(x(n, c, h, w)) - mean) * invStd;
            const double centred = p.training ? dy - sum / count - normalized * product / count : dy;
            if (dr) dr(n, c, h, w) = T(dy);
            if (dx) dx(n, c, h, w) = T(scale * centred);
        });
    });
}

template <class T> void matmul(const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out) {
    const Grid<const T> left(a), right(b);
    const Grid<T> y(out);
    forPairs(y.size[0], y.size[1], y.size[2] * left.size[2], [&](int64_t batch, int64_t row) {
        for (int64_t column = 0; column < y.size[2]; ++column) {
            double sum = optional<T>(bias, column, 0);
            for (int64_t k = 0; k < left.size[2]; ++k) sum += double(left(batch, row, k)) * double(right(batch, k, column));
            y(batch, row, column) = T(sum);
        }
    });
}

template void batchNorm<float>(const BatchNormParams&, const TensorView&, const TensorView&, const TensorView&, const TensorView&,
                               const OutView&, const OutView&, const OutView&, const OutView&, const OutView&);
template void batchNorm<double>(const BatchNormParams&, const TensorView&, const TensorView&, const TensorView&, const TensorView&,
                                const OutView&, const OutView&, const OutView&, const OutView&, const OutView&);
template void batchNormBackward<float>(const BatchNormParams&, const TensorView&, const TensorView&, const TensorView&, const TensorView&,
                                       const TensorView&, const TensorView&, const OutView&, const OutView&, const OutView&,
                                       const OutView&);
template void batchNormBackward<double>(const BatchNormParams&, const TensorView&, const TensorView&, const TensorView&, const TensorView&,
                                        const TensorView&, const TensorView&, const OutView&, const OutView&, const OutView&,
                                        const OutView&);
template void matmul<float>(const TensorView&, const TensorView&, const TensorView&, const OutView&);
template void matmul<double>(const TensorView&, const TensorView&, const TensorView&, const OutView&);

} // namespace strata::cpu::reference
