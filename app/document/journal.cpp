// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/journal.h"
#include "core/base/error.h"
#include "core/base/fs.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <mutex>

namespace strata::studio {

namespace {
constexpr auto kUnnamed = "untitled"; ///< begins the keys of projects without a file; other keys are absolute paths
}

struct Journal::Shared {
    std::unique_ptr<AppendLog> log;
    std::mutex mutex;
    std::string problem;
};

std::unique_ptr<Journal> Journal::acquire(const QString& folder, const QString& key) {
    const QString name = key.startsWith(kUnnamed) ? key : QCryptographicHash::hash(key.toUtf8(), QCryptographicHash::Sha1).toHex().left(24);
    makeFolders(folder.toStdString());
    auto lock = FileLock::tryAcquire((folder + "/" + name + ".lock").toStdString());
    if (!lock) return nullptr;
    return std::unique_ptr<Journal>(new Journal(folder + "/" + name + ".jsonl", std::move(*lock)));
}

Journal::~Journal() { flush(); }

std::vector<Json> Journal::read() const {
    std::vector<Json> lines;
    for (const std::string& line : readLines(path_.toStdString())) {
        try {
            lines.push_back(parseJson(line, path_.toStdString()));
        } catch (const Error&) { break; } // what follows a damaged line cannot be trusted
    }
    return lines;
}

void Journal::open() {
    if (shared_) return;
    shared_ = std::make_shared<Shared>();
    shared_->log = std::make_unique<AppendLog>(path_.toStdString());
}

void Journal::restart(const Json& header) {
    flush();
    shared_.reset();
    removeAll(path_.toStdString());
    append(header);
}

void Journal::append(const Json& line) {
    open();
    pool_.start([shared = shared_, text = toText(line)] {
        try {
            shared->log->append(text);
            shared->log->sync();
        } catch (const Error& error) {
            const std::lock_guard guard(shared->mutex);
            if (shared->problem.empty()) shared->problem = error.what();
        }
    });
}

void Journal::flush() { pool_.waitForDone(); }

void Journal::discard() {
    flush();
    shared_.reset();
    removeAll(path_.toStdString());
}

bool Journal::unnamed() const { return QFileInfo(path_).fileName().startsWith(kUnnamed); }

QString Journal::problem() const {
    if (!shared_) return {};
    const std::lock_guard guard(shared_->mutex);
    return QString::fromStdString(shared_->problem);
}

} // namespace strata::studio
