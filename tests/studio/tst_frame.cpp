// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/command_palette.h"
#include "app/studio/frame/drop_overlay.h"
#include "app/studio/frame/message_bar.h"
#include "app/studio/frame/rail.h"
#include "app/studio/pages/start_page.h"
#include "core/files/image.h"
#include "tests/studio/window_support.h"
#include "tests/support/data_files.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QPushButton>
#include <QToolButton>

using namespace strata;
using namespace strata::studio;

namespace {

void writePng(const QString& path) {
    Image image;
    image.width = image.height = 40;
    image.rgb.assign(40 * 40 * 3, 120);
    test::writeBytes(path.toStdString(), encodePng(image));
}

template <class T> T* child(QWidget* root, const char* name) { return root->findChild<T*>(name); }

} // namespace

class TstFrame : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { qputenv("STRATA_NO_MOTION", "1"); }

    void theRailAndTheKeysGoToEveryPage() {
        TestWindow test;
        auto* rail = test.window->findChild<Rail*>();
        for (int i = 1; i <= 5; ++i) {
            QTest::mouseClick(rail->button(PageId(i)), Qt::LeftButton);
            QCOMPARE(test.window->current(), PageId(i));
        }
        for (int i = 1; i <= 5; ++i) {
            QTest::keyClick(test.window.get(), Qt::Key(Qt::Key_0 + i), Qt::ControlModifier);
            QCOMPARE(test.window->current(), PageId(i));
            QVERIFY(rail->button(PageId(i))->isChecked());
        }
        QTest::keyClick(test.window.get(), Qt::Key_Home, Qt::AltModifier);
        QCOMPARE(test.window->current(), PageId::Start);
    }

    void thePaletteFindsAndRuns() {
        TestWindow test;
        QTest::keyClick(test.window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* palette = test.window->findChild<CommandPalette*>();
        QVERIFY(palette->isVisible());
        auto* list = palette->findChild<QListView*>();
        const QAbstractItemModelTester tester(list->model());
        QVERIFY(list->model()->rowCount() > 15);
        auto* search = palette->findChild<QLineEdit*>();
        QTest::keyClicks(search, "eval view");
        QVERIFY(list->model()->rowCount() >= 1);
        QTest::keyClick(search, Qt::Key_Return);
        QVERIFY(!palette->isVisible());
        QCOMPARE(test.window->current(), PageId::Evaluate);
        QTest::keyClick(test.window.get(), Qt::Key_K, Qt::ControlModifier);
        QTest::keyClick(search, Qt::Key_Escape);
        QVERIFY(!palette->isVisible());
    }

    void theShortcutSheetListsWhatTheTableHas() {
        TestWindow test;
        test.window->context().actions["help.shortcuts"]->trigger();
        auto* sheet = test.window->findChild<ShortcutSheet*>();
        QVERIFY(sheet->isVisible());
        QTest::keyClick(sheet, Qt::Key_Escape);
        QVERIFY(!sheet->isVisible());
    }

    void noShortcutMeansTwoThingsInOnePlace() {
        TestWindow test;
        for (int i = 0; i < 6; ++i) test.window->page(PageId(i));
        std::map<QString, QString> window;
        for (const ActionTable::Item& item : test.window->context().actions.items()) {
            if (item.action->shortcut().isEmpty() || item.action->shortcutContext() != Qt::WindowShortcut) continue;
            const QString keys = item.action->shortcut().toString();
            QVERIFY2(!window.contains(keys), qPrintable(keys + ": " + window[keys] + " and " + item.id));
            window[keys] = item.id;
        }
    }

    void messagesQueueAndLeave() {
        TestWindow test;
        auto* bar = test.window->findChild<MessageBar*>();
        Messages& messages = test.window->context().messages;
        QVERIFY(!bar->isVisible());
        messages.error("One is wrong.", "one");
        messages.error("Two is wrong.", "two");
        QVERIFY(bar->isVisible());
        QCOMPARE(bar->count(), 2);
        QCOMPARE(bar->sentence(), QString("Two is wrong."));
        messages.error("Two is worse.", "two");
        QCOMPARE(bar->count(), 2);
        QTest::keyClick(test.window.get(), Qt::Key_F6);
        QVERIFY(bar->isAncestorOf(QApplication::focusWidget()));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QCOMPARE(bar->sentence(), QString("One is wrong."));
        messages.dismiss("one");
        QVERIFY(!bar->isVisible());
        bool pressed = false;
        messages.show({MessageKind::Warning, "Press it.", "Much more", "Do it", [&] { pressed = true; }, "x"});
        for (QPushButton* button : bar->findChildren<QPushButton*>())
            if (button->text() == "Do it") QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(pressed);
        QVERIFY(!bar->isVisible());
    }

    void undoAndRedoNameTheirStep() {
        TestWindow test;
        auto* undo = child<QToolButton>(test.window.get(), "undo");
        auto* redo = child<QToolButton>(test.window.get(), "redo");
        QVERIFY(!undo->isEnabled());
        test.document().edit("Set epochs to 3", Section::Training, [](Project& p) { p.training.epochs = 3; });
        QVERIFY(undo->toolTip().contains("Set epochs to 3"));
        QTest::mouseClick(undo, Qt::LeftButton);
        QVERIFY(redo->toolTip().contains("Set epochs to 3"));
        QTest::keyClick(test.window.get(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(test.document().project().training.epochs, int64_t(3));
    }

    void theRunControlSaysWhatIsMissing() {
        TestWindow test;
        auto* main = child<QPushButton>(test.window.get(), "run.main");
        const QRect before = main->parentWidget()->geometry();
        QVERIFY(main->isVisible());
        QVERIFY(main->text() != "Train");
        test.openData("shapes:200");
        test.document().edit("Template", Section::Model, [](Project& p) { p.model = makeTemplate("lenet5", {3, 32, 32}, 10); });
        QTRY_COMPARE(main->text(), QString("Train"));
        test.document().edit("Break", Section::Model, [](Project& p) { p.model.layers[0].params["kernel_size"] = Json::array({99, 99}); });
        QTRY_VERIFY(main->text().contains("problem"));
        QTest::mouseClick(main, Qt::LeftButton);
        QCOMPARE(test.window->current(), PageId::Model);
        QCOMPARE(main->parentWidget()->geometry(), before);
    }

    void dropsSayWhatTheyWouldDo_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("kind");
        QTest::newRow("photo") << "photo.bin" << int(DropIntent::Kind::Predict); // by content, not by name
        QTest::newRow("flat folder of photos") << "flat" << int(DropIntent::Kind::Predict);
        QTest::newRow("folder per class") << "classes" << int(DropIntent::Kind::OpenData);
        QTest::newRow("CIFAR-10") << "cifar" << int(DropIntent::Kind::OpenData);
        QTest::newRow("project") << "p.strata" << int(DropIntent::Kind::OpenProject);
        QTest::newRow("text") << "notes.png" << int(DropIntent::Kind::None);
        QTest::newRow("missing") << "nowhere" << int(DropIntent::Kind::None);
    }
    void dropsSayWhatTheyWouldDo() {
        QFETCH(QString, what);
        QFETCH(int, kind);
        QTemporaryDir folder;
        writePng(folder.filePath("photo.bin"));
        writePng(folder.filePath("flat/a.png"));
        writePng(folder.filePath("classes/cat/a.png"));
        writePng(folder.filePath("classes/dog/a.png"));
        test::writeCifar10(folder.filePath("cifar").toStdString(), 20);
        test::writeBytes(folder.filePath("p.strata").toStdString(), "{}");
        test::writeBytes(folder.filePath("notes.png").toStdString(), "just text");
        const DropIntent intent = dropIntent({folder.filePath(what)});
        QCOMPARE(int(intent.kind), kind);
        QVERIFY(!intent.sentence.isEmpty());
    }

    void aDropOpensData() {
        TestWindow test;
        test::writeCifar10(test.file("cifar").toStdString(), 20);
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(test.file("cifar"))});
        QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(test.window.get(), &enter);
        QVERIFY(test.window->findChild<DropOverlay*>()->isVisible());
        QDropEvent drop(QPointF(400, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(test.window.get(), &drop);
        QVERIFY(!test.window->findChild<DropOverlay*>()->isVisible());
        QCOMPARE(test.window->current(), PageId::Data);
        QTRY_VERIFY_WITH_TIMEOUT(test.window->context().data.data() != nullptr, 20000);
    }

    void closingAndOpeningBringsEverythingBack() {
        TestWindow test;
        test.document().edit("Open", [](Project& p) {
            p.data = "shapes:200";
            p.model = makeTemplate("lenet5", {3, 32, 32}, 10);
        });
        test.window->go(PageId::Model);
        const std::string before = toText(test.document().project().toJson());
        test.window->close();
        test.open();
        QCOMPARE(toText(test.document().project().toJson()), before);
        QCOMPARE(test.window->current(), PageId::Model);
        QCOMPARE(test.document().undoStack().undoText(), QString("Open"));
    }

    void aProjectFileIsRememberedAndOpened() {
        TestWindow test;
        test.document().edit("Name", Section::Name, [](Project& p) { p.name = "mine"; });
        test.document().saveAs(test.file("mine.strata"));
        test.window->close();
        test.open();
        QCOMPARE(test.document().path(), test.file("mine.strata"));
        QVERIFY(test.window->recentProjects().contains(test.file("mine.strata")));
        test.window->go(PageId::Start);
        bool listed = false;
        for (StartItem* item : test.window->findChildren<StartItem*>()) listed = listed || item->accessibleName() == "mine";
        QVERIFY(listed);
    }

    void aProjectOfANewerVersionSaysSo() {
        TestWindow test;
        test::writeBytes(test.file("new.strata").toStdString(), "{\"strata\": \"project\", \"version\": 99}");
        test.document().edit("Kept", Section::Name, [](Project& p) { p.name = "kept"; });
        test.document().saveAs(test.file("kept.strata"));
        QVERIFY(!test.window->openProject(test.file("new.strata")));
        QVERIFY(test.window->findChild<MessageBar*>()->sentence().contains("newer version"));
        QCOMPARE(test.document().project().name, std::string("kept"));
    }

    void dataThatAreGoneAreSaid() {
        TestWindow test;
        test.document().edit("Open", Section::Data, [](Project& p) { p.data = "cifar10:/nowhere/at/all"; });
        QTRY_VERIFY(test.window->findChild<MessageBar*>()->isVisible());
        QVERIFY(test.window->findChild<MessageBar*>()->sentence().contains("/nowhere/at/all"));
    }

    void theTourIsOneStepToUndo() {
        TestWindow test;
        const std::string before = toText(test.document().project().toJson());
        for (StartItem* item : test.window->findChildren<StartItem*>())
            if (item->accessibleName() == "First ten minutes") {
                item->setFocus();
                QTest::keyClick(item, Qt::Key_Return);
                break;
            }
        QCOMPARE(test.document().project().data, std::string("shapes"));
        QCOMPARE(test.document().undoStack().count(), 1);
        test.document().undoStack().undo();
        QCOMPARE(toText(test.document().project().toJson()), before);
    }

    void theWindowIsReadyWithinASecond() {
        { TestWindow first; }
        QElapsedTimer clock;
        clock.start();
        TestWindow second;
        QVERIFY2(clock.elapsed() < 1000, qPrintable(QString::number(clock.elapsed())));
    }
};

QTEST_MAIN(TstFrame)
#include "tst_frame.moc"
