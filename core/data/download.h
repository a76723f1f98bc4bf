// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace strata {

struct DownloadProgress {
    uint64_t received = 0;
    uint64_t total = 0; ///< 0 if unknown
    double bytesPerSecond = 0;
};

/// Fetches a URL into a file: continues a broken-off FILE.part (HTTP range), retries, checks the MD5, renames at the end.
/// Throws Error(BadInput) with one sentence: no network, HTTP status, wrong checksum (the bad file is removed), full disk;
/// Error(Cancelled) keeps the part.
void downloadFile(const std::string& url, const std::string& file, const std::string& md5,
                  const std::function<void(const DownloadProgress&)>& progress = {}, std::stop_token stop = {});

/// CIFAR-10 (binary version) from its published address into FOLDER: download, checksum, unpack, check sizes.
/// `url` replaces the address (tests, mirrors). Does nothing where the files are there. Where there is no network the
/// sentence names the other ways to get the data.
void downloadCifar10(const std::string& folder, const std::function<void(const DownloadProgress&)>& progress = {},
                     std::stop_token stop = {}, const std::string& url = {}, const std::string& md5 = {});

std::string md5OfFile(const std::string& path);

} // namespace strata
