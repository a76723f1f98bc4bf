// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/main_window.h"
#include "app/studio/confirm.h"
#include "app/studio/frame/command_palette.h"
#include "app/studio/frame/drop_overlay.h"
#include "app/studio/frame/message_bar.h"
#include "app/studio/frame/rail.h"
#include "app/studio/frame/top_bar.h"
#include "app/studio/pages/start_page.h"
#include "widgets/common/controls.h"

#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPainter>

namespace strata::studio {
namespace {

constexpr int kNarrow = 1200;
constexpr int kRecent = 12;

using Maker = Page* (*)(Context&);
constexpr std::array<Maker, 6> kMakers{makeStartPage, makeDataPage, makeModelPage, makeTrainPage, makeEvaluatePage, makePredictPage};

} // namespace

MainWindow::MainWindow(Settings& settings)
    : settings_(settings), actions_(new ActionTable(this)), data_(document_), runs_(document_, data_),
      models_(runs_), context_{document_, data_,        runs_,
                               models_,   evaluations_, messages_,
                               *actions_, settings_,    [this](PageId id, const Request& request) { go(id, request); }} {
    setWindowTitle("Strata");
    setAcceptDrops(true);
    setMinimumSize(1024, 640);
    addProjectActions();
    addViewActions();
    addRunActions();
    buildFrame();
    fillMenu();
    connectServices();
    resize(1280, 800);
    restoreGeometry(settings_.value("window/geometry").toByteArray());
}

MainWindow::~MainWindow() {
    // Pages refer to the services; they go first.
    for (Page*& page : pages_) delete std::exchange(page, nullptr);
    delete std::exchange(top_, nullptr);
}

void MainWindow::buildFrame() {
    auto* root = new QWidget;
    setSurface(root, "1");
    auto* row = makeRow(root, 0);
    rail_ = new Rail;
    top_ = new TopBar(context_);
    bar_ = new MessageBar(messages_);
    stack_ = new QStackedWidget;
    auto* column = makeColumn(nullptr, 0);
    row->addWidget(rail_);
    row->addLayout(column, 1);
    column->addWidget(top_);
    column->addWidget(bar_);
    column->addWidget(stack_, 1);

    footer_ = new QWidget;
    setSurface(footer_, "1");
    footer_->setMinimumHeight(measure::kFooter);
    footerText_ = new ElidedLabel;
    footerText_->setType(Type::Caption, Token::Text2);
    auto* foot = makeRow(footer_, measure::kSpace8);
    foot->setContentsMargins(measure::kSpace16, 0, measure::kSpace16, 0);
    foot->addWidget(footerText_, 1);
    column->addWidget(footer_);
    setCentralWidget(root);

    palette_ = new CommandPalette(*actions_, root);
    sheet_ = new ShortcutSheet(*actions_, root);
    overlay_ = new DropOverlay(root);
    connect(rail_, &Rail::chosen, this, [this](PageId page) { go(page); });
    connect(rail_, &Rail::helpAsked, this, [this] { sheet_->open(); });
}

Page* MainWindow::page(PageId id) {
    Page*& page = pages_[size_t(id)];
    if (!page) {
        page = kMakers[size_t(id)](context_);
        page->setNarrow(narrow_);
        stack_->addWidget(page);
        connect(page, &Page::footerChanged, this, &MainWindow::showFooter);
        if (auto* start = qobject_cast<StartPage*>(page)) connect(start, &StartPage::openAsked, this, &MainWindow::openProject);
    }
    return page;
}

void MainWindow::go(PageId id, const Request& request) {
    Page* shown = page(id);
    current_ = id;
    rail_->setCurrent(id);
    if (footerActions_) footerActions_->hide();
    footerActions_ = shown->footerActions();
    if (footerActions_) {
        footer_->layout()->addWidget(footerActions_);
        footerActions_->show();
    }
    stack_->setCurrentWidget(shown);
    shown->enter(request);
    showFooter();
    settings_.setValue("window/page", int(id));
}

void MainWindow::showFooter() {
    footer_->setVisible(current_ != PageId::Start);
    footerText_->setText(page(current_)->footer());
}

void MainWindow::connectServices() {
    connect(&document_, &ProjectDocument::pathChanged, this, [this] {
        setWindowFilePath(document_.path());
        settings_.setValue("window/project", document_.path());
        if (!document_.path().isEmpty()) remember(document_.path());
    });
    connect(&document_.undoStack(), &QUndoStack::indexChanged, this, [this] {
        if (const QString problem = document_.journalProblem(); !problem.isEmpty())
            messages_.show({MessageKind::Warning,
                            tr("Changes are not safe from a crash now: %1").arg(problem),
                            {},
                            tr("Save"),
                            [this] { save(); },
                            "journal"});
    });
    connect(&runs_, &RunCenter::failed, this, [this](const QString& sentence) { messages_.error(sentence, "run"); });
    connect(&runs_, &RunCenter::finished, this, [this](const QString& path) {
        const RunView* run = runs_.find(path);
        if (!run || !run->info.bestAccuracy) return;
        const QString best = QString::number(*run->info.bestAccuracy * 100, 'f', 1);
        messages_.show({MessageKind::Success,
                        tr("%1 is trained: %2 % on validation.").arg(run->name, best),
                        {},
                        tr("Evaluate"),
                        [this, path] { go(PageId::Evaluate, Request{.run = path}); },
                        "run"});
    });
    connect(&data_, &DataCenter::changed, this, [this] {
        if (!data_.problem().isEmpty())
            messages_.show({MessageKind::Error, data_.problem(), {}, tr("Choose data"), [this] { go(PageId::Data); }, "data"});
        else
            messages_.dismiss("data");
    });
}

bool MainWindow::attempt(const std::function<void()>& work) {
    try {
        work();
        return true;
    } catch (const Error& error) {
        messages_.error(QString::fromUtf8(error.what()));
        return false;
    }
}

/// Before another project takes the place of this one. A named project needs no question: its journal keeps every change.
bool MainWindow::leave() {
    if (!document_.path().isEmpty() || !document_.modified()) return true;
    switch (confirmLeave(this, QString::fromStdString(document_.project().name))) {
    case Answer::Save: return saveAs();
    case Answer::Discard: document_.discardChanges(); return true;
    case Answer::Cancel: break;
    }
    return false;
}

bool MainWindow::newProject() {
    if (!leave()) return false;
    document_.reset();
    go(PageId::Data);
    return true;
}

bool MainWindow::openProject(const QString& path) {
    if (!leave() || !load(path)) return false;
    go(document_.project().data.empty() ? PageId::Data : document_.project().runs.empty() ? PageId::Model : PageId::Train);
    return true;
}

/// Opens a project and says what is special about it; shows no page.
bool MainWindow::load(const QString& path) {
    if (!attempt([&] { document_.open(path); })) return false;
    if (document_.readOnly())
        messages_.show({MessageKind::Warning,
                        tr("%1 is open in another window of Strata. Changes made here can be saved under another name only.")
                            .arg(QFileInfo(path).fileName()),
                        {},
                        tr("Save as…"),
                        [this] { saveAs(); },
                        "readonly"});
    else if (document_.recovered() > 0)
        messages_.info(tr("%1 changes that had not been saved are back. Undo takes them away.").arg(document_.recovered()), "recovered");
    return true;
}

bool MainWindow::save() {
    if (document_.path().isEmpty()) return saveAs();
    return attempt([&] {
        document_.save();
        messages_.success(tr("Saved %1").arg(QFileInfo(document_.path()).fileName()), "saved");
    });
}

bool MainWindow::saveAs() {
    const QString folder = settings_.value("window/folder", QDir::homePath()).toString();
    QString path =
        QFileDialog::getSaveFileName(this, tr("Save project"), folder + "/" + QString::fromStdString(document_.project().name) + ".strata",
                                     tr("Strata projects (*.strata)"));
    if (path.isEmpty()) return false;
    if (!path.endsWith(".strata")) path += ".strata";
    settings_.setValue("window/folder", QFileInfo(path).absolutePath());
    return attempt([&] {
        document_.saveAs(path);
        messages_.success(tr("Saved %1").arg(QFileInfo(path).fileName()), "saved");
    });
}

QStringList MainWindow::recentProjects() const { return settings_.value("window/recent").toStringList(); }

void MainWindow::remember(const QString& path) {
    QStringList recent = recentProjects();
    recent.removeAll(path);
    recent.prepend(path);
    settings_.setValue("window/recent", QStringList(recent.mid(0, kRecent)));
}

void MainWindow::restoreSession() {
    const QString path = settings_.value("window/project").toString();
    if (!path.isEmpty() && QFileInfo::exists(path)) {
        load(path);
    } else if (ProjectDocument::untitledLeft()) {
        attempt([&] { document_.openUntitled(); });
        if (document_.recovered() > 0)
            messages_.info(tr("Your unsaved project is back, with its %1 changes.").arg(document_.recovered()), "recovered");
    }
    const int last = settings_.value("window/page", 0).toInt();
    go(document_.project().data.empty() || last < 0 || last > int(PageId::Predict) ? PageId::Start : PageId(last));
}

void MainWindow::dropPaths(const QStringList& paths) {
    const DropIntent intent = dropIntent(paths);
    switch (intent.kind) {
    case DropIntent::Kind::OpenProject: openProject(intent.paths[0]); break;
    case DropIntent::Kind::OpenData: go(PageId::Data, Request{.paths = intent.paths}); break;
    case DropIntent::Kind::Predict: go(PageId::Predict, Request{.paths = intent.paths}); break;
    case DropIntent::Kind::None: messages_.show({MessageKind::Warning, intent.sentence + ".", {}, {}, {}, "drop"}); break;
    }
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (!event->mimeData()->hasUrls()) return;
    const DropIntent intent = dropIntent(droppedPaths(*event->mimeData()));
    overlay_->showIntent(intent);
    if (intent.kind != DropIntent::Kind::None)
        event->acceptProposedAction();
    else
        event->accept(); // so that the sentence stays in sight
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*) { overlay_->hide(); }

void MainWindow::dropEvent(QDropEvent* event) {
    overlay_->hide();
    event->acceptProposedAction();
    dropPaths(droppedPaths(*event->mimeData()));
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    const bool narrow = width() < kNarrow;
    if (narrow == narrow_) return;
    narrow_ = narrow;
    top_->setNarrow(narrow);
    for (Page* page : pages_)
        if (page) page->setNarrow(narrow);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    // Nothing is lost: runs go on by themselves, the journal keeps what was not saved, and it all opens again next time.
    settings_.setValue("window/geometry", saveGeometry());
    settings_.sync();
    document_.flush();
    event->accept();
}

} // namespace strata::studio
