// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"
#include "core/base/philox.h"
#include "core/tensor/shape.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace strata {

/// A picture on its way through the pipeline: f32, [channels, height, width], values in [0, 1] until normalised.
struct PixelBuffer {
    int64_t channels = 0, height = 0, width = 0;
    std::vector<float> values;
    float* plane(int64_t channel) { return values.data() + channel * height * width; }
};

/// The random stream of one sample: Philox(seed, Augment, epoch, index in the dataset). A transform gets one block of four
/// words of it: block TransformDef::drawBlock + 16 * (how many of its kind stand before it), so that adding another one does
/// not change the others and every device can make the same draws.
struct DrawKey {
    uint64_t seed = 0;
    uint32_t epoch = 0;
    uint64_t index = 0;
};
using DrawWords = std::array<uint32_t, 4>;

/// Which part of the first picture is seen after some steps: pixel (y, x) of height x width covers the first picture from
/// (top + y * scaleY, left + x * scaleX) on.
struct Placement {
    double top = 0, left = 0, scaleY = 1, scaleX = 1;
    int64_t height = 0, width = 0;
};

/// One step of the preprocessing pipeline, described like every component. Immutable; apply() from several threads.
class Transform {
public:
    virtual ~Transform() = default;
    virtual bool random() const { return false; } ///< random ones run applyFixed() outside training
    /// [C, H, W] after it; throws Error(BadInput) where it cannot be applied to such a picture.
    virtual Shape outputShape(const Shape& input) const { return input; }
    /// Changes the picture; uses scratch instead of allocating.
    virtual void apply(PixelBuffer& picture, PixelBuffer& scratch, const DrawWords& words) const = 0;
    /// What a random one does outside training: nothing, unless it also sets the size.
    virtual void applyFixed(PixelBuffer&, PixelBuffer&) const {}
    /// Whether it decides which part of the picture is seen, and how large (resize, crop); place() then tells which, outside training.
    virtual bool places() const { return false; }
    virtual void place(Placement&) const {}
};

/// The description and the maker of one kind of transform; the explicit list is transforms().
struct TransformDef {
    ComponentSpec spec;
    std::unique_ptr<Transform> (*make)(const ParamValues& params); ///< complete, checked parameters
    uint32_t drawBlock = 0;                                        ///< fixed for ever: runs depend on it
};
/// resize, center_crop, pad_and_random_crop, random_horizontal_flip, color_jitter, normalize, cutout.
const std::vector<TransformDef>& transforms();
const TransformDef& transformDef(const std::string& id); ///< throws Error(BadInput) with the nearest name

struct FusedPlan; // core/data/fused.h

/// The preprocessing of a model: part of the model file, used by training, prediction and every export alike.
/// JSON: {"version": 1, "steps": [{"type": "normalize", "params": {...}}, ...], "input": [C, H, W]}; unknown fields are kept.
class Pipeline {
public:
    Pipeline() = default;
    static Pipeline fromJson(const Json& json); ///< throws Error(BadInput)
    Json toJson() const;
    /// The pictures it was made for, [C, H, W]; empty if not said.
    const Shape& input() const { return input_; }
    void setInput(const Shape& input) { input_ = input; }

    struct Step {
        std::string type;
        ParamValues params;
        std::shared_ptr<const Transform> transform;
        uint32_t drawBlock = 0;
    };
    /// Throws Error(BadInput) naming the transform and the parameter.
    void add(const std::string& type, const ParamValues& params = ParamValues::object());
    const std::vector<Step>& steps() const { return steps_; }
    Shape outputShape(const Shape& input) const;

    /// u8 [C, H, W] pixels -> f32 values written to `into` (outputShape's elements). training: random steps with `key`.
    /// Grey and colour are converted to what `channels` the model takes (luma / repeated), if not 0. Thread-safe; allocates
    /// nothing once a thread has seen a picture of that size. Crop, flip, normalise and cutout in this order are one pass.
    void apply(const uint8_t* pixels, const Shape& shape, bool training, const DrawKey& key, float* into, int64_t channels = 0) const;

private:
    std::vector<Step> steps_;
    Shape input_;
    Json extra_ = Json::object(); ///< fields of a newer version
    std::shared_ptr<const FusedPlan> plan_;
};

/// The usual pipeline for a dataset: normalisation with its statistics and, for training, pad-and-crop (4 px) and flip for
/// CIFAR-like pictures (no flip for digits; resize + centre crop for mixed or larger pictures).
struct DataSource;
struct DataStatistics;
Pipeline defaultPipeline(const DataSource& source, const DataStatistics& statistics, bool augment);

} // namespace strata
