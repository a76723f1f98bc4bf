// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"
#include "widgets/common/theme.h"

#include <QElapsedTimer>
#include <QMainWindow>
#include <QStackedWidget>
#include <array>

namespace strata {
class ElidedLabel;
}

namespace strata::studio {

class CommandPalette;
class DropOverlay;
class MessageBar;
class Rail;
class ShortcutSheet;
class TopBar;

/// The window: rail, top bar, message bar, pages, footer. Owns the document, the services and the pages (made when first shown).
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(Settings& settings);
    ~MainWindow() override;

    Context& context() { return context_; }
    void go(PageId page, const Request& request = {});
    PageId current() const { return current_; }
    Page* page(PageId id);
    /// What was open when the window was last closed, or an unnamed project that a crash left; else the Start page.
    void restoreSession();
    /// Opens what a person named: a project, data or photos. Says in the message bar what is wrong.
    void dropPaths(const QStringList& paths);
    QStringList recentProjects() const;

    bool newProject();
    bool openProject(const QString& path);
    bool save();
    bool saveAs();

protected:
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    Settings& settings_;
    ProjectDocument document_;
    Messages messages_;
    ActionTable* actions_;
    DataCenter data_;
    RunCenter runs_;
    ModelShelf models_;
    EvaluationStore evaluations_;
    Context context_;
    Rail* rail_ = nullptr;
    TopBar* top_ = nullptr;
    MessageBar* bar_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    QWidget *footer_ = nullptr, *footerActions_ = nullptr;
    ElidedLabel* footerText_ = nullptr;
    std::array<Page*, 6> pages_{};
    PageId current_ = PageId::Start;
    CommandPalette* palette_ = nullptr;
    ShortcutSheet* sheet_ = nullptr;
    DropOverlay* overlay_ = nullptr;
    bool narrow_ = false;

    void buildFrame();
    void addProjectActions();
    void addViewActions();
    void addRunActions();
    void fillMenu();
    void connectServices();
    bool leave();
    bool load(const QString& path);
    void showFooter();
    void remember(const QString& path);
    void setTheme(ThemeMode mode);
    bool attempt(const std::function<void()>& work); ///< false: it threw, and the message bar says why
};

} // namespace strata::studio
