// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/model_combo.h"

#include <QSignalBlocker>

namespace strata::studio {

ModelCombo::ModelCombo(ModelShelf& shelf, QWidget* parent) : QComboBox(parent), shelf_(shelf) {
    setAccessibleName(tr("Network"));
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(24);
    setMaxVisibleItems(12);
    refill();
    connect(&shelf_, &ModelShelf::changed, this, &ModelCombo::refill);
    connect(this, &QComboBox::currentIndexChanged, this, &ModelCombo::report);
}

void ModelCombo::refill() {
    const QString before = currentId();
    {
        const QSignalBlocker quiet(this);
        clear();
        for (const ModelChoice& choice : shelf_.choices()) {
            addItem(choice.title, choice.id);
            setItemData(count() - 1, choice.title, Qt::ToolTipRole);
        }
        setCurrentIndex(count() > 0 ? std::max(0, findData(before)) : -1);
    }
    report();
}

void ModelCombo::report() {
    const QString title = currentId() + currentText();
    setToolTip(currentText());
    if (title == title_) return;
    title_ = title;
    emit chosen();
}

bool ModelCombo::choose(const QString& id) {
    const int index = findData(id);
    if (index >= 0) setCurrentIndex(index);
    return index >= 0;
}

bool ModelCombo::chooseRun(const QString& runPath) { return choose(runPath + "#best") || choose(runPath + "#last"); }

} // namespace strata::studio
