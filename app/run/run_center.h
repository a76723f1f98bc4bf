// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/events.h"
#include "core/train/run_folder.h"
#include "widgets/common/job.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace strata::studio {

class ProjectDocument;
class DataCenter;

/// The events of a run as columns; grows while it trains. `revision` changes when anything was cut (a resume).
struct RunCurves {
    struct Column {
        std::vector<double> x, y;
    };
    Column loss, learningRate, imagesPerSecond;                          ///< x: step
    Column trainLoss, trainAccuracy, validationLoss, validationAccuracy; ///< x: step at the epoch's end; y: loss, part of 1
    int64_t stepsPerEpoch = 0, epochs = 0;
    uint64_t revision = 0;
};

/// One run of the project as the windows know it.
struct RunView {
    QString path; ///< absolute folder, its key
    QString name; ///< display name, else the folder's
    QString note;
    bool hidden = false; ///< not drawn in plots
    RunInfo info;
    bool paused = false;
    bool alive = false;       ///< a process holds its lock
    int number = 0;           ///< 1, 2, ... in the order of the project: "Run 3"; its colour is theme().category(number - 1)
    double epochProgress = 0; ///< epochs done, with the part of the running one
    double imagesPerSecond = 0, secondsLeft = 0;
    QString message; ///< last warning or failure
    std::shared_ptr<const RunCurves> curves;
};

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
    int problemCount() const;
    /// Writes spec, pipeline, edits and config, starts the process, adds the run to the project; returns its folder.
    /// Throws Error where it cannot be started.
    QString start();
    void pause(const QString& path);
    void resume(const QString& path); ///< resumes a pause, or starts `strata train --resume` for a stopped or killed run
    void stop(const QString& path);
    /// Goes on with a finished run for `epochs` more.
    void continueRun(const QString& path, int64_t epochs);
    void rename(const QString& path, const QString& name);
    void setNote(const QString& path, const QString& note);
    void setHidden(const QString& path, bool hidden);
    /// Takes it out of the project (undoable); the folder goes to the trash folder of the project and is deleted for good when
    /// the project closes with the deletion still in force.
    void remove(const QString& path);
    /// "strata train --model ... --data ..." that does what start() would.
    QString command() const;
    /// The command-line program beside this one.
    static QString programPath();

signals:
    void runsChanged();                      ///< list, names, states
    void curvesChanged(const QString& path); ///< new points; at most 20 times a second
    void failed(const QString& sentence);    ///< a process that did not start, a run that failed
    void finished(const QString& path);

private:
    struct Watched;
    ProjectDocument& document_;
    DataCenter& data_;
    Jobs jobs_;
    QTimer timer_;
    std::vector<RunView> runs_;
    std::map<QString, std::shared_ptr<Watched>> watched_;
    void syncWithProject();
    void poll();
    void take(const QString& path);
    void launch(const QString& path, const QStringList& arguments);
    void command(const QString& path, const char* name);
};

} // namespace strata::studio
