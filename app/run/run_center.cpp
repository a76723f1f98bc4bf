// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_center.h"
#include "app/document/project_document.h"
#include "app/run/run_center_watched.h"
#include "app/studio/data_center.h"
#include "core/base/append_log.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "widgets/common/text.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>

namespace strata::studio {
namespace {} // namespace

RunCenter::RunCenter(ProjectDocument& document, DataCenter& data, QObject* parent)
    : QObject(parent), document_(document), data_(data), jobs_(2) {
    connect(&document_, &ProjectDocument::changed, this, [this](Section section) {
        // Data and Pipeline come through the data centre.
        if (section == Section::Model || section == Section::Training) {
            obstacle_.reset();
            emit runsChanged();
        }
        if (section == Section::Runs) syncWithProject();
    });
    connect(&document_, &ProjectDocument::pathChanged, this, &RunCenter::syncWithProject);
    connect(&data_, &DataCenter::changed, this, [this] {
        obstacle_.reset();
        emit runsChanged();
    });
    connect(&timer_, &QTimer::timeout, this, &RunCenter::poll);
    timer_.start(kIdleMs);
    syncWithProject();
}

RunCenter::~RunCenter() = default;

QString RunCenter::absolute(const std::string& path) const {
    const QFileInfo info(qstring(path));
    if (info.isAbsolute() || document_.path().isEmpty()) return QDir::cleanPath(info.absoluteFilePath());
    return QDir::cleanPath(QFileInfo(document_.path()).absoluteDir().filePath(qstring(path)));
}

const RunView* RunCenter::find(const QString& path) const {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const RunView& run) { return run.path == path; });
    return found == runs_.end() ? nullptr : &*found;
}
RunView* RunCenter::view(const QString& path) { return const_cast<RunView*>(find(path)); }

const RunView* RunCenter::active() const {
    const auto found = std::find_if(runs_.rbegin(), runs_.rend(), [](const RunView& run) { return run.busy(); });
    return found == runs_.rend() ? nullptr : &*found;
}

int RunCenter::nextNumber() const {
    int highest = 0;
    for (const RunView& run : runs_) highest = std::max(highest, run.number);
    for (const auto& [path, watched] : watched_) highest = std::max(highest, watched->number);
    return highest + 1;
}

/// Follows the project's list: new runs are watched, runs that left are kept aside (an undo brings them back).
void RunCenter::syncWithProject() {
    std::vector<RunView> runs;
    for (const std::string& stored : document_.project().runs) {
        const QString path = absolute(stored);
        if (const RunView* known = find(path)) {
            runs.push_back(*known);
            continue;
        }
        auto& watched = watched_[path];
        if (!watched) watched = std::make_shared<Watched>(path);
        watched->present = true;
        RunView run;
        run.path = path;
        run.number = watched->number;
        run.info.path = path.toStdString();
        run.info.name = fileName(run.info.path);
        run.name = qstring(run.info.name);
        run.curves = watched->curves;
        runs.push_back(run);
    }
    runs_ = std::move(runs);
    for (auto& [path, watched] : watched_) {
        const bool present = find(path) != nullptr;
        if (!present && watched->present) watched->forget(); // read anew should it come back
        watched->present = present;
    }
    for (const RunView& run : runs_) look(run.path);
    emit runsChanged();
}

/// A run at work is looked at each time, the others once a second.
void RunCenter::poll() {
    const bool all = !sinceAll_.isValid() || sinceAll_.hasExpired(kIdleMs - kBusyMs);
    if (all) sinceAll_.start();
    QStringList paths; // a look may change the list
    for (const RunView& run : runs_)
        if (all || run.busy()) paths << run.path;
    for (const QString& path : paths) look(path);
}

/// Reads what is new of one run in a job; one look at a time.
void RunCenter::look(const QString& path) {
    const auto found = watched_.find(path);
    if (found == watched_.end() || jobs_.running(path)) return;
    const std::shared_ptr<Watched> watched = found->second;
    jobs_.start(
        path, [reader = watched->reader, pid = watched->pid](std::stop_token stop) { return reader->read(stop, pid); },
        [this, path, reader = watched->reader](RunNews news) {
            const auto still = watched_.find(path);
            if (still != watched_.end() && still->second->reader == reader) take(path, news);
        },
        [this](const QString& sentence) { emit failed(sentence); });
}

void RunCenter::take(const QString& path, RunNews& news) {
    RunView* run = view(path);
    if (!run) return;
    Watched& watched = *watched_.at(path);
    RunCurves& curves = *watched.curves;
    const bool grew = news.restarted || !news.points.empty();
    if (news.restarted) {
        const uint64_t revision = curves.revision + 1;
        curves = std::move(news.points);
        curves.revision = revision;
    } else if (grew && curves.empty()) {
        const uint64_t revision = curves.revision;
        curves = std::move(news.points);
        curves.revision = revision;
    } else {
        curves.append(news.points);
    }
    const RunView before = *run;
    takeStatus(*run, news);
    if (watched.pid > 0) startEnded(*run, watched);
    run = view(path); // startEnded may have taken it out
    if (!run) return;
    const bool changed = run->info.state != before.info.state || run->busy() != before.busy() || run->paused != before.paused ||
                         run->starting != before.starting || run->gone != before.gone || run->name != before.name ||
                         run->note != before.note || run->hidden != before.hidden || run->info.epoch != before.info.epoch ||
                         run->info.epochs != before.info.epochs || run->info.bestAccuracy != before.info.bestAccuracy ||
                         run->message != before.message || run->device != before.device || run->number != before.number;
    const bool ended = before.alive && !run->alive && watched.pid == 0;
    const bool first = !watched.seen;
    watched.seen = true;
    const QString problem = qstring(run->info.problem), name = run->name;
    const RunState state = run->info.state;
    timer_.setInterval(active() ? kBusyMs : kIdleMs);
    if (changed || first) emit runsChanged();
    if (grew || first) emit curvesChanged(path);
    if (ended && state == RunState::Finished) emit finished(path);
    if (ended && state == RunState::Failed) emit failed(tr("%1 failed: %2").arg(name, problem));
    if (ended && state == RunState::Interrupted)
        emit failed(tr("%1 was ended from outside. Resume goes on from its last checkpoint.").arg(name));
}

void RunCenter::takeStatus(RunView& run, const RunNews& news) {
    Watched& watched = *watched_.at(run.path);
    const RunStatus& status = news.status;
    if (status.number > 0) watched.number = status.number;
    if (watched.number == 0 && status.run) watched.number = nextNumber();
    run.number = watched.number;
    run.info = status.info;
    run.gone = !status.folder && watched.pid == 0;
    run.alive = status.alive;
    run.paused = status.paused;
    run.name = !status.label.name.empty() ? qstring(status.label.name) : run.number > 0 ? tr("Run %1").arg(run.number) : run.name;
    run.note = qstring(status.label.note);
    run.hidden = status.label.hidden;
    run.epochProgress = status.epochProgress;
    run.imagesPerSecond = status.imagesPerSecond;
    run.secondsLeft = status.secondsLeft;
    run.seconds = status.seconds;
    run.started = status.started;
    run.device = qstring(status.device);
    run.model = qstring(status.modelName);
    run.trainCount = status.trainCount, run.batchSize = status.batchSize, run.parameters = status.parameters;
    run.message = qstring(!status.info.problem.empty() ? status.info.problem : status.message);
    run.starting = watched.pid > 0;
    if (watched.pid == 0) return;
    run.info.problem.clear();
    run.info.state = RunState::Running;
    if (!status.folder) run.info.path = run.path.toStdString(), run.info.name = fileName(run.info.path);
    if (run.info.epochs == 0) run.info.epochs = watched.epochs;
    if (status.recordWritten >= watched.launched) {
        // It speaks: from here on its lock tells whether it lives.
        watched.pid = 0;
        run.starting = false;
        run.info = status.info;
        if (!watched.wish.isEmpty()) command(run.path, watched.wish.toUtf8().constData());
        watched.wish.clear();
    } else {
        watched.dead = !news.processAlive;
        run.message.clear();
    }
}

/// A process that was started and died before it said anything: told with the last words on its standard error.
void RunCenter::startEnded(RunView& run, Watched& watched) {
    if (!watched.dead) return;
    const QString path = run.path;
    watched.pid = 0;
    watched.dead = false;
    const bool wished = watched.wish == "stop";
    watched.wish.clear();
    QString sentence;
    if (!wished) sentence = tr("Training could not start: %1").arg(lastWords(watched.log));
    if (!RunFolder::holdsRun(path.toStdString())) {
        document_.set(Section::Runs, [&](Project& project) {
            std::erase_if(project.runs, [&](const std::string& stored) { return absolute(stored) == path; });
        });
    } else {
        run.starting = false;
        watched.reader = std::make_shared<RunReader>(path.toStdString());
        watched.clearCurves();
        look(path);
    }
    timer_.setInterval(active() ? kBusyMs : kIdleMs);
    emit runsChanged();
    if (!sentence.isEmpty()) emit failed(sentence);
}

void RunCenter::command(const QString& path, const char* name) {
    AppendLog log(joinPath(path.toStdString(), "control.jsonl"));
    log.append(toText(Json{{"command", name}}));
}

} // namespace strata::studio
