// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/command_palette.h"
#include "app/studio/frame/message_bar.h"
#include "app/studio/frame/top_bar.h"
#include "app/studio/main_window.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>

namespace strata::studio {

void MainWindow::addProjectActions() {
    const QString group = tr("Project");
    actions_->add("project.new", group, tr("New project"), "add", QKeySequence::New, [this] { newProject(); });
    actions_->add("project.open", group, tr("Open project…"), "open", QKeySequence::Open, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("Open project"), settings_.value("window/folder").toString(),
                                                          tr("Strata projects (*.strata)"));
        if (!path.isEmpty()) openProject(path);
    });
    actions_->add("project.save", group, tr("Save"), "save", QKeySequence::Save, [this] { save(); });
    actions_->add("project.save_as", group, tr("Save as…"), "save", QKeySequence("Ctrl+Shift+S"), [this] { saveAs(); });
    actions_->add("project.rename", group, tr("Rename project…"), "rename", {}, [this] {
        bool ok = false;
        const QString old = QString::fromStdString(document_.project().name);
        const QString name = QInputDialog::getText(this, tr("Rename project"), tr("Name"), QLineEdit::Normal, old, &ok).trimmed();
        if (ok && !name.isEmpty())
            document_.edit(tr("Rename project to %1").arg(name), Section::Name, [&](Project& p) { p.name = name.toStdString(); });
    });
    QAction* undo =
        actions_->add("edit.undo", tr("Edit"), tr("Undo"), "undo", QKeySequence::Undo, [this] { document_.undoStack().undo(); });
    QAction* redo =
        actions_->add("edit.redo", tr("Edit"), tr("Redo"), "redo", QKeySequence("Ctrl+Shift+Z"), [this] { document_.undoStack().redo(); });
    const auto refresh = [this, undo, redo] {
        const QUndoStack& stack = document_.undoStack();
        undo->setEnabled(stack.canUndo());
        redo->setEnabled(stack.canRedo());
        undo->setText(stack.canUndo() ? tr("Undo: %1").arg(stack.undoText()) : tr("Undo"));
        redo->setText(stack.canRedo() ? tr("Redo: %1").arg(stack.redoText()) : tr("Redo"));
    };
    connect(&document_.undoStack(), &QUndoStack::indexChanged, this, refresh);
    refresh();
}

void MainWindow::addViewActions() {
    const QString group = tr("View");
    const std::array<std::pair<const char*, QString>, 5> pages{
        {{"data", tr("Data")}, {"model", tr("Model")}, {"train", tr("Train")}, {"evaluate", tr("Evaluate")}, {"predict", tr("Predict")}}};
    actions_->add("view.start", group, tr("Start"), "home", QKeySequence("Alt+Home"), [this] { go(PageId::Start); });
    for (size_t i = 0; i < pages.size(); ++i)
        actions_->add(QString("view.") + pages[i].first, group, pages[i].second, pages[i].first,
                      QKeySequence(QString("Ctrl+%1").arg(i + 1)), [this, i] { go(PageId(i + 1)); });
    actions_->add("view.palette", group, tr("Command palette"), "command", QKeySequence("Ctrl+K"), [this] { palette_->open(); });
    actions_->add("view.messages", group, tr("Go to the message"), "info", QKeySequence("F6"), [this] { bar_->focusFirst(); });
    actions_->add("view.theme_system", group, tr("Theme: as the system"), "theme", {}, [this] { setTheme(ThemeMode::System); });
    actions_->add("view.theme_light", group, tr("Theme: light"), "theme", {}, [this] { setTheme(ThemeMode::Light); });
    actions_->add("view.theme_dark", group, tr("Theme: dark"), "theme", {}, [this] { setTheme(ThemeMode::Dark); });
    actions_->add("help.shortcuts", tr("Help"), tr("Shortcuts"), "keyboard", QKeySequence::HelpContents, [this] { sheet_->open(); });
    QAction* question = actions_->add("help.shortcuts_key", tr("Help"), {}, {}, QKeySequence("?"), [this] { sheet_->open(); });
    // A single key acts outside text fields only.
    connect(qApp, &QApplication::focusChanged, question, [question](QWidget*, QWidget* now) {
        question->setEnabled(!qobject_cast<QLineEdit*>(now) && !qobject_cast<QPlainTextEdit*>(now));
    });
    actions_->add("window.close", tr("Project"), tr("Close the window"), "close", QKeySequence::Quit, [this] { close(); });
}

void MainWindow::addRunActions() {
    const QString group = tr("Train");
    actions_->add("run.start", group, tr("Start a run"), "play", QKeySequence("Ctrl+Return"), [this] {
        if (runs_.problemCount() > 0) return go(PageId::Model, Request{.problem = "first"});
        if (!data_.data() && !data_.opening()) return go(PageId::Data);
        if (!runs_.blocked().isEmpty()) return messages_.show({MessageKind::Warning, runs_.blocked(), {}, {}, {}, "run"});
        if (attempt([&] { runs_.start(); })) messages_.dismiss("run");
    });
    actions_->add("run.pause", group, tr("Pause or resume"), "pause", QKeySequence("Ctrl+Shift+P"), [this] {
        if (const RunView* run = runs_.active()) attempt([&] { run->paused ? runs_.resume(run->path) : runs_.pause(run->path); });
    });
    actions_->add("run.stop", group, tr("Stop the run"), "stop", QKeySequence("Ctrl+Shift+X"), [this] {
        const RunView* run = runs_.active();
        if (!run) return;
        const QString path = run->path;
        if (attempt([&] { runs_.stop(path); }))
            messages_.show({MessageKind::Info, tr("%1 stops after this batch and can go on later.").arg(run->name), {}, {}, {}, "run"});
    });
    actions_->add("run.copy_command", group, tr("Copy the command that does this run"), "copy", {}, [this] {
        QApplication::clipboard()->setText(runs_.command());
        messages_.success(tr("Copied: %1").arg(runs_.command()), "copied");
    });
    actions_->add("export.show", tr("Project"), tr("Export a network…"), "export", QKeySequence("Ctrl+Shift+E"),
                  [this] { showExportDialog(context_, this, {}); });
}

void MainWindow::fillMenu() {
    QMenu* menu = top_->menu();
    const auto add = [&](QMenu* to, std::initializer_list<const char*> ids) {
        for (const char* id : ids) to->addAction((*actions_)[id]);
    };
    add(menu, {"project.new", "project.open"});
    QMenu* recent = menu->addMenu(tr("Recent projects"));
    connect(menu, &QMenu::aboutToShow, recent, [this, recent] {
        recent->clear();
        for (const QString& path : recentProjects())
            recent->addAction(QFileInfo(path).completeBaseName(), this, [this, path] { openProject(path); })->setToolTip(path);
        recent->setEnabled(!recent->isEmpty());
    });
    add(menu, {"project.save", "project.save_as", "project.rename"});
    menu->addSeparator();
    QMenu* theme = menu->addMenu(tr("Theme"));
    add(theme, {"view.theme_system", "view.theme_light", "view.theme_dark"});
    add(menu, {"view.palette", "help.shortcuts"});
    menu->addSeparator();
    add(menu, {"window.close"});
}

void MainWindow::setTheme(ThemeMode mode) {
    settings_.setValue("window/theme", int(mode));
    applyTheme(*qApp, mode);
}

} // namespace strata::studio
