// SPDX-License-Identifier: Apache-2.0
#include "core/ops/internal.h"

namespace strata {

using namespace detail;

namespace {

Shape pooledShape(const char* name, const Tensor& input, const PoolParams& p) {
    requireFloat(name, input);
    requireRank(name, input, 4);
    Shape shape = input.shape();
    for (int d = 0; d < 2; ++d) {
        const size_t i = size_t(d);
        if (p.kernel[i] < 1 || p.stride[i] < 1 || p.padding[i] < 0 || p.padding[i] * 2 > p.kernel[i])
            fail(ErrorKind::BadInput, "{}: kernel {}, stride {}, padding {} do not go together (padding is at most half the kernel)", name,
                 p.kernel[i], p.stride[i], p.padding[i]);
        const int64_t span = shape[2 + d] + 2 * p.padding[i] - p.kernel[i];
        if (span < 0)
            fail(ErrorKind::BadInput, "{}: the {}x{} window is larger than the input {}", name, p.kernel[0], p.kernel[1],
                 input.shape().text());
        shape[2 + d] = span / p.stride[i] + 1;
    }
    return shape;
}

/// The layout a pool works in: the input's own, if it is one whole activation.
Layout poolLayout(const Tensor& input) { return input.dtype() == DType::F32 ? input.view().layout : Layout::Plain; }

} // namespace

Tensor maxPool2d(const Tensor& input0, const PoolParams& params) {
    const Shape shape = pooledShape("max_pool2d", input0, params);
    const Layout layout = poolLayout(input0);
    const Tensor input = inLayout(input0, layout);
    Tensor result = Tensor::emptyInLayout(shape, input.dtype(), input.device(), layout);
    const bool needed = anyRequiresGrad({&input0});
    const DType indexType = params.kernel[0] * params.kernel[1] <= 255 ? DType::U8 : DType::I32;
    Tensor indices = needed ? Tensor::emptyInLayout(shape, indexType, input.device(), layout) : Tensor();
    launch("max_pool2d", backendOf(input), &Backend::maxPool, params, input.view(), result.out(), needed ? indices.out() : OutView());
    if (!needed) return result;
    return record("max_pool2d", result, {input0},
                  [params, layout, from = input.shape(), kept = Saved(indices, "max_pool2d")](const Tensor& g0, const std::vector<bool>&) {
                      requireFirstOrder("max_pool2d");
                      const Tensor g = inLayout(g0, layout), index = inLayout(kept.get(), layout);
                      Tensor gradient = Tensor::emptyInLayout(from, g.dtype(), g.device(), layout);
                      launch("max_pool2d_backward", backendOf(g), &Backend::maxPoolBackward, params, g.view(), index.view(),
                             gradient.out());
                      return std::vector<Tensor>{gradient};
                  });
}

Tensor avgPool2d(const Tensor& input0, const PoolParams& params) {
    const Shape shape = pooledShape("avg_pool2d", input0, params);
    const Layout layout = poolLayout(input0);
    const Tensor input = inLayout(input0, layout);
    Tensor result = Tensor::emptyInLayout(shape, input.dtype(), input.device(), layout);
    launch("avg_pool2d", backendOf(input), &Backend::avgPool, params, input.view(), result.out());
    return record("avg_pool2d", result, {input0}, [params, layout, from = input.shape()](const Tensor& g0, const std::vector<bool>&) {
        requireFirstOrder("avg_pool2d");
        const Tensor g = inLayout(g0, layout);
        Tensor gradient = Tensor::emptyInLayout(from, g.dtype(), g.device(), layout);
        launch("avg_pool2d_backward", backendOf(g), &Backend::avgPoolBackward, params, g.view(), gradient.out());
        return std::vector<Tensor>{gradient};
    });
}

Tensor globalAvgPool2d(const Tensor& input) {
    requireRank("global_avg_pool2d", input, 4);
    PoolParams params;
    params.kernel = params.stride = {input.shape()[2], input.shape()[3]};
    return avgPool2d(input, params);
}

} // namespace strata
