// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tensor/shape.h"

#include <QImage>
#include <QRectF>
#include <QSize>
#include <cstdint>

class QPainter;

namespace strata {

struct Image;
struct Sample;

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

/// u8 [C, H, W] with one or three channels as a picture.
QImage toImage(const Sample& sample);
/// A copy of the pixels.
QImage toImage(const Image& image);
/// The pixels of a picture, alpha laid on white.
Image fromImage(const QImage& picture);

/// Where a picture goes within `box` at `ratio` device pixels a pixel: enlarged by the largest whole factor of device pixels,
/// or shrunk to fit; in the middle, on whole device pixels.
QRectF pictureRect(const QRectF& box, const QSize& picture, double ratio);
/// Draws it there: exact pixels when enlarged, area-averaged when shrunk.
void drawPicture(QPainter& painter, const QRectF& box, const QImage& picture);

} // namespace strata
