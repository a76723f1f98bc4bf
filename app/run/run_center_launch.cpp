// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/project_document.h"
#include "app/run/run_center.h"
#include "app/run/run_center_watched.h"
#include "app/run/run_commands.h"
#include "app/studio/data_center.h"
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "widgets/common/text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <signal.h>

namespace strata::studio {
namespace {

constexpr qint64 kLastWords = 64 * 1024;

std::string slug(const std::string& name) {
    std::string out;
    for (const char c : name)
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += c;
        else if (c >= 'A' && c <= 'Z')
            out += char(c - 'A' + 'a');
        else if (!out.empty() && out.back() != '-')
            out += '-';
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out.empty() ? "network" : out.substr(0, 40);
}

void writeJson(const QString& path, const Json& json) { writeFileAtomically(path.toStdString(), toText(json, 2) + "\n"); }

} // namespace

QString lastWords(const QString& logFile) {
    QFile file(logFile);
    if (file.open(QIODevice::ReadOnly)) {
        if (file.size() > kLastWords) file.seek(file.size() - kLastWords);
        QStringList lines = QString::fromUtf8(file.readAll()).split('\n', Qt::SkipEmptyParts);
        for (auto line = lines.rbegin(); line != lines.rend(); ++line)
            if (line->startsWith("strata: ")) return line->mid(8);
        if (!lines.isEmpty()) return lines.back();
    }
    return RunCenter::tr("the process ended without a word (%1)").arg(logFile);
}

RunCenter::Obstacle RunCenter::findObstacle() const {
    const Project& project = document_.project();
    const auto other = [](const QString& sentence) { return Obstacle{sentence, 0}; };
    const auto network = [](const QString& sentence) { return Obstacle{sentence, 1}; };
    if (project.data.empty()) return other(tr("No dataset is open."));
    if (data_.opening()) return other(tr("The dataset is being opened."));
    if (!data_.data()) return other(data_.problem().isEmpty() ? tr("The dataset is not open.") : data_.problem());
    if (project.model.layers.empty()) return network(tr("The network has no layers yet."));
    const SpecCheck checked = checkSpec(project.model);
    if (!checked.problems.empty()) {
        const SpecProblem& first = checked.problems.front();
        const QString layer = first.layer < project.model.layers.size() ? qstring(project.model.layers[first.layer].id) : QString();
        return {layer.isEmpty() ? qstring(first.problem.sentence) : layer + ": " + qstring(first.problem.sentence),
                int(checked.problems.size())};
    }
    const Shape input = data_.networkInput();
    if (input.rank() > 0 && project.model.input != input)
        return network(
            tr("The network expects pictures of %1, the data give %2.").arg(qstring(project.model.input.text()), qstring(input.text())));
    const int64_t classes = int64_t(data_.classes().size());
    if (checked.output != Shape({classes}))
        return network(tr("The network's output is %1, but the data have %2 classes.").arg(qstring(checked.output.text())).arg(classes));
    try {
        project.training.check();
    } catch (const Error& error) { return other(QString::fromUtf8(error.what())); }
    return {};
}

QString RunCenter::blocked() const {
    if (!obstacle_) obstacle_ = std::make_unique<Obstacle>(findObstacle());
    return obstacle_->sentence;
}
int RunCenter::problemCount() const {
    blocked();
    return obstacle_->count;
}

QString RunCenter::programPath() {
    const QDir here(QCoreApplication::applicationDirPath());
    for (const char* place : {"strata", "../bin/strata"})
        if (const QFileInfo info(here.filePath(place)); info.isExecutable() && info.isFile()) return info.canonicalFilePath();
    const QString found = QStandardPaths::findExecutable("strata");
    return found.isEmpty() ? here.filePath("strata") : found;
}

QString RunCenter::shellLine(const QStringList& words) {
    static const QRegularExpression plain("^[A-Za-z0-9_@%+=:,./-]+$");
    QStringList quoted;
    for (QString word : words) quoted << (plain.match(word).hasMatch() ? word : "'" + word.replace("'", "'\\''") + "'");
    return quoted.join(' ');
}

QStringList RunCenter::writeInputs(const QString& folder, int number) const {
    const Project& project = document_.project();
    makeFolders(folder.toStdString());
    const QString model = folder + "/" + qstring(slug(project.model.name)) + ".json";
    writeJson(model, project.model.toJson());
    TrainConfig config = project.training;
    config.data = project.data;
    config.model = model.toStdString();
    if (number > 0) config.extra["studio"] = {{"number", number}};
    writeJson(folder + "/config.json", config.toJson());
    QStringList words{"--config", folder + "/config.json", "--model", model};
    if (const std::optional<Pipeline> pipeline = data_.pipeline()) {
        writeJson(folder + "/pipeline.json", pipeline->toJson());
        words << "--pipeline" << folder + "/pipeline.json";
    }
    if (project.edits.is_object() && !project.edits.empty()) {
        writeJson(folder + "/edits.json", project.edits);
        words << "--edits" << folder + "/edits.json";
    }
    return words << "--data" << qstring(project.data);
}

QString RunCenter::start() {
    if (const QString sentence = blocked(); !sentence.isEmpty()) fail(ErrorKind::BadInput, "{}", sentence.toStdString());
    const QString runs = document_.runsFolder();
    const QString base = qstring(slug(document_.project().model.name)) + QDateTime::currentDateTime().toString("-yyyyMMdd-HHmmss");
    QString name = base;
    for (int i = 2; QFileInfo::exists(runs + "/" + name) || QFileInfo::exists(runs + "/.launch/" + name); ++i)
        name = base + QString("-%1").arg(i);
    const QString path = QDir::cleanPath(runs + "/" + name), inputs = runs + "/.launch/" + name;
    const int number = nextNumber();
    const QStringList words = QStringList{"train"} + writeInputs(inputs, number) + QStringList{"--run", path};
    auto watched = std::make_shared<Watched>(path);
    watched->number = number;
    watched->epochs = document_.project().training.epochs;
    watched_[path] = watched;
    try {
        launch(path, words, inputs + "/log");
    } catch (const Error&) {
        watched_.erase(path);
        throw;
    }
    document_.set(Section::Runs, [&](Project& project) { project.runs.push_back(path.toStdString()); });
    if (RunView* run = view(path)) {
        run->name = tr("Run %1").arg(number);
        run->starting = true;
        run->info.state = RunState::Running;
        run->info.epochs = watched->epochs;
        run->model = qstring(document_.project().model.name);
    }
    timer_.setInterval(kBusyMs);
    emit runsChanged();
    return path;
}

void RunCenter::launch(const QString& path, const QStringList& arguments, const QString& logFile) {
    Watched& watched = *watched_.at(path);
    const QString program = programPath();
    if (!QFileInfo(program).isExecutable()) fail(ErrorKind::BadFile, "the program {} that trains is missing", program.toStdString());
    QProcess process;
    QStringList words = arguments;
    const QString nice = QStandardPaths::findExecutable("nice");
    if (nice.isEmpty()) {
        process.setProgram(program);
    } else {
        process.setProgram(nice);
        words = QStringList{"-n", "5", program} + arguments;
    }
    process.setArguments(words);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(logFile);
    process.setStandardErrorFile(logFile, QIODevice::Append);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove("OMP_WAIT_POLICY"); // the Studio's own choice, which would slow a run down
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(QDir::homePath());
    watched.launched = secondsSince1970() - 0.002; // events carry milliseconds
    watched.log = logFile;
    watched.dead = false;
    qint64 pid = 0;
    if (!process.startDetached(&pid) || pid <= 0)
        fail(ErrorKind::BadFile, "cannot start {}: {}", program.toStdString(), process.errorString().toStdString());
    watched.pid = pid;
}

void RunCenter::askToResume(const QString& path, const QStringList& more) {
    RunView* run = view(path);
    if (!run || run->busy()) return;
    const QString folder = document_.runsFolder() + "/.launch/" + QFileInfo(path).fileName();
    makeFolders(folder.toStdString());
    launch(path, QStringList{"train", "--resume", "--run", path} + more, folder + "/log");
    run->starting = true;
    run->info.state = RunState::Running;
    timer_.setInterval(kBusyMs);
    emit runsChanged();
}

void RunCenter::pause(const QString& path) {
    const RunView* run = find(path);
    if (!run || !run->busy() || run->paused) return;
    if (run->starting)
        watched_.at(path)->wish = "pause";
    else
        command(path, "pause");
}

void RunCenter::resume(const QString& path) {
    const RunView* run = find(path);
    if (!run) return;
    if (run->starting) return watched_.at(path)->wish.clear();
    if (run->alive) return command(path, "resume");
    askToResume(path, {});
}

void RunCenter::stop(const QString& path) {
    const RunView* run = find(path);
    if (!run || !run->busy()) return;
    if (!run->starting) return command(path, "stop");
    Watched& watched = *watched_.at(path);
    watched.wish = "stop";
    if (processLives(watched.pid)) ::kill(pid_t(watched.pid), SIGTERM); // it takes no commands before its first event
}

void RunCenter::continueRun(const QString& path, int64_t epochs) {
    const RunView* run = find(path);
    if (!run || epochs < 1) return;
    askToResume(path, {"--epochs", QString::number(std::max(run->info.epoch, run->info.epochs) + epochs)});
}

void RunCenter::label(const QString& path, const QString& title, const std::function<void(RunNote&)>& change) {
    RunNote before;
    try {
        before = runNote(path.toStdString());
    } catch (const Error& error) { logMessage(LogLevel::Warning, error.what()); } // a damaged one is replaced
    RunNote after = before;
    change(after);
    if (after == before) return;
    document_.undoStack().push(new LabelRunCommand(path, before, after, title, [this, path](const QString& sentence) {
        if (sentence.isEmpty())
            look(path);
        else
            emit failed(sentence);
    }));
}

void RunCenter::rename(const QString& path, const QString& name) {
    const RunView* run = find(path);
    if (!run || name.trimmed() == run->name) return;
    const QString plain = tr("Run %1").arg(run->number);
    label(path, tr("Rename %1").arg(run->name),
          [&](RunNote& label) { label.name = name.trimmed() == plain ? std::string() : name.trimmed().toStdString(); });
}

void RunCenter::setNote(const QString& path, const QString& note) {
    const RunView* run = find(path);
    if (!run) return;
    label(path, tr("Note on %1").arg(run->name), [&](RunNote& label) { label.note = note.trimmed().toStdString(); });
}

void RunCenter::setHidden(const QString& path, bool hidden) {
    RunView* run = view(path);
    if (!run || run->hidden == hidden) return;
    run->hidden = hidden;
    if (RunFolder::holdsRun(path.toStdString())) try {
            RunNote note = runNote(path.toStdString());
            note.hidden = hidden;
            setRunNote(path.toStdString(), note);
        } catch (const Error& error) { emit failed(QString::fromUtf8(error.what())); }
    emit runsChanged();
}

void RunCenter::remove(const QString& path) {
    const RunView* run = find(path);
    if (!run) return;
    if (run->busy()) fail(ErrorKind::BadInput, "{}", tr("%1 is training; stop it before it is deleted.").arg(run->name).toStdString());
    const std::vector<std::string>& stored = document_.project().runs;
    for (size_t i = 0; i < stored.size(); ++i)
        if (absolute(stored[i]) == path) {
            document_.undoStack().push(new RemoveRunCommand(document_, i, stored[i], path, tr("Delete %1").arg(run->name)));
            return;
        }
}

QStringList RunCenter::inputs(const QString& purpose) const { return writeInputs(document_.runsFolder() + "/.launch/" + purpose, 0); }

QString RunCenter::command() const {
    const QString run = document_.runsFolder() + "/" + qstring(slug(document_.project().model.name));
    return shellLine(QStringList{"strata", "train"} + inputs("next") + QStringList{"--run", run});
}

QString RunCenter::commandOf(const QString& path) const {
    const QString editsFile = path + "/edits.json"; // the run's own copy
    const QStringList edits = QFileInfo::exists(editsFile) ? QStringList{"--edits", editsFile} : QStringList{};
    return shellLine(QStringList{"strata", "train", "--config", path + "/config.json", "--model", path + "/spec.json", "--pipeline",
                                 path + "/data.json"} +
                     edits + QStringList{"--run", path + "-again"});
}

} // namespace strata::studio
