// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"

#include <QAbstractTableModel>
#include <QStackedWidget>

class QMenu;
class QTableView;

namespace strata::studio {

/// The runs as rows, newest first. Name and note are edited through the run centre (undoable).
class RunTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Eye, Line, Name, Note, State, Best, Epochs, Duration, Device, ColumnCount };
    RunTableModel(RunCenter& runs, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

    QString path(int row) const { return row >= 0 && row < int(paths_.size()) ? paths_[size_t(row)] : QString(); }
    int rowOf(const QString& path) const;
    void refresh();

private:
    RunCenter& runs_;
    std::vector<QString> paths_;
    QVariant display(const RunView& run, int column) const;
};

/// "Training", "Paused", "Finished", ...
QString runStateText(const RunView& run);
/// "4:05", "1:02:33".
QString durationText(double seconds);

/// Table of the runs with its menu and keys: F2 renames, Space shows or hides, Enter evaluates, Delete deletes (undoable).
class RunTable : public QStackedWidget {
    Q_OBJECT
public:
    RunTable(Context& context, QWidget* parent = nullptr);
    RunTableModel* model() const { return model_; }
    QTableView* view() const { return view_; }
    void select(const QString& path);
    QStringList selected() const;
    /// The actions for what is selected.
    void fillMenu(QMenu& menu);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    Context& context_;
    RunTableModel* model_;
    QTableView* view_;
    void refresh();
    void toggle(const QStringList& paths);
    void removeSelected();
    void evaluate();
    void rename(int column);
    void attempt(const std::function<void()>& work);
    bool key(int key, Qt::KeyboardModifiers modifiers);
    void openMenu(const QPoint& place);
    void addProcessActions(QMenu& menu, const RunView& run);
};

} // namespace strata::studio
