// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QRectF>

class QPainter;

namespace strata {

struct Image;
struct Sample;

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
