// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"
#include "core/base/philox.h"
#include "core/tensor/shape.h"

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

/// The random stream of one sample: keyed (seed, Augment, epoch, index in the dataset); each transform draws a fixed number
/// of words from its own block, so that adding one does not change the others.
struct DrawKey {
    uint64_t seed = 0;
    uint32_t epoch = 0;
    uint64_t index = 0;
};

/// One step of the preprocessing pipeline, described like every component. Immutable; apply() from several threads.
class Transform {
public:
    virtual ~Transform() = default;
    virtual bool random() const { return false; } ///< random ones are skipped outside training
    virtual Shape outputShape(const Shape& input) const { return input; }
    /// `draws` is this transform's own stream. Uses scratch instead of allocating.
    virtual void apply(PixelBuffer& picture, PixelBuffer& scratch, Philox draws) const = 0;
};

/// The description and the maker of one kind of transform; the explicit list is transforms().
struct TransformDef {
    ComponentSpec spec;
    std::unique_ptr<Transform> (*make)(const ParamValues& params);
};
/// resize, center_crop, pad_and_random_crop, random_horizontal_flip, color_jitter, normalize, cutout.
const std::vector<TransformDef>& transforms();
const TransformDef& transformDef(const std::string& id); ///< throws Error(BadInput) with the nearest name

/// The preprocessing of a model: part of the model file, used by training, prediction and every export alike.
/// JSON: {"version": 1, "steps": [{"type": "normalize", "params": {...}}, ...], "input": [C, H, W]}.
class Pipeline {
public:
    Pipeline() = default;
    static Pipeline fromJson(const Json& json); ///< throws Error(BadInput)
    Json toJson() const;

    struct Step {
        std::string type;
        ParamValues params;
        std::shared_ptr<const Transform> transform;
    };
    void add(const std::string& type, const ParamValues& params = ParamValues::object());
    const std::vector<Step>& steps() const { return steps_; }
    Shape outputShape(const Shape& input) const;

    /// u8 [C, H, W] pixels -> f32 values written to `into` (outputShape's elements). training: random steps with `key`.
    /// Grey and colour are converted to what `channels` the model takes (luma / repeated), if not 0.
    void apply(const uint8_t* pixels, const Shape& shape, bool training, const DrawKey& key, float* into, int64_t channels = 0) const;

private:
    std::vector<Step> steps_;
};

/// The usual pipeline for a dataset: normalisation with its statistics and, for training, pad-and-crop (4 px) and flip for
/// CIFAR-like pictures (no flip for digits; resize + centre crop for mixed or larger pictures).
struct DataSource;
struct DataStatistics;
Pipeline defaultPipeline(const DataSource& source, const DataStatistics& statistics, bool augment);

} // namespace strata
