// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/dataset.h"
#include "core/data/decoded_cache.h"

#include <memory>
#include <string>
#include <vector>

namespace strata {

/// One picture of a folder, as found when the folder was opened.
struct FolderPicture {
    std::string path;
    int64_t label = 0;
    uint64_t size = 0;
    int64_t modifiedNs = 0;
    int64_t height = 0, width = 0; ///< as the header says, before EXIF rotation; 0 where it is broken
};

/// What was found below one root of class folders.
struct FolderListing {
    std::vector<std::string> classes;
    std::vector<FolderPicture> pictures; ///< by class, then by path
    std::vector<std::string> skipped;    ///< files that are no pictures, links out of the root
};

/// Lists root/CLASS/**/picture (torchvision's ImageFolder): classes are the folders sorted by bytes (or `classes`, if given:
/// then another one is an error); a picture is what starts like one, whatever its name; hidden names and links that lead out
/// of the root are left out. Throws Error(BadFile) naming an empty class.
FolderListing listImageFolder(const std::string& root, const std::vector<std::string>& classes = {});

/// Pictures of a listing, decoded when asked for and kept in a DecodedCache.
class ImageFolderDataset : public Dataset {
public:
    ImageFolderDataset(std::vector<FolderPicture> pictures, const std::string& root);
    int64_t size() const override { return int64_t(pictures_.size()); }
    Sample get(int64_t index) const override;
    int64_t label(int64_t index) const override { return pictures_[size_t(index)].label; }
    std::string origin(int64_t index) const override { return pictures_[size_t(index)].path; }
    const uint8_t* pixels(int64_t index, Shape& shape) const override;

private:
    std::vector<FolderPicture> pictures_;
    std::shared_ptr<DecodedCache> cache_;
};

/// Hash over paths (below root), sizes, times and labels.
std::string listingFingerprint(const std::vector<FolderPicture>& pictures, const std::string& root);

} // namespace strata
