// SPDX-License-Identifier: Apache-2.0
#include "tests/support/raw_tensor.h"

#include <cmath>
#include <cstring>

namespace strata::test {
namespace {

int64_t blockOf(Layout layout) { return layout == Layout::Blocked16 ? 16 : (layout == Layout::Blocked8 ? 8 : 0); }

int64_t cellsOf(const TensorView& view) {
    if (const int64_t block = blockOf(view.layout)) {
        const int64_t blocks = (view.shape[1] + block - 1) / block;
        return view.shape[0] * blocks * block * view.shape[2] * view.shape[3];
    }
    if (view.layout == Layout::ChannelsLast) return view.elements();
    int64_t last = 0;
    for (int d = 0; d < view.shape.rank(); ++d) last += (view.shape[d] - 1) * view.strides[d];
    return view.elements() == 0 ? 0 : last + 1;
}

} // namespace

RawTensor::RawTensor(DType dtype, const Shape& shape, Layout layout) {
    view_.dtype = dtype;
    view_.layout = layout;
    view_.shape = shape;
    view_.strides = shape.contiguousStrides();
    memory_.resize(size_t(cellsOf(view_)) * dtypeSize(dtype) / sizeof(Line) + 1);
    view_.data = memory_.data();
}

RawTensor::RawTensor(DType dtype, const Shape& shape, const Shape& strides) {
    view_.dtype = dtype;
    view_.shape = shape;
    view_.strides = strides;
    memory_.resize(size_t(cellsOf(view_)) * dtypeSize(dtype) / sizeof(Line) + 1);
    view_.data = memory_.data();
}

int64_t RawTensor::offset(int64_t i) const {
    const Shape& s = view_.shape;
    if (view_.layout == Layout::Plain) {
        int64_t at = 0;
        for (int d = s.rank() - 1; d >= 0; --d) {
            at += i % s[d] * view_.strides[d];
            i /= s[d];
        }
        return at;
    }
    const int64_t w = i % s[3], h = i / s[3] % s[2], c = i / s[3] / s[2] % s[1], n = i / s[3] / s[2] / s[1];
    if (view_.layout == Layout::ChannelsLast) return ((n * s[2] + h) * s[3] + w) * s[1] + c;
    const int64_t block = blockOf(view_.layout), blocks = (s[1] + block - 1) / block;
    return (((n * blocks + c / block) * s[2] + h) * s[3] + w) * block + c % block;
}

double RawTensor::get(int64_t i) const {
    return visitDType(view_.dtype, [&]<class T>() {
        const T value = view_.as<T>()[offset(i)];
        if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
            return double(toFloat(value));
        else
            return double(value);
    });
}

void RawTensor::set(int64_t i, double value) {
    visitDType(view_.dtype, [&]<class T>() {
        T& cell = view_.as<T>()[offset(i)];
        if constexpr (std::is_same_v<T, Half>)
            cell = toHalf(float(value));
        else if constexpr (std::is_same_v<T, BFloat16>)
            cell = toBFloat16(float(value));
        else if constexpr (std::is_same_v<T, bool>)
            cell = value != 0;
        else
            cell = T(value);
    });
}

void RawTensor::poison(unsigned char byte) { std::memset(memory_.data(), byte, memory_.size() * sizeof(Line)); }

bool RawTensor::paddingIsZero() const {
    const int64_t block = blockOf(view_.layout);
    if (block == 0) return true;
    const int64_t blocks = (view_.shape[1] + block - 1) / block, pixels = view_.shape[2] * view_.shape[3];
    const auto isZero = [&](int64_t at) {
        return visitDType(view_.dtype, [&]<class T>() {
            if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
                return toFloat(view_.as<T>()[at]) == 0;
            else
                return view_.as<T>()[at] == T(0);
        });
    };
    for (int64_t n = 0; n < view_.shape[0]; ++n)
        for (int64_t p = 0; p < pixels; ++p)
            for (int64_t c = view_.shape[1]; c < blocks * block; ++c) {
                const int64_t at = ((n * blocks + c / block) * pixels + p) * block + c % block;
                if (!isZero(at)) return false;
            }
    return true;
}

double noise(int64_t i, int stream, double scale) {
    uint64_t x = uint64_t(i) * 0x9E3779B97F4A7C15u + uint64_t(stream) * 0xD1B54A32D192ED03u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    return (double(x >> 11) * 0x1p-52 - 1) * scale;
}

bool close(double got, double want, double relative, double absolute) {
    if (std::isnan(got) || std::isnan(want)) return std::isnan(got) && std::isnan(want);
    if (std::isinf(got) || std::isinf(want)) return got == want;
    return std::fabs(got - want) <= relative * std::fabs(want) + absolute;
}

} // namespace strata::test
