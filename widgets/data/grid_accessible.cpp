// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/grid_accessible.h"
#include "widgets/data/sample_grid.h"

#include <QAccessible>
#include <QAccessibleWidget>

namespace strata {
namespace {

class AccessibleGrid : public QAccessibleWidget {
public:
    explicit AccessibleGrid(SampleGrid* grid) : QAccessibleWidget(grid, QAccessible::List), grid_(grid) {}

    QString text(QAccessible::Text kind) const override {
        if (kind == QAccessible::Value) {
            const QString sample = grid_->describe(grid_->current());
            if (sample.isEmpty()) return SampleGrid::tr("no samples");
            return grid_->isSelected(grid_->current()) ? sample + ", " + SampleGrid::tr("selected") : sample;
        }
        if (kind == QAccessible::Description)
            return SampleGrid::tr("%1 samples, %2 selected").arg(grid_->order().size()).arg(grid_->selectedCount());
        return QAccessibleWidget::text(kind);
    }
    QAccessible::State state() const override {
        QAccessible::State state = QAccessibleWidget::state();
        state.multiSelectable = true;
        state.extSelectable = true;
        return state;
    }

private:
    SampleGrid* grid_;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
    auto* grid = qobject_cast<SampleGrid*>(object);
    return grid ? new AccessibleGrid(grid) : nullptr;
}

} // namespace

void installGridAccessibility() {
    static const bool installed = [] {
        QAccessible::installFactory(makeInterface);
        return true;
    }();
    Q_UNUSED(installed);
}

} // namespace strata
