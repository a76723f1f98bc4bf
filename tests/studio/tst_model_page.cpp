// SPDX-License-Identifier: GPL-3.0-or-later
// The Model page on a document: undo steps, random edits undone to the start, the network that follows the data, and training of
// what was built through the command line.
#include "app/studio/pages/model_page.h"
#include "tests/studio/page_window.h"
#include "widgets/common/controls.h"
#include "widgets/common/theme.h"
#include "widgets/model/layer_palette.h"
#include "widgets/model/layer_stack.h"
#include "widgets/model/model_editor.h"
#include "widgets/model/spec_repeat.h"

#include <QBoxLayout>
#include <QLineEdit>
#include <random>

using namespace strata;
using namespace strata::studio;
using namespace strata::test;

namespace {

struct ModelWindow : PageWindow<ModelPage> {
    explicit ModelWindow(const char* network = "resnet9") : PageWindow(network) {}
    const ModelSpec& model() { return document().project().model; }
    QString json() { return QString::fromStdString(toText(model().toJson())); }
    LayerStack* stack() { return page->editor()->stack(); }
    void clear() {
        document().edit("Clear", Section::Model, [](Project& p) { p.model.layers.clear(); });
        document().undoStack().clear();
    }
    void addByKeys(const char* name) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Insert);
        QLineEdit* search = page->editor()->palette()->searchField();
        QTRY_VERIFY(search->hasFocus());
        QTest::keyClicks(search, name);
        QTest::keyClick(search, Qt::Key_Return);
    }
};

} // namespace

class TstModelPage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        qputenv("STRATA_NO_MOTION", "1");
        applyTheme(*qApp, ThemeMode::Light);
    }

    void editsAreNamedStepsThatMergeWhileTyping() {
        ModelWindow w("lenet5");
        const QString before = w.json();
        w.stack()->selectCard("conv1");
        for (const int channels : {1, 12, 128}) {
            const modeledit::Edit edit = modeledit::setParam(w.page->editor()->facts().spec, {"conv1"}, "out_channels", channels);
            emit w.stack()->edited(edit);
        }
        QCOMPARE(w.document().undoStack().count(), 1);
        QCOMPARE(w.document().undoStack().undoText(), QString("Set out channels to 128"));
        QCOMPARE(w.stack()->selectedIds(), modeledit::Ids{"conv1"});
        w.document().undoStack().undo();
        QCOMPARE(w.json(), before);
        QCOMPARE(w.stack()->selectedIds(), modeledit::Ids{"conv1"}); // kept
    }

    void shortcutsActOnTheStackOnly() {
        ModelWindow w("lenet5");
        w.stack()->setFocus(Qt::TabFocusReason);
        w.stack()->selectCard("relu1");
        QTest::keyClick(w.stack(), Qt::Key_B);
        QVERIFY(w.model().layers[1].bypassed);
        QLineEdit* search = w.page->editor()->palette()->searchField();
        search->setFocus();
        QTest::keyClicks(search, "bs");
        QCOMPARE(search->text(), QString("bs"));
        QVERIFY(w.model().layers[1].bypassed);
        for (const char* id : {"model.add_layer", "model.bypass", "model.group_layers", "model.template", "model.problem"})
            QVERIFY2(w.actions[id], id);
        for (const ActionTable::Item& item : w.actions.items()) QVERIFY(!item.action->text().isEmpty() && !item.action->icon().isNull());
    }

    void theFooterHasTotalsAndTheForecast() {
        ModelWindow w("resnet9");
        QVERIFY2(w.page->footer().contains("6.57 M params"), qPrintable(w.page->footer()));
        QVERIFY(w.page->footer().contains("at batch 20"));
        w.document().edit("Batch", Section::Training, [](Project& p) { p.training.batchSize = 64; });
        QVERIFY(w.page->footer().contains("at batch 64"));
        w.clear();
        QCOMPARE(w.page->footer(), QString("No layers yet"));
    }

    void aRequestGoesToTheFirstProblem() {
        ModelWindow w("lenet5");
        w.document().edit("Break", Section::Model, [](Project& p) { p.model.layers[3].params["kernel_size"] = 99; });
        QVERIFY(w.page->footer().startsWith("1 problem"));
        Request request;
        request.problem = "first";
        w.page->enter(request);
        QCOMPARE(w.stack()->currentKey(), std::string("conv2"));
        QVERIFY(w.stack()->hasFocus());
    }

    void theNetworkFollowsTheDataAndComesBackWithTheirUndo() {
        ModelWindow w("resnet9");
        const QString before = w.json();
        const QString folder = w.project.folder.filePath("pictures");
        for (const char* label : {"a", "b", "c"})
            for (int i = 0; i < 12; ++i) {
                QImage image(40, 40, QImage::Format_RGB32);
                image.fill(QColor(i * 20, 100, 200).rgb());
                QVERIFY(QDir().mkpath(folder + "/" + label) && image.save(QString("%1/%2/%3.png").arg(folder, label).arg(i)));
            }
        w.document().edit("Open pictures", Section::Data, [&](Project& p) { p.data = "folder:" + folder.toStdString(); });
        QTRY_VERIFY2_WITH_TIMEOUT(w.project.data->data() && w.model().input == w.project.data->networkInput(),
                                  qPrintable(w.project.data->problem() + " " + w.json()), 20000);
        QCOMPARE(checkSpec(w.model()).output, Shape({int64_t(w.project.data->classes().size())}));
        QCOMPARE(checkSpec(w.model()).output, Shape({3}));
        QVERIFY(checkSpec(w.model()).problems.empty());
        QVERIFY(!w.said.isEmpty());
        w.document().undoStack().undo();
        QTRY_COMPARE_WITH_TIMEOUT(w.json(), before, 20000);
        QVERIFY(!w.document().undoStack().canUndo());
    }

    void builtByKeysUndoneToTheStartAndTrainedByTheCommandLine() {
        ModelWindow w("linear");
        w.clear();
        const QString empty = w.json();
        w.stack()->setFocus(Qt::TabFocusReason);
        for (const char* name : {"conv", "batch", "relu", "conv", "maxpool", "flatten", "linear"}) w.addByKeys(name);
        w.stack()->selectCard("conv1");
        QTest::keyClick(w.stack(), Qt::Key_Down);
        QTest::keyClick(w.stack(), Qt::Key_Down);
        QTest::keyClick(w.stack(), Qt::Key_S);
        QTest::keyClick(w.stack(), Qt::Key_Return);
        QVERIFY(w.model().find("add1") > 0);
        // A block of the middle, three times, and one layer bypassed.
        w.stack()->select({"conv2", "add1"});
        QTest::keyClick(w.stack(), Qt::Key_G, Qt::ControlModifier);
        w.stack()->repeatSelected(3);
        w.stack()->selectCard("bn1");
        QTest::keyClick(w.stack(), Qt::Key_B);
        QVERIFY2(w.page->editor()->facts().problems.empty(), qPrintable(w.json()));
        const QString built = w.json();
        while (w.document().undoStack().canUndo()) w.document().undoStack().undo();
        QCOMPARE(w.json(), empty);
        while (w.document().undoStack().canRedo()) w.document().undoStack().redo();
        QCOMPARE(w.json(), built);

        const QString spec = w.project.folder.filePath("spec.json"), run = w.project.folder.filePath("run");
        QFile file(spec);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(toText(w.model().toJson(), 2).c_str());
        file.close();
        const ProgramResult result = runStrata({"train", "--model", spec, "--data", QString::fromStdString(w.document().project().data),
                                                "--epochs", "1", "--batch", "20", "--lr", "0.001", "--device", "cpu", "--run", run});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QVERIFY(QFile::exists(run + "/spec.json"));
        const Json trained = parseJson(
            [&] {
                QFile read(run + "/spec.json");
                (void)read.open(QIODevice::ReadOnly);
                return read.readAll().toStdString();
            }(),
            "spec.json");
        QCOMPARE(toText(trained), built.toStdString());
    }

    void randomEditsAreUndoneToTheSameText_data() {
        QTest::addColumn<QString>("id");
        for (const TemplateDef& def : modelTemplates()) QTest::newRow(def.id.c_str()) << QString::fromStdString(def.id);
    }
    void randomEditsAreUndoneToTheSameText() {
        QFETCH(QString, id);
        ModelWindow w(id.toUtf8().constData());
        w.document().undoStack().clear();
        const QString before = w.json();
        std::mt19937 random(11);
        const auto below = [&](int n) { return int(random() % unsigned(n)); };
        QStringList states{before};
        for (int step = 0; step < 40; ++step) {
            const auto& items = w.stack()->state().layout.items;
            w.stack()->selectCard(items[size_t(below(int(items.size())))].key);
            if (below(3) == 0) QTest::keyClick(w.stack(), Qt::Key_Down, Qt::ShiftModifier);
            const int count = w.document().undoStack().count();
            switch (below(11)) {
            case 0: w.page->editor()->insertLayer(layers()[size_t(below(int(layers().size())))]->spec.id); break;
            case 1: QTest::keyClick(w.stack(), Qt::Key_Delete); break;
            case 2: QTest::keyClick(w.stack(), Qt::Key_B); break;
            case 3: QTest::keyClick(w.stack(), Qt::Key_D, Qt::ControlModifier); break;
            case 4: QTest::keyClick(w.stack(), Qt::Key_G, Qt::ControlModifier); break;
            case 5: QTest::keyClick(w.stack(), Qt::Key_G, Qt::ControlModifier | Qt::ShiftModifier); break;
            case 6: QTest::keyClick(w.stack(), Qt::Key_Up, Qt::AltModifier); break;
            case 7: QTest::keyClick(w.stack(), Qt::Key_Down, Qt::AltModifier); break;
            case 8:
                QTest::keyClick(w.stack(), Qt::Key_S);
                for (int i = below(4); i > 0; --i) QTest::keyClick(w.stack(), Qt::Key_Down);
                QTest::keyClick(w.stack(), Qt::Key_Return);
                break;
            case 9: w.stack()->repeatSelected(below(3) + 1); break;
            default:
                if (const CardProblem* problem =
                        w.page->editor()->facts().problems.empty() ? nullptr : &w.page->editor()->facts().problems.front();
                    problem && problem->fix)
                    emit w.stack()->edited(problem->fix(w.page->editor()->facts().spec));
            }
            if (w.document().undoStack().count() > count) states << w.json();
        }
        QVERIFY(states.size() > 8);
        for (qsizetype i = states.size() - 2; i >= 0; --i) {
            QVERIFY(w.document().undoStack().canUndo());
            w.document().undoStack().undo();
        }
        while (w.document().undoStack().canUndo()) w.document().undoStack().undo();
        QCOMPARE(w.json(), before);
        while (w.document().undoStack().canRedo()) w.document().undoStack().redo();
        QCOMPARE(w.json(), states.back());
    }
};

QTEST_MAIN(TstModelPage)
#include "tst_model_page.moc"
