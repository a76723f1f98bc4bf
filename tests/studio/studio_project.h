// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/document/project_document.h"
#include "app/run/run_center.h"
#include "app/studio/data_center.h"
#include "core/model/model_spec.h"
#include "tests/support/program.h"

#include <QTemporaryDir>
#include <QtTest>

namespace strata::test {

/// A project on a tiny stand-in for CIFAR-10 with a small network, its services, and folders of its own for all that is kept.
/// Header only: the support library knows nothing of the Studio.
struct StudioProject {
    QTemporaryDir folder;
    std::unique_ptr<studio::ProjectDocument> document;
    std::unique_ptr<studio::DataCenter> data;
    std::unique_ptr<studio::RunCenter> runs;

    /// `perFile`: pictures in each of the five training files; a few make an epoch short, many keep a run going.
    explicit StudioProject(int perFile = 40, const char* network = "linear") {
        qputenv("XDG_STATE_HOME", folder.filePath("state").toUtf8());
        qputenv("XDG_CONFIG_HOME", folder.filePath("config").toUtf8());
        qputenv("XDG_CACHE_HOME", folder.filePath("cache").toUtf8());
        QDir().mkpath(folder.filePath("cifar"));
        writeCifarStandIn(folder.filePath("cifar"), perFile);
        document = std::make_unique<studio::ProjectDocument>();
        data = std::make_unique<studio::DataCenter>(*document);
        studio::Project project;
        project.name = "Cats";
        project.data = "cifar10:" + folder.filePath("cifar").toStdString();
        project.model = makeTemplate(network, Shape({3, 32, 32}), 10);
        project.training.batchSize = 20;
        project.training.epochs = 3;
        project.training.loaderThreads = 0;
        project.training.computeThreads = 1;
        document->reset(project);
        runs = std::make_unique<studio::RunCenter>(*document, *data);
    }
    ~StudioProject() {
        if (!runs) return;
        for (const studio::RunView& run : std::vector<studio::RunView>(runs->runs())) // nothing trains on after a test
            if (run.busy()) runs->stop(run.path);
        for (int i = 0; i < 100 && runs->active(); ++i) QTest::qWait(50);
    }
    bool open() const {
        return QTest::qWaitFor([this] { return data->data() != nullptr || !data->problem().isEmpty(); }, 10000) && data->data();
    }
    const studio::RunView& run(const QString& path) const {
        static const studio::RunView none;
        const studio::RunView* found = runs->find(path);
        return found ? *found : none;
    }
    /// A run that goes on for long.
    QString startLong() {
        document->edit("Train for long", studio::Section::Training, [](studio::Project& project) { project.training.epochs = 100000; });
        return runs->start();
    }
};

} // namespace strata::test
