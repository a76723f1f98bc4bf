// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/image.h"
#include "core/model/network.h"

#include <array>
#include <string>
#include <vector>

namespace strata {

/// Where a class shows: relu(sum over channels of a_k * mean of d(output of the class)/d(a_k)) of a layer's activations a,
/// divided by its largest value (Selvaraju et al., "Grad-CAM", ICCV 2017, equations 1 and 2).
struct GradCam {
    std::string layer; ///< whose activations were taken
    Tensor map;        ///< f32 [H, W] of that layer, 0 to 1; all 0 where nothing speaks for the class
};

/// Layers that a map can be made of, first to last: those with a picture as output that is larger than one pixel and that run
/// on their own (a normalisation before its ReLU does not; the ReLU stands for both).
std::vector<std::string> gradCamLayers(const ModelSpec& spec);
/// The one taken unless another is named: the last of them that is no pooling, dropout or reshaping layer; "" if none.
std::string defaultGradCamLayer(const ModelSpec& spec);

/// `image` f32 [1, C, H, W], as the network takes it. Runs forward and back once, in inference mode; the network's gradients
/// are not touched. Throws Error(BadInput) on a class or layer that is not there, Error(Unsupported) on a network that has no
/// layer for it.
GradCam gradCam(const Network& network, const Tensor& image, int64_t classIndex, const std::string& layer = {});

/// f32 [H, W] scaled bilinearly (torch's interpolate with align_corners = False).
Tensor upsampleBilinear(const Tensor& map, int64_t height, int64_t width);

/// Colour of a value from 0 to 1 in the cividis map (Nunez, Anderton and Renslow 2018), as matplotlib gives it: R, G, B.
std::array<uint8_t, 3> cividis(double value);

/// The map, scaled to the picture's size and coloured, over the picture: opacity 0 shows the picture, 1 the map.
Image overlayMap(const Image& picture, const Tensor& map, double opacity = 0.55);

} // namespace strata
