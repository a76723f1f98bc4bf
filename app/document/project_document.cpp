// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/project_document.h"
#include "app/document/edit_command.h"
#include "app/document/journal.h"
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/train/events.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>

namespace strata::studio {
namespace {

constexpr int kUndoLimit = 1000;
constexpr qint64 kJournalLimit = 16 << 20; ///< at the next save a longer history begins anew
constexpr int kUntitled = 16;

QString journalFolder() { return ProjectDocument::stateFolder() + "/journals"; }

std::optional<Section> sectionOf(const std::string& id) {
    for (int i = 0; i < kSections; ++i)
        if (id == sectionId(Section(i))) return Section(i);
    return std::nullopt;
}

/// A journal worth going on with: a header and at least one edit.
bool hasWork(const std::vector<Json>& lines) { return lines.size() > 1 && lines[0].contains("base"); }

std::string hashOf(const std::string& text) {
    return QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Sha1).toHex().toStdString();
}

/// The file that a journal belongs to: as it was at the start, or as last saved.
std::string savedHash(const std::vector<Json>& lines) {
    std::string hash = lines[0].value("text", std::string());
    for (const Json& line : lines)
        if (line.contains("saved")) hash = line["saved"].get<std::string>();
    return hash;
}

} // namespace

ProjectDocument::ProjectDocument(QObject* parent) : QObject(parent) {
    undo_.setUndoLimit(kUndoLimit);
    connect(&undo_, &QUndoStack::cleanChanged, this, &ProjectDocument::refreshModified);
    connect(&undo_, &QUndoStack::indexChanged, this, &ProjectDocument::refreshModified);
}

ProjectDocument::~ProjectDocument() { undo_.disconnect(this); }

QString ProjectDocument::stateFolder() {
    const QString base = qEnvironmentVariable("XDG_STATE_HOME");
    return (base.startsWith('/') ? base : QDir::homePath() + "/.local/state") + "/strata";
}

QString ProjectDocument::runsFolder() const {
    if (path_.isEmpty()) return stateFolder() + "/runs";
    const QFileInfo file(path_);
    return file.absolutePath() + "/" + file.completeBaseName() + "_runs";
}

void ProjectDocument::edit(const QString& text, Section section, const std::function<void(Project&)>& change, const QString& mergeKey) {
    Project copy = project_;
    change(copy);
    push(text, {{section, project_.section(section), copy.section(section)}}, mergeKey, secondsSince1970());
}

void ProjectDocument::edit(const QString& text, const std::function<void(Project&)>& change, const QString& mergeKey) {
    Project copy = project_;
    change(copy);
    std::vector<SectionChange> changes;
    for (int i = 0; i < kSections; ++i) changes.push_back({Section(i), project_.section(Section(i)), copy.section(Section(i))});
    push(text, std::move(changes), mergeKey, secondsSince1970());
}

void ProjectDocument::push(const QString& text, std::vector<SectionChange> changes, const QString& mergeKey, double time) {
    std::erase_if(changes, [](const SectionChange& change) { return change.before == change.after; });
    if (!changes.empty()) undo_.push(new EditCommand(*this, text, std::move(changes), mergeKey, time));
}

void ProjectDocument::set(Section section, const std::function<void(Project&)>& change) {
    Project copy = project_;
    change(copy);
    const Json after = copy.section(section);
    if (after == project_.section(section)) return;
    record({{"set", sectionId(section)}, {"after", after}});
    modified_ = true;
    apply(section, after);
    refreshModified();
}

void ProjectDocument::apply(Section section, const Json& value) {
    project_.setSection(section, value);
    if (!replaying_) emit changed(section);
}

void ProjectDocument::record(const Json& line) {
    if (replaying_ || readOnly_) return;
    try {
        if (!journal_) startJournal();
        if (journal_) journal_->append(line);
    } catch (const Error& error) { // the edit counts all the same; journalProblem() says that it is not safe yet
        trouble_ = QString::fromUtf8(error.what());
        journal_.reset();
    }
}

/// Unnamed projects get their journal with the first edit, so that looking around leaves nothing behind.
void ProjectDocument::startJournal() {
    if (path_.isEmpty()) {
        for (int i = 1; i <= kUntitled && !journal_; ++i) {
            journal_ = Journal::acquire(journalFolder(), QString("untitled-%1").arg(i));
            if (journal_ && hasWork(journal_->read())) journal_.reset(); // another lost project: kept for openUntitled()
        }
    } else {
        journal_ = Journal::acquire(journalFolder(), QFileInfo(path_).absoluteFilePath());
    }
    if (!journal_) return;
    restartJournal();
    trouble_.clear();
}

void ProjectDocument::restartJournal() {
    journal_->restart(
        {{"strata", "journal"}, {"version", 1}, {"path", path_.toStdString()}, {"base", project_.toJson()}, {"text", hashOf(savedText_)}});
}

void ProjectDocument::announce() {
    for (int i = 0; i < kSections; ++i) emit changed(Section(i));
    emit pathChanged();
    refreshModified();
}

void ProjectDocument::refreshModified() {
    if (modified() == lastModified_) return;
    lastModified_ = modified();
    emit modifiedChanged(lastModified_);
}

QString ProjectDocument::journalProblem() const { return journal_ && trouble_.isEmpty() ? journal_->problem() : trouble_; }

/// Puts a project in place and tells everybody.
void ProjectDocument::begin(const Project& project, const QString& path, const std::string& text) {
    undo_.clear();
    journal_.reset();
    readOnly_ = false;
    recovered_ = 0;
    project_ = project;
    path_ = path;
    savedText_ = text;
    modified_ = false;
}

void ProjectDocument::reset(const Project& project) {
    begin(project, {}, {});
    announce();
}

void ProjectDocument::open(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    const std::string text = readTextFile(absolute.toStdString());
    const Project project = Project::fromJson(parseJson(text, absolute.toStdString()), absolute.toStdString());
    begin(project, absolute, text);
    try {
        journal_ = Journal::acquire(journalFolder(), absolute);
        readOnly_ = !journal_;
        if (journal_) recover(text);
    } catch (const Error& error) { // no journal can be kept here: the project opens all the same
        trouble_ = QString::fromUtf8(error.what());
        journal_.reset();
    }
    announce();
}

/// Plays the journal where it belongs to the file with this text, else begins it anew.
void ProjectDocument::recover(const std::string& text) {
    const std::vector<Json> lines = journal_->read();
    if (lines.empty() || savedHash(lines) != hashOf(text)) return restartJournal();
    const std::optional<int> unsaved = replay(lines);
    if (!unsaved) return restartJournal();
    recovered_ = *unsaved;
}

bool ProjectDocument::untitledLeft() {
    try {
        for (int i = 1; i <= kUntitled; ++i) {
            const auto journal = Journal::acquire(journalFolder(), QString("untitled-%1").arg(i));
            if (journal && hasWork(journal->read())) return true;
        }
    } catch (const Error& error) { logMessage(LogLevel::Warning, error.what()); } // nothing can be kept here, so nothing was left
    return false;
}

void ProjectDocument::openUntitled() {
    begin({}, {}, {});
    for (int i = 1; i <= kUntitled; ++i) {
        journal_ = Journal::acquire(journalFolder(), QString("untitled-%1").arg(i));
        if (!journal_) continue;
        const std::vector<Json> lines = journal_->read();
        if (!hasWork(lines)) continue;
        const std::optional<int> unsaved = replay(lines);
        if (!unsaved) continue; // of another version of Strata: kept for it
        recovered_ = *unsaved;
        return announce();
    }
    journal_.reset();
    announce();
}

/// Plays the lines after the header over the project of the header, telling nobody (announce() follows); returns how many edits are
/// not in the file, nullopt where the journal cannot be understood (the project is then as before).
std::optional<int> ProjectDocument::replay(const std::vector<Json>& lines) {
    const Project asInFile = project_;
    replaying_ = true;
    int unsaved = 0;
    try {
        project_ = Project::fromJson(lines[0].at("base"), "journal");
        for (size_t i = 1; i < lines.size(); ++i) {
            replayLine(lines[i]);
            unsaved = lines[i].contains("saved") ? 0 : unsaved + 1;
        }
    } catch (const std::exception& error) {
        logMessage(LogLevel::Warning, error.what());
        undo_.clear();
        project_ = asInFile;
        modified_ = false;
        replaying_ = false;
        return std::nullopt;
    }
    replaying_ = false;
    return modified() ? unsaved : 0;
}

void ProjectDocument::replayLine(const Json& line) {
    if (line.contains("undo")) return undo_.undo();
    if (line.contains("redo")) return undo_.redo();
    if (line.contains("saved")) {
        undo_.setClean();
        modified_ = false;
        return;
    }
    if (line.contains("do")) {
        std::vector<SectionChange> changes;
        for (const auto& item : line.at("after").items())
            if (const auto section = sectionOf(item.key())) changes.push_back({*section, project_.section(*section), item.value()});
        push(QString::fromStdString(line.at("do").get<std::string>()), std::move(changes),
             QString::fromStdString(line.value("key", std::string())), line.value("t", 0.0));
    } else if (const auto section = sectionOf(line.value("set", std::string()))) {
        project_.setSection(*section, line.at("after"));
        modified_ = true;
    }
}

void ProjectDocument::save() {
    if (path_.isEmpty()) fail(ErrorKind::BadInput, "this project has no file yet; save it under a name");
    if (readOnly_)
        fail(ErrorKind::BadInput, "{} is open in another window of Strata; save this one under another name", path_.toStdString());
    if (QFileInfo::exists(path_) && readTextFile(path_.toStdString()) != savedText_)
        fail(ErrorKind::BadInput, "{} was changed by another program since it was opened; save this one under another name",
             path_.toStdString());
    write(path_);
}

void ProjectDocument::saveAs(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    if (absolute == path_) return save();
    std::unique_ptr<Journal> journal;
    bool taken = false;
    try {
        journal = Journal::acquire(journalFolder(), absolute);
        taken = !journal;
    } catch (const Error& error) { trouble_ = QString::fromUtf8(error.what()); }
    if (taken) fail(ErrorKind::BadInput, "{} is open in another window of Strata", absolute.toStdString());
    const Project before = project_;
    if (project_.name == Project().name) project_.name = QFileInfo(absolute).completeBaseName().toStdString();
    try {
        write(absolute);
    } catch (...) {
        project_ = before;
        throw;
    }
    path_ = absolute;
    readOnly_ = false;
    moveJournal(std::move(journal));
    emit changed(Section::Name);
    emit pathChanged();
    refreshModified();
}

/// The history goes on in the journal of the new file; one that was not kept anywhere ends.
void ProjectDocument::moveJournal(std::unique_ptr<Journal> journal) {
    try {
        std::vector<Json> history;
        if (journal_) {
            journal_->flush();
            history = journal_->read();
            if (journal_->unnamed()) journal_->discard();
        }
        journal_ = std::move(journal);
        if (history.empty()) undo_.clear();
        if (!journal_) return;
        if (history.empty()) return restartJournal();
        history[0]["path"] = path_.toStdString();
        journal_->restart(history[0]);
        for (size_t i = 1; i < history.size(); ++i) journal_->append(history[i]);
        record({{"set", sectionId(Section::Name)}, {"after", project_.name}});
        record({{"saved", hashOf(savedText_)}});
    } catch (const Error& error) {
        trouble_ = QString::fromUtf8(error.what());
        journal_.reset();
    }
}

void ProjectDocument::write(const QString& path) {
    const std::string text = toText(project_.toJson(), 2) + "\n";
    writeFileAtomically(path.toStdString(), text);
    savedText_ = text;
    modified_ = false;
    undo_.setClean();
    if (journal_ && path == path_) {
        if (QFileInfo(journal_->path()).size() > kJournalLimit) {
            undo_.clear();
            restartJournal();
        } else {
            record({{"saved", hashOf(text)}});
        }
    }
    refreshModified();
}

void ProjectDocument::discardChanges() {
    if (path_.isEmpty()) {
        if (journal_) journal_->discard();
        return reset();
    }
    while (undo_.canUndo() && !undo_.isClean()) undo_.undo();
    if (journal_) journal_->flush();
}

void ProjectDocument::flush() {
    if (journal_) journal_->flush();
}

} // namespace strata::studio
