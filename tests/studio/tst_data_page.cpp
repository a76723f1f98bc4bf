// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/data_page_side.h"
#include "tests/studio/data_page_support.h"
#include "widgets/common/controls.h"
#include "widgets/common/param_form.h"
#include "widgets/data/chip_row.h"
#include "widgets/data/choice_popup.h"
#include "widgets/data/count_list.h"
#include "widgets/data/download_panel.h"
#include "widgets/data/facts_sheet.h"
#include "widgets/data/filter_panel.h"
#include "widgets/data/picture_view.h"
#include "widgets/data/sample_details.h"
#include "widgets/data/sample_viewer.h"
#include "widgets/data/transform_card.h"
#include "widgets/data/transform_list.h"

#include <QAbstractItemModelTester>
#include <QBuffer>
#include <QAbstractButton>
#include <QButtonGroup>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QToolButton>

using namespace strata;
using namespace strata::studio;

class TstDataPage : public QObject {
    Q_OBJECT

    static void clickRow(CountList* list, int row, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        const QRect rect = list->visualRect(list->rows().index(row));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, modifiers, rect.center());
    }
    static void clickTile(SampleGrid* grid, int position, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, modifiers, grid->rectOf(position).center());
    }
    static void typeInPopup(QWidget* page, const QString& name, const QString& text) {
        ChoicePopup* popup = nullptr;
        QTRY_VERIFY((popup = page->findChild<ChoicePopup*>(name)) && popup->isVisible());
        QTest::keyClicks(popup->field(), text);
        QTest::keyClick(popup->field(), Qt::Key_Return);
    }

private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }

    void anEmptyProjectOffersShapes() {
        DataBench bench;
        auto* use = [&]() -> QPushButton* {
            for (QPushButton* button : bench.page->findChildren<QPushButton*>())
                if (button->text() == "Use Shapes" && button->isVisible()) return button;
            return nullptr;
        }();
        QVERIFY(use);
        QTest::mouseClick(use, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!bench.grid()->order().empty(), 60000);
        QCOMPARE(bench.document->project().data, std::string("shapes"));
    }

    void classesFilterAndChipsTakeFiltersAway() {
        DataBench bench;
        bench.open(bench.smallCifar());
        const int all = int(bench.grid()->order().size());
        QCOMPARE(all, 120);
        CountList* classes = bench.page->filters()->classes();
        QAbstractItemModelTester tester(&classes->rows(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        clickRow(classes, 3);
        QCOMPARE(int(bench.grid()->order().size()), 12);
        clickRow(classes, 5, Qt::ControlModifier);
        QCOMPARE(int(bench.grid()->order().size()), 24);
        QCOMPARE(bench.page->chips()->chips().size(), 2);
        QTest::mouseClick(bench.page->chips()->chip(0), Qt::LeftButton);
        QCOMPARE(int(bench.grid()->order().size()), 12);
        QCOMPARE(classes->rows().checked(), std::set<int>{5});
        clickRow(classes, 5);
        QCOMPARE(int(bench.grid()->order().size()), all);
        QVERIFY(!bench.page->chips()->isVisible());
        // The bars count what other filters let through, so that another class can be picked.
        QCOMPARE(classes->rows().index(0).data(CountModel::Count).toInt(), 12);
    }

    void splitTextAndNoMatch() {
        DataBench bench;
        bench.open(bench.smallCifar());
        CountList* splits = bench.page->filters()->splits();
        QCOMPARE(splits->rows().names(), QStringList({"All", "Training", "Validation", "Test"}));
        clickRow(splits, 3);
        QCOMPARE(int(bench.grid()->order().size()), 20);
        QTest::keyClicks(bench.page->search(), "test_batch");
        QTRY_COMPARE(int(bench.grid()->order().size()), 20);
        bench.page->search()->clear();
        QTest::keyClicks(bench.page->search(), "nothing like it");
        QTRY_VERIFY(bench.grid()->order().empty());
        QPushButton* clear = nullptr;
        for (QPushButton* button : bench.page->findChildren<QPushButton*>())
            if (button->text() == "Clear filters" && button->isVisible()) clear = button;
        QVERIFY(clear);
        QTest::mouseClick(clear, Qt::LeftButton);
        QTRY_COMPARE(int(bench.grid()->order().size()), 20); // the split stays
        QVERIFY(bench.page->search()->text().isEmpty());
    }

    void relabelTagAndExcludeAreUndoneToTheSameProject() {
        DataBench bench;
        bench.open(bench.smallCifar());
        const Json before = bench.document->project().toJson();
        SampleGrid* grid = bench.grid();
        clickTile(grid, 0);
        clickTile(grid, 2, Qt::ShiftModifier);
        QCOMPARE(grid->selectedCount(), 3);
        QVERIFY(bench.page->footer().contains("3 selected"));
        grid->setFocus();
        QTest::keyClick(grid, Qt::Key_R);
        typeInPopup(bench.page, "relabel-popup", "horse");
        QCOMPARE(bench.document->undoStack().undoText(), QString("Relabel 3 samples as horse"));
        QVERIFY(bench.page->footer().contains("relabelled"));
        QTest::keyClick(grid, Qt::Key_T);
        typeInPopup(bench.page, "tag-popup", "blurred");
        QVERIFY(bench.page->footer().contains("3 tagged"));
        QTest::keyClick(grid, Qt::Key_X);
        QVERIFY(bench.page->footer().contains("3 excluded"));
        QCOMPARE(bench.page->filters()->tags()->rows().names(), QStringList{"blurred"});
        // The edits are those that training reads.
        const EditList edits = EditList::fromJson(bench.document->project().edits, "test");
        QCOMPARE(edits.edits.size(), size_t(3));
        for (const auto& [key, edit] : edits.edits) {
            QVERIFY(edit.exclude);
            QCOMPARE(edit.tags, std::vector<std::string>{"blurred"});
        }
        const Json after = bench.document->project().toJson();
        while (bench.document->undoStack().canUndo() && bench.document->undoStack().undoText() != "") {
            if (bench.document->undoStack().index() == 1) break; // the first step opened the data
            bench.document->undoStack().undo();
        }
        QCOMPARE(toText(bench.document->project().toJson()), toText(before));
        QVERIFY(!bench.page->footer().contains("excluded"));
        while (bench.document->undoStack().canRedo()) bench.document->undoStack().redo();
        QCOMPARE(toText(bench.document->project().toJson()), toText(after));
    }

    void relabellingBackToTheDatasOwnClassTakesTheEditAway() {
        DataBench bench;
        bench.open(bench.smallCifar());
        clickTile(bench.grid(), 0);
        QTRY_VERIFY(!bench.page->details()->original().empty());
        auto* combo = bench.page->details()->findChild<QComboBox*>();
        const int own = combo->currentIndex();
        combo->setFocus();
        QTest::keyClick(combo, own == 0 ? Qt::Key_Down : Qt::Key_Up);
        QCOMPARE(EditList::fromJson(bench.document->project().edits, "test").edits.size(), size_t(1));
        QTest::keyClick(combo, own == 0 ? Qt::Key_Up : Qt::Key_Down);
        QCOMPARE(bench.document->project().edits, Json::object());
    }

    void aRequestShowsItsSamplesUnderAChip() {
        DataBench bench;
        Request request;
        request.samples = {4, 2, 9};
        request.split = "test";
        request.text = "true cat, predicted dog";
        bench.page->enter(request); // before the data are there
        bench.open(bench.smallCifar());
        QTRY_COMPARE(int(bench.grid()->order().size()), 3);
        QCOMPARE(bench.page->chips()->chips(), QStringList{"true cat, predicted dog"});
        QTest::mouseClick(bench.page->chips()->chip(0), Qt::LeftButton);
        QCOMPARE(int(bench.grid()->order().size()), 120);
    }

    void predictionsFilterAndSort() {
        DataBench bench;
        bench.open(bench.smallCifar());
        QVERIFY(bench.page->filters()->evaluateButton()->isVisible());
        QTest::mouseClick(bench.page->filters()->evaluateButton(), Qt::LeftButton);
        QCOMPARE(bench.visits, std::vector<PageId>{PageId::Evaluate});
        auto result = std::make_shared<EvaluationResult>();
        result->modelId = "included";
        result->modelTitle = "Included";
        result->split = "test";
        result->data = bench.document->project().data;
        for (int i = 0; i < 20; ++i) {
            SamplePrediction sample;
            sample.index = i;
            sample.label = i % 10;
            sample.predicted = i < 5 ? (i + 1) % 10 : i % 10;
            sample.loss = 20 - i;
            result->evaluation.samples.push_back(sample);
        }
        bench.evaluations->add(result);
        QVERIFY(!bench.page->filters()->evaluateButton()->isVisible());
        bench.page->filters()->wrongOnly()->click();
        QCOMPARE(int(bench.grid()->order().size()), 5);
        SampleFilter filter = bench.page->filter();
        filter.sort = SampleSort::Loss;
        bench.page->setFilter(filter);
        QCOMPARE(int(bench.grid()->order().size()), 5);
        QVERIFY(bench.grid()->order()[0] > bench.grid()->order()[4]);
    }

    void theLargeViewStepsAndComesBack() {
        DataBench bench;
        bench.open(bench.smallCifar());
        bench.grid()->setFocus();
        QTest::keyClick(bench.grid(), Qt::Key_Return);
        QVERIFY(bench.page->viewer()->isVisible());
        QTest::keyClick(bench.page->viewer(), Qt::Key_Right);
        QCOMPARE(bench.grid()->current(), bench.grid()->order()[1]);
        QTRY_VERIFY(!bench.page->viewer()->view()->picture().empty());
        QTest::keyClick(bench.page->viewer(), Qt::Key_Escape);
        QVERIFY(bench.grid()->isVisible());
        QVERIFY(bench.grid()->hasFocus());
    }

    void transformsAreEditedWithNamedSteps() {
        DataBench bench;
        bench.open(bench.smallCifar());
        bench.page->enter(Request{{}, {}, {}, {}, {}, "transforms"});
        TransformList* list = bench.page->transforms();
        QVERIFY(list->isVisible());
        const int before = list->count();
        list->add("cutout");
        QCOMPARE(list->count(), before + 1);
        QCOMPARE(bench.document->undoStack().undoText(), QString("Add Cutout"));
        TransformCard* card = list->card(before);
        auto* spin = qobject_cast<QSpinBox*>(card->form()->field("size")->editor());
        QVERIFY(spin && spin->isVisible());
        spin->setFocus();
        spin->selectAll();
        QTest::keyClicks(spin, "12");
        QCOMPARE(bench.document->undoStack().undoText(), QString("Set cutout side to 12"));
        QCOMPARE(bench.document->project().pipeline["steps"].back()["params"]["size"], Json(12));
        card->setFocus();
        QTest::keyClick(card, Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(bench.document->undoStack().undoText(), QString("Move Cutout"));
        QCOMPARE(bench.document->project().pipeline["steps"][size_t(before - 1)]["type"], Json("cutout"));
        QTest::keyClick(list->card(before - 1), Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(list->count(), before + 2);
        QTest::keyClick(list->card(before), Qt::Key_Delete);
        QCOMPARE(list->count(), before + 1);
        QTest::mouseClick(list->resetButton(), Qt::LeftButton);
        QVERIFY(bench.document->project().pipeline.is_null());
        QCOMPARE(list->count(), before);
        while (bench.document->undoStack().index() > 1) bench.document->undoStack().undo();
        QVERIFY(bench.document->project().pipeline.is_null());
    }

    void aTransformIsMovedByDragging() {
        DataBench bench({1400, 900});
        bench.open(bench.smallCifar());
        bench.page->enter(Request{{}, {}, {}, {}, {}, "transforms"});
        TransformList* list = bench.page->transforms();
        QTRY_VERIFY(list->card(0)->height() > 10);
        const std::string first = bench.data->pipeline()->steps()[0].type;
        TransformCard* card = list->card(0);
        const QPoint from(60, 12);
        const QPoint to = card->mapFrom(list, QPoint(60, list->card(1)->geometry().bottom() - 2));
        QTest::mousePress(card, Qt::LeftButton, {}, from);
        QTest::mouseMove(card, from + QPoint(0, 20));
        QMouseEvent move(QEvent::MouseMove, to, card->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(card, &move);
        QTest::mouseRelease(card, Qt::LeftButton, {}, to);
        QCOMPARE(bench.data->pipeline()->steps()[1].type, first);
    }

    void aCropLargerThanThePictureIsNamedInItsRow() {
        DataBench bench;
        bench.open(bench.smallCifar());
        bench.page->enter(Request{{}, {}, {}, {}, {}, "transforms"});
        bench.document->edit("Crop", Section::Pipeline, [](Project& project) {
            project.pipeline =
                Json::parse(R"({"version":1,"steps":[{"type":"center_crop","params":{"size":[64,64]}},{"type":"cutout","params":{}}]})");
        });
        TransformList* list = bench.page->transforms();
        QVERIFY2(list->card(0)->problem().contains("64"), qPrintable(list->card(0)->problem()));
        QVERIFY(list->card(1)->problem().isEmpty());
        QVERIFY(!list->card(0)->accessibleDescription().isEmpty());
    }

    void factsAreWhatTheCommandLinePrints() {
        DataBench bench;
        bench.open(bench.smallCifar());
        (*bench.actions)["data.facts"]->trigger();
        QVERIFY(bench.page->facts()->isVisible());
        const QString text = FactsSheet::text(bench.data->data()->source, bench.data->data()->statistics);
        QVERIFY(text.contains("3x32x32"));
        QVERIFY(text.contains(QString::fromStdString(bench.data->data()->source.fingerprint)));
        for (QPushButton* button : bench.page->facts()->findChildren<QPushButton*>()) QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), text);
    }

    void aFolderThatIsGoneIsSaidAndOtherWaysAreOffered() {
        DataBench bench;
        bench.data->open("cifar10:/nowhere/at/all");
        QTRY_VERIFY(!bench.data->problem().isEmpty());
        int offers = 0;
        for (QPushButton* button : bench.page->findChildren<QPushButton*>())
            offers += button->isVisible() && (button->text() == "Try again" || button->text() == "Use Shapes");
        QCOMPARE(offers, 2);
    }

    void droppedThingsAreOpenedOrRefusedWithASentence() {
        DataBench bench;
        const QString spec = bench.smallCifar();
        bench.page->enter(Request{{spec.section(':', 1)}, {}, {}, {}, {}, {}});
        QTRY_COMPARE_WITH_TIMEOUT(int(bench.grid()->order().size()), 120, 30000);
        const QString nothing = bench.folder.filePath("letter.txt");
        test::writeBytes(nothing.toStdString(), "Dear Sirs");
        bench.page->enter(Request{{nothing}, {}, {}, {}, {}, {}});
        QTRY_COMPARE(bench.errors.size(), 1);
        QVERIFY(bench.errors[0].contains("letter.txt"));
    }

    void theRightPanelIsADrawerInANarrowWindow() {
        DataBench bench({952, 560});
        bench.open(bench.smallCifar());
        bench.page->setNarrow(true);
        auto* side = bench.page->findChild<DataSide*>();
        QVERIFY(!side->isVisible());
        bench.grid()->setFocus();
        QTest::keyClick(bench.grid(), Qt::Key_I);
        QVERIFY(side->isVisible());
        QVERIFY(side->geometry().right() <= bench.page->width());
        QTest::keyClick(side, Qt::Key_Escape);
        QVERIFY(!side->isVisible());
        bench.page->setNarrow(false);
        QVERIFY(side->isVisible());
    }

    void everyControlHasANameAndTabReachesIt() {
        DataBench bench;
        bench.open(bench.smallCifar());
        clickTile(bench.grid(), 0);
        QTRY_VERIFY(!bench.page->details()->original().empty());
        std::set<QWidget*> expected, reached;
        for (QWidget* widget : bench.page->findChildren<QWidget*>()) {
            if (!widget->isVisible() || !widget->isEnabled() || !(widget->focusPolicy() & Qt::TabFocus) || widget->focusProxy()) continue;
            QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
            // Of exclusive buttons Tab reaches the chosen one, arrows the others.
            auto* button = qobject_cast<QAbstractButton*>(widget);
            if (button && button->group() && button->group()->exclusive() && !button->isChecked()) continue;
            expected.insert(widget);
        }
        QVERIFY(expected.size() > 10);
        bench.grid()->setFocus();
        for (int i = 0; i < 200; ++i) {
            if (QWidget* focus = QApplication::focusWidget()) reached.insert(focus);
            QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : bench.page, Qt::Key_Tab);
        }
        for (QWidget* widget : expected)
            QVERIFY2(reached.contains(widget), qPrintable(widget->metaObject()->className() + (" " + widget->accessibleName())));
    }

    void longClassNamesFit() {
        DataBench bench;
        const QString folder = bench.folder.filePath("long");
        const std::string png = [] {
            // A 1x1 PNG would do; the shapes' own pictures come from the command line's writer instead.
            QImage image(16, 16, QImage::Format_RGB32);
            image.fill(0x336699);
            QByteArray bytes;
            QBuffer buffer(&bytes);
            buffer.open(QIODevice::WriteOnly);
            image.save(&buffer, "PNG");
            return bytes.toStdString();
        }();
        const QString longName = "Straßenbahnhaltestellenhäuschen mit ungewöhnlich ausführlicher Bezeichnung und noch mehr";
        for (const QString& name : {longName, QString("kurz")})
            for (int i = 0; i < 12; ++i) test::writeBytes((folder + "/" + name + QString("/%1.png").arg(i)).toStdString(), png);
        bench.open("folder:" + folder);
        clickRow(bench.page->filters()->classes(), 0);
        QTRY_COMPARE(bench.page->chips()->chips().size(), 1);
        QVERIFY(bench.page->chips()->chip(0)->width() <= bench.page->chips()->width());
        QCOMPARE(bench.page->width(), 1208); // nothing pushes the page wider
        for (QPushButton* button : bench.page->findChildren<QPushButton*>())
            if (button->isVisible() && button->sizePolicy().horizontalPolicy() != QSizePolicy::Ignored)
                QVERIFY2(button->width() >= button->minimumSizeHint().width(), qPrintable(button->text()));
    }

    void sizesAreRemembered() {
        DataBench bench;
        bench.open(bench.smallCifar());
        const int before = bench.grid()->tileSize();
        QTest::keyClick(bench.page->search(), Qt::Key_Plus, Qt::ControlModifier);
        QVERIFY(bench.grid()->tileSize() > before);
        const int chosen = bench.grid()->tileSize();
        delete bench.page;
        QCOMPARE(bench.settings->value("data/tile_size").toInt(), chosen);
        bench.actions = std::make_unique<ActionTable>(&bench.window);
        bench.context.reset(new Context{*bench.document, *bench.data, *bench.runs, *bench.models, *bench.evaluations, *bench.messages,
                                        *bench.actions, *bench.settings, [](PageId, const Request&) {}});
        bench.page = new DataPage(*bench.context, &bench.window);
        QTRY_COMPARE(bench.grid()->tileSize(), chosen);
    }
};

QTEST_MAIN(TstDataPage)
#include "tst_data_page.moc"
