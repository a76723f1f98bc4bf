// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_commands.h"
#include "app/document/project_document.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/log.h"

#include <QDir>
#include <QFileInfo>

namespace strata::studio {
namespace {

/// A name in the trash that nothing has yet.
std::string freePlace(const std::string& trash, const std::string& name) {
    std::string path = joinPath(trash, name);
    for (int i = 2; fs().status(path).exists; ++i) path = joinPath(trash, fmt::format("{}-{}", name, i));
    return path;
}

/// Whether a project file on the disk lists a run.
bool fileLists(const std::string& projectFile, const std::string& run) {
    if (projectFile.empty() || !fs().status(projectFile).exists) return false;
    try {
        const Project saved = Project::fromJson(parseJson(readTextFile(projectFile), projectFile), projectFile);
        const QDir folder = QFileInfo(QString::fromStdString(projectFile)).absoluteDir();
        for (const std::string& stored : saved.runs)
            if (QDir::cleanPath(folder.absoluteFilePath(QString::fromStdString(stored))).toStdString() == run) return true;
    } catch (const Error& error) {
        logMessage(LogLevel::Warning, error.what());
        return true; // what cannot be read may list it
    }
    return false;
}

} // namespace

RemoveRunCommand::RemoveRunCommand(ProjectDocument& document, size_t position, std::string stored, const QString& path, const QString& text)
    : QUndoCommand(text), document_(&document), position_(position), stored_(std::move(stored)), path_(path.toStdString()) {}

RemoveRunCommand::~RemoveRunCommand() {
    if (!removed_ || trash_.empty()) return;
    try {
        if (fileLists(projectFile_, path_)) {
            if (const int result = fs().rename(trash_, path_); result < 0)
                fail(ErrorKind::BadFile, "cannot move {} back: {}", trash_, describeErrno(result));
        } else {
            removeAll(trash_);
        }
    } catch (const Error& error) { logMessage(LogLevel::Warning, error.what()); }
}

void RemoveRunCommand::redo() {
    projectFile_ = document_->path().toStdString();
    trash_.clear();
    if (fs().status(path_).directory) {
        const std::string folder = joinPath(parentFolder(path_), ".trash");
        makeFolders(folder);
        const std::string place = freePlace(folder, fileName(path_));
        const int result = fs().rename(path_, place);
        if (result < 0)
            logMessage(LogLevel::Warning, fmt::format("cannot move {} to the trash: {}", path_, describeErrno(result)));
        else
            trash_ = place;
    }
    removed_ = true;
    document_->set(Section::Runs, [this](Project& project) { std::erase(project.runs, stored_); });
}

void RemoveRunCommand::undo() {
    if (!trash_.empty()) {
        const int result = fs().rename(trash_, path_);
        if (result < 0)
            logMessage(LogLevel::Warning, fmt::format("cannot move {} back to {}: {}", trash_, path_, describeErrno(result)));
        else
            trash_.clear();
    }
    removed_ = false;
    document_->set(Section::Runs, [this](Project& project) {
        const size_t place = std::min(position_, project.runs.size());
        project.runs.insert(project.runs.begin() + std::ptrdiff_t(place), stored_);
    });
}

LabelRunCommand::LabelRunCommand(const QString& path, const RunNote& before, const RunNote& after, const QString& text,
                                 std::function<void(const QString&)> failed)
    : QUndoCommand(text), path_(path.toStdString()), before_(before), after_(after), failed_(std::move(failed)) {}

void LabelRunCommand::write(const RunNote& label) {
    try {
        RunNote now = runNote(path_); // what else was set since stays
        now.name = label.name;
        now.note = label.note;
        setRunNote(path_, now);
        failed_({});
    } catch (const Error& error) {
        setObsolete(true);
        failed_(QString::fromUtf8(error.what()));
    }
}

} // namespace strata::studio
