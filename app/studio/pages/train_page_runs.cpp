// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/train_page_runs.h"
#include "core/base/error.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/train/curve_style.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QUrl>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace strata::studio {
namespace {

constexpr int kEyeWidth = 40, kLineWidth = 48;

/// Eye and line sample.
class RunDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyledItemDelegate::paint(painter, option, index);
        const bool shown = index.siblingAtColumn(RunTableModel::Eye).data(Qt::UserRole).toBool();
        if (index.column() == RunTableModel::Line) {
            const QRectF rect = QRectF(option.rect).adjusted(8, 0, -12, 0);
            drawLineSample(*painter, rect, index.data(Qt::UserRole).toInt(), shown);
        } else if (index.column() == RunTableModel::Eye) {
            const int size = measure::kIconRow;
            const QPixmap pixmap = iconPixmap(shown ? "eye" : "eye-off", size, color(shown ? Token::Text2 : Token::TextDisabled),
                                              painter->device()->devicePixelRatioF());
            painter->drawPixmap(option.rect.center().x() - size / 2 + 1, option.rect.center().y() - size / 2 + 1, pixmap);
        }
    }
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QWidget* editor = QStyledItemDelegate::createEditor(parent, option, index);
        if (editor) editor->setAccessibleName(index.model()->headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString());
        return editor;
    }
};

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

RunTable::RunTable(Context& context, QWidget* parent)
    : QStackedWidget(parent), context_(context), model_(new RunTableModel(context.runs, this)), view_(new QTableView) {
    auto* empty = new EmptyState("train", tr("No runs yet. The settings at the left are ready to use."));
    setSurface(empty, "card");
    addWidget(empty);
    addWidget(view_);
    view_->setModel(model_);
    view_->setItemDelegate(new RunDelegate(view_));
    view_->setAccessibleName(tr("Runs"));
    view_->setSelectionMode(QAbstractItemView::ExtendedSelection);
    view_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view_->setContextMenuPolicy(Qt::CustomContextMenu);
    view_->setTextElideMode(Qt::ElideRight);
    view_->setIconSize(QSize(measure::kIconRow, measure::kIconRow));
    polishTable(view_, RunTableModel::Name);
    QHeaderView* header = view_->horizontalHeader();
    header->setMinimumSectionSize(measure::kHitTarget);
    const QFontMetrics metrics(strata::font(Type::Body));
    const std::map<int, int> widths{{RunTableModel::Eye, kEyeWidth},
                                    {RunTableModel::Line, kLineWidth},
                                    {RunTableModel::Note, 136},
                                    {RunTableModel::State, metrics.horizontalAdvance(tr("Interrupted")) + 48},
                                    {RunTableModel::Best, metrics.horizontalAdvance("100.0 %") + 24},
                                    {RunTableModel::Epochs, metrics.horizontalAdvance("1000/1000") + 16},
                                    {RunTableModel::Duration, metrics.horizontalAdvance("00:00:00") + 24},
                                    {RunTableModel::Device, metrics.horizontalAdvance("cuda:0") + 32}};
    for (const auto& [column, width] : widths) view_->setColumnWidth(column, width);
    header->setSectionResizeMode(RunTableModel::Eye, QHeaderView::Fixed);
    header->setSectionResizeMode(RunTableModel::Line, QHeaderView::Fixed);
    view_->installEventFilter(this);
    connect(view_, &QTableView::customContextMenuRequested, this,
            [this](const QPoint& place) { openMenu(view_->viewport()->mapToGlobal(place)); });
    connect(view_, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() == RunTableModel::Eye || index.column() == RunTableModel::Line) toggle({model_->path(index.row())});
    });
    connect(view_, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (index.column() == RunTableModel::Name || index.column() == RunTableModel::Note)
            view_->edit(index);
        else if (index.column() > RunTableModel::Note)
            evaluate();
    });
    connect(&context_.runs, &RunCenter::runsChanged, this, &RunTable::refresh);
    connect(&context_.runs, &RunCenter::curvesChanged, this, &RunTable::refresh);
    refresh();
}

void RunTable::refresh() {
    model_->refresh();
    setCurrentIndex(model_->rowCount() > 0 ? 1 : 0);
}

void RunTable::select(const QString& path) {
    if (const int row = model_->rowOf(path); row >= 0) view_->setCurrentIndex(model_->index(row, RunTableModel::Name));
}

QStringList RunTable::selected() const {
    QStringList paths;
    for (const QModelIndex& index : view_->selectionModel()->selectedRows()) paths << model_->path(index.row());
    return paths;
}

void RunTable::attempt(const std::function<void()>& work) {
    try {
        work();
        context_.messages.dismiss("runs");
    } catch (const Error& error) { context_.messages.error(QString::fromUtf8(error.what()), "runs"); }
}

void RunTable::toggle(const QStringList& paths) {
    if (paths.isEmpty()) return;
    const RunView* first = context_.runs.find(paths.front());
    if (!first) return;
    const bool hide = !first->hidden;
    for (const QString& path : paths) context_.runs.setHidden(path, hide);
}

void RunTable::removeSelected() {
    const QStringList paths = selected();
    attempt([&] {
        for (const QString& path : paths)
            if (const RunView* run = context_.runs.find(path); run && run->busy()) context_.runs.remove(path); // throws before any is gone
        for (const QString& path : paths) context_.runs.remove(path);
        if (!paths.isEmpty())
            context_.messages.show({MessageKind::Info,
                                    paths.size() == 1 ? tr("The run was deleted.") : tr("%1 runs were deleted.").arg(paths.size()),
                                    {},
                                    tr("Undo"),
                                    [this] { context_.document.undoStack().undo(); },
                                    "runs"});
    });
}

void RunTable::evaluate() {
    const QStringList paths = selected();
    if (!paths.isEmpty() && context_.go) context_.go(PageId::Evaluate, Request{.run = paths.front()});
}

void RunTable::rename(int column) {
    const QModelIndex current = view_->currentIndex();
    if (current.isValid()) view_->edit(current.siblingAtColumn(column));
}

bool RunTable::key(int key, Qt::KeyboardModifiers modifiers) {
    if (modifiers & (Qt::ControlModifier | Qt::AltModifier)) return false;
    switch (key) {
    case Qt::Key_F2: rename(modifiers & Qt::ShiftModifier ? RunTableModel::Note : RunTableModel::Name); return true;
    case Qt::Key_Delete: removeSelected(); return true;
    case Qt::Key_Space: toggle(selected()); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: evaluate(); return true;
    case Qt::Key_Menu: openMenu(view_->viewport()->mapToGlobal(view_->visualRect(view_->currentIndex()).bottomLeft())); return true;
    default: return false;
    }
}

bool RunTable::eventFilter(QObject* watched, QEvent* event) {
    if (watched == view_ && event->type() == QEvent::KeyPress) {
        const auto* press = static_cast<QKeyEvent*>(event);
        if (key(press->key(), press->modifiers())) return true;
    }
    return QStackedWidget::eventFilter(watched, event);
}

void RunTable::openMenu(const QPoint& place) {
    if (selected().isEmpty()) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillMenu(*menu);
    menu->popup(place);
}

void RunTable::addProcessActions(QMenu& menu, const RunView& run) {
    const QString path = run.path;
    RunCenter& runs = context_.runs;
    const auto add = [&](QMenu& to, const QString& iconName, const QString& text, const std::function<void()>& work) {
        QAction* action = to.addAction(icon(iconName), text);
        connect(action, &QAction::triggered, this, [this, work] { attempt(work); });
        return action;
    };
    if (run.busy()) {
        if (run.paused)
            add(menu, "play", tr("Resume"), [&runs, path] { runs.resume(path); });
        else
            add(menu, "pause", tr("Pause"), [&runs, path] { runs.pause(path); });
        add(menu, "stop", tr("Stop"), [&runs, path] { runs.stop(path); });
    } else if (!run.gone) {
        if (run.resumable()) add(menu, "play", tr("Resume"), [&runs, path] { runs.resume(path); });
        QMenu* more = menu.addMenu(icon("repeat"), tr("Continue for"));
        for (const int epochs : {1, 5, 10, 20, 50, 100})
            add(*more, {}, epochs == 1 ? tr("1 more epoch") : tr("%1 more epochs").arg(epochs),
                [&runs, path, epochs] { runs.continueRun(path, epochs); });
    }
    menu.addSeparator();
}

void RunTable::fillMenu(QMenu& menu) {
    const QStringList paths = selected();
    const RunView* run = paths.isEmpty() ? nullptr : context_.runs.find(paths.front());
    if (!run) return;
    const QString path = run->path, name = run->name;
    const auto add = [&](const QString& iconName, const QString& text, const std::function<void()>& work) {
        QAction* action = menu.addAction(icon(iconName), text);
        connect(action, &QAction::triggered, this, [this, work] { attempt(work); });
        return action;
    };
    if (paths.size() == 1) {
        addProcessActions(menu, *run);
        add("evaluate", tr("Evaluate") + "\tEnter", [this] { evaluate(); })->setEnabled(run->info.bestEpoch >= 0 || run->info.epoch > 0);
        add("export", tr("Export..."), [this, path] {
            showExportDialog(context_, window(), path + "#best");
        })->setEnabled(run->info.bestEpoch >= 0 || run->info.epoch > 0);
        menu.addSeparator();
        add("rename", tr("Rename") + "\tF2", [this] { rename(RunTableModel::Name); })->setEnabled(!run->gone);
        add("edit", tr("Edit the note") + "\tShift+F2", [this] { rename(RunTableModel::Note); })->setEnabled(!run->gone);
        add("copy", tr("Copy command"), [this, path] {
            QApplication::clipboard()->setText(context_.runs.commandOf(path));
            context_.messages.success(tr("The command is in the clipboard."), "copied");
        });
        add("folder", tr("Show in folder"), [path] { QDesktopServices::openUrl(QUrl::fromLocalFile(path)); })->setEnabled(!run->gone);
    }
    add(run->hidden ? "eye" : "eye-off", (run->hidden ? tr("Show in the plots") : tr("Hide from the plots")) + "\t" + tr("Space"),
        [this] { toggle(selected()); });
    menu.addSeparator();
    QAction* remove = add("delete", (paths.size() == 1 ? tr("Delete %1").arg(name) : tr("Delete %1 runs").arg(paths.size())) + "\tDel",
                          [this] { removeSelected(); });
    bool busy = false;
    for (const QString& each : paths)
        if (const RunView* other = context_.runs.find(each)) busy = busy || other->busy();
    remove->setEnabled(!busy);
    if (busy) remove->setToolTip(tr("Stop it first"));
}

} // namespace strata::studio
