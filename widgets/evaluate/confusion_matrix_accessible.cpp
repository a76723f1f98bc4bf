// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/evaluate/confusion_matrix_accessible.h"
#include "widgets/evaluate/confusion_matrix_view.h"

#include <QAccessibleWidget>
#include <map>

namespace strata {
namespace {

using Cell = ConfusionMatrixView::Cell;

/// One cell: its sentence is its name.
class MatrixCell : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
    MatrixCell(ConfusionMatrixView* view, Cell cell) : view_(view), cell_(cell) {}
    bool isValid() const override { return view_ && cell_.truth < view_->classes(); }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(view_); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessible::Role role() const override { return QAccessible::Cell; }
    QString text(QAccessible::Text kind) const override {
        if (!isValid()) return {};
        if (kind == QAccessible::Name) return view_->sentence(cell_);
        return kind == QAccessible::Value ? QString::number(view_->count(cell_)) : QString();
    }
    void setText(QAccessible::Text, const QString&) override {}
    QRect rect() const override {
        return isValid() ? QRect(view_->mapToGlobal(view_->cellRect(cell_).topLeft()).toPoint(), view_->cellRect(cell_).size().toSize())
                         : QRect();
    }
    QAccessible::State state() const override {
        QAccessible::State state;
        state.focusable = state.selectable = true;
        state.focused = view_ && view_->hasFocus() && view_->current() == cell_;
        state.selected = view_ && view_->chosen() == cell_;
        return state;
    }
    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this) : nullptr;
    }
    bool isSelected() const override { return state().selected; }
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int columnIndex() const override { return cell_.predicted; }
    int rowIndex() const override { return cell_.truth; }
    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QAccessibleInterface* table() const override { return parent(); }

private:
    QPointer<ConfusionMatrixView> view_;
    Cell cell_;
};

class MatrixTable : public QAccessibleWidget, public QAccessibleTableInterface {
public:
    explicit MatrixTable(QWidget* widget) : QAccessibleWidget(widget, QAccessible::Table) {}
    ~MatrixTable() override {
        for (const auto& [index, id] : cells_) QAccessible::deleteAccessibleInterface(id);
    }
    int childCount() const override { return view()->classes() * view()->classes(); }
    QAccessibleInterface* child(int index) const override {
        const int n = view()->classes();
        return index < 0 || index >= n * n ? nullptr : cellAt(index / n, index % n);
    }
    int indexOfChild(const QAccessibleInterface* child) const override {
        auto* cell = const_cast<QAccessibleInterface*>(child)->tableCellInterface();
        return cell ? cell->rowIndex() * view()->classes() + cell->columnIndex() : -1;
    }
    QAccessibleInterface* focusChild() const override {
        return view()->hasFocus() && view()->current().valid() ? cellAt(view()->current().truth, view()->current().predicted) : nullptr;
    }
    void* interface_cast(QAccessible::InterfaceType type) override {
        if (type == QAccessible::TableInterface) return static_cast<QAccessibleTableInterface*>(this);
        return QAccessibleWidget::interface_cast(type);
    }
    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    QAccessibleInterface* cellAt(int row, int column) const override {
        const int n = view()->classes();
        if (row < 0 || column < 0 || row >= n || column >= n) return nullptr;
        auto it = cells_.find(row * n + column);
        if (it == cells_.end())
            it = cells_.emplace(row * n + column, QAccessible::registerAccessibleInterface(new MatrixCell(view(), {row, column}))).first;
        return QAccessible::accessibleInterface(it->second);
    }
    int selectedCellCount() const override { return view()->chosen().valid() ? 1 : 0; }
    QList<QAccessibleInterface*> selectedCells() const override {
        const Cell chosen = view()->chosen();
        return chosen.valid() ? QList<QAccessibleInterface*>{cellAt(chosen.truth, chosen.predicted)} : QList<QAccessibleInterface*>();
    }
    QString columnDescription(int column) const override { return ConfusionMatrixView::tr("Predicted %1").arg(view()->name(column)); }
    QString rowDescription(int row) const override { return ConfusionMatrixView::tr("True %1").arg(view()->name(row)); }
    int selectedColumnCount() const override { return 0; }
    int selectedRowCount() const override { return 0; }
    int columnCount() const override { return view()->classes(); }
    int rowCount() const override { return view()->classes(); }
    QList<int> selectedColumns() const override { return {}; }
    QList<int> selectedRows() const override { return {}; }
    bool isColumnSelected(int) const override { return false; }
    bool isRowSelected(int) const override { return false; }
    bool selectRow(int) override { return false; }
    bool selectColumn(int) override { return false; }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent*) override {}

private:
    ConfusionMatrixView* view() const { return static_cast<ConfusionMatrixView*>(object()); }
    mutable std::map<int, QAccessible::Id> cells_;
};

QAccessibleInterface* makeMatrixInterface(const QString&, QObject* object) {
    auto* view = qobject_cast<ConfusionMatrixView*>(object);
    return view ? new MatrixTable(view) : nullptr;
}

} // namespace

void installMatrixAccessibility() {
    static const bool once = [] {
        QAccessible::installFactory(makeMatrixInterface);
        return true;
    }();
    (void)once;
}

void announceMatrixCell(ConfusionMatrixView& view) {
    if (!QAccessible::isActive()) return;
    QAccessibleEvent event(&view, QAccessible::Focus);
    event.setChild(view.current().truth * view.classes() + view.current().predicted);
    QAccessible::updateAccessibility(&event);
}

} // namespace strata
