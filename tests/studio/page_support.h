// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"
#include "core/model/model_file.h"
#include "core/train/run.h"
#include "tests/support/run_helpers.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QtTest>
#include <memory>
#include <utility>
#include <vector>

namespace strata::studio {

/// The services of a window without the window, with a home in a temporary folder: for the tests of one page. Remembers what the page
/// said and where it wanted to go.
struct PageHome {
    QTemporaryDir folder;
    std::unique_ptr<Settings> settings;
    QWidget host;
    ProjectDocument document;
    DataCenter data{document};
    RunCenter runs{document, data};
    std::unique_ptr<ModelShelf> models;
    EvaluationStore evaluations;
    Messages messages;
    ActionTable actions{&host};
    std::vector<std::pair<PageId, Request>> visits;
    std::vector<Message> said;
    std::unique_ptr<Context> context;

    PageHome() {
        for (const char* name : {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"})
            qputenv(name, folder.filePath(QString(name).toLower()).toUtf8());
        settings = std::make_unique<Settings>();
        models = std::make_unique<ModelShelf>(runs);
        QObject::connect(&messages, &Messages::shown, &host, [this](const Message& message) { said.push_back(message); });
        context = std::make_unique<Context>(Context{document, data, runs, *models, evaluations, messages, actions, *settings,
                                                    [this](PageId id, const Request& request) { visits.emplace_back(id, request); }});
    }
    QString file(const QString& name) const { return folder.filePath(name); }
    void openData(const QString& spec) {
        data.open(spec);
        QTRY_VERIFY_WITH_TIMEOUT(data.data() != nullptr, 30000);
    }
    /// Trains a tiny network on a few Shapes and makes it a run of the project.
    QString addRun(int64_t count = 200) {
        CollectingSink sink;
        const QString path = file(QString("run-%1").arg(document.project().runs.size() + 1));
        TrainConfig config = test::shapesConfig(test::writeShapesSpec(folder.path().toStdString()), count);
        config.epochs = 2;
        startRun(path.toStdString(), config, sink);
        document.set(Section::Runs, [&](Project& project) { project.runs.push_back(path.toStdString()); });
        return path;
    }
    bool waitForChoices(size_t count) {
        return QTest::qWaitFor([&] { return models->choices().size() >= count; }, 10000);
    }
};

} // namespace strata::studio
