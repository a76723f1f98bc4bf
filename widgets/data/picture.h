// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/transform.h"
#include "core/tensor/tensor.h"

#include <QImage>
#include <QSize>
#include <cstdint>
#include <vector>

namespace strata {

/// Size in device pixels at which a picture is shown in a square of `side`: the largest exact multiple that fits, or, where the
/// picture is larger, reduced in proportion. At least 1x1.
QSize fittedSize(QSize picture, int side);
/// The same in a rectangle.
QSize fittedSize(QSize picture, QSize box);

/// Draws u8 [C, H, W] pixels (C 1 or 3) as RGB32 at `size` device pixels into `into`, rows `stride` pixels apart. Exact
/// multiples are nearest neighbour, smaller sizes area averages. Any thread.
void drawPixels(const uint8_t* pixels, const Shape& shape, uint32_t* into, qsizetype stride, QSize size);

/// The pixels as an image of `size` (1:1 if empty). Any thread.
QImage pictureImage(const uint8_t* pixels, const Shape& shape, QSize size = {});
/// An image at another size with the same rule. Any thread.
QImage scaledPicture(const QImage& image, QSize size);

/// A picture that a view shows, with the numbers behind it. Value; cheap to copy.
struct ShownPicture {
    QImage image;                                     ///< RGB32, 1:1, or reduced so that no side is over kMostSide
    Shape shape;                                      ///< of the numbers, [C, H, W]
    Tensor bytes;                                     ///< u8 numbers, or
    std::shared_ptr<const std::vector<float>> values; ///< what the network receives
    bool empty() const { return image.isNull(); }
    /// Numbers of the pixel at (x, y) of `image`: 0 to 255, or the network's.
    std::vector<double> at(int x, int y) const;
    static constexpr int kMostSide = 1024;
};

/// The picture as it lies in the data. Any thread.
ShownPicture shownPicture(const Tensor& pixels);
/// What the network receives: numbers after the pipeline; the image undoes the normalisation, so that a person can see it.
/// Any thread; throws Error(BadInput) where a step does not fit the picture.
ShownPicture networkPicture(const Pipeline& pipeline, const Tensor& pixels, bool training, const DrawKey& key = {});

} // namespace strata
