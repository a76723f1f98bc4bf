// SPDX-License-Identifier: Apache-2.0
#include "core/data/transform_steps.h"

namespace strata {

namespace {

ParamDef listParam(std::string id, std::string title, Json defaultValue, double minimum, double maximum, std::string help) {
    ParamDef def = realParam(std::move(id), std::move(title), std::move(defaultValue), minimum, maximum, std::move(help));
    def.type = ParamType::RealList;
    return def;
}

template <class T> std::unique_ptr<Transform> make(const ParamValues& params) { return std::make_unique<T>(params); }

ComponentSpec spec(std::string id, std::string title, std::string group, std::string help, std::vector<ParamDef> params) {
    ComponentSpec made;
    made.icon = "transform-" + id;
    made.id = std::move(id);
    made.title = std::move(title);
    made.group = std::move(group);
    made.help = std::move(help);
    made.params = std::move(params);
    return made;
}

std::vector<TransformDef> makeList() {
    std::vector<TransformDef> list;
    list.push_back(
        {spec("resize", "Resize", "Size", "Scales the picture so that its shorter side has the given length; the proportions stay.",
              {integerParam("size", "Shorter side", nullptr, 1, 8192, "Length of the shorter side in pixels."),
               booleanParam("antialias", "Antialias", true, "Averages when it makes a picture smaller, as good resizers do.")}),
         make<ResizeStep>, 4});
    list.push_back({spec("center_crop", "Centre crop", "Size", "Cuts out the middle.",
                         {pairParam("size", "Size", nullptr, 1, 8192, "Height and width in pixels.")}),
                    make<CenterCropStep>, 5});
    list.push_back({spec("pad_and_random_crop", "Pad and random crop", "Augmentation",
                         "Adds a border and cuts a window out at a random place: the picture shifts by up to the padding.",
                         {pairParam("size", "Size", Json::array({0, 0}), 0, 8192, "Height and width of the window; 0 keeps the picture's."),
                          integerParam("padding", "Padding", 4, 0, 1024, "Pixels added on each side."),
                          choiceParam("mode", "Border", {"zero", "reflect"}, "zero", "Black, or the picture mirrored at its edge.")}),
                    make<PadAndRandomCropStep>, 0});
    list.push_back({spec("random_horizontal_flip", "Random horizontal flip", "Augmentation", "Mirrors left and right at random.",
                         {realParam("p", "Probability", 0.5, 0, 1, "How often a picture is mirrored.")}),
                    make<RandomFlipStep>, 1});
    list.push_back({spec("color_jitter", "Colour jitter", "Augmentation",
                         "Changes brightness, contrast and saturation, each by a random factor between 1 - x and 1 + x.",
                         {realParam("brightness", "Brightness", 0.2, 0, 10, "x of the brightness; 0 leaves it."),
                          realParam("contrast", "Contrast", 0.2, 0, 10, "x of the contrast; 0 leaves it."),
                          realParam("saturation", "Saturation", 0.2, 0, 10, "x of the saturation; 0 leaves it.")}),
                    make<ColorJitterStep>, 2});
    list.push_back({spec("normalize", "Normalise", "Values", "Subtracts a mean and divides by a standard deviation, channel by channel.",
                         {listParam("mean", "Mean", nullptr, -1000, 1000, "One number a channel, of values in 0 to 1."),
                          listParam("std", "Deviation", nullptr, 0, 1000, "One number a channel, above 0.")}),
                    make<NormalizeStep>, 6});
    list.push_back({spec("cutout", "Cutout", "Augmentation",
                         "Sets a square at a random place to zero; after normalising, zero is the mean of the data.",
                         {integerParam("size", "Side", 8, 1, 8192, "Side of the square in pixels.")}),
                    make<CutoutStep>, 3});
    return list;
}

} // namespace

const std::vector<TransformDef>& transforms() {
    static const std::vector<TransformDef> list = makeList();
    return list;
}

const TransformDef& transformDef(const std::string& id) {
    std::vector<std::string> known;
    for (const TransformDef& def : transforms()) {
        if (def.spec.id == id) return def;
        known.push_back(def.spec.id);
    }
    const std::string nearest = nearestName(id, known);
    if (!nearest.empty()) fail(ErrorKind::BadInput, "unknown transform '{}': did you mean '{}'?", id, nearest);
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
    fail(ErrorKind::BadInput, "unknown transform '{}': known are {}", id, list);
}

} // namespace strata
