// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"

namespace strata {
class ModelEditor;
}

namespace strata::studio {

/// The network of the project: a ModelEditor whose edits are undo steps of the document. The network follows the data: where a
/// dataset with other pictures or classes is opened, input and last layer are adapted with it (and back with its undo).
class ModelPage : public Page {
    Q_OBJECT
public:
    explicit ModelPage(Context& context, QWidget* parent = nullptr);
    void enter(const Request& request) override;
    void setNarrow(bool narrow) override;
    ModelEditor* editor() const { return editor_; }

private:
    void addActions();
    void documentChanged(Section section);
    void dataChanged();
    void refreshFooter();
    ModelEditor* editor_;
};

} // namespace strata::studio
