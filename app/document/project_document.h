// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/document/project.h"

#include <QObject>
#include <QString>
#include <QUndoStack>
#include <functional>
#include <memory>
#include <optional>

namespace strata::studio {

class Journal;
struct SectionChange;

/// The open project: a value, its undo stack and its file. Edits go one way: view -> edit() -> undo command -> project ->
/// changed(section) -> views refresh. GUI thread.
class ProjectDocument : public QObject {
    Q_OBJECT
public:
    explicit ProjectDocument(QObject* parent = nullptr);
    ~ProjectDocument() override;

    const Project& project() const { return project_; }
    QUndoStack& undoStack() { return undo_; }

    /// One undo step named `text` ("Set out channels to 32"): `change` gets a copy of the project and may change `section` only.
    /// No step where nothing changed. Steps with the same non-empty `mergeKey` in a row become one while less than 2 s apart.
    /// Throws what `change` throws; the project is then as before.
    void edit(const QString& text, Section section, const std::function<void(Project&)>& change, const QString& mergeKey = {});
    /// The same over any sections ("Open CIFAR-10" also takes back transforms and edits of other data).
    void edit(const QString& text, const std::function<void(Project&)>& change, const QString& mergeKey = {});
    /// Changes without an undo step (a run that appears, a moved data folder); marks the project changed.
    void set(Section section, const std::function<void(Project&)>& change);

    /// An empty project with a name. Forgets the undo history.
    void reset(const Project& project = {});
    /// Throws Error(BadFile). A newer journal beside it (after a crash) is played: recovered() says how many steps.
    void open(const QString& path);
    /// Throws Error(BadFile) on a full disk or a read-only folder; the file on disk is then as before.
    void save();
    void saveAs(const QString& path);
    QString path() const { return path_; }
    bool modified() const { return modified_ || !undo_.isClean(); }
    int recovered() const { return recovered_; }
    /// Another process has this project open: it can be looked at, and saved under another name only.
    bool readOnly() const { return readOnly_; }
    /// "" or why changes are not safe from a crash now (a full disk).
    QString journalProblem() const;
    /// Whether a process that ended without closing it left an unnamed project behind.
    static bool untitledLeft();
    /// Opens the unnamed project that was left behind.
    void openUntitled();
    /// Waits until every edit so far is in the journal, on disk.
    void flush();
    /// Ends the project on purpose: unsaved changes of a named project and the unnamed project are given up.
    void discardChanges();

    /// Where the journal, the runs of unnamed projects and the session live: $XDG_STATE_HOME/strata (tests set it).
    static QString stateFolder();
    /// Where new runs of this project go: PROJECT_runs/ beside the file, else stateFolder()/runs.
    QString runsFolder() const;

signals:
    void changed(strata::studio::Section section);
    void pathChanged();
    void modifiedChanged(bool modified);

private:
    friend class EditCommand;
    Project project_;
    QUndoStack undo_;
    QString path_;
    bool modified_ = false;
    bool lastModified_ = false;
    int recovered_ = 0;
    std::unique_ptr<Journal> journal_;
    QString trouble_; ///< why no journal can be kept, or empty
    bool readOnly_ = false;
    bool replaying_ = false;
    std::string savedText_; ///< the file as this document last read or wrote it
    void apply(Section section, const Json& value);
    void push(const QString& text, std::vector<SectionChange> changes, const QString& mergeKey, double time);
    void record(const Json& line);
    void refreshModified();
    void begin(const Project& project, const QString& path, const std::string& text);
    void startJournal();
    void restartJournal();
    void announce();
    void recover(const std::string& text);
    std::optional<int> replay(const std::vector<Json>& lines);
    void replayLine(const Json& line);
    void write(const QString& path);
    void moveJournal(std::unique_ptr<Journal> journal);
};

} // namespace strata::studio
