// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/pixel_array.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace strata {

/// How the two data sets are published (https://www.cs.toronto.edu/~kriz/cifar.html).
struct CifarVariant {
    std::string id;    ///< "cifar10"
    std::string title; ///< "CIFAR-10"
    int64_t classes;
    size_t labelBytes; ///< before the 3,072 pixels of a record of the binary version
    std::string binaryFolder, pythonFolder;
    std::vector<std::string> trainFiles; ///< of the Python version; the binary version adds ".bin"
    std::string testFile;
    std::string binaryNames, pythonNames; ///< the files with the class names
    std::string namesKey, labelsKey;      ///< in the pickles
    const std::vector<std::string>& (*published)();
};

/// The files of one version, from a folder or an archive, by bare name.
class CifarFiles {
public:
    /// A folder, one that holds the published sub-folder, or the .tar.gz. Throws Error(BadFile) where none of the files are.
    CifarFiles(const std::string& place, const CifarVariant& variant);
    bool binary() const { return binary_; }
    bool has(const std::string& name) const;
    std::vector<std::byte> take(const std::string& name); ///< throws Error(BadFile) naming a missing file
    std::string label(const std::string& name) const;     ///< for messages

private:
    bool findIn(const std::string& folder, const CifarVariant& variant);
    void openArchive(const std::string& path, const CifarVariant& variant);
    std::string root_;
    bool archive_ = false, binary_ = true;
    std::map<std::string, std::vector<std::byte>> members_;
};

/// Adds the records of a binary file. Throws Error(BadFile) with the record that is cut off or whose label is out of range.
void appendCifarBinary(std::span<const std::byte> bytes, const std::string& label, const std::string& name, const CifarVariant& variant,
                       PixelArray& into);
/// Adds the records of a file of the Python version: a pickled dict with data (u8 [N, 3072]) and labels.
void appendCifarPython(std::span<const std::byte> bytes, const std::string& label, const std::string& name, const CifarVariant& variant,
                       PixelArray& into);
/// Class names from the pickled meta file.
std::vector<std::string> cifarPythonNames(std::span<const std::byte> bytes, const std::string& label, const CifarVariant& variant);

} // namespace strata
