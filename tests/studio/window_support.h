// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/main_window.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QtTest>
#include <memory>

namespace strata::studio {

/// A window with a home of its own: state, settings and caches in a temporary folder, so that tests see no traces of a person.
struct TestWindow {
    QTemporaryDir folder;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<MainWindow> window;

    explicit TestWindow(ThemeMode mode = ThemeMode::Light, QSize size = {1280, 800}) {
        for (const char* name : {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"})
            qputenv(name, folder.filePath(QString(name).toLower()).toUtf8());
        applyTheme(*qApp, mode);
        open(size);
    }
    void open(QSize size = {1280, 800}) {
        window.reset();
        settings.reset();
        settings = std::make_unique<Settings>();
        window = std::make_unique<MainWindow>(*settings);
        window->resize(size);
        window->restoreSession();
        window->show();
        QVERIFY(QTest::qWaitForWindowExposed(window.get()));
    }
    QString file(const QString& name) const { return folder.filePath(name); }
    ProjectDocument& document() { return window->context().document; }
    /// Opens data and waits until they are there.
    void openData(const QString& spec) {
        window->context().data.open(spec);
        QTRY_VERIFY_WITH_TIMEOUT(window->context().data.data() != nullptr, 30000);
    }
};

} // namespace strata::studio
