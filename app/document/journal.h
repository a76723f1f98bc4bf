// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/append_log.h"
#include "core/base/file_lock.h"
#include "core/base/json.h"

#include <QString>
#include <QThreadPool>
#include <memory>
#include <optional>
#include <vector>

namespace strata::studio {

/// The recovery journal of one project: a line for each edit, undo, redo and save since the history began, written and synced on
/// a thread of its own so that the window never waits for a disk. A crash or a power cut loses at most the line being written.
/// The lock says which process has the project open.
class Journal {
public:
    /// nullptr where another process has this project open. `key` names it (a project's path, or "untitled-1").
    static std::unique_ptr<Journal> acquire(const QString& folder, const QString& key);
    ~Journal();

    /// What an earlier process left; the first is the header. Lines that are no JSON end the list.
    std::vector<Json> read() const;
    /// Throws the old lines away and begins with this header.
    void restart(const Json& header);
    void append(const Json& line);
    /// Waits until all is on disk.
    void flush();
    /// Removes the file (a project that was closed on purpose with nothing to recover).
    void discard();
    /// The sentence of the first write that failed, or "".
    QString problem() const;
    QString path() const { return path_; }
    bool unnamed() const; ///< of a project that has no file yet

private:
    Journal(QString path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) { pool_.setMaxThreadCount(1); }
    struct Shared;
    QString path_;
    FileLock lock_;
    QThreadPool pool_;
    std::shared_ptr<Shared> shared_;
    void open();
};

} // namespace strata::studio
