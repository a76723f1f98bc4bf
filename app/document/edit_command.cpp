// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/edit_command.h"

#include <algorithm>

namespace strata::studio {
namespace {
constexpr double kMergeSeconds = 2;
}

EditCommand::EditCommand(ProjectDocument& document, const QString& text, std::vector<SectionChange> changes, QString key, double time)
    : QUndoCommand(text), document_(document), changes_(std::move(changes)), key_(std::move(key)), time_(time) {}

void EditCommand::undo() {
    document_.record({{"undo", true}});
    for (const SectionChange& change : changes_) document_.apply(change.section, change.before);
}

void EditCommand::redo() {
    if (first_) {
        Json sections = Json::object();
        for (const SectionChange& change : changes_) sections[sectionId(change.section)] = change.after;
        document_.record({{"do", text().toStdString()}, {"key", key_.toStdString()}, {"t", time_}, {"after", sections}});
    } else {
        document_.record({{"redo", true}});
    }
    first_ = false;
    for (const SectionChange& change : changes_) document_.apply(change.section, change.after);
}

bool EditCommand::mergeWith(const QUndoCommand* other) {
    const auto& newer = static_cast<const EditCommand&>(*other);
    const bool same = std::equal(changes_.begin(), changes_.end(), newer.changes_.begin(), newer.changes_.end(),
                                 [](const SectionChange& a, const SectionChange& b) { return a.section == b.section; });
    if (!same || newer.key_ != key_ || newer.time_ - time_ > kMergeSeconds) return false;
    for (size_t i = 0; i < changes_.size(); ++i) changes_[i].after = newer.changes_[i].after;
    time_ = newer.time_;
    setText(newer.text()); // "Set out channels to 128", not the first digit
    setObsolete(std::ranges::all_of(changes_, [](const SectionChange& change) { return change.before == change.after; }));
    return true;
}

} // namespace strata::studio
