// SPDX-License-Identifier: Apache-2.0
#include "core/data/download.h"

#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/data/http_fetch.h"
#include "core/files/archive.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace strata {

namespace {

constexpr const char* kCifar10Url = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";
constexpr const char* kCifar10Md5 = "c32a1d4ab5d03f1284b67883e8d87530";
constexpr const char* kArchive = "cifar-10-binary.tar.gz";
constexpr const char* kFiles[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                  "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

[[noreturn]] void stopped(const std::string& part) {
    fail(ErrorKind::Cancelled, "the download was stopped; {} is kept and continued next time", part);
}

void pause(double seconds, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
}

/// Attempts until the part is whole.
void fetchAll(const std::string& url, const std::string& part, const FetchPatience& patience, const std::string& otherWays,
              const std::function<void(const DownloadProgress&)>& progress, const std::stop_token& stop) {
    double wait = patience.pauseSeconds;
    for (int attempt = 1;; ++attempt) {
        const FetchOutcome outcome = fetchOnce(url, part, patience, progress, stop);
        if (outcome.kind == FetchOutcome::Kind::Done) return;
        if (outcome.kind == FetchOutcome::Kind::Stopped || stop.stop_requested()) stopped(part);
        if (outcome.kind == FetchOutcome::Kind::Failed || attempt >= patience.attempts) {
            if (fs().status(part).size == 0) fs().remove(part);
            fail(ErrorKind::BadInput, "{}{}", outcome.sentence, outcome.noNetwork ? otherWays : std::string());
        }
        pause(wait, stop);
        if (stop.stop_requested()) stopped(part);
        wait *= 2;
    }
}

bool complete(const std::string& folder) {
    for (const char* name : kFiles) {
        const FileStatus status = fs().status(joinPath(folder, name));
        if (!status.regular || status.size == 0 || status.size % 3073 != 0) return false;
    }
    return true;
}

} // namespace

void downloadPatiently(const std::string& url, const std::string& file, const std::string& md5, const FetchPatience& patience,
                       const std::string& otherWays, const std::function<void(const DownloadProgress&)>& progress, std::stop_token stop) {
    makeFolders(parentFolder(file));
    const std::string part = file + ".part";
    const bool continued = fs().status(part).size > 0;
    fetchAll(url, part, patience, otherWays, progress, stop);
    std::string sum = md5OfFile(part);
    if (!md5.empty() && sum != md5 && continued) {
        // The part may have been of another version of the file: once more from the start.
        fs().remove(part);
        fetchAll(url, part, patience, otherWays, progress, stop);
        sum = md5OfFile(part);
    }
    if (!md5.empty() && sum != md5) {
        fs().remove(part);
        fail(ErrorKind::BadInput, "{}: the checksum of the download is {}, but {} was expected; the file was removed", url, sum, md5);
    }
    const int fd = fs().open(part, Fs::Open::Append);
    int result = fd < 0 ? fd : fs().sync(fd);
    if (fd >= 0) fs().close(fd);
    if (result >= 0) result = fs().rename(part, file);
    if (result < 0) fail(ErrorKind::BadInput, "cannot write {}: {}", file, describeErrno(result));
    fs().syncFolder(parentFolder(file));
}

void downloadFile(const std::string& url, const std::string& file, const std::string& md5,
                  const std::function<void(const DownloadProgress&)>& progress, std::stop_token stop) {
    downloadPatiently(url, file, md5, {}, {}, progress, std::move(stop));
}

void downloadCifar10(const std::string& folder, const std::function<void(const DownloadProgress&)>& progress, std::stop_token stop,
                     const std::string& url, const std::string& md5) {
    const std::string inside = joinPath(folder, "cifar-10-batches-bin");
    if (complete(folder) || complete(inside)) return;
    const std::string archive = joinPath(folder, kArchive);
    const std::string wanted = url.empty() ? kCifar10Md5 : md5;
    const std::string otherWays =
        fmt::format(". Put the files of {} into {}, or use --data shapes or fashion-mnist, which need no download", kArchive, folder);
    if (!fs().status(archive).regular || (!wanted.empty() && md5OfFile(archive) != wanted))
        downloadPatiently(url.empty() ? kCifar10Url : url, archive, wanted, {}, otherWays, progress, stop);
    extractArchive(archive, folder);
    if (!complete(folder) && !complete(inside))
        fail(ErrorKind::BadFile, "{}: the archive does not hold the six files of CIFAR-10's binary version", archive);
    fs().remove(archive);
}

} // namespace strata
