// SPDX-License-Identifier: Apache-2.0
#include "core/cpu/simd/softmax.h"

#include "core/base/parallel.h"
#include "core/cpu/kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace strata::cpu {
namespace {

/// Rows of a view whose last dimension is contiguous; the others may have any strides.
struct Rows {
    const TensorView& view;
    int64_t length;
    int64_t count;

    explicit Rows(const TensorView& v) : view(v), length(v.shape.rank() ? v.shape.back() : 1), count(length ? v.elements() / length : 0) {}
    bool dense() const { return view.layout == Layout::Plain && (length <= 1 || view.strides.back() == 1); }
    template <class T> T* row(int64_t i) const {
        int64_t offset = 0;
        for (int d = view.shape.rank() - 2; d >= 0; --d) {
            offset += i % view.shape[d] * view.strides[d];
            i /= view.shape[d];
        }
        return view.as<T>() + offset;
    }
};

template <class T> struct RowKernels;

template <> struct RowKernels<float> {
    const SoftmaxSimd& simd = softmaxSimd();
    float maximum(const float* in, int64_t n) const { return simd.maximum(in, n); }
    float exponentials(const float* in, float* out, int64_t n, float top) const { return simd.exponentials(in, out, n, top); }
    float sumOfExponentials(const float* in, int64_t n, float top) const { return simd.sumOfExponentials(in, n, top); }
    void scale(float* row, int64_t n, float factor) const { simd.scale(row, n, factor); }
    void subtract(const float* in, float* out, int64_t n, float value) const { simd.subtract(in, out, n, value); }
    float sum(const float* in, int64_t n) const { return simd.sum(in, n); }
    float dot(const float* a, const float* b, int64_t n) const { return simd.dot(a, b, n); }
    void backward(const float* y, const float* g, float* out, int64_t n, float value) const { simd.backward(y, g, out, n, value); }
    void backwardLog(const float* y, const float* g, float* out, int64_t n, float value) const { simd.backwardLog(y, g, out, n, value); }
    void crossEntropy(const float* p, float* out, int64_t n, float factor, float offset) const {
        simd.crossEntropyBackward(p, out, n, factor, offset);
    }
};

template <> struct RowKernels<double> {
    double maximum(const double* in, int64_t n) const {
        double top = -std::numeric_limits<double>::infinity();
        for (int64_t i = 0; i < n; ++i) top = std::max(top, in[i]);
        return top;
    }
    double exponentials(const double* in, double* out, int64_t n, double top) const {
        double total = 0;
        for (int64_t i = 0; i < n; ++i) total += out[i] = std::exp(in[i] - top);
        return total;
    }
    double sumOfExponentials(const double* in, int64_t n, double top) const {
        double total = 0;
        for (int64_t i = 0; i < n; ++i) total += std::exp(in[i] - top);
        return total;
    }
    void scale(double* row, int64_t n, double factor) const {
        for (int64_t i = 0; i < n; ++i) row[i] *= factor;
    }
    void subtract(const double* in, double* out, int64_t n, double value) const {
        for (int64_t i = 0; i < n; ++i) out[i] = in[i] - value;
    }
    double sum(const double* in, int64_t n) const {
        double total = 0;
        for (int64_t i = 0; i < n; ++i) total += in[i];
        return total;
    }
    double dot(const double* a, const double* b, int64_t n) const {
        double total = 0;
        for (int64_t i = 0; i < n; ++i) total += a[i] * b[i];
        return total;
    }
    void backward(const double* y, const double* g, double* out, int64_t n, double value) const {
        for (int64_t i = 0; i < n; ++i) out[i] = y[i] * (g[i] - value);
    }
    void backwardLog(const double* y, const double* g, double* out, int64_t n, double value) const {
        for (int64_t i = 0; i < n; ++i) out[i] = g[i] - std::exp(y[i]) * value;
    }
    void crossEntropy(const double* p, double* out, int64_t n, double factor, double offset) const {
        for (int64_t i = 0; i < n; ++i) out[i] = factor * (p[i] - offset);
    }
};

template <class Body> void forRows(const Rows& rows, Body&& body) {
    parallelFor(rows.count, std::max<int64_t>(1, 4096 / std::max<int64_t>(1, rows.length)), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) body(i);
    });
}

template <class T> void softmaxRows(bool logarithm, const Rows& in, const Rows& out) {
    const RowKernels<T> kernels;
    forRows(in, [&](int64_t i) {
        const T* x = in.row<T>(i);
        T* y = out.row<T>(i);
        const T top = kernels.maximum(x, in.length);
        if (logarithm)
            kernels.subtract(x, y, in.length, T(double(top) + std::log(double(kernels.sumOfExponentials(x, in.length, top)))));
        else
            kernels.scale(y, in.length, T(1) / kernels.exponentials(x, y, in.length, top));
    });
}

template <class T> void softmaxBackwardRows(bool logarithm, const Rows& output, const Rows& gradOut, const Rows& gradIn) {
    const RowKernels<T> kernels;
    forRows(output, [&](int64_t i) {
        const T *y = output.row<T>(i), *g = gradOut.row<T>(i);
        if (logarithm)
            kernels.backwardLog(y, g, gradIn.row<T>(i), output.length, kernels.sum(g, output.length));
        else
            kernels.backward(y, g, gradIn.row<T>(i), output.length, kernels.dot(y, g, output.length));
    });
}

/// Throws Error(BadInput) on a label that is no class: before the work starts, for a parallel body must not throw.
void checkTargets(const TensorView& target, int64_t classes) {
    for (int64_t n = 0; n < target.elements(); ++n) {
        const int64_t label = target.as<int64_t>()[n * target.strides[0]];
        if (label < 0 || label >= classes)
            fail(ErrorKind::BadInput, "cross_entropy: label {} of sample {} is not one of {} classes", label, n, classes);
    }
}

template <class T>
void crossEntropyRows(double smoothing, const Rows& logits, const TensorView& target, const OutView& losses, const Rows& probabilities) {
    const RowKernels<T> kernels;
    const int64_t classes = logits.length;
    forRows(logits, [&](int64_t n) {
        const T* x = logits.row<T>(n);
        T* p = probabilities.row<T>(n);
        const auto label = target.as<int64_t>()[n * target.strides[0]];
        const T picked = x[label];
        double sum = 0;
        if (smoothing > 0)
            for (int64_t k = 0; k < classes; ++k) sum += double(x[k]);
        const T top = kernels.maximum(x, classes);
        const T total = kernels.exponentials(x, p, classes, top);
        kernels.scale(p, classes, T(1) / total);
        const double logTotal = double(top) + std::log(double(total));
        double loss = logTotal - double(picked);
        if (smoothing > 0) loss = (1 - smoothing) * loss + smoothing * (logTotal - sum / double(classes));
        losses.as<T>()[n * losses.strides[0]] = T(loss);
    });
}

template <class T>
void crossEntropyBackwardRows(double smoothing, const Rows& probabilities, const TensorView& target, const TensorView& gradLosses,
                              const Rows& gradLogits) {
    const RowKernels<T> kernels;
    forRows(probabilities, [&](int64_t n) {
        const T factor = gradLosses.as<T>()[n * gradLosses.strides[0]];
        const auto label = target.as<int64_t>()[n * target.strides[0]];
        const T* p = probabilities.row<T>(n);
        T* g = gradLogits.row<T>(n);
        const T atLabel = T(double(p[label]) - (1 - smoothing) - smoothing / double(probabilities.length));
        kernels.crossEntropy(p, g, probabilities.length, factor, T(smoothing / double(probabilities.length)));
        g[label] = factor * atLabel;
    });
}

bool fits(DType dtype, std::initializer_list<const Rows*> rows) {
    return (dtype == DType::F32 || dtype == DType::F64) &&
           std::all_of(rows.begin(), rows.end(), [&](const Rows* r) { return r->view.dtype == dtype && r->dense(); });
}

} // namespace

bool softmax(bool logarithm, const TensorView& in, const OutView& out) {
    const Rows x(in), y(out);
    if (!fits(in.dtype, {&x, &y})) return false;
    in.dtype == DType::F32 ? softmaxRows<float>(logarithm, x, y) : softmaxRows<double>(logarithm, x, y);
    return true;
}

bool softmaxBackward(bool logarithm, const TensorView& output, const TensorView& gradOut, const OutView& gradIn) {
    const Rows y(output), g(gradOut), result(gradIn);
    if (!fits(output.dtype, {&y, &g, &result})) return false;
    output.dtype == DType::F32 ? softmaxBackwardRows<float>(logarithm, y, g, result) : softmaxBackwardRows<double>(logarithm, y, g, result);
    return true;
}

bool crossEntropy(double smoothing, const TensorView& logits, const TensorView& target, const OutView& losses,
                  const OutView& probabilities) {
    const Rows x(logits), p(probabilities);
    if (!fits(logits.dtype, {&x, &p}) || target.dtype != DType::I64 || losses.dtype != logits.dtype) return false;
    checkTargets(target, x.length);
    logits.dtype == DType::F32 ? crossEntropyRows<float>(smoothing, x, target, losses, p)
                               : crossEntropyRows<double>(smoothing, x, target, losses, p);
    return true;
}

bool crossEntropyBackward(double smoothing, const TensorView& probabilities, const TensorView& target, const TensorView& gradLosses,
                          const OutView& gradLogits) {
    const Rows p(probabilities), g(gradLogits);
    if (!fits(probabilities.dtype, {&p, &g}) || target.dtype != DType::I64 || gradLosses.dtype != probabilities.dtype) return false;
    checkTargets(target, p.length);
    probabilities.dtype == DType::F32 ? crossEntropyBackwardRows<float>(smoothing, p, target, gradLosses, g)
                                      : crossEntropyBackwardRows<double>(smoothing, p, target, gradLosses, g);
    return true;
}

} // namespace strata::cpu
