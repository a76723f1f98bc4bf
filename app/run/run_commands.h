// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/run_view.h"

#include <QUndoCommand>

namespace strata::studio {

class ProjectDocument;

/// Takes a run out of the project and its folder to RUNS/.trash; undo brings both back. When the step itself ends (the project
/// closes, the history forgets it) with the deletion in force, the folder is deleted for good, unless the saved project still
/// lists the run.
class RemoveRunCommand : public QUndoCommand {
public:
    RemoveRunCommand(ProjectDocument& document, size_t position, std::string stored, const QString& path, const QString& text);
    ~RemoveRunCommand() override;
    void undo() override;
    void redo() override;

private:
    ProjectDocument* document_;
    size_t position_;
    std::string stored_; ///< as the project writes it
    std::string path_, trash_, projectFile_;
    bool removed_ = false;
};

/// Changes name and note in RUN/note.json. A folder that cannot be written leaves the label as it was and the step obsolete.
class LabelRunCommand : public QUndoCommand {
public:
    LabelRunCommand(const QString& path, const RunNote& before, const RunNote& after, const QString& text,
                    std::function<void(const QString& sentence)> failed);
    void undo() override { write(before_); }
    void redo() override { write(after_); }

private:
    std::string path_;
    RunNote before_, after_;
    std::function<void(const QString&)> failed_; ///< called after each write; a sentence where it did not succeed
    void write(const RunNote& label);
};

} // namespace strata::studio
