// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/transform.h"
#include "core/tensor/tensor.h"

#include <QImage>
#include <memory>
#include <vector>

namespace strata {

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
