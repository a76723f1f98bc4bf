// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/document/project_document.h"

#include <QUndoCommand>
#include <vector>

namespace strata::studio {

/// A section before and after.
struct SectionChange {
    Section section;
    Json before, after;
};

/// The one undo command of the project: changes of one or more sections. Steps with the same key less than 2 s apart become one; a
/// merged step that changes nothing disappears.
class EditCommand : public QUndoCommand {
public:
    EditCommand(ProjectDocument& document, const QString& text, std::vector<SectionChange> changes, QString key, double time);
    void undo() override;
    void redo() override;
    int id() const override { return key_.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override;

private:
    ProjectDocument& document_;
    std::vector<SectionChange> changes_;
    QString key_;
    double time_; ///< seconds since 1970 of the newest edit in it
    bool first_ = true;
};

} // namespace strata::studio
