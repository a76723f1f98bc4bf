// SPDX-License-Identifier: Apache-2.0
#include "core/data/image_folder.h"

#include "core/base/text.h"
#include "core/data/jobs.h"
#include "core/files/image.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>

namespace strata {

namespace {

constexpr int kDeepest = 32;

bool hidden(const std::string& name) { return name.starts_with('.'); }

/// The path with all links resolved, or "" if it leads nowhere.
std::string resolved(const std::string& path) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(path, error);
    return error ? std::string() : real.string();
}

bool isLink(const std::string& path) {
    std::error_code error;
    return std::filesystem::is_symlink(path, error);
}

/// Walks one class folder.
class Walker {
public:
    explicit Walker(const std::string& root) : root_(resolved(root)) {}

    /// Adds the files below the folder, links inside the root followed, each folder once.
    void walk(const std::string& folder, int depth, std::vector<std::string>& files, std::vector<std::string>& skipped) {
        if (depth > kDeepest || !seen_.insert(resolved(folder)).second) return;
        for (const std::string& name : listFolder(folder)) {
            const std::string path = joinPath(folder, name);
            if (hidden(name)) continue;
            if (isLink(path) && leavesRoot(path)) {
                skipped.push_back(path);
                continue;
            }
            const FileStatus status = fs().status(path);
            if (status.directory)
                walk(path, depth + 1, files, skipped);
            else if (status.regular)
                files.push_back(path);
            else
                skipped.push_back(path);
        }
    }

    bool leavesRoot(const std::string& path) const { return !resolved(path).starts_with(root_ + "/"); }

private:
    std::string root_;
    std::set<std::string> seen_;
};

/// Fills in what the first bytes tell; false if this is no picture we can read.
bool inspect(FolderPicture& picture) {
    const FileStatus status = fs().status(picture.path);
    picture.size = status.size;
    picture.modifiedNs = status.modifiedNs;
    if (status.size == 0) return false;
    const MappedFile file(picture.path);
    const ImageFormat format = imageFormat(file.bytes());
    if (format == ImageFormat::Unknown || format == ImageFormat::Gif) return false;
    try {
        const ImageSize size = imageSize(file.bytes(), picture.path);
        picture.height = size.height;
        picture.width = size.width;
    } catch (const Error&) { // told, with the path, by whoever wants this picture's pixels
        picture.height = picture.width = 0;
    }
    return true;
}

int64_t classIndex(const std::string& name, const std::string& root, std::vector<std::string>& classes, bool fixed) {
    const auto known = std::find(classes.begin(), classes.end(), name);
    if (known != classes.end()) return known - classes.begin();
    if (fixed) fail(ErrorKind::BadFile, "{}: the class '{}' is not among those of the training set", root, name);
    classes.push_back(name);
    return int64_t(classes.size()) - 1;
}

} // namespace

FolderListing listImageFolder(const std::string& root, const std::vector<std::string>& classes) {
    FolderListing listing;
    listing.classes = classes;
    Walker walker(root);
    std::vector<FolderPicture> found;
    for (const std::string& name : listFolder(root)) {
        const std::string folder = joinPath(root, name);
        if (hidden(name) || !fs().status(folder).directory) continue;
        if (isLink(folder) && walker.leavesRoot(folder)) {
            listing.skipped.push_back(folder);
            continue;
        }
        const int64_t label = classIndex(name, root, listing.classes, !classes.empty());
        std::vector<std::string> files;
        walker.walk(folder, 0, files, listing.skipped);
        for (std::string& file : files) found.push_back({std::move(file), label});
    }
    if (listing.classes.empty())
        fail(ErrorKind::BadFile, "{}: no folders of classes in it: pictures are expected as {}", root, joinPath(root, "CLASS/picture.jpg"));
    std::vector<char> good(found.size(), 0);
    forChunks(int64_t(found.size()), 64, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) good[size_t(i)] = inspect(found[size_t(i)]);
    });
    std::vector<int64_t> counts(listing.classes.size(), 0);
    for (size_t i = 0; i < found.size(); ++i) {
        if (!good[i]) {
            listing.skipped.push_back(found[i].path);
            continue;
        }
        ++counts[size_t(found[i].label)];
        listing.pictures.push_back(std::move(found[i]));
    }
    for (size_t c = 0; c < counts.size(); ++c) {
        if (counts[c] == 0 && classes.empty())
            fail(ErrorKind::BadFile, "{}: no picture of the class '{}' in it", joinPath(root, listing.classes[c]), listing.classes[c]);
    }
    std::stable_sort(listing.pictures.begin(), listing.pictures.end(), [](const FolderPicture& a, const FolderPicture& b) {
        return a.label != b.label ? a.label < b.label : a.path < b.path;
    });
    return listing;
}

std::string listingFingerprint(const std::vector<FolderPicture>& pictures, const std::string& root) {
    std::string text;
    for (const FolderPicture& picture : pictures)
        text += fmt::format("{}\n{} {} {}\n", picture.path.substr(root.size()), picture.size, picture.modifiedNs, picture.label);
    return hashHex(text.data(), text.size());
}

} // namespace strata
