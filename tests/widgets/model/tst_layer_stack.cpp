// SPDX-License-Identifier: GPL-3.0-or-later
// The stack of cards as a person uses it: by keyboard only, by mouse only, with undo, copies, fixes and a screen reader.
#include "core/model/network.h"
#include "tests/widgets/model/model_harness.h"
#include "widgets/model/spec_repeat.h"

#include <QAccessible>
#include <QClipboard>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QScrollBar>

using namespace strata;
using namespace strata::modeledit;

namespace {

const QString kBuilt = "conv1(input) bn1(conv1) relu1(bn1) conv2(relu1) add1(conv2,relu1) flatten(add1) fc1(flatten)";

ModelSpec resnet(const char* id = "resnet20") { return makeTemplate(id, {3, 32, 32}, 10); }

} // namespace

class TstLayerStack : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        qputenv("STRATA_NO_MOTION", "1");
        applyTheme(*qApp, ThemeMode::Light);
    }

    void anEmptyStackSaysWhatToDo() {
        ModelHarness h;
        QVERIFY(h.stack()->state().layout.itemOf("slot") >= 0);
        auto* choose = h.stack()->findChild<QPushButton*>();
        QVERIFY(choose && choose->isVisible() && choose->text() == "Choose template");
        h.editor.insertLayer("relu");
        QVERIFY(!choose->isVisible());
        h.undo.undo();
        QVERIFY(choose->isVisible());
    }

    void aNetworkIsBuiltByKeyboardOnly() {
        ModelHarness h;
        const QString before = h.json();
        h.stack()->setFocus(Qt::TabFocusReason);
        for (const char* name : {"conv", "batch", "relu", "conv", "flat", "linear"}) h.addByKeys(name);
        QCOMPARE(h.wiring(), QString("conv1(input) bn1(conv1) relu1(bn1) conv2(relu1) flatten(conv2) fc1(flatten)"));
        // The skip connection: from the ReLU over the second convolution.
        for (int i = 0; i < 3; ++i) QTest::keyClick(h.stack(), Qt::Key_Up);
        QCOMPARE(h.stack()->currentKey(), std::string("relu1"));
        QTest::keyClick(h.stack(), Qt::Key_S);
        QVERIFY(h.stack()->connecting());
        QVERIFY(!h.editor.hintText().isEmpty());
        QTest::keyClick(h.stack(), Qt::Key_Return);
        QCOMPARE(h.wiring(), kBuilt);
        QVERIFY(h.editor.facts().problems.empty());
        const QString after = h.json();
        while (h.undo.canUndo()) h.undo.undo();
        QCOMPARE(h.json(), before);
        while (h.undo.canRedo()) h.undo.redo();
        QCOMPARE(h.json(), after);
        QVERIFY(Network(h.model, 1).parameterCount() > 0);
    }

    void theSameNetworkIsBuiltByMouseOnly() {
        ModelHarness h;
        QListView* list = h.editor.palette()->findChild<QListView*>();
        const auto doubleClick = [&](const char* title) {
            QModelIndex found;
            for (int row = 0; row < list->model()->rowCount(); ++row)
                if (const QModelIndex index = list->model()->index(row, 0); index.data() == title && index.flags() & Qt::ItemIsEnabled)
                    found = index;
            QVERIFY(found.isValid());
            list->scrollTo(found);
            const QPoint at = list->visualRect(found).center();
            QTest::mouseClick(list->viewport(), Qt::LeftButton, Qt::NoModifier, at);
            QTest::mouseDClick(list->viewport(), Qt::LeftButton, Qt::NoModifier, at);
        };
        for (const char* title : {"Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "Flatten", "Linear"}) doubleClick(title);
        h.stack()->verticalScrollBar()->setValue(0);
        h.drag(h.stack()->partPoint("relu1", CardPart::Port), h.stack()->partPoint("flatten", CardPart::Body));
        QCOMPARE(h.wiring(), kBuilt);
        QCOMPARE(h.undo.undoText(), QString("Connect relu1 to flatten"));
        while (h.undo.canUndo()) h.undo.undo();
        QVERIFY(h.model.layers.empty());
    }

    void theMouseReordersAndRefusesBackwardMoves() {
        ModelHarness h;
        for (const char* type : {"conv2d", "batch_norm", "relu", "conv2d"}) h.editor.insertLayer(type);
        const QPoint half(0, 40);
        h.drag(h.stack()->partPoint("relu1", CardPart::Grip), h.stack()->partPoint("bn1", CardPart::Body) - half);
        QCOMPARE(h.wiring(), QString("conv1(input) relu1(conv1) bn1(relu1) conv2(bn1)"));
        h.undo.undo();
        QVERIFY(h.editor.stack()->selectedIds() == Ids{"relu1"} || !h.stack()->selectedIds().empty());
        h.drag(h.stack()->partPoint("conv1", CardPart::Port), h.stack()->partPoint("conv2", CardPart::Body), Qt::ShiftModifier);
        QCOMPARE(h.wiring(), QString("conv1(input) bn1(conv1) relu1(bn1) concat1(relu1,conv1) conv2(concat1)"));
        const QString before = h.json();
        const QPoint from = h.stack()->partPoint("conv1", CardPart::Body), to = h.stack()->partPoint("conv2", CardPart::Body) + half;
        QTest::mousePress(h.view(), Qt::LeftButton, Qt::NoModifier, from);
        h.moveTo(to);
        h.moveTo(to);
        QVERIFY2(h.stack()->state().dragging->refused.contains("backwards"), "it is said while dragging");
        QTest::mouseRelease(h.view(), Qt::LeftButton, Qt::NoModifier, to);
        QCOMPARE(h.json(), before);
        QVERIFY(h.editor.hintText().contains("backwards"));
    }

    void severalCardsMoveTogetherAndEscapeLetsThemGo() {
        ModelHarness h;
        for (const char* type : {"conv2d", "batch_norm", "relu", "conv2d", "dropout"}) h.editor.insertLayer(type);
        h.click("bn1");
        h.click("relu1", CardPart::Body, Qt::ShiftModifier);
        QCOMPARE(h.stack()->selectedIds(), (Ids{"bn1", "relu1"}));
        h.drag(h.stack()->partPoint("bn1", CardPart::Body), h.stack()->partPoint("dropout1", CardPart::Body) + QPoint(0, 40));
        QCOMPARE(h.wiring(), QString("conv1(input) conv2(conv1) dropout1(conv2) bn1(dropout1) relu1(bn1)"));
        QCOMPARE(h.stack()->selectedIds(), (Ids{"bn1", "relu1"}));
        const QString before = h.json();
        const QPoint from = h.stack()->partPoint("conv1", CardPart::Body);
        QTest::mousePress(h.view(), Qt::LeftButton, Qt::NoModifier, from);
        h.moveTo(from + QPoint(0, 100));
        QVERIFY(h.stack()->state().dragging.has_value());
        QTest::keyClick(h.stack(), Qt::Key_Escape);
        QVERIFY(!h.stack()->state().dragging.has_value());
        QTest::mouseRelease(h.view(), Qt::LeftButton, Qt::NoModifier, from);
        QCOMPARE(h.json(), before);
        h.click("bn1", CardPart::Body, Qt::ControlModifier);
        QCOMPARE(h.stack()->selectedIds(), (Ids{"conv1", "bn1"}));
        h.click("conv1", CardPart::Body, Qt::ControlModifier);
        QCOMPARE(h.stack()->selectedIds(), Ids{"bn1"});
    }

    void aLayerIsDroppedFromThePalette() {
        ModelHarness h;
        for (const char* type : {"conv2d", "relu"}) h.editor.insertLayer(type);
        QMimeData mime;
        mime.setData(kLayerMime, "batch_norm");
        const QPoint at = h.stack()->cardRect("relu1").topLeft() + QPoint(40, -4);
        QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(h.view(), &enter);
        QVERIFY(enter.isAccepted());
        QDragMoveEvent move(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(h.view(), &move);
        QVERIFY(h.stack()->state().dropGap >= 0);
        QDropEvent drop(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(h.view(), &drop);
        QCOMPARE(h.wiring(), QString("conv1(input) bn1(conv1) relu1(bn1)"));
        QVERIFY(h.stack()->state().dropGap < 0);
    }

    void arcsAreReachedMovedAndRemovedByKeys() {
        ModelHarness h(resnet("resnet9"));
        h.stack()->setFocus(Qt::TabFocusReason);
        h.stack()->selectCard("add3");
        QTest::keyClick(h.stack(), Qt::Key_Right);
        QVERIFY(h.stack()->selectedArc());
        QCOMPARE(h.stack()->selectedArc()->layer, std::string("add3"));
        QTest::keyClick(h.stack(), Qt::Key_S); // its end moves
        QTest::keyClick(h.stack(), Qt::Key_Down);
        QTest::keyClick(h.stack(), Qt::Key_Return);
        QVERIFY2(h.model.find("add3") < 0, qPrintable(h.wiring()));
        QVERIFY(h.wiring().contains("add1(relu3b,pool2)"));
        h.undo.undo();
        QCOMPARE(h.json(), QString::fromStdString(toText(resnet("resnet9").toJson())));
        h.stack()->selectCard("add3");
        QTest::keyClick(h.stack(), Qt::Key_Right);
        QTest::keyClick(h.stack(), Qt::Key_Delete);
        QVERIFY(h.model.find("add3") < 0 && h.model.find("add1") < 0);
        QCOMPARE(h.model.inputsOf(size_t(h.model.find("conv4"))), Ids{"relu3b"});
        h.undo.undo();
        h.stack()->selectCard("add3");
        QTest::keyClick(h.stack(), Qt::Key_Right);
        QTest::keyClick(h.stack(), Qt::Key_Escape);
        QVERIFY(!h.stack()->selectedArc());
        // Shift+Enter concatenates, Escape gives up.
        h.stack()->selectCard("relu1");
        QTest::keyClick(h.stack(), Qt::Key_S);
        QTest::keyClick(h.stack(), Qt::Key_Escape);
        QVERIFY(!h.stack()->connecting());
        QTest::keyClick(h.stack(), Qt::Key_S);
        QTest::keyClick(h.stack(), Qt::Key_Return, Qt::ShiftModifier);
        QVERIFY(h.wiring().contains("concat1("));
    }

    void anArcsEndIsDraggedElsewhere() {
        ModelHarness h(resnet("resnet9"), {1208, 1400});
        h.stack()->verticalScrollBar()->setValue(0);
        h.stack()->reveal("conv4");
        h.drag(h.stack()->arcPoint("add3", 1), h.stack()->partPoint("relu3b", CardPart::Body));
        QVERIFY2(h.wiring().contains("add1(bn3b,pool2) relu3b(add1) conv4(relu3b)"), qPrintable(h.wiring()));
        h.undo.undo();
        QCOMPARE(h.json(), QString::fromStdString(toText(resnet("resnet9").toJson())));
    }

    void keysEditTheSelection() {
        ModelHarness h;
        for (const char* type : {"conv2d", "relu", "conv2d"}) h.editor.insertLayer(type);
        QTest::keyClick(h.stack(), Qt::Key_Up);
        QTest::keyClick(h.stack(), Qt::Key_B);
        QVERIFY(h.model.layers[1].bypassed);
        QTest::keyClick(h.stack(), Qt::Key_B);
        QVERIFY(!h.model.layers[1].bypassed);
        QTest::keyClick(h.stack(), Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(h.wiring(), QString("conv1(input) conv2(conv1) relu1(conv2)"));
        QTest::keyClick(h.stack(), Qt::Key_Up, Qt::AltModifier);
        QTest::keyClick(h.stack(), Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(h.wiring(), QString("conv1(input) relu1(conv1) relu2(relu1) conv2(relu2)"));
        QCOMPARE(h.stack()->selectedIds(), Ids{"relu2"});
        QTest::keyClick(h.stack(), Qt::Key_Delete);
        QCOMPARE(h.stack()->currentKey(), std::string("conv2")); // what took its place
        QTest::keyClick(h.stack(), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClick(h.stack(), Qt::Key_C, Qt::ControlModifier);
        QTest::keyClick(h.stack(), Qt::Key_End);
        QTest::keyClick(h.stack(), Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(h.wiring(), QString("conv1(input) relu1(conv1) conv2(relu1) conv3(conv2) relu2(conv3) conv4(relu2)"));
        QTest::keyClick(h.stack(), Qt::Key_X, Qt::ControlModifier);
        QCOMPARE(h.wiring(), QString("conv1(input) relu1(conv1) conv2(relu1)"));
        QApplication::clipboard()->setText("not layers");
        QTest::keyClick(h.stack(), Qt::Key_V, Qt::ControlModifier);
        QVERIFY(h.editor.hintText().contains("no layers"));
    }

    void blocksFoldRepeatAndMoveAsOne() {
        ModelHarness h(resnet());
        h.stack()->setFocus(Qt::TabFocusReason);
        h.stack()->selectCard("block:block2_2");
        QCOMPARE(h.stack()->selectedBlock(), std::string("block2_2"));
        QTest::keyClick(h.stack(), Qt::Key_Left);
        QVERIFY(h.stack()->state().layout.itemOf("conv2_2a") == h.stack()->state().layout.itemOf("block:block2_2"));
        const QString before = h.json();
        h.stack()->repeatSelected(3);
        QVERIFY(h.editor.facts().problems.empty());
        QVERIFY(h.model.find("conv2_2a_r3") > 0);
        QCOMPARE(h.stack()->selectedBlock(), std::string("block2_2"));
        h.undo.undo();
        QCOMPARE(h.json(), before);
        QTest::keyClick(h.stack(), Qt::Key_Right);
        QVERIFY(h.stack()->state().layout.itemOf("conv2_2a") != h.stack()->state().layout.itemOf("block:block2_2"));
        QTest::keyClick(h.stack(), Qt::Key_G, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(blockMembers(h.model, "block2_2").empty());
        QTest::keyClick(h.stack(), Qt::Key_G, Qt::ControlModifier);
        QCOMPARE(blockMembers(h.model, "block1").size(), size_t(7));
        h.click("block:block2_1", CardPart::Chevron);
        QVERIFY(!h.stack()->state().layout.items[size_t(h.stack()->state().layout.itemOf("block:block2_1"))].open);
    }

    void aFixIsClickedAndTheCardIsWellAgain() {
        ModelHarness h;
        for (const char* type : {"conv2d", "linear"}) h.editor.insertLayer(type);
        QCOMPARE(h.editor.facts().problems.size(), size_t(1));
        const StackItem& item = h.stack()->state().layout.items[size_t(h.stack()->state().layout.itemOf("fc1"))];
        QCOMPARE(item.rect.height(), card::kErrorHeight);
        QCOMPARE(item.problem->fixTitle, QString("Insert Flatten"));
        h.click("fc1", CardPart::Fix);
        QVERIFY(h.editor.facts().problems.empty());
        QCOMPARE(h.undo.undoText(), QString("Insert Flatten"));
        h.undo.undo();
        QCOMPARE(h.editor.facts().problems.size(), size_t(1));
        // The same from the inspector, by keys.
        h.editor.goToProblem();
        QTest::keyClick(h.stack(), Qt::Key_Return);
        QVERIFY(h.editor.inspector()->fixButton()->hasFocus());
        QTest::keyClick(h.editor.inspector()->fixButton(), Qt::Key_Space);
        QVERIFY(h.editor.facts().problems.empty());
    }

    void selectionGoesWithUndoAndRedo() {
        ModelHarness h;
        for (const char* type : {"conv2d", "relu", "conv2d", "relu"}) h.editor.insertLayer(type);
        h.click("conv2");
        h.click("relu2", CardPart::Body, Qt::ControlModifier);
        QTest::keyClick(h.stack(), Qt::Key_Delete);
        QCOMPARE(h.model.layers.size(), size_t(2));
        h.undo.undo();
        QCOMPARE(h.stack()->selectedIds(), (Ids{"conv2", "relu2"}));
        h.undo.redo();
        QCOMPARE(h.stack()->currentKey(), std::string("relu1"));
    }

    void screenReadersHearTheCards() {
        ModelHarness h(resnet());
        QAccessibleInterface* list = QAccessible::queryAccessibleInterface(h.stack());
        QVERIFY(list);
        QCOMPARE(list->role(), QAccessible::List);
        QCOMPARE(list->childCount(), int(h.stack()->state().layout.items.size()));
        QAccessibleInterface* conv = list->child(1);
        QCOMPARE(conv->text(QAccessible::Name), QString("Conv2d, 16 by 32 by 32, 432 parameters"));
        QVERIFY(conv->text(QAccessible::Description).contains("conv1"));
        h.stack()->setFocus(Qt::TabFocusReason);
        h.stack()->selectCard("conv1");
        QVERIFY(conv->state().selected && conv->state().focused);
        QVERIFY(!list->child(2)->state().selected);
        QCOMPARE(list->indexOfChild(conv), 1);
        const QRect rect = conv->rect();
        QCOMPARE(list->childAt(rect.center().x(), rect.center().y()), conv);
        QVERIFY(list->focusChild() == conv);
        QAccessibleInterface* block = list->child(h.stack()->state().layout.itemOf("block:block2_1"));
        QVERIFY(block->state().expandable && block->state().expanded);
    }

    void theContextMenuOffersWhatTheKeysDo() {
        ModelHarness h(resnet());
        h.stack()->select({"conv2_1a"});
        QMenu menu;
        h.stack()->fillMenu(menu);
        QStringList texts;
        for (QAction* action : menu.actions())
            if (!action->isSeparator()) texts << action->text();
        for (const char* text :
             {"Copy", "Duplicate", "Bypass", "Group into a block", "Ungroup block2_1", "Repeat block2_1", "Delete", "Connect to..."})
            QVERIFY2(texts.contains(text), text);
        for (QAction* action : menu.actions())
            if (action->text() == "Bypass") action->trigger();
        QVERIFY(h.model.layers[size_t(h.model.find("conv2_1a"))].bypassed);
    }

    void narrowCardsDropFlopsThenParameters() {
        const ModelFacts facts = modelFacts(resnet(), {});
        const auto shown = [&](double width) {
            const StackLayout layout = layoutStack(facts, {}, width);
            return std::make_tuple(layout.cardWidth, layout.showParameters, layout.showFlops);
        };
        QCOMPARE(shown(664), std::make_tuple(520.0, true, true));
        QCOMPARE(shown(1400), std::make_tuple(600.0, true, true));
        QCOMPARE(shown(430 + 144), std::make_tuple(430.0, true, false));
        QCOMPARE(shown(380 + 144), std::make_tuple(380.0, false, false));
        QCOMPARE(shown(200), std::make_tuple(360.0, false, false));
    }

    void arcsLieInLanesThatDoNotOverlap() {
        for (const char* id : {"resnet9", "resnet18"}) {
            const StackLayout layout = layoutStack(modelFacts(resnet(id), {}), {}, 664);
            QVERIFY(!layout.arcs.empty());
            for (size_t a = 0; a < layout.arcs.size(); ++a)
                for (size_t b = 0; b < a; ++b) {
                    const StackArc &x = layout.arcs[a], &y = layout.arcs[b];
                    QVERIFY(x.lane != y.lane || x.end.y() < y.start.y() || y.end.y() < x.start.y());
                    const bool inside = x.start.y() > y.start.y() && x.end.y() < y.end.y();
                    QVERIFY2(!inside || x.lane < y.lane, "the shorter one lies inside");
                }
        }
    }

    void layoutStaysWhileOneHoversAndFocuses() {
        ModelHarness h(resnet());
        const QRect before = h.stack()->cardRect("conv2_1a");
        QTest::mouseMove(h.view(), h.stack()->partPoint("conv2_1a", CardPart::Body));
        QCOMPARE(h.stack()->cardRect("conv2_1a"), before);
        const QImage plain = h.stack()->grab().toImage();
        h.stack()->setFocus(Qt::TabFocusReason);
        h.stack()->selectCard("bn1");
        QCOMPARE(h.stack()->cardRect("conv2_1a"), before);
        QVERIFY2(h.stack()->grab().toImage() != plain, "focus can be seen");
    }

    void aDeepNetworkScrollsAndPaintsQuickly() {
        ModelSpec spec = resnet("resnet18");
        ModelHarness h(spec);
        QElapsedTimer timer;
        timer.start();
        int frames = 0;
        for (int y = 0; y < h.stack()->verticalScrollBar()->maximum(); y += 97, ++frames) {
            h.stack()->verticalScrollBar()->setValue(y);
            h.stack()->viewport()->repaint();
        }
        const double ms = double(timer.elapsed()) / std::max(frames, 1);
        qInfo("%.1f ms a frame", ms);
        QVERIFY(frames > 20);
        QVERIFY2(ms < 100, "far over a frame even for a busy machine");
    }
};

QTEST_MAIN(TstLayerStack)
#include "tst_layer_stack.moc"
