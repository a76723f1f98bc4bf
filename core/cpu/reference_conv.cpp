// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/reference.h"
#include "core/cpu/reference_view.h"

namespace strata::cpu::reference {
namespace {

/// Row or column of the output that reaches input position `at` through kernel position `k`, or -1.
int64_t outputPosition(int64_t at, int64_t k, int64_t stride, int64_t padding, int64_t dilation, int64_t outputs) {
    const int64_t shifted = at + padding - k * dilation;
    if (shifted < 0 || shifted % stride != 0) return -1;
    return shifted / stride < outputs ? shifted / stride : -1;
}

bool inside(int64_t at, int64_t size) { return at >= 0 && at < size; }

} // namespace

template <class T>
void convForward(const ConvParams& p, const TensorView& input, const TensorView& weight, const TensorView& bias, const OutView& output) {
    const Grid<const T> x(input), w(weight);
    const Grid<T> y(output);
    const int64_t perGroup = w.size[1], outPerGroup = y.size[1] / p.groups;
    const auto cell = [&](int64_t n, int64_t o, int64_t row, int64_t column) {
        double sum = bias ? double(bias.as<T>()[o]) : 0.0;
        const int64_t firstChannel = o / outPerGroup * perGroup;
        for (int64_t i = 0; i < perGroup; ++i)
            for (int64_t kh = 0; kh < w.size[2]; ++kh)
                for (int64_t kw = 0; kw < w.size[3]; ++kw) {
                    const int64_t h = row * p.stride[0] - p.padding[0] + kh * p.dilation[0];
                    const int64_t v = column * p.stride[1] - p.padding[1] + kw * p.dilation[1];
                    if (inside(h, x.size[2]) && inside(v, x.size[3])) sum += double(x(n, firstChannel + i, h, v)) * double(w(o, i, kh, kw));
                }
        return p.relu && sum < 0 ? 0.0 : sum;
    };
    forPairs(y.size[0], y.size[1], y.pixels() * perGroup * w.pixels(), [&](int64_t n, int64_t o) {
        for (int64_t row = 0; row < y.size[2]; ++row)
            for (int64_t column = 0; column < y.size[3]; ++column) y(n, o, row, column) = T(cell(n, o, row, column));
    });
}

template <class T>
void convBackwardData(const ConvParams& p, const TensorView& gradOutput, const TensorView& weight, const OutView& gradInput) {
    const Grid<const T> g(gradOutput), w(weight);
    const Grid<T> dx(gradInput);
    const int64_t perGroup = w.size[1], outPerGroup = g.size[1] / p.groups;
    const auto cell = [&](int64_t n, int64_t i, int64_t h, int64_t v) {
        double sum = 0;
        const int64_t group = i / perGroup;
        for (int64_t kh = 0; kh < w.size[2]; ++kh) {
            const int64_t row = outputPosition(h, kh, p.stride[0], p.padding[0], p.dilation[0], g.size[2]);
            if (row < 0) continue;
            for (int64_t kw = 0; kw < w.size[3]; ++kw) {
                const int64_t column = outputPosition(v, kw, p.stride[1], p.padding[1], p.dilation[1], g.size[3]);
                if (column < 0) continue;
                for (int64_t o = group * outPerGroup; o < (group + 1) * outPerGroup; ++o)
                    sum += double(g(n, o, row, column)) * double(w(o, i % perGroup, kh, kw));
            }
        }
        return sum;
    };
    forPairs(dx.size[0], dx.size[1], dx.pixels() * outPerGroup * w.pixels(), [&](int64_t n, int64_t i) {
        for (int64_t h = 0; h < dx.size[2]; ++h)
            for (int64_t v = 0; v < dx.size[3]; ++v) dx(n, i, h, v) = T(cell(n, i, h, v));
    });
}

template <class T>
void convBackwardWeights(const ConvParams& p, const TensorView& input, const TensorView& gradOutput, const OutView& gradWeight,
                         const OutView& gradBias) {
    const Grid<const T> x(input), g(gradOutput);
    const Grid<T> dw(gradWeight);
    const int64_t perGroup = dw.size[1], outPerGroup = g.size[1] / p.groups;
    const auto cell = [&](int64_t o, int64_t i, int64_t kh, int64_t kw) {
        double sum = 0;
        const int64_t channel = o / outPerGroup * perGroup + i;
        for (int64_t n = 0; n < x.size[0]; ++n)
            for (int64_t row = 0; row < g.size[2]; ++row) {
                const int64_t h = row * p.stride[0] - p.padding[0] + kh * p.dilation[0];
                if (!inside(h, x.size[2])) continue;
                for (int64_t column = 0; column < g.size[3]; ++column) {
                    const int64_t v = column * p.stride[1] - p.padding[1] + kw * p.dilation[1];
                    if (inside(v, x.size[3])) sum += double(g(n, o, row, column)) * double(x(n, channel, h, v));
                }
            }
        return sum;
    };
    forPairs(dw.size[0], perGroup, dw.pixels() * g.size[0] * g.pixels(), [&](int64_t o, int64_t i) {
        for (int64_t kh = 0; kh < dw.size[2]; ++kh)
            for (int64_t kw = 0; kw < dw.size[3]; ++kw) dw(o, i, kh, kw) = T(cell(o, i, kh, kw));
    });
    if (!gradBias) return;
    forPairs(dw.size[0], 1, g.size[0] * g.pixels(), [&](int64_t o, int64_t) {
        double sum = 0;
        for (int64_t n = 0; n < g.size[0]; ++n)
            for (int64_t row = 0; row < g.size[2]; ++row)
                for (int64_t column = 0; column < g.size[3]; ++column) sum += double(g(n, o, row, column));
        gradBias.as<T>()[o] = T(sum);
    });
}

template void convForward<float>(const ConvParams&, const TensorView&, const TensorView&, const TensorView&, const OutView&);
template void convForward<double>(const ConvParams&, const TensorView&, const TensorView&, const TensorView&, const OutView&);
template void convBackwardData<float>(const ConvParams&, const TensorView&, const TensorView&, const OutView&);
template void convBackwardData<double>(const ConvParams&, const TensorView&, const TensorView&, const OutView&);
template void convBackwardWeights<float>(const ConvParams&, const TensorView&, const TensorView&, const OutView&, const OutView&);
template void convBackwardWeights<double>(const ConvParams&, const TensorView&, const TensorView&, const OutView&, const OutView&);

} // namespace strata::cpu::reference
