// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/transform.h"

namespace strata {

/// 24-bit uniform in [0, 1) and integer in [0, n) of one word, as Philox makes them.
inline float unitOf(uint32_t word) { return float(word >> 8) * 0x1p-24f; }
inline int64_t belowOf(uint32_t word, int64_t n) { return int64_t((uint64_t(word) * uint64_t(n)) >> 32); }

/// Bilinear resize so that the shorter side is `size` (the other one rounded down, as torchvision does).
class ResizeStep : public Transform {
public:
    explicit ResizeStep(const ParamValues& params);
    Shape outputShape(const Shape& input) const override;
    void apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const override;
    bool places() const override { return true; }
    void place(Placement& at) const override;
    /// The same from bytes (value / 255), without a float copy of a large photo. `planeStride` as in FusedPlan::run().
    void fromBytes(const uint8_t* planes, int64_t planeStride, const Shape& shape, PixelBuffer& picture) const;

private:
    int64_t size_;
    bool antialias_;
};

/// Where a crop of a padded picture lies: output (y, x) is input (y + top, x + left), outside of it padding.
struct CropWindow {
    int64_t height = 0, width = 0, top = 0, left = 0;
};

class CenterCropStep : public Transform {
public:
    explicit CenterCropStep(const ParamValues& params);
    Shape outputShape(const Shape& input) const override;
    void apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const override;
    bool places() const override { return true; }
    void place(Placement& at) const override;

private:
    CropWindow window(int64_t height, int64_t width) const;
    int64_t height_, width_;
};

class PadAndRandomCropStep : public Transform {
public:
    explicit PadAndRandomCropStep(const ParamValues& params);
    bool random() const override { return true; }
    Shape outputShape(const Shape& input) const override;
    void apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const override;
    /// The window in the middle; does nothing where the size stays.
    void applyFixed(PixelBuffer& picture, PixelBuffer& scratch) const override;
    bool places() const override { return true; }
    void place(Placement& at) const override;
    bool reflect() const { return reflect_; }
    CropWindow drawWindow(int64_t height, int64_t width, const DrawWords& words) const;
    CropWindow fixedWindow(int64_t height, int64_t width) const;

private:
    void cut(PixelBuffer& picture, PixelBuffer& scratch, const CropWindow& window) const;
    int64_t height_, width_; ///< 0: the input's
    int64_t padding_;
    bool reflect_;
};

/// Index into [0, size) for a position outside of it: mirrored without repeating the edge (reflect), or -1 for zero.
inline int64_t paddedIndex(int64_t position, int64_t size, bool reflect) {
    if (position >= 0 && position < size) return position;
    if (!reflect) return -1;
    return position < 0 ? -position : 2 * (size - 1) - position;
}

class RandomFlipStep : public Transform {
public:
    explicit RandomFlipStep(const ParamValues& params);
    bool random() const override { return true; }
    void apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const override;
    bool flips(const DrawWords& words) const { return unitOf(words[0]) < probability_; }

private:
    float probability_;
};

/// Brightness, contrast, saturation in this order, each by a factor from [max(0, 1 - x), 1 + x] (torchvision's ColorJitter).
class ColorJitterStep : public Transform {
public:
    explicit ColorJitterStep(const ParamValues& params);
    bool random() const override { return true; }
    void apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const override;

private:
    float brightness_, contrast_, saturation_;
};

/// (value - mean) / std for each channel; one number serves all channels.
class NormalizeStep : public Transform {
public:
    explicit NormalizeStep(const ParamValues& params);
    Shape outputShape(const Shape& input) const override;
    void apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const override;
    size_t channels() const { return mean_.size(); }
    float normalized(size_t channel, float value) const {
        const size_t c = mean_.size() == 1 ? 0 : channel;
        return (value - mean_[c]) / std_[c];
    }

private:
    std::vector<float> mean_, std_;
};

/// A square of zeros at a random centre, cut off at the edges (DeVries and Taylor, arXiv:1708.04552).
class CutoutStep : public Transform {
public:
    explicit CutoutStep(const ParamValues& params);
    bool random() const override { return true; }
    void apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const override;
    void clear(float* values, int64_t channels, int64_t height, int64_t width, const DrawWords& words) const;

private:
    int64_t size_;
};

} // namespace strata
