// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/pages/data_page.h"
#include "tests/support/data_files.h"
#include "widgets/common/theme.h"
#include "widgets/data/sample_grid.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QtTest>
#include <memory>

namespace strata::studio {

/// The Data page alone, with the services it talks to and a home of its own.
struct DataBench {
    QTemporaryDir folder;
    std::unique_ptr<ProjectDocument> document;
    std::unique_ptr<DataCenter> data;
    std::unique_ptr<RunCenter> runs;
    std::unique_ptr<ModelShelf> models;
    std::unique_ptr<EvaluationStore> evaluations;
    std::unique_ptr<Messages> messages;
    std::unique_ptr<Settings> settings;
    QWidget window;
    std::unique_ptr<ActionTable> actions;
    std::unique_ptr<Context> context;
    DataPage* page = nullptr;
    std::vector<PageId> visits; ///< pages the page asked for
    QStringList errors;

    explicit DataBench(QSize size = {1208, 720}) {
        for (const char* name : {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"})
            qputenv(name, folder.filePath(QString(name).toLower()).toUtf8());
        qputenv("HOME", folder.path().toUtf8());
        document = std::make_unique<ProjectDocument>();
        data = std::make_unique<DataCenter>(*document);
        runs = std::make_unique<RunCenter>(*document, *data);
        models = std::make_unique<ModelShelf>(*runs);
        evaluations = std::make_unique<EvaluationStore>();
        messages = std::make_unique<Messages>();
        settings = std::make_unique<Settings>(folder.filePath("studio.json"));
        actions = std::make_unique<ActionTable>(&window);
        context.reset(new Context{*document, *data, *runs, *models, *evaluations, *messages, *actions, *settings,
                                  [this](PageId id, const Request&) { visits.push_back(id); }});
        QObject::connect(messages.get(), &Messages::shown, &window, [this](const Message& message) { errors << message.sentence; });
        page = new DataPage(*context, &window);
        window.resize(size);
        page->setGeometry(QRect(QPoint(0, 0), size));
        window.show();
        QApplication::setActiveWindow(&window); // shortcuts and focus want an active window, offscreen too
        QCoreApplication::processEvents();
    }
    ~DataBench() { delete page; }

    void resize(QSize size) {
        window.resize(size);
        page->setGeometry(QRect(QPoint(0, 0), size));
    }
    /// Ten small pictures of each of ten classes in each CIFAR-10 file: 45 + 5 + 10 of them with 10 records a file.
    QString smallCifar(int records = 20) {
        const QString path = folder.filePath("cifar-10-batches-bin");
        test::writeCifar10(path.toStdString(), records);
        return "cifar10:" + path;
    }
    void open(const QString& spec) {
        data->open(spec);
        QTRY_VERIFY_WITH_TIMEOUT(!page->grid()->order().empty(), 60000);
        QTest::qWait(20); // lists take their heights
    }
    SampleGrid* grid() const { return page->grid(); }
};

} // namespace strata::studio
