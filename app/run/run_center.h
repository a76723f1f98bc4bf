// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/run_view.h"
#include "widgets/common/job.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace strata::studio {

class ProjectDocument;
class DataCenter;
struct RunNews;

/// Starts, watches and commands the project's runs. Runs are processes of `strata train`, detached; this reads
/// RUN/events.jsonl (at most 20 times a second, the reading in a job) and appends to RUN/control.jsonl. GUI thread.
class RunCenter : public QObject {
    Q_OBJECT
public:
    RunCenter(ProjectDocument& document, DataCenter& data, QObject* parent = nullptr);
    ~RunCenter() override;

    const std::vector<RunView>& runs() const { return runs_; } ///< in the project's order
    const RunView* find(const QString& path) const;
    /// The run that trains or is paused now (the newest), or null.
    const RunView* active() const;

    /// Why training cannot start (problems of the model, no data), or empty.
    QString blocked() const;
    int problemCount() const; ///< problems of the network alone
    /// Writes spec, pipeline, edits and config, starts the process, adds the run to the project; returns its folder.
    /// Throws Error where it cannot be started.
    QString start();
    void pause(const QString& path);
    void resume(const QString& path); ///< resumes a pause, or starts `strata train --resume` for a stopped or killed run
    void stop(const QString& path);
    /// Goes on with a finished run for `epochs` more.
    void continueRun(const QString& path, int64_t epochs);
    void rename(const QString& path, const QString& name);  ///< undoable
    void setNote(const QString& path, const QString& note); ///< undoable
    void setHidden(const QString& path, bool hidden);
    /// Takes it out of the project (undoable); the folder goes to the trash folder of the project and is deleted for good when
    /// the project closes with the deletion still in force. Throws Error for a run that trains.
    void remove(const QString& path);
    /// Writes model, settings and preprocessing of the project as they are now below `purpose`; the options that name them
    /// ("--config FILE --model FILE ..."), for `strata train` and `strata lr-find`. Throws Error(BadFile).
    QStringList inputs(const QString& purpose) const;
    /// "strata train --config ... --data ..." that does what start() would; writes the files it names.
    QString command() const;
    /// The line that trains what a run trained, into another folder.
    QString commandOf(const QString& path) const;
    /// The command-line program beside this one, else the one in PATH.
    static QString programPath();
    /// Words as a shell takes them.
    static QString shellLine(const QStringList& words);

signals:
    void runsChanged();                      ///< list, names, states
    void curvesChanged(const QString& path); ///< new points or progress; at most 20 times a second
    void failed(const QString& sentence);    ///< a process that did not start, a run that failed
    void finished(const QString& path);

private:
    struct Watched;
    struct Obstacle {
        QString sentence;
        int count = 0;
    };
    ProjectDocument& document_;
    DataCenter& data_;
    Jobs jobs_;
    QTimer timer_;
    QElapsedTimer sinceAll_; ///< the last look at every run
    std::vector<RunView> runs_;
    std::map<QString, std::shared_ptr<Watched>> watched_;
    mutable std::unique_ptr<Obstacle> obstacle_; ///< of the project as it is, once asked for
    void syncWithProject();
    void poll();
    void look(const QString& path);
    void take(const QString& path, RunNews& news);
    void takeStatus(RunView& run, const RunNews& news);
    void startEnded(RunView& run, Watched& watched);
    void launch(const QString& path, const QStringList& arguments, const QString& logFile);
    void command(const QString& path, const char* name);
    void askToResume(const QString& path, const QStringList& more);
    void label(const QString& path, const QString& text, const std::function<void(RunNote&)>& change);
    RunView* view(const QString& path);
    Obstacle findObstacle() const;
    QStringList writeInputs(const QString& folder, int number) const;
    QString absolute(const std::string& path) const;
    int nextNumber() const;
};

} // namespace strata::studio
