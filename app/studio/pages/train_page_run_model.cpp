// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/train_page_runs.h"
#include "widgets/common/icons.h"
#include "widgets/train/curve_style.h"

#include <algorithm>
#include <fmt/format.h>

namespace strata::studio {
namespace {

QIcon stateIcon(const RunView& run) {
    if (run.gone) return icon("warning", Token::Warning);
    if (run.paused) return icon("pause", Token::Warning);
    if (run.busy()) return icon("play", Token::Accent);
    switch (run.info.state) {
    case RunState::Finished: return icon("success", Token::Success);
    case RunState::Failed: return icon("error", Token::Error);
    case RunState::Interrupted: return icon("warning", Token::Warning);
    case RunState::Stopped:
    case RunState::Running: break;
    }
    return icon("stop", Token::Text3);
}

} // namespace

QString runStateText(const RunView& run) {
    if (run.gone) return RunTableModel::tr("Folder gone");
    if (run.starting) return RunTableModel::tr("Starting");
    if (run.paused) return RunTableModel::tr("Paused");
    if (run.alive) return RunTableModel::tr("Training");
    switch (run.info.state) {
    case RunState::Finished: return RunTableModel::tr("Finished");
    case RunState::Stopped: return RunTableModel::tr("Stopped");
    case RunState::Failed: return RunTableModel::tr("Failed");
    case RunState::Interrupted: return RunTableModel::tr("Interrupted");
    case RunState::Running: break;
    }
    return RunTableModel::tr("Training");
}

QString durationText(double seconds) { return seconds > 0 ? curveValueText(seconds, CurveUnit::Seconds) : QString(); }

RunTableModel::RunTableModel(RunCenter& runs, QObject* parent) : QAbstractTableModel(parent), runs_(runs) { refresh(); }

void RunTableModel::refresh() {
    std::vector<QString> paths;
    for (const RunView& run : runs_.runs()) paths.insert(paths.begin(), run.path);
    if (paths == paths_) {
        if (!paths_.empty()) emit dataChanged(index(0, 0), index(int(paths_.size()) - 1, ColumnCount - 1));
        return;
    }
    // Single steps, so that the selection and an open editor live on.
    for (int row = int(paths_.size()) - 1; row >= 0; --row) {
        if (std::find(paths.begin(), paths.end(), paths_[size_t(row)]) != paths.end()) continue;
        beginRemoveRows({}, row, row);
        paths_.erase(paths_.begin() + row);
        endRemoveRows();
    }
    for (int row = 0; row < int(paths.size()); ++row) {
        if (row < int(paths_.size()) && paths_[size_t(row)] == paths[size_t(row)]) continue;
        beginInsertRows({}, row, row);
        paths_.insert(paths_.begin() + row, paths[size_t(row)]);
        endInsertRows();
    }
    if (paths_ != paths) { // another order
        beginResetModel();
        paths_ = paths;
        endResetModel();
    }
    if (!paths_.empty()) emit dataChanged(index(0, 0), index(int(paths_.size()) - 1, ColumnCount - 1));
}

int RunTableModel::rowOf(const QString& path) const {
    const auto found = std::find(paths_.begin(), paths_.end(), path);
    return found == paths_.end() ? -1 : int(found - paths_.begin());
}

int RunTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(paths_.size()); }
int RunTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    static const char* const kTitles[ColumnCount] = {QT_TR_NOOP("Shown"),  QT_TR_NOOP("Line"),     QT_TR_NOOP("Name"),
                                                     QT_TR_NOOP("Note"),   QT_TR_NOOP("State"),    QT_TR_NOOP("Best"),
                                                     QT_TR_NOOP("Epochs"), QT_TR_NOOP("Duration"), QT_TR_NOOP("Device")};
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(section >= Best && section <= Duration ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    if (role == Qt::AccessibleTextRole || role == Qt::ToolTipRole) return tr(kTitles[section]);
    if (role == Qt::DisplayRole) return section <= Line ? QVariant(QString()) : QVariant(tr(kTitles[section]));
    return {};
}

Qt::ItemFlags RunTableModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    const RunView* run = index.isValid() ? runs_.find(path(index.row())) : nullptr;
    if (run && !run->gone && !run->starting && (index.column() == Name || index.column() == Note)) flags |= Qt::ItemIsEditable;
    return flags;
}

QVariant RunTableModel::display(const RunView& run, int column) const {
    switch (column) {
    case Name: return run.name;
    case Note: return run.note;
    case State: return runStateText(run);
    case Best: return run.info.bestAccuracy ? QString::fromStdString(fmt::format("{:.1f} %", *run.info.bestAccuracy * 100)) : QString();
    case Epochs: return QString("%1/%2").arg(run.info.epoch).arg(run.info.epochs);
    case Duration: return durationText(run.seconds);
    case Device: return run.device;
    default: return {};
    }
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const {
    const RunView* run = index.isValid() ? runs_.find(path(index.row())) : nullptr;
    if (!run) return {};
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole: return display(*run, column);
    case Qt::EditRole: return column == Name ? run->name : column == Note ? run->note : display(*run, column);
    case Qt::DecorationRole: return column == State ? QVariant(stateIcon(*run)) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant(column >= Best && column <= Duration ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ForegroundRole:
        if (run->gone) return color(Token::TextDisabled);
        return column == Name || column == Best ? color(Token::Text1) : color(Token::Text2);
    case Qt::UserRole: return column == Eye ? QVariant(!run->hidden) : column == Line ? QVariant(run->number) : QVariant();
    case Qt::AccessibleTextRole:
        if (column == Eye) return run->hidden ? tr("%1 is hidden").arg(run->name) : tr("%1 is shown").arg(run->name);
        return column == Line ? tr("Line of %1").arg(run->name) : display(*run, column);
    case Qt::ToolTipRole: {
        if (column == Eye) return run->hidden ? tr("Show in the plots (Space)") : tr("Hide from the plots (Space)");
        const QString problem = run->message;
        if (column == State && !problem.isEmpty()) return problem;
        if (column == Best && run->info.bestEpoch >= 0) return tr("On validation, in epoch %1").arg(run->info.bestEpoch + 1);
        return column == Name ? run->path : display(*run, column);
    }
    default: return {};
    }
}

bool RunTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || !index.isValid()) return false;
    const QString run = path(index.row());
    if (index.column() == Name && !value.toString().trimmed().isEmpty())
        runs_.rename(run, value.toString());
    else if (index.column() == Note)
        runs_.setNote(run, value.toString());
    else
        return false;
    return true;
}

} // namespace strata::studio
