// SPDX-License-Identifier: GPL-3.0-or-later
// The whole story with mouse, keys and drops: open data, browse, build a network with a skip connection from an empty stack, undo and
// redo, train, pause and resume, click a cell of the confusion matrix, drop a photo, export, read the export back.
#include "app/studio/export_dialog.h"
#include "app/studio/frame/message_bar.h"
#include "core/files/image.h"
#include "tests/studio/window_support.h"
#include "tests/support/data_files.h"
#include "widgets/data/sample_grid.h"
#include "widgets/evaluate/confusion_matrix_view.h"
#include "widgets/model/layer_palette.h"
#include "widgets/model/layer_stack.h"
#include "widgets/predict/answer_list.h"
#include "widgets/train/curve_panel.h"

#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSpinBox>

using namespace strata;
using namespace strata::studio;

namespace {

constexpr int kRecords = 200; ///< in each of the six files

void dropOn(QWidget* target, const QString& path) {
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(path)});
    const QPoint at = target->rect().center();
    QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(target, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(target, &drop);
}

template <class T> T* shownChild(QWidget* root) {
    for (T* widget : root->findChildren<T*>())
        if (widget->isVisible()) return widget;
    return nullptr;
}

} // namespace

class TstStory : public QObject {
    Q_OBJECT
    std::unique_ptr<TestWindow> test_;
    MainWindow& window() { return *test_->window; }
    Page* page() { return window().page(window().current()); }

    /// Insert opens the palette, the name is typed, Enter adds it, Escape goes back to the stack.
    void addLayer(LayerStack* stack, const char* name) {
        const size_t before = test_->document().project().model.layers.size();
        stack->setFocus();
        QTest::keyClick(stack, Qt::Key_Insert);
        auto* search = window().findChild<LayerPalette*>()->searchField();
        QVERIFY(search->hasFocus());
        search->selectAll();
        QTest::keyClicks(search, name);
        QTest::keyClick(search, Qt::Key_Return);
        QCOMPARE(test_->document().project().model.layers.size(), before + 1);
    }

private slots:
    void initTestCase() {
        qputenv("STRATA_NO_MOTION", "1");
        test_ = std::make_unique<TestWindow>();
        test::writeCifar10(test_->file("cifar").toStdString(), kRecords);
        Image photo;
        photo.width = 96;
        photo.height = 64;
        for (int i = 0; i < 96 * 64 * 3; ++i) photo.rgb.push_back(uint8_t(i * 7 % 251));
        test::writeBytes(test_->file("photo.jpg").toStdString(), encodeJpeg(photo));
    }
    void cleanupTestCase() {
        for (const RunView& run : window().context().runs.runs())
            if (run.alive) window().context().runs.stop(run.path);
        QTest::qWait(500);
        test_.reset();
    }

    void opensDataByDrop() {
        dropOn(&window(), test_->file("cifar"));
        QCOMPARE(window().current(), PageId::Data);
        QTRY_VERIFY_WITH_TIMEOUT(window().context().data.data() != nullptr, 30000);
        QTRY_VERIFY(page()->footer().contains(QString("1,200")) || page()->footer().contains("1,000") || page()->footer().contains("900"));
    }

    void browsesWithMouseAndKeys() {
        auto* grid = shownChild<SampleGrid>(page());
        QVERIFY(grid);
        QTRY_VERIFY(grid->order().size() > 100);
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, Qt::NoModifier, grid->rectOf(1).center());
        QCOMPARE(grid->current(), grid->order()[1]);
        QTest::keyClick(grid, Qt::Key_Right);
        QCOMPARE(grid->current(), grid->order()[2]);
        QTest::keyClick(grid, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(grid->selectedCount(), 2);
    }

    void buildsANetworkWithASkipConnection() {
        QTest::keyClick(&window(), Qt::Key_2, Qt::ControlModifier);
        auto* stack = window().findChild<LayerStack*>();
        QVERIFY(test_->document().project().model.layers.empty());
        for (const char* name : {"conv2d", "relu", "conv2d", "maxpool", "globalavgpool", "linear"}) addLayer(stack, name);
        const auto& layers = test_->document().project().model.layers;
        QCOMPARE(layers.back().type, std::string("linear"));

        // From the ReLU over the second convolution, by keyboard: S picks the next place where the shapes fit, Enter adds there.
        stack->setFocus();
        stack->select({layers[1].id});
        QTest::keyClick(stack, Qt::Key_S);
        QVERIFY(stack->connecting());
        QTest::keyClick(stack, Qt::Key_Return);
        bool added = false;
        for (const LayerSpec& layer : test_->document().project().model.layers) added = added || layer.type == "add";
        QVERIFY(added);
        const SpecCheck facts = checkSpec(test_->document().project().model);
        QVERIFY2(facts.problems.empty(), facts.problems.empty() ? "" : facts.problems[0].problem.sentence.c_str());
        QCOMPARE(facts.output, Shape({10}));
    }

    void undoesToTheEmptyStackAndRedoes() {
        const std::string built = toText(test_->document().project().model.toJson());
        const int steps = test_->document().undoStack().index();
        while (!test_->document().project().model.layers.empty()) QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier);
        while (test_->document().undoStack().index() < steps)
            QTest::keyClick(&window(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(toText(test_->document().project().model.toJson()), built);
    }

    void trainsPausesAndResumes() {
        QTest::keyClick(&window(), Qt::Key_3, Qt::ControlModifier);
        auto* epochs = window().findChild<QSpinBox*>("train.epochs");
        auto* batch = window().findChild<QSpinBox*>("train.batch");
        QVERIFY(epochs && batch);
        batch->setFocus();
        batch->selectAll();
        QTest::keyClicks(batch, "20");
        epochs->setFocus();
        epochs->selectAll();
        QTest::keyClicks(epochs, "3");
        QTest::keyClick(epochs, Qt::Key_Tab);
        QCOMPARE(test_->document().project().training.epochs, int64_t(3));
        QCOMPARE(test_->document().project().training.batchSize, int64_t(20));
        test_->document().set(Section::Training, [](Project& p) { p.training.computeThreads = 1; }); // test programs share the cores

        auto* main = window().findChild<QPushButton*>("run.main");
        QTRY_COMPARE(main->text(), QString("Train"));
        QTest::mouseClick(main, Qt::LeftButton);
        RunCenter& runs = window().context().runs;
        QTRY_VERIFY_WITH_TIMEOUT(runs.active() && runs.active()->curves && runs.active()->curves->loss.x.size() > 5, 60000);
        const QString path = runs.active()->path;
        QVERIFY(window().findChild<CurvePanel*>()->data(path, Series::BatchLoss).size() > 0);

        auto* pause = window().findChild<QPushButton*>("run.pause");
        QVERIFY(pause->isVisible());
        QTest::mouseClick(pause, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(runs.find(path)->paused, 20000);
        QTRY_COMPARE(pause->text(), QString("Resume"));
        const size_t points = runs.find(path)->curves->loss.x.size();
        QTest::qWait(400);
        QCOMPARE(runs.find(path)->curves->loss.x.size(), points);
        QTest::mouseClick(pause, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(runs.find(path)->info.state == RunState::Finished, 120000);
        QVERIFY(runs.find(path)->curves->loss.x.size() > points);
        QTRY_VERIFY(!pause->isVisible());
    }

    void clicksACellOfTheMatrix() {
        QTest::keyClick(&window(), Qt::Key_4, Qt::ControlModifier);
        window().context().actions["evaluate.run"]->trigger();
        ConfusionMatrixView* matrix = nullptr;
        QTRY_VERIFY_WITH_TIMEOUT((matrix = shownChild<ConfusionMatrixView>(page())) && matrix->classes() == 10, 60000);
        ConfusionMatrixView::Cell cell;
        for (int t = 0; t < 10 && !cell.valid(); ++t)
            for (int p = 0; p < 10; ++p)
                if (matrix->count({t, p}) > 0) {
                    cell = {t, p};
                    break;
                }
        QVERIFY(cell.valid());
        QTest::mouseClick(matrix, Qt::LeftButton, Qt::NoModifier, matrix->cellRect(cell).center().toPoint());
        QCOMPARE(matrix->chosen().truth, cell.truth);
        window().context().actions["evaluate.show_in_data"]->trigger();
        QCOMPARE(window().current(), PageId::Data);
        auto* grid = shownChild<SampleGrid>(page());
        QTRY_COMPARE(int64_t(grid->order().size()), matrix->count(cell));
    }

    void dropsAPhotoAndReadsFiveAnswers() {
        dropOn(&window(), test_->file("photo.jpg"));
        QCOMPARE(window().current(), PageId::Predict);
        auto* answers = window().findChild<AnswerList*>();
        QTRY_COMPARE_WITH_TIMEOUT(int(answers->answers().size()), 5, 30000);
        double sum = 0;
        for (const ClassProbability& answer : answers->answers()) sum += answer.probability;
        QVERIFY(sum > 0.3 && sum <= 1.0001);
        QVERIFY(!answers->answers()[0].name.empty());
    }

    void exportsAndReadsTheExport() {
        QTest::keyClick(&window(), Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        ExportDialog* dialog = nullptr;
        QTRY_VERIFY((dialog = window().findChild<ExportDialog*>()) && dialog->isVisible());
        const QString file = test_->file("model.safetensors");
        dialog->setPath(file);
        QSignalSpy exported(dialog, &ExportDialog::exported);
        for (QPushButton* button : dialog->findChildren<QPushButton*>())
            if (button->isVisible() && button->text() == "Export") QTest::mouseClick(button, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(exported.count(), 1, 60000);
        QVERIFY(exported[0][0].toBool());
        const ModelFile model = readModelFile(file.toStdString());
        QCOMPARE(model.classes.size(), size_t(10));
        QCOMPARE(toText(model.spec.toJson()), toText(test_->document().project().model.toJson()));
        dialog->close();
    }

    void nothingWentWrongOnTheWay() {
        QVERIFY2(!window().findChild<MessageBar*>()->sentence().contains("annot"),
                 qPrintable(window().findChild<MessageBar*>()->sentence()));
    }
};

QTEST_MAIN(TstStory)
#include "tst_story.moc"
