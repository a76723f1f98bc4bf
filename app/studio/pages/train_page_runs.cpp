// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/train_page_runs.h"
#include "core/base/error.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/train/curve_style.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QDesktopServices>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QUrl>

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

} // namespace

RunTable::RunTable(Context& context, QWidget* parent)
    : QStackedWidget(parent), context_(context), model_(new RunTableModel(context.runs, this)), view_(new QTableView) {
    auto* empty = new EmptyState("train", tr("No runs yet. The settings at the left are ready to use."));
    setSurface(empty, "card");
    addWidget(empty);
    auto* card = new QWidget;
    setSurface(card, "card");
    auto* column = makeColumn(card, 0);
    column->setContentsMargins(0, measure::kSpace4, 0, measure::kSpace8);
    column->addWidget(view_);
    addWidget(card);
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
    for (const auto& [index, width] : widths) view_->setColumnWidth(index, width);
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
