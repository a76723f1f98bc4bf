// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"
#include "tests/studio/studio_project.h"
#include "widgets/common/controls.h"

#include <QBoxLayout>
#include <QtTest>
#include <utility>
#include <vector>

namespace strata::studio {

/// One page of the Studio on a StudioProject, in a bare window with all it needs. Remembers what was said and where it wanted to go.
template <class PageType> struct PageWindow {
    test::StudioProject project;
    QWidget window;
    ActionTable actions{&window};
    Messages messages;
    Settings settings;
    ModelShelf models;
    EvaluationStore evaluations;
    std::vector<std::pair<PageId, Request>> gone;
    QStringList said;
    Context context;
    PageType* page = nullptr;

    explicit PageWindow(const char* network = "linear")
        : project(40, network), settings(project.folder.filePath("studio.json")),
          models(*project.runs), context{*project.document,
                                         *project.data,
                                         *project.runs,
                                         models,
                                         evaluations,
                                         messages,
                                         actions,
                                         settings,
                                         [this](PageId id, const Request& request) { gone.emplace_back(id, request); }} {
        QObject::connect(&messages, &Messages::shown, &window, [this](const Message& message) { said << message.sentence; });
        page = new PageType(context, nullptr);
        makeColumn(&window, 0)->addWidget(page);
        window.resize(1208, 720);
        window.show();
        if (!QTest::qWaitForWindowActive(&window)) qWarning("the window did not become active");
        project.open();
        QTest::qWait(20);
        page->enter({});
    }
    ProjectDocument& document() { return *project.document; }
    template <class T> T* control(const char* name) const { return page->template findChild<T*>(name); }
};

} // namespace strata::studio
