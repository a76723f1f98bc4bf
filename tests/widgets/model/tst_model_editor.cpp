// SPDX-License-Identifier: GPL-3.0-or-later
// Palette, inspector, summary, source, templates and the drawer around the stack.
#include "core/formats/pytorch_source.h"
#include "tests/widgets/model/model_harness.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/common/param_form.h"
#include "widgets/model/code_view.h"
#include "widgets/model/layer_look.h"
#include "widgets/model/palette_model.h"
#include "widgets/model/spec_repeat.h"
#include "widgets/model/summary_model.h"
#include "widgets/model/template_chooser.h"
#include "widgets/model/template_thumbnail.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>
#include <set>

using namespace strata;
using namespace strata::modeledit;

namespace {

ModelSpec templateOf(const char* id) { return makeTemplate(id, {3, 32, 32}, 10); }

bool typable(QWidget* widget) {
    return qobject_cast<QLineEdit*>(widget) || qobject_cast<QAbstractButton*>(widget) || qobject_cast<QAbstractSpinBox*>(widget) ||
           qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractScrollArea*>(widget);
}

} // namespace

class TstModelEditor : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        qputenv("STRATA_NO_MOTION", "1");
        applyTheme(*qApp, ThemeMode::Light);
    }

    void everyLayerIsInThePaletteOnceAndHasAnIcon() {
        PaletteModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        std::multiset<std::string> types;
        for (int row = 0; row < model.rowCount(); ++row) {
            const std::string type = model.index(row).data(PaletteModel::TypeRole).toString().toStdString();
            if (type.empty()) continue;
            types.insert(type);
            QVERIFY2(hasIcon(groupIcon(layerGroup(type))), type.c_str());
        }
        QCOMPARE(types.size(), layers().size());
        for (const LayerDef* def : layers()) QCOMPARE(types.count(def->spec.id), size_t(1));
        model.setFilter("conv");
        QCOMPARE(model.rowCount(), 2); // a head and Conv2d
        model.setFilter("norm");
        QCOMPARE(model.index(1).data().toString(), QString("BatchNorm2d"));
        model.setFilter("no such layer");
        QCOMPARE(model.rowCount(), 0);
    }

    void paletteSearchGoesBackWithEscape() {
        ModelHarness h;
        h.stack()->setFocus(Qt::TabFocusReason);
        QTest::keyClick(h.stack(), Qt::Key_Insert);
        QLineEdit* search = h.editor.palette()->searchField();
        QTest::keyClicks(search, "zzz");
        QTest::keyClick(search, Qt::Key_Return);
        QVERIFY(h.model.layers.empty());
        QTest::keyClick(search, Qt::Key_Escape);
        QVERIFY(search->text().isEmpty());
        QTest::keyClick(search, Qt::Key_Escape);
        QVERIFY(h.stack()->hasFocus());
        // From the list: arrows and Enter.
        search->setFocus();
        QTest::keyClick(search, Qt::Key_Down);
        QVERIFY(h.editor.palette()->list()->hasFocus());
        QTest::keyClick(h.editor.palette()->list(), Qt::Key_Return);
        QCOMPARE(h.model.layers.size(), size_t(1));
        QCOMPARE(h.model.layers[0].type, std::string("conv2d"));
    }

    void enterGoesToTheInspectorAndEscapeBack() {
        ModelHarness h;
        h.stack()->setFocus(Qt::TabFocusReason);
        h.addByKeys("conv");
        QTest::keyClick(h.stack(), Qt::Key_Return);
        auto* spin = qobject_cast<QSpinBox*>(QApplication::focusWidget());
        QVERIFY(spin && spin->objectName() == "out_channels");
        QTest::keyClicks(spin, "48");
        QCOMPARE(h.model.layers[0].params["out_channels"].get<int>(), 48);
        QCOMPARE(h.undo.undoText(), QString("Set out channels to 48"));
        QVERIFY(spin->hasFocus()); // typing goes on
        QTest::keyClick(spin, Qt::Key_B);
        QVERIFY(!h.model.layers[0].bypassed);
        QTest::keyClick(spin, Qt::Key_Escape);
        QVERIFY(h.stack()->hasFocus());
        QTest::keyClick(h.stack(), Qt::Key_B);
        QVERIFY(h.model.layers[0].bypassed);
    }

    void theInspectorRenamesFreezesAndRewires() {
        ModelHarness h(templateOf("resnet9"));
        h.stack()->selectCard("conv2");
        auto* name = h.editor.inspector()->findChild<QLineEdit*>("layerName");
        name->setFocus();
        name->selectAll();
        QTest::keyClicks(name, "stem");
        QTest::keyClick(name, Qt::Key_Return);
        QVERIFY(h.model.find("stem") > 0);
        QCOMPARE(h.stack()->selectedIds(), Ids{"stem"});
        name->selectAll();
        QTest::keyClicks(name, "conv1");
        QTest::keyClick(name, Qt::Key_Return);
        QVERIFY(h.model.find("stem") > 0); // taken: refused under the field
        for (QCheckBox* box : h.editor.inspector()->findChildren<QCheckBox*>())
            if (box->isVisible() && box->text().startsWith("Freeze")) QTest::keyClick(box, Qt::Key_Space);
        QCOMPARE(h.model.layers[size_t(h.model.find("stem"))].frozen, std::vector<std::string>{"weight"});
        h.stack()->selectCard("add3");
        QComboBox* second = nullptr;
        for (QComboBox* combo : h.editor.inspector()->findChildren<QComboBox*>())
            if (combo->accessibleName() == "Input 2 of add3") second = combo;
        QVERIFY(second);
        second->setFocus();
        QTest::keyClick(second, Qt::Key_Up);
        QVERIFY(h.model.inputsOf(size_t(h.model.find("add3")))[1] != "pool2");
        h.undo.undo();
        QCoreApplication::processEvents(); // new rows show themselves
        QToolButton* remove = nullptr;
        for (QToolButton* button : h.editor.inspector()->findChildren<QToolButton*>())
            if (button->accessibleName() == "Remove input 2" && button->isVisible()) remove = button;
        QVERIFY(remove);
        QTest::mouseClick(remove, Qt::LeftButton);
        QVERIFY(h.model.find("add3") < 0);
    }

    void severalLayersAreSetAtOnce() {
        ModelHarness h(templateOf("vgg_small"));
        h.stack()->select({"conv1", "conv2"});
        auto* spin = h.editor.inspector()->form()->findChild<QSpinBox*>("out_channels");
        QVERIFY(spin);
        QTRY_VERIFY(spin->isVisible());
        spin->setFocus();
        spin->selectAll();
        QTest::keyClicks(spin, "24");
        for (const char* id : {"conv1", "conv2"}) QCOMPARE(h.model.layers[size_t(h.model.find(id))].params["out_channels"].get<int>(), 24);
    }

    void aBlockIsRepeatedFromTheInspector() {
        ModelHarness h(templateOf("resnet20"));
        h.stack()->selectCard("block:block2_3");
        h.editor.openInspector();
        auto* spin = h.editor.inspector()->findChild<QSpinBox*>("blockRepeats");
        QVERIFY(spin->hasFocus());
        spin->selectAll();
        QTest::keyClicks(spin, "3");
        QCOMPARE(repeatsOf(h.editor.facts().spec, "block2_3"), 3);
        QVERIFY(h.model.find("conv2_3a_r3") > 0);
        QCOMPARE(h.stack()->selectedBlock(), std::string("block2_3"));
    }

    void theSummaryIsATableWithTotals() {
        ModelSpec spec = templateOf("resnet9");
        SummaryModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setFacts(modelFacts(spec, {}), 128);
        QCOMPARE(model.rowCount(), int(spec.layers.size()) + 1);
        const Json expected = summaryJson(spec, 128);
        const int last = model.rowCount() - 1;
        QString parameters = model.index(last, SummaryModel::Parameters).data().toString();
        QCOMPARE(parameters.remove(',').toLongLong(), expected["parameters"].get<qint64>());
        for (int row = 0; row < last; ++row) {
            QCOMPARE(model.index(row, SummaryModel::Layer).data().toString().toStdString(), spec.layers[size_t(row)].id);
            QVERIFY(model.index(row, SummaryModel::Output).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
        }
        model.setFacts(modelFacts({}, {}), 128);
        QCOMPARE(model.rowCount(), 0);

        ModelHarness h(spec);
        h.editor.setView(1);
        QTableView* table = h.editor.summary();
        QVERIFY(table->isVisible() && !table->showGrid());
        table->setFocus();
        table->setCurrentIndex(table->model()->index(3, 0));
        QCOMPARE(h.stack()->currentKey(), spec.layers[3].id);
        h.editor.copyView();
        QVERIFY(QApplication::clipboard()->text().startsWith("Layer\tType"));
        QTest::keyClick(table, Qt::Key_Return);
        QCOMPARE(h.editor.view(), 0);
        QCOMPARE(h.stack()->currentKey(), spec.layers[3].id);
    }

    void theSourceIsReadOnlyAndCopied() {
        ModelHarness h(templateOf("lenet5"));
        h.editor.setView(2);
        QPlainTextEdit* text = h.editor.codeView()->editor();
        QVERIFY(text->isReadOnly() && text->isVisible());
        QCOMPARE(h.editor.codeView()->code().toStdString(), pytorchSource(h.model));
        h.editor.copyView();
        QCOMPARE(QApplication::clipboard()->text(), h.editor.codeView()->code());
        ModelSpec wrong = h.model;
        wrong.layers.front().params["kernel_size"] = 99;
        h.show(wrong);
        QVERIFY(!text->isVisible()); // a sentence instead
        ModelSpec bypassed = templateOf("lenet5");
        bypassed.layers[1].bypassed = true;
        h.show(bypassed);
        QVERIFY(text->isVisible());
    }

    void aTemplateIsChosenByKeysAndUndone() {
        ModelHarness h;
        const QString before = h.json();
        auto* choose = h.stack()->findChild<QPushButton*>();
        choose->setFocus();
        QTest::keyClick(choose, Qt::Key_Space);
        auto* chooser = h.editor.findChild<TemplateChooser*>();
        QVERIFY(chooser && chooser->isVisible());
        QCOMPARE(chooser->cards().size(), modelTemplates().size());
        QVERIFY(chooser->cards()[0]->hasFocus());
        QTest::keyClick(chooser, Qt::Key_Down);
        QTest::keyClick(chooser, Qt::Key_Right);
        QVERIFY(chooser->cards()[3]->hasFocus());
        QTest::keyClick(chooser, Qt::Key_Return);
        QCOMPARE(h.model.name, std::string("vgg_small"));
        QVERIFY(h.editor.facts().problems.empty());
        h.undo.undo();
        QCOMPARE(h.json(), before);
    }

    void thumbnailsDrawEveryTemplateInTheGroupsColours() {
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            applyTheme(*qApp, mode);
            for (const TemplateDef& def : modelTemplates()) {
                TemplateThumbnail thumbnail;
                thumbnail.setSpec(templateOf(def.id.c_str()));
                thumbnail.resize(240, 64);
                const QImage image = thumbnail.grab().toImage();
                std::set<QRgb> colours;
                for (int y = 0; y < image.height(); ++y)
                    for (int x = 0; x < image.width(); ++x) colours.insert(image.pixel(x, y));
                QVERIFY2(colours.contains(groupColor(LayerGroup::Linear).rgb()), def.id.c_str());
                if (def.id != "linear" && def.id != "mlp")
                    QVERIFY2(colours.contains(groupColor(LayerGroup::Convolution).rgb()), def.id.c_str());
            }
        }
        applyTheme(*qApp, ThemeMode::Light);
        TemplateThumbnail nothing;
        nothing.grab(); // an empty network is no trouble
    }

    void belowItsWidthTheInspectorIsADrawer() {
        ModelHarness h(templateOf("resnet9"), {952, 560});
        h.editor.setNarrow(true);
        QVERIFY(!h.editor.inspector()->isVisible());
        h.stack()->setFocus(Qt::TabFocusReason);
        h.stack()->selectCard("conv2");
        QTest::keyClick(h.stack(), Qt::Key_Return);
        QVERIFY(h.editor.inspector()->isVisible());
        QVERIFY(h.editor.rect().contains(h.editor.inspector()->parentWidget()->geometry()));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QVERIFY(!h.editor.inspector()->isVisible() && h.stack()->hasFocus());
        h.editor.setNarrow(false);
        QVERIFY(h.editor.inspector()->isVisible());
    }

    void everyControlHasANameAndIsReachedByTab() {
        ModelHarness h(templateOf("resnet20"));
        h.stack()->selectCard("add3_1");
        for (QWidget* widget : h.editor.findChildren<QWidget*>()) {
            if (!widget->isVisible() || !typable(widget) || widget->focusPolicy() == Qt::NoFocus) continue;
            if (widget->objectName().startsWith("qt_")) continue; // parts of Qt's own controls
            QVERIFY2(!widget->accessibleName().isEmpty() || !widget->property("text").toString().isEmpty(),
                     qPrintable(QString(widget->metaObject()->className()) + " " + widget->objectName()));
        }
        std::set<QWidget*> reached;
        h.editor.palette()->searchField()->setFocus();
        for (int i = 0; i < 60; ++i) {
            QWidget* focus = QApplication::focusWidget();
            QVERIFY(focus);
            if (!reached.insert(focus).second) break;
            QTest::keyClick(focus, Qt::Key_Tab);
        }
        QVERIFY(reached.contains(h.stack()));
        QVERIFY(reached.contains(h.editor.inspector()->findChild<QLineEdit*>("layerName")));
        QVERIFY(reached.contains(h.editor.palette()->list()));
    }

    void theThemeSwitchEqualsARestart() {
        ModelHarness h(templateOf("resnet20"));
        h.stack()->setFocus(Qt::TabFocusReason);
        h.stack()->selectCard("conv2_1a");
        QCoreApplication::processEvents();
        applyTheme(*qApp, ThemeMode::Dark);
        QCoreApplication::processEvents();
        const QImage switched = h.stack()->grab().toImage();
        ModelHarness fresh(templateOf("resnet20"));
        fresh.stack()->setFocus(Qt::TabFocusReason);
        fresh.stack()->selectCard("conv2_1a");
        QCoreApplication::processEvents();
        const QImage restarted = fresh.stack()->grab().toImage();
        applyTheme(*qApp, ThemeMode::Light);
        QCOMPARE(switched.size(), restarted.size());
        QVERIFY(switched == restarted || h.stack()->hasFocus() != fresh.stack()->hasFocus());
    }
};

QTEST_MAIN(TstModelEditor)
#include "tst_model_editor.moc"
