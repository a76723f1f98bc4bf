// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/evaluate/grad_cam.h"
#include "core/files/image.h"
#include "core/model/model_file.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace strata {

struct ClassProbability {
    int64_t index = 0;
    std::string name; ///< the number where the model brings no names
    double probability = 0;
};

/// What a network says about one picture.
struct Prediction {
    std::vector<ClassProbability> top; ///< most probable first; of equals the lower class first
    double milliseconds = 0;           ///< preprocessing and network, without reading the file or choosing algorithms
};

/// A part of a photo, in its pixels.
struct CropRect {
    int64_t x = 0, y = 0, width = 0, height = 0;
    bool operator==(const CropRect&) const = default;
};

/// That part as a picture of its own. Throws Error(BadInput) where it is empty or not inside the picture.
Image cutPicture(const Image& picture, const CropRect& crop);

/// The same values made the shape a network takes: pictures that the pipeline does not bring to height x width are scaled
/// until they cover it (antialiased) and cut to the middle.
Image fitPicture(const Image& picture, int64_t height, int64_t width);

/// Photo to class probabilities: the model's own preprocessing, then the network folded for inference. Use from one thread.
class Predictor {
public:
    explicit Predictor(const ModelFile& model, Device device = cpuDevice()); ///< throws Error(BadInput) on a spec with problems
    ~Predictor();
    Predictor(Predictor&&) noexcept;

    const std::vector<std::string>& classes() const { return classes_; }
    const Shape& inputShape() const; ///< [C, H, W] that the network takes
    const ModelSpec& spec() const;   ///< of the folded network

    // `crop`: a part of the picture chosen by a person takes the place of what the preprocessing would cut out: it is scaled to
    // the network's input (antialiased), the other steps stay. Throws Error(BadInput) where it is empty or not inside the picture.

    /// Probability of every class, in their order.
    std::vector<double> probabilities(const Image& picture, const std::optional<CropRect>& crop = {}) const;
    /// The `count` most probable classes (all of them where there are fewer).
    Prediction predict(const Image& picture, int64_t count, const std::optional<CropRect>& crop = {}) const;
    /// The picture as the network received it, before normalisation: 8 bits, of inputShape()'s height and width (grey where the
    /// network takes grey).
    Image received(const Image& picture, const std::optional<CropRect>& crop = {}) const;
    /// What the preprocessing cuts out of a picture of that size, to the nearest pixel and inside it.
    CropRect defaultCrop(int64_t width, int64_t height) const;
    /// Where a class shows, over received(): Grad-CAM of the named layer or of defaultGradCamLayer().
    GradCam heatMap(const Image& picture, int64_t classIndex, const std::optional<CropRect>& crop = {},
                    const std::string& layer = {}) const;

    /// Throws Error(BadFile, Unsupported) when the file is no picture.
    Prediction predictFile(const std::string& path, int64_t count) const;

private:
    Tensor input(const Image& picture, const std::optional<CropRect>& crop) const;
    Image placed(const Image& picture, const std::optional<CropRect>& crop) const;
    std::unique_ptr<Network> network_;
    Pipeline pipeline_;
    Pipeline values_;    ///< its steps that do not move pixels
    Pipeline placement_; ///< its steps that do
    std::vector<std::string> classes_;
};

} // namespace strata
