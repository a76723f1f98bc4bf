// SPDX-License-Identifier: Apache-2.0
#include "core/data/transform_steps.h"

#include <algorithm>
#include <cmath>

namespace strata {

namespace {

/// Weights of one output position: inputs [first, first + count) with weights from `offset` on.
struct Taps {
    int64_t first;
    int64_t count;
    size_t offset;
};

struct ResizeAxis {
    std::vector<Taps> taps;
    std::vector<float> weights;

    /// The triangle filter at half-pixel centres, widened by the scale when shrinking with antialias (Pillow's
    /// ImagingResample with BILINEAR; torch's interpolate with antialias=True); without it two taps.
    void build(int64_t in, int64_t out, bool antialias) {
        taps.clear();
        weights.clear();
        const double scale = double(in) / double(out);
        const double support = antialias ? std::max(scale, 1.0) : 1.0;
        for (int64_t i = 0; i < out; ++i) {
            double center = (double(i) + 0.5) * scale;
            if (!antialias) center = std::clamp(center, 0.5, double(in) - 0.5);
            const int64_t first = std::max<int64_t>(int64_t(center - support + 0.5), 0);
            const int64_t last = std::min<int64_t>(int64_t(center + support + 0.5), in);
            double sum = 0;
            const size_t offset = weights.size();
            for (int64_t x = first; x < last; ++x) {
                const double weight = std::max(0.0, 1.0 - std::abs((double(x) + 0.5 - center) / support));
                weights.push_back(float(weight));
                sum += weight;
            }
            for (size_t w = offset; w < weights.size(); ++w) weights[w] = float(double(weights[w]) / sum);
            taps.push_back({first, last - first, offset});
        }
    }
};

float valueOf(float value) { return value; }
float valueOf(uint8_t value) { return float(value) / 255.0f; }

/// One plane: rows first ([height, newWidth] in `middle`), then columns.
template <class T>
void resizePlane(const T* from, int64_t height, int64_t width, const ResizeAxis& rows, const ResizeAxis& columns,
                 std::vector<float>& middle, float* to) {
    const int64_t newWidth = int64_t(columns.taps.size());
    middle.resize(size_t(height * newWidth));
    for (int64_t y = 0; y < height; ++y) {
        for (int64_t x = 0; x < newWidth; ++x) {
            const Taps& taps = columns.taps[size_t(x)];
            const T* source = from + y * width + taps.first;
            const float* weight = columns.weights.data() + taps.offset;
            float sum = 0;
            for (int64_t i = 0; i < taps.count; ++i) sum += weight[i] * valueOf(source[i]);
            middle[size_t(y * newWidth + x)] = sum;
        }
    }
    for (const Taps& taps : rows.taps) {
        std::fill(to, to + newWidth, 0.0f);
        for (int64_t i = 0; i < taps.count; ++i) {
            const float weight = rows.weights[taps.offset + size_t(i)];
            const float* source = middle.data() + (taps.first + i) * newWidth;
            for (int64_t x = 0; x < newWidth; ++x) to[x] += weight * source[x];
        }
        to += newWidth;
    }
}

template <class T>
void resizePlanes(const T* planes, int64_t stride, const Shape& in, const Shape& out, bool antialias, PixelBuffer& into) {
    thread_local ResizeAxis rows, columns;
    thread_local std::vector<float> middle;
    rows.build(in[1], out[1], antialias);
    columns.build(in[2], out[2], antialias);
    into.channels = out[0];
    into.height = out[1];
    into.width = out[2];
    into.values.resize(size_t(out.elements()));
    for (int64_t c = 0; c < in[0]; ++c) resizePlane(planes + c * stride, in[1], in[2], rows, columns, middle, into.plane(c));
}

} // namespace

ResizeStep::ResizeStep(const ParamValues& params) : size_(params["size"].get<int64_t>()), antialias_(params["antialias"].get<bool>()) {}

Shape ResizeStep::outputShape(const Shape& input) const {
    const int64_t height = input[1], width = input[2];
    if (height <= width) return Shape{input[0], size_, std::max<int64_t>(1, size_ * width / height)};
    return Shape{input[0], std::max<int64_t>(1, size_ * height / width), size_};
}

void ResizeStep::place(Placement& at) const {
    const Shape out = outputShape(Shape{1, at.height, at.width});
    at.scaleY *= double(at.height) / double(out[1]);
    at.scaleX *= double(at.width) / double(out[2]);
    at.height = out[1];
    at.width = out[2];
}

void ResizeStep::apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords&) const {
    const Shape in{picture.channels, picture.height, picture.width};
    resizePlanes(picture.values.data(), in[1] * in[2], in, outputShape(in), antialias_, scratch);
    std::swap(picture, scratch);
}

void ResizeStep::fromBytes(const uint8_t* planes, int64_t planeStride, const Shape& shape, PixelBuffer& picture) const {
    resizePlanes(planes, planeStride, shape, outputShape(shape), antialias_, picture);
}

} // namespace strata
