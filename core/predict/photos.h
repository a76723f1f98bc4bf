// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"
#include "core/predict/predictor.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace strata {

/// One photo of many: what it shows, or why that cannot be told.
struct PhotoResult {
    std::string path;
    int64_t width = 0, height = 0; ///< as shown (turned as EXIF says)
    Prediction prediction;
    std::string problem;                  ///< the sentence; "" if there is none
    ErrorKind kind = ErrorKind::Internal; ///< of the problem
    Json toJson() const;                  ///< {"file", "width", "height", "top", "milliseconds"} or {"file", "error": {"kind", "message"}}
};

/// Photos of a flat folder by name: files that start like a picture or are called like one; hidden names and folders are left
/// out. Throws Error(BadInput) where there is no such folder or no photo in it.
std::vector<std::string> photosIn(const std::string& folder);

struct PhotoOptions {
    int64_t count = 5;                                         ///< classes a photo
    std::function<void(int64_t done, int64_t total)> progress; ///< after each photo
    std::function<void(const PhotoResult& result)> result;     ///< each as soon as it is there
    std::stop_token stop;                                      ///< throws Error(Cancelled)
};
/// One after the other, in this order; a photo that fails is a result with its sentence.
std::vector<PhotoResult> predictPhotos(const Predictor& predictor, const std::vector<std::string>& paths, const PhotoOptions& options = {});

/// CSV (RFC 4180): file, width, height, class, probability, class_2, probability_2, ..., milliseconds, error.
std::string photosCsv(const std::vector<PhotoResult>& results);

} // namespace strata
