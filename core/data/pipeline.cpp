// SPDX-License-Identifier: Apache-2.0
#include "core/data/fused.h"

#include <algorithm>

namespace strata {

namespace {

constexpr int64_t kVersion = 1;

/// What a thread keeps between pictures, so that none of them allocates.
struct Scratch {
    PixelBuffer picture, other;
    std::vector<uint8_t> grey;
};

Scratch& threadScratch() {
    thread_local Scratch scratch;
    return scratch;
}

/// ITU-R 601 luma as Pillow computes it: L = (19595 R + 38470 G + 7471 B + 2^15) >> 16.
void toGrey(const uint8_t* pixels, int64_t plane, std::vector<uint8_t>& grey) {
    grey.resize(size_t(plane));
    for (int64_t i = 0; i < plane; ++i)
        grey[size_t(i)] = uint8_t((19595u * pixels[i] + 38470u * pixels[plane + i] + 7471u * pixels[2 * plane + i] + 32768u) >> 16);
}

/// Planes of the picture with the wanted number of channels: itself, its grey, or one plane repeated (stride 0).
struct Planes {
    const uint8_t* data;
    int64_t stride;
    Shape shape;
};

Planes planesOf(const uint8_t* pixels, const Shape& shape, int64_t channels, Scratch& scratch) {
    const int64_t plane = shape[1] * shape[2];
    if (channels == 0 || channels == shape[0]) return {pixels, plane, shape};
    const Shape wanted{channels, shape[1], shape[2]};
    if (shape[0] == 1) return {pixels, 0, wanted};
    if (shape[0] != 3 || channels != 1)
        fail(ErrorKind::BadInput, "pipeline: a picture of {} channels cannot become one of {}", shape[0], channels);
    toGrey(pixels, plane, scratch.grey);
    return {scratch.grey.data(), plane, wanted};
}

void loadPlanes(const Planes& planes, PixelBuffer& picture) {
    picture.channels = planes.shape[0];
    picture.height = planes.shape[1];
    picture.width = planes.shape[2];
    const int64_t plane = picture.height * picture.width;
    picture.values.resize(size_t(picture.channels * plane));
    for (int64_t c = 0; c < picture.channels; ++c) {
        const uint8_t* from = planes.data + c * planes.stride;
        float* to = picture.plane(c);
        for (int64_t i = 0; i < plane; ++i) to[i] = float(from[i]) / 255.0f;
    }
}

} // namespace

void Pipeline::add(const std::string& type, const ParamValues& params) {
    const TransformDef& def = transformDef(type);
    Step step;
    step.type = type;
    step.params = completeParams(def.spec.params, params, type);
    step.transform = def.make(step.params);
    step.drawBlock = def.drawBlock;
    for (const Step& before : steps_) step.drawBlock += before.type == type ? 16 : 0;
    steps_.push_back(std::move(step));
    plan_ = FusedPlan::of(steps_);
}

Pipeline Pipeline::fromJson(const Json& json) {
    if (!json.is_object()) fail(ErrorKind::BadInput, "pipeline: must be an object with version and steps");
    Pipeline pipeline;
    for (const auto& [name, value] : json.items()) {
        if (name == "version") {
            if (!value.is_number_integer() || value.get<int64_t>() < 1 || value.get<int64_t>() > kVersion)
                fail(ErrorKind::BadInput, "pipeline: version {} is not known to this program (it reads up to {})", value.dump(), kVersion);
        } else if (name == "input") {
            if (!value.is_array() || value.size() != 3 || !std::all_of(value.begin(), value.end(), [](const Json& size) {
                    return size.is_number_integer() && size.get<int64_t>() > 0 && size.get<int64_t>() <= 65536;
                }))
                fail(ErrorKind::BadInput, "pipeline: input is {}, but must be [channels, height, width]", value.dump());
            pipeline.input_ = Shape(value.get<std::vector<int64_t>>());
        } else if (name != "steps") {
            pipeline.extra_[name] = value;
        }
    }
    const Json steps = json.value("steps", Json());
    if (!steps.is_array()) fail(ErrorKind::BadInput, "pipeline: steps must be a list");
    for (const Json& step : steps) {
        if (!step.is_object() || !step.contains("type") || !step["type"].is_string())
            fail(ErrorKind::BadInput, "pipeline: step {} has no type", pipeline.steps_.size() + 1);
        pipeline.add(step["type"].get<std::string>(), step.value("params", ParamValues::object()));
    }
    return pipeline;
}

Json Pipeline::toJson() const {
    Json json = Json::object();
    json["version"] = kVersion;
    json["steps"] = Json::array();
    for (const Step& step : steps_) json["steps"].push_back(Json{{"type", step.type}, {"params", step.params}});
    if (!input_.empty()) json["input"] = input_.toVector();
    for (const auto& [name, value] : extra_.items()) json[name] = value;
    return json;
}

Shape Pipeline::outputShape(const Shape& input) const {
    if (input.rank() != 3) fail(ErrorKind::BadInput, "pipeline: a picture has the shape [channels, height, width], not {}", input.text());
    Shape shape = input;
    for (const Step& step : steps_) shape = step.transform->outputShape(shape);
    return shape;
}

void Pipeline::apply(const uint8_t* pixels, const Shape& shape, bool training, const DrawKey& key, float* into, int64_t channels) const {
    Scratch& scratch = threadScratch();
    const Planes planes = planesOf(pixels, shape, channels, scratch);
    if (plan_) return plan_->run(planes.data, planes.stride, planes.shape, training, key, into);
    const auto* resize = steps_.empty() ? nullptr : dynamic_cast<const ResizeStep*>(steps_.front().transform.get());
    if (resize)
        resize->fromBytes(planes.data, planes.stride, planes.shape, scratch.picture);
    else
        loadPlanes(planes, scratch.picture);
    const Philox stream(key.seed, Purpose::Augment, key.epoch, key.index);
    for (size_t i = resize ? 1 : 0; i < steps_.size(); ++i) {
        const Step& step = steps_[i];
        if (!step.transform->random())
            step.transform->apply(scratch.picture, scratch.other, {});
        else if (training)
            step.transform->apply(scratch.picture, scratch.other, stream.block(step.drawBlock));
        else
            step.transform->applyFixed(scratch.picture, scratch.other);
    }
    std::copy(scratch.picture.values.begin(), scratch.picture.values.end(), into);
}

} // namespace strata
