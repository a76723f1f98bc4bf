// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace strata::test {

/// Small stand-ins for data sets. Pixel p of record r of file f is pixelOf(f, r, p); the label of record r is r % classes.
uint8_t pixelOf(int file, int record, int pixel);

void writeBytes(const std::string& path, const std::string& bytes); ///< with the folders above it
std::string cifarRecords(int file, int records, int classes);       ///< 10 classes: 3,073 bytes a record; 100: 3,074
/// A file of the Python version as Python 2 wrote it: pickle protocol 2, numpy array, byte strings.
std::string cifarPickle(int file, int records, int classes);
std::string namesPickle(const std::string& key, const std::vector<std::string>& names);
void writeCifar10(const std::string& folder, int records); ///< six .bin files and batches.meta.txt
void writeCifar10Python(const std::string& folder, int records);
void writeCifar100(const std::string& folder, int records);
void writeCifar100Python(const std::string& folder, int records);
std::string idxBytes(const std::vector<uint32_t>& shape, const std::string& values);
void writeMnist(const std::string& folder, int train, int test, bool gzipped, int side = 28);
/// A .tar.gz of the folder's files under `inside/`, made by the system's tar.
void makeArchive(const std::string& folder, const std::string& inside, const std::string& archive);

/// The message of the Error that `action` throws ("" if none); `kind`, if given, receives its kind.
std::string errorOf(const std::function<void()>& action, ErrorKind* kind = nullptr);

} // namespace strata::test
