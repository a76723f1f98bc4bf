// SPDX-License-Identifier: Apache-2.0
// From a map of numbers to pixels.
#include "core/evaluate/grad_cam.h"

#include <algorithm>
#include <cmath>

namespace strata {

namespace {

/// matplotlib's cividis at 0, 1/32, ..., 1 (as in OpenCV); between them linear, within 7 of 255 of the full table.
constexpr uint8_t kCividis[33][3] = {{0, 34, 78},     {0, 40, 91},     {0, 46, 106},    {5, 51, 113},    {26, 56, 111},   {39, 62, 110},
                                     {50, 67, 109},   {59, 73, 108},   {67, 78, 108},   {75, 84, 108},   {83, 90, 109},   {90, 95, 110},
                                     {97, 101, 111},  {104, 106, 113}, {111, 112, 115}, {118, 118, 118}, {125, 124, 120}, {131, 129, 121},
                                     {139, 135, 120}, {146, 141, 120}, {154, 147, 118}, {162, 153, 117}, {170, 160, 115}, {179, 166, 112},
                                     {187, 173, 109}, {195, 179, 105}, {204, 186, 100}, {212, 193, 95},  {221, 200, 88},  {230, 208, 81},
                                     {239, 215, 72},  {248, 223, 60},  {254, 232, 56}};

/// Source position of output i: left neighbour and weight of the right one.
struct Tap {
    int64_t left, right;
    float weight;
};

std::vector<Tap> tapsFor(int64_t in, int64_t out) {
    std::vector<Tap> taps;
    for (int64_t i = 0; i < out; ++i) {
        const double at = std::max((double(i) + 0.5) * double(in) / double(out) - 0.5, 0.0);
        const int64_t left = std::min(int64_t(at), in - 1);
        taps.push_back({left, std::min(left + 1, in - 1), float(at - double(left))});
    }
    return taps;
}

} // namespace

Tensor upsampleBilinear(const Tensor& map, int64_t height, int64_t width) {
    if (map.rank() != 2 || map.elements() == 0) fail(ErrorKind::BadInput, "a map is [H, W], not {}", map.shape().text());
    if (height < 1 || width < 1) fail(ErrorKind::BadInput, "cannot scale a map to {} x {}", height, width);
    const Tensor source = map.detach().to(DType::F32).to(cpuDevice()).contiguous();
    const int64_t columns = source.size(1);
    const std::vector<Tap> rows = tapsFor(source.size(0), height), across = tapsFor(columns, width);
    Tensor result = Tensor::empty({height, width});
    const float* from = source.data<float>();
    float* to = result.mutableData<float>();
    for (const Tap& row : rows) {
        const float* upper = from + row.left * columns;
        const float* lower = from + row.right * columns;
        for (const Tap& column : across) {
            const float above = upper[column.left] + (upper[column.right] - upper[column.left]) * column.weight;
            const float below = lower[column.left] + (lower[column.right] - lower[column.left]) * column.weight;
            *to++ = above + (below - above) * row.weight;
        }
    }
    return result;
}

std::array<uint8_t, 3> cividis(double value) {
    const double at = 32 * std::clamp(std::isfinite(value) ? value : 0.0, 0.0, 1.0);
    const auto left = std::min(size_t(at), size_t(31));
    const double weight = at - double(left);
    std::array<uint8_t, 3> color{};
    for (size_t c = 0; c < 3; ++c)
        color[c] = uint8_t(std::lround(double(kCividis[left][c]) * (1 - weight) + double(kCividis[left + 1][c]) * weight));
    return color;
}

Image overlayMap(const Image& picture, const Tensor& map, double opacity) {
    const Tensor scaled = upsampleBilinear(map, picture.height, picture.width);
    const float* values = scaled.data<float>();
    const double share = std::clamp(opacity, 0.0, 1.0);
    Image result = picture;
    for (size_t i = 0; i < size_t(picture.width * picture.height); ++i) {
        const std::array<uint8_t, 3> color = cividis(double(values[i]));
        for (size_t c = 0; c < 3; ++c)
            result.rgb[3 * i + c] = uint8_t(std::lround(double(picture.rgb[3 * i + c]) * (1 - share) + double(color[c]) * share));
    }
    return result;
}

} // namespace strata
