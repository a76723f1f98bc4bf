// SPDX-License-Identifier: Apache-2.0
#include "core/ops/internal.h"

namespace strata {

using namespace detail;

namespace {

/// [b, m, k] x [b, k, n] without autograd; `bias` [n] may be undefined. Writes into `result` if given.
Tensor rawMatmul(const Tensor& a, const Tensor& b, const Tensor& bias, Tensor result = {}) {
    const Shape shape{std::max(a.shape()[0], b.shape()[0]), a.shape()[1], b.shape()[2]};
    if (!result.defined()) result = Tensor::empty(shape, a.dtype(), a.device());
    const Tensor ea = broadcastView(a, {shape[0], a.shape()[1], a.shape()[2]}),
                 eb = broadcastView(b, {shape[0], b.shape()[1], b.shape()[2]});
    launch("matmul", backendOf(a), &Backend::matmul, ea.plainView(), eb.plainView(), bias.defined() ? bias.plainView() : TensorView(),
           result.out());
    return result;
}

Tensor matrixView(const Tensor& x) { return x.viewAs({1, x.shape()[0], x.shape()[1]}, {0, x.strides()[0], x.strides()[1]}, x.offset()); }
Tensor transposedView(const Tensor& x) {
    return x.viewAs({1, x.shape()[1], x.shape()[0]}, {0, x.strides()[1], x.strides()[0]}, x.offset());
}

Tensor batchMatmul(const Tensor& a, const Tensor& b) {
    const Tensor result = rawMatmul(a, b, {});
    return record("matmul", result, {a, b},
                  [keptA = Saved(a, "matmul"), keptB = Saved(b, "matmul")](const Tensor& g, const std::vector<bool>& needs) {
                      const Tensor first = keptA.get(), second = keptB.get();
                      return std::vector<Tensor>{needs[0] ? sumTo(batchMatmul(g, second.transpose(1, 2)), first.shape()) : Tensor(),
                                                 needs[1] ? sumTo(batchMatmul(first.transpose(1, 2), g), second.shape()) : Tensor()};
                  });
}

} // namespace

Tensor matmul(const Tensor& a0, const Tensor& b0) {
    requireSameDevice("matmul", {&a0, &b0});
    if (a0.dtype() != b0.dtype())
        fail(ErrorKind::BadInput, "matmul: dtypes {} and {} differ", dtypeName(a0.dtype()), dtypeName(b0.dtype()));
    requireFloat("matmul", a0);
    const int ra = a0.rank(), rb = b0.rank();
    if (ra < 1 || rb < 1 || ra > 3 || rb > 3)
        fail(ErrorKind::BadInput, "matmul: shapes {} and {} need ranks 1 to 3", a0.shape().text(), b0.shape().text());
    const Tensor a = ra == 1 ? a0.reshape({1, 1, -1}) : ra == 2 ? a0.unsqueeze(0) : a0;
    const Tensor b = rb == 1 ? b0.reshape({1, b0.size(0), 1}) : rb == 2 ? b0.unsqueeze(0) : b0;
    const int64_t batchA = a.shape()[0], batchB = b.shape()[0];
    if (a.shape()[2] != b.shape()[1] || (batchA != batchB && batchA != 1 && batchB != 1))
        fail(ErrorKind::BadInput, "matmul: shapes {} and {} cannot be multiplied", a0.shape().text(), b0.shape().text());
    const Tensor result = batchMatmul(a, b);
    Shape shape;
    if (ra == 3 || rb == 3) shape.push(result.shape()[0]);
    if (ra > 1) shape.push(result.shape()[1]);
    if (rb > 1) shape.push(result.shape()[2]);
    return result.reshape(shape);
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
    requireSameDevice("linear", {&x, &weight, &bias});
    requireFloat("linear", x);
    if (weight.rank() != 2 || x.rank() < 1 || x.shape().back() != weight.shape()[1])
        fail(ErrorKind::BadInput, "linear: input {} does not fit weight {}", x.shape().text(), weight.shape().text());
    if (x.rank() != 2) {
        Shape shape = x.shape();
        shape[shape.rank() - 1] = weight.shape()[0];
        return linear(x.reshape({-1, weight.shape()[1]}), weight, bias).reshape(shape);
    }
    const Tensor result3 = rawMatmul(matrixView(x), transposedView(weight), bias);
    const Tensor result = result3.viewAs({x.shape()[0], weight.shape()[0]}, {weight.shape()[0], 1}, 0);
    return record(
        "linear", result, {x, weight, bias},
        [keptX = Saved(x, "linear"), keptW = Saved(weight, "linear"), leaf = weight.autogradMeta()](const Tensor& g,
                                                                                                    const std::vector<bool>& needs) {
            const Tensor input = keptX.get(), w = keptW.get();
            if (gradEnabled())
                return std::vector<Tensor>{needs[0] ? matmul(g, w) : Tensor(), needs[1] ? matmul(g.transpose(0, 1), input) : Tensor(),
                                           needs[2] ? sum(g, {0}) : Tensor()};
            std::vector<Tensor> gradients(3);
            const Tensor flat = plainContiguous(g);
            if (needs[0])
                gradients[0] = rawMatmul(matrixView(flat), matrixView(w), {}).viewAs(input.shape(), input.shape().contiguousStrides(), 0);
            if (needs[1]) {
                gradients[1] = gradientBuffer(leaf, w);
                rawMatmul(transposedView(flat), matrixView(input), {}, matrixView(gradients[1]));
            }
            if (needs[2]) gradients[2] = sum(flat, {0});
            return gradients;
        });
}

Tensor Tensor::matmul(const Tensor& other) const { return strata::matmul(*this, other); }

} // namespace strata
