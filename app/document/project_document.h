// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/document/project.h"

#include <QObject>
#include <QString>
#include <QUndoStack>
#include <functional>
#include <memory>

namespace strata::studio {

class Journal;

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
    void apply(Section section, const Json& value);
    void refreshModified();
    void replay(const QString& journal);
};

} // namespace strata::studio
