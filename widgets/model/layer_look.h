// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/model_spec.h"

#include <QColor>
#include <QString>

namespace strata {

/// The groups of layers in the order of the categorical colours (screens.md, section 1).
enum class LayerGroup { Convolution, Activation, Normalisation, Linear, Pooling, Dropout, Combine, Shape };

/// How layers look and are spoken of in the Model page, the thumbnails and plots of layers. An unknown type counts as Shape.
LayerGroup layerGroup(const std::string& type);
QColor groupColor(LayerGroup group);
QString groupTitle(LayerGroup group); ///< translated
QString groupIcon(LayerGroup group);  ///< name of the icon, "layer-convolution"

QString layerTitle(const std::string& type); ///< "Conv2d"; the type itself where it is unknown
/// What differs from the defaults, short: "64, 3x3, pad 1".
QString layerParamsText(const LayerSpec& layer);
QString shapeText(const Shape& shape); ///< "64x32x32" with the multiplication sign; "?" for an empty one
/// The shape as a screen reader says it: "64 by 32 by 32".
QString shapeSpoken(const Shape& shape);
QString countText(double count); ///< "1.7 K", "6.57 M"; an en dash for zero

} // namespace strata
