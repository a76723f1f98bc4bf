// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/download.h"

#include <string>

namespace strata {

/// Patience of a download; tests shorten it.
struct FetchPatience {
    long connectSeconds = 20;
    long stallSeconds = 30; ///< without a byte
    int attempts = 4;
    double pauseSeconds = 1; ///< before the second attempt, doubled each time
};

/// How one attempt ended.
struct FetchOutcome {
    enum class Kind { Done, Stopped, Retry, Failed } kind = Kind::Done;
    std::string sentence;   ///< of Retry and Failed
    bool noNetwork = false; ///< the host could not be reached at all
};

/// One attempt: GET with a range from the end of `part`; a server that ignores the range has the part written anew.
FetchOutcome fetchOnce(const std::string& url, const std::string& part, const FetchPatience& patience,
                       const std::function<void(const DownloadProgress&)>& progress, const std::stop_token& stop);

std::string hostOf(const std::string& url);

/// downloadFile() with another patience. `otherWays` is added to the sentence where the host cannot be reached.
void downloadPatiently(const std::string& url, const std::string& file, const std::string& md5, const FetchPatience& patience,
                       const std::string& otherWays, const std::function<void(const DownloadProgress&)>& progress, std::stop_token stop);

} // namespace strata
