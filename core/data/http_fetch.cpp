// SPDX-License-Identifier: Apache-2.0
#include "core/data/http_fetch.h"

#include "core/base/error.h"
#include "core/base/fs.h"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <mutex>

namespace strata {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kProgressEvery = std::chrono::milliseconds(100);

/// State of one attempt; curl calls back on this thread only.
struct Transfer {
    const std::string& part;
    const std::function<void(const DownloadProgress&)>& progress;
    CURL* curl = nullptr;
    int fd = -1;
    uint64_t start = 0;    ///< bytes of the part that this attempt continues
    uint64_t received = 0; ///< bytes of the part now
    bool begun = false;
    int writeError = 0;
    Clock::time_point begin = Clock::now(), lastProgress = begin - kProgressEvery;

    ~Transfer() {
        if (fd >= 0) fs().close(fd);
    }

    long status() const {
        long code = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
        return code;
    }

    /// The first bytes of a body: 206 continues, 200 starts anew.
    bool beginBody() {
        begun = true;
        if (status() == 206 || start == 0) return true;
        start = received = 0;
        writeError = fs().truncate(fd, 0);
        return writeError >= 0;
    }

    size_t write(const char* data, size_t bytes) {
        if (status() >= 300) return bytes; // the text of an error page
        if (!begun && !beginBody()) return 0;
        size_t done = 0;
        while (done < bytes) {
            const int64_t wrote = fs().write(fd, std::as_bytes(std::span(data + done, bytes - done)));
            if (wrote == -EINTR) continue;
            if (wrote <= 0) {
                writeError = wrote == 0 ? -EIO : int(wrote);
                return 0;
            }
            done += size_t(wrote);
        }
        received += bytes;
        report(false);
        return bytes;
    }

    void report(bool always) {
        const auto now = Clock::now();
        if (!progress || (!always && now - lastProgress < kProgressEvery)) return;
        lastProgress = now;
        curl_off_t length = -1;
        curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        const double seconds = std::chrono::duration<double>(now - begin).count();
        DownloadProgress figures;
        figures.received = received;
        figures.total = length > 0 ? start + uint64_t(length) : 0;
        figures.bytesPerSecond = seconds > 0 ? double(received - start) / seconds : 0;
        progress(figures);
    }
};

size_t onBytes(char* data, size_t size, size_t count, void* transfer) {
    return static_cast<Transfer*>(transfer)->write(data, size * count);
}

/// What curl says becomes a sentence and a decision.
FetchOutcome outcomeOf(CURLcode code, const Transfer& transfer, const std::string& url, const char* detail) {
    using Kind = FetchOutcome::Kind;
    const long status = transfer.status();
    if (transfer.writeError < 0)
        return {Kind::Failed, fmt::format("cannot write {}: {}", transfer.part, describeErrno(transfer.writeError)), false};
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
        return {Kind::Failed, fmt::format("cannot reach {}: no network", hostOf(url)), true};
    if (code == CURLE_COULDNT_CONNECT) return {Kind::Failed, fmt::format("cannot reach {}: no connection", hostOf(url)), true};
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
        return {Kind::Failed, fmt::format("cannot download {}: not an http or https address", url), false};
    if (code == CURLE_OPERATION_TIMEDOUT)
        return {Kind::Retry, fmt::format("cannot download {}: {} does not answer", url, hostOf(url)), false};
    if (code != CURLE_OK) return {Kind::Retry, fmt::format("cannot download {}: {}", url, detail), false};
    if (status >= 500) return {Kind::Retry, fmt::format("cannot download {}: the server answers {}", url, status), false};
    if (status >= 300 && status != 416) return {Kind::Failed, fmt::format("cannot download {}: the server answers {}", url, status), false};
    return {};
}

struct CurlHandles {
    CURL* easy = curl_easy_init();
    CURLM* multi = curl_multi_init();
    ~CurlHandles() {
        if (multi && easy) curl_multi_remove_handle(multi, easy);
        if (easy) curl_easy_cleanup(easy);
        if (multi) curl_multi_cleanup(multi);
    }
};

void configure(CURL* curl, const std::string& url, Transfer& transfer, const FetchPatience& patience, const std::string& range,
               char* detail) {
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, patience.connectSeconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, patience.stallSeconds);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "strata/" STRATA_VERSION);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, onBytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    if (!range.empty()) curl_easy_setopt(curl, CURLOPT_RANGE, range.c_str());
}

} // namespace

std::string hostOf(const std::string& url) {
    const size_t scheme = url.find("://"), begin = scheme == std::string::npos ? 0 : scheme + 3;
    return url.substr(begin, url.find('/', begin) - begin);
}

FetchOutcome fetchOnce(const std::string& url, const std::string& part, const FetchPatience& patience,
                       const std::function<void(const DownloadProgress&)>& progress, const std::stop_token& stop) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    Transfer transfer{.part = part, .progress = progress};
    transfer.start = transfer.received = fs().status(part).size;
    transfer.fd = fs().open(part, Fs::Open::Append);
    if (transfer.fd < 0) return {FetchOutcome::Kind::Failed, fmt::format("cannot write {}: {}", part, describeErrno(transfer.fd)), false};

    char detail[CURL_ERROR_SIZE] = "";
    CurlHandles handles;
    if (!handles.easy || !handles.multi) fail(ErrorKind::Internal, "libcurl cannot be started");
    transfer.curl = handles.easy;
    configure(handles.easy, url, transfer, patience, transfer.start > 0 ? fmt::format("{}-", transfer.start) : std::string(), detail);
    curl_multi_add_handle(handles.multi, handles.easy);
    int running = 1;
    while (running > 0) {
        if (stop.stop_requested()) return {FetchOutcome::Kind::Stopped, {}, false};
        const CURLMcode step = curl_multi_perform(handles.multi, &running);
        if (step != CURLM_OK)
            return {FetchOutcome::Kind::Retry, fmt::format("cannot download {}: {}", url, curl_multi_strerror(step)), false};
        if (running > 0) curl_multi_poll(handles.multi, nullptr, 0, 50, nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(handles.multi, &left);
    const FetchOutcome outcome = outcomeOf(message ? message->data.result : CURLE_OK, transfer, url, detail);
    if (outcome.kind == FetchOutcome::Kind::Done) transfer.report(true);
    return outcome;
}

} // namespace strata
