// SPDX-License-Identifier: Apache-2.0
#include "core/predict/photos.h"

#include "core/base/fs.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace strata {

namespace {

constexpr size_t kHeadBytes = 32;

bool calledLikePicture(const std::string& name) {
    static const std::vector<std::string> known{".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pnm", ".gif"};
    return std::find(known.begin(), known.end(), fileExtension(name)) != known.end();
}

bool startsLikePicture(const std::string& path) {
    const int fd = fs().open(path, Fs::Open::Read);
    if (fd < 0) return false;
    std::array<std::byte, kHeadBytes> head{};
    const int64_t count = fs().read(fd, head);
    fs().close(fd);
    return count > 0 && imageFormat({head.data(), size_t(count)}) != ImageFormat::Unknown;
}

PhotoResult predictOne(const Predictor& predictor, const std::string& path, int64_t count) {
    PhotoResult result;
    result.path = path;
    try {
        const Image picture = readImage(path);
        result.width = picture.width;
        result.height = picture.height;
        result.prediction = predictor.predict(picture, count);
    } catch (const Error& error) {
        result.problem = error.what();
        result.kind = error.kind();
    } catch (const std::bad_alloc&) {
        result.problem = fmt::format("{}: there is not enough memory for this picture", path);
        result.kind = ErrorKind::OutOfMemory;
    }
    return result;
}

} // namespace

Json PhotoResult::toJson() const {
    if (!problem.empty()) return {{"file", path}, {"error", {{"kind", errorKindId(kind)}, {"message", problem}}}};
    Json top = Json::array();
    for (const ClassProbability& entry : prediction.top) top.push_back({{"class", entry.name}, {"probability", entry.probability}});
    return {{"file", path}, {"width", width}, {"height", height}, {"top", top}, {"milliseconds", prediction.milliseconds}};
}

std::vector<std::string> photosIn(const std::string& folder) {
    const FileStatus status = fs().status(folder);
    if (!status.directory) fail(ErrorKind::BadInput, "{}: {}", folder, status.exists ? "not a folder" : "no such folder");
    std::vector<std::string> paths;
    for (const std::string& name : listFolder(folder)) {
        const std::string path = joinPath(folder, name);
        if (name.starts_with('.') || !fs().status(path).regular) continue;
        if (calledLikePicture(name) || startsLikePicture(path)) paths.push_back(path);
    }
    if (paths.empty()) fail(ErrorKind::BadInput, "{}: there are no photos in this folder", folder);
    return paths;
}

std::vector<PhotoResult> predictPhotos(const Predictor& predictor, const std::vector<std::string>& paths, const PhotoOptions& options) {
    std::vector<PhotoResult> results;
    for (const std::string& path : paths) {
        if (options.stop.stop_requested()) fail(ErrorKind::Cancelled, "stopped after {} of {} photos", results.size(), paths.size());
        results.push_back(predictOne(predictor, path, options.count));
        if (options.result) options.result(results.back());
        if (options.progress) options.progress(int64_t(results.size()), int64_t(paths.size()));
    }
    return results;
}

std::string photosCsv(const std::vector<PhotoResult>& results) {
    size_t classes = 1;
    for (const PhotoResult& result : results) classes = std::max(classes, result.prediction.top.size());
    std::string text = "file,width,height";
    for (size_t i = 0; i < classes; ++i) {
        const std::string suffix = i == 0 ? "" : fmt::format("_{}", i + 1);
        text += fmt::format(",class{},probability{}", suffix, suffix);
    }
    text += ",milliseconds,error\r\n";
    for (const PhotoResult& result : results) {
        const bool fine = result.problem.empty();
        text += csvField(result.path) + (result.width > 0 ? fmt::format(",{},{}", result.width, result.height) : ",,");
        for (size_t i = 0; i < classes; ++i) {
            const bool known = i < result.prediction.top.size();
            text += known ? fmt::format(",{},{:.6g}", csvField(result.prediction.top[i].name), result.prediction.top[i].probability) : ",,";
        }
        text += fine ? fmt::format(",{:.3f},", result.prediction.milliseconds) : ",," + csvField(result.problem);
        text += "\r\n";
    }
    return text;
}

} // namespace strata
