// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/backend/registry.h"
#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/evaluate/evaluate.h"
#include "core/files/image_resize.h"
#include "core/predict/photos.h"

#include <algorithm>

namespace strata::cli {
namespace {

constexpr int64_t kMapSide = 256;

struct Options {
    ModelChoice model;
    ComputeChoice compute;
    std::vector<std::string> photos;
    std::string csv, gradCam, classText, layer, crop, received;
    std::optional<int64_t> top;
    bool json = false;
};

void showPrediction(const std::string& file, const Prediction& prediction) {
    print(fmt::format("{}  ({:.1f} ms)\n", file, prediction.milliseconds));
    for (const ClassProbability& entry : prediction.top) {
        const std::string bar(size_t(entry.probability * 30 + 0.5), '#');
        print(fmt::format("  {:>8}  {:<30}  {}\n", percent(entry.probability), bar, entry.name));
    }
}

/// "x,y,width,height" in the photo's pixels.
std::optional<CropRect> parseCrop(const std::string& text) {
    if (text.empty()) return std::nullopt;
    std::vector<int64_t> numbers;
    for (const std::string& part : split(text, ','))
        if (const std::optional<int64_t> number = parseInteger(part)) numbers.push_back(*number);
    if (numbers.size() != 4 || split(text, ',').size() != 4) throw UsageError(fmt::format("--crop: '{}' is not X,Y,WIDTH,HEIGHT", text));
    return CropRect{numbers[0], numbers[1], numbers[2], numbers[3]};
}

/// The part that was looked at, large enough to see a map on it.
Image shownPart(const Image& picture, const CropRect& part) {
    const Image cut = cutPicture(picture, part);
    const int64_t shorter = std::min(cut.width, cut.height);
    return shorter >= kMapSide ? cut : resizeShorterSide(cut, kMapSide);
}

int64_t classIndex(const std::vector<std::string>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return found - names.begin();
    if (const std::optional<int64_t> number = parseInteger(name)) return *number;
    const std::string near = nearestName(name, names);
    fail(ErrorKind::BadInput, "the model knows no class '{}'{}", name, near.empty() ? "" : fmt::format("; did you mean {}?", near));
}

/// One photo with a crop, its map or the picture that the network received.
void predictInDetail(const Options& options, const Predictor& predictor) {
    const std::optional<CropRect> crop = parseCrop(options.crop);
    const Image picture = readImage(options.photos.front());
    const Prediction prediction = predictor.predict(picture, options.top.value_or(5), crop);
    PhotoResult result{options.photos.front(), picture.width, picture.height, prediction, {}};
    const Image received = predictor.received(picture, crop);
    Json json = result.toJson();
    const CropRect used = crop ? *crop : predictor.defaultCrop(picture.width, picture.height);
    json["crop"] = {used.x, used.y, used.width, used.height};
    if (!options.json) showPrediction(result.path, prediction);
    if (!options.received.empty()) {
        writeFileAtomically(options.received, encodePng(received));
        json["received"] = options.received;
        if (!options.json) print(fmt::format("{}: the picture as the network received it\n", options.received));
    }
    if (!options.gradCam.empty()) {
        const int64_t index = options.classText.empty() ? prediction.top.front().index : classIndex(predictor.classes(), options.classText);
        const GradCam map = predictor.heatMap(picture, index, crop, options.layer);
        writeFileAtomically(options.gradCam, encodePng(overlayMap(shownPart(picture, used), map.map)));
        json["grad_cam"] = {{"file", options.gradCam}, {"class", className(predictor.classes(), index)}, {"layer", map.layer}};
        if (!options.json)
            print(fmt::format("{}: where {} shows (Grad-CAM of layer {})\n", options.gradCam, className(predictor.classes(), index),
                              map.layer));
    }
    if (options.json) printJson({{"results", Json::array({json})}});
}

/// Files as they are named; of a folder the photos in it.
std::vector<std::string> listPhotos(const std::vector<std::string>& given, bool& folder) {
    std::vector<std::string> paths;
    for (const std::string& path : given) {
        if (!fs().status(path).directory) {
            paths.push_back(path);
            continue;
        }
        folder = true;
        for (std::string& photo : photosIn(path)) paths.push_back(std::move(photo));
    }
    return paths;
}

void showTable(const std::vector<PhotoResult>& results) {
    std::vector<std::vector<std::string>> rows;
    for (const PhotoResult& result : results) {
        const bool known = result.problem.empty() && !result.prediction.top.empty();
        rows.push_back({fileName(result.path), known ? result.prediction.top.front().name : "-",
                        known ? percent(result.prediction.top.front().probability) : "-", result.problem});
    }
    print(table({"file", "class", "sure", ""}, rows, {2}));
}

void predictMany(const Options& options, const Predictor& predictor, Outcome& outcome) {
    bool folder = false;
    const std::vector<std::string> paths = listPhotos(options.photos, folder);
    std::vector<PhotoResult> results;
    {
        const Interrupt interrupt(false);
        Progress progress("predicting", "photos", options.json || !folder);
        PhotoOptions running;
        running.count = options.top.value_or(5);
        running.stop = interrupt.token();
        running.progress = [&](int64_t done, int64_t total) { progress.update(done, total); };
        running.result = [&](const PhotoResult& result) {
            if (options.json || folder) return;
            if (result.problem.empty()) return showPrediction(result.path, result.prediction);
            if (paths.size() > 1) printError(std::string(errorKindId(result.kind)), result.problem, false);
        };
        results = predictPhotos(predictor, paths, running);
    }
    // One photo that cannot be read is an error; one of many is a row.
    if (results.size() == 1 && !folder && !results[0].problem.empty()) throw Error(results[0].kind, results[0].problem);
    const auto failed = std::count_if(results.begin(), results.end(), [](const PhotoResult& r) { return !r.problem.empty(); });
    if (!options.csv.empty()) writeFileAtomically(options.csv, photosCsv(results));
    if (options.json) {
        Json list = Json::array();
        for (const PhotoResult& result : results) list.push_back(result.toJson());
        Json json = {{"results", list}, {"failed", failed}};
        if (!options.csv.empty()) json["csv"] = options.csv;
        printJson(json);
    } else {
        if (folder) showTable(results);
        if (!options.csv.empty()) print(fmt::format("{}: a row for each of {} photos\n", options.csv, results.size()));
    }
    if (failed > 0 && !folder && options.csv.empty()) outcome.code = 1;
}

void runPredict(const Options& options, Outcome& outcome) {
    const bool detail = !options.gradCam.empty() || !options.received.empty() || !options.crop.empty();
    if (detail && (options.photos.size() != 1 || !options.csv.empty()))
        throw UsageError("--grad-cam, --received and --crop are for one photo");
    options.compute.apply();
    const OpenedModel model = openModel(options.model);
    const Device target = device(options.compute.device);
    const Predictor predictor = fromModel(model, [&](const ModelFile& file) { return Predictor(file, target); });
    if (detail) return predictInDetail(options, predictor);
    predictMany(options, predictor, outcome);
}

} // namespace

void addPredict(CLI::App& app, Outcome& outcome) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("predict", "Name what is on photos");
    addModel(*verb, options->model);
    verb->add_option("photos", options->photos, "Pictures (JPEG, PNG, BMP, WebP, TIFF, PNM) or folders of them")
        ->required()
        ->type_name("PHOTO");
    addInteger(*verb, "--top", options->top, 1, 1'000'000, "How many classes to print (default 5)");
    verb->add_option("--csv", options->csv, "Write a table with a row for each photo")->type_name("FILE");
    CLI::Option* map =
        verb->add_option("--grad-cam", options->gradCam, "Write where the class shows, over the photo, as PNG")->type_name("FILE");
    verb->add_option("--class", options->classText, "Class of the map (default: the most probable)")->needs(map)->type_name("NAME");
    verb->add_option("--layer", options->layer, "Layer that the map is made of (default: the last with a picture)")
        ->needs(map)
        ->type_name("ID");
    verb->add_option("--crop", options->crop, "Part of the photo to look at, in pixels, instead of what the preprocessing cuts out")
        ->type_name("X,Y,W,H");
    verb->add_option("--received", options->received, "Write the picture as the network received it, as PNG")->type_name("FILE");
    addCompute(*verb, options->compute);
    addJson(*verb, options->json);
    verb->callback([options, &outcome] { runPredict(*options, outcome); });
}

} // namespace strata::cli
