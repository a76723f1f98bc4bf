// SPDX-License-Identifier: Apache-2.0
#include "core/data/image_folder.h"

#include "core/base/text.h"
#include "core/data/sources.h"
#include "core/data/split.h"
#include "core/files/image.h"

#include <algorithm>
#include <map>

namespace strata {

namespace {

/// Changes when decoding does (core/files/image.h), so that old caches are not taken for new ones.
constexpr int kDecoderVersion = 1;

/// R G B bytes in turn to three planes.
Tensor toPlanes(const Image& image) {
    Tensor planes = Tensor::empty(Shape{3, image.height, image.width}, DType::U8);
    uint8_t* to = planes.mutableData<uint8_t>();
    const int64_t plane = image.height * image.width;
    for (int64_t i = 0; i < plane; ++i) {
        for (int64_t c = 0; c < 3; ++c) to[c * plane + i] = image.rgb[size_t(i * 3 + c)];
    }
    return planes;
}

std::shared_ptr<DecodedCache> makeCache(const std::vector<FolderPicture>& pictures, const std::string& root) {
    std::vector<uint64_t> bytes;
    for (const FolderPicture& picture : pictures) bytes.push_back(uint64_t(picture.height) * uint64_t(picture.width) * 3);
    const std::string text = fmt::format("decoder {} {}", kDecoderVersion, listingFingerprint(pictures, root));
    return std::make_shared<DecodedCache>(hashHex(text.data(), text.size()), std::move(bytes));
}

} // namespace

ImageFolderDataset::ImageFolderDataset(std::vector<FolderPicture> pictures, const std::string& root)
    : pictures_(std::move(pictures)), cache_(makeCache(pictures_, root)) {}

const uint8_t* ImageFolderDataset::pixels(int64_t index, Shape& shape) const {
    int64_t height = 0, width = 0;
    const uint8_t* data = cache_->find(index, height, width);
    if (data) shape = Shape{3, height, width};
    return data;
}

Sample ImageFolderDataset::get(int64_t index) const {
    const FolderPicture& picture = pictures_[size_t(index)];
    Shape shape;
    if (const uint8_t* data = pixels(index, shape)) {
        // The mapping is read-only; nobody writes to a sample's pixels.
        return {Tensor::fromBlob(const_cast<uint8_t*>(data), shape, DType::U8, [keep = cache_] {}), picture.label};
    }
    const Tensor planes = toPlanes(readImage(picture.path));
    cache_->store(index, planes.data<uint8_t>(), planes.size(1), planes.size(2));
    return {planes, picture.label};
}

namespace {

/// The first of these folders that holds folders itself ("train" may also be the class of trains), or "".
std::string firstFolder(const std::string& root, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const std::string path = joinPath(root, name);
        if (!fs().status(path).directory) continue;
        for (const std::string& inside : listFolder(path)) {
            if (!inside.starts_with('.') && fs().status(joinPath(path, inside)).directory) return path;
        }
    }
    return {};
}

/// A listing before it is divided: what its pictures are named by (Dataset::baseIndex). Keeps nothing decoded.
class WholeListing final : public Dataset {
public:
    explicit WholeListing(std::vector<FolderPicture> pictures) : pictures_(std::move(pictures)) {}
    int64_t size() const override { return int64_t(pictures_.size()); }
    Sample get(int64_t index) const override { return {toPlanes(readImage(at(index).path)), at(index).label}; }
    int64_t label(int64_t index) const override { return at(index).label; }
    std::string origin(int64_t index) const override { return at(index).path; }
    const FolderPicture& at(int64_t index) const { return pictures_[size_t(index)]; }

private:
    std::vector<FolderPicture> pictures_;
};

/// One of the parts that a listing was divided into, with a cache of its own: a part that nobody reads keeps no other's cache
/// unfinished.
class ListingPart final : public Dataset {
public:
    ListingPart(std::shared_ptr<const WholeListing> whole, std::vector<int64_t> indices, const std::string& root)
        : whole_(std::move(whole)), indices_(std::move(indices)), part_(chosen(*whole_, indices_), root) {}
    int64_t size() const override { return part_.size(); }
    Sample get(int64_t index) const override { return part_.get(index); }
    int64_t label(int64_t index) const override { return part_.label(index); }
    std::string origin(int64_t index) const override { return part_.origin(index); }
    const uint8_t* pixels(int64_t index, Shape& shape) const override { return part_.pixels(index, shape); }
    const Dataset& base() const override { return *whole_; }
    int64_t baseIndex(int64_t index) const override { return indices_[size_t(index)]; }

private:
    static std::vector<FolderPicture> chosen(const WholeListing& whole, const std::vector<int64_t>& indices) {
        std::vector<FolderPicture> pictures;
        for (const int64_t index : indices) pictures.push_back(whole.at(index));
        return pictures;
    }
    std::shared_ptr<const WholeListing> whole_;
    std::vector<int64_t> indices_;
    ImageFolderDataset part_;
};

std::vector<int64_t> labelsOf(const std::vector<FolderPicture>& pictures) {
    std::vector<int64_t> labels;
    for (const FolderPicture& picture : pictures) labels.push_back(picture.label);
    return labels;
}

/// The most frequent size (the first of equals) as [3, H, W], and whether there are others.
void describeSizes(const std::vector<FolderPicture>& pictures, DataSource& source) {
    std::map<std::pair<int64_t, int64_t>, int64_t> counts;
    for (const FolderPicture& picture : pictures) {
        if (picture.height > 0) ++counts[{picture.height, picture.width}];
    }
    if (counts.empty()) fail(ErrorKind::BadFile, "{}: none of the pictures can be read", source.facts.value("folder", std::string()));
    const auto most = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    source.imageShape = Shape{3, most->first.first, most->first.second};
    source.mixedSizes = counts.size() > 1;
}

void describeSkipped(const std::vector<std::string>& skipped, DataSource& source) {
    if (skipped.empty()) return;
    source.facts["skipped_files"] = skipped.size();
    source.facts["skipped_first"] = Json::array();
    for (size_t i = 0; i < std::min<size_t>(5, skipped.size()); ++i) source.facts["skipped_first"].push_back(skipped[i]);
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) { to.insert(to.end(), from.begin(), from.end()); }

} // namespace

DataSource openImageFolder(const std::string& place, const SourceOptions& options) {
    requirePlace(place, "folder", "PATH");
    if (!fs().status(place).directory) fail(ErrorKind::BadFile, "{}: not a folder", place);
    DataSource source;
    source.title = "Folder " + fileName(place);
    source.facts["folder"] = place;
    const std::string trainFolder = firstFolder(place, {"train", "training"});
    const std::string testFolder = trainFolder.empty() ? "" : firstFolder(place, {"test", "testing"});
    const std::string validationFolder = trainFolder.empty() ? "" : firstFolder(place, {"val", "valid", "validation"});

    FolderListing listing = listImageFolder(trainFolder.empty() ? place : trainFolder);
    source.classes = listing.classes;
    std::vector<std::string> skipped = listing.skipped;
    std::string prints = listingFingerprint(listing.pictures, place);
    const auto openOther = [&](const std::string& folder) -> DatasetPtr {
        FolderListing other = listImageFolder(folder, source.classes);
        append(skipped, other.skipped);
        prints += listingFingerprint(other.pictures, place);
        return std::make_shared<ImageFolderDataset>(std::move(other.pictures), place);
    };
    describeSizes(listing.pictures, source);
    if (!testFolder.empty()) source.test = openOther(testFolder);
    if (!validationFolder.empty()) source.validation = openOther(validationFolder);

    const double testFraction = source.test ? 0 : 0.1, validationFraction = source.validation ? 0 : options.validationFraction;
    const auto parts = stratifiedParts(labelsOf(listing.pictures), {testFraction, validationFraction}, options.splitSeed);
    const auto share = [&](double fraction) {
        return fmt::format("{:.0f} % of the pictures, stratified, seed {}", fraction * 100, options.splitSeed);
    };
    source.facts["test"] = source.test ? testFolder : share(testFraction);
    source.facts["validation"] = source.validation ? validationFolder : share(validationFraction);
    const auto whole = std::make_shared<WholeListing>(std::move(listing.pictures));
    if (!source.test) source.test = std::make_shared<ListingPart>(whole, parts[0], place);
    if (!source.validation) source.validation = std::make_shared<ListingPart>(whole, parts[1], place);
    source.train = std::make_shared<ListingPart>(whole, parts[2], place);
    source.fingerprint = hashHex(prints.data(), prints.size());
    describeSkipped(skipped, source);
    return source;
}

} // namespace strata
