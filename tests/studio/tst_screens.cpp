// SPDX-License-Identifier: GPL-3.0-or-later
// The usual mistakes of engineer-made windows (screens.md, section 4), looked for on every page.
#include "app/studio/pseudo_translator.h"
#include "tests/studio/window_support.h"

#include <QAbstractButton>
#include <QBoxLayout>
#include <QButtonGroup>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QTableView>
#include <set>

using namespace strata;
using namespace strata::studio;

namespace {

const std::array<std::pair<PageId, const char*>, 6> kPages{{{PageId::Start, "Start"},
                                                            {PageId::Data, "Data"},
                                                            {PageId::Model, "Model"},
                                                            {PageId::Train, "Train"},
                                                            {PageId::Evaluate, "Evaluate"},
                                                            {PageId::Predict, "Predict"}}};

QString describe(const QWidget* widget) {
    QString text = widget->metaObject()->className();
    if (!widget->objectName().isEmpty()) text += "#" + widget->objectName();
    if (!widget->accessibleName().isEmpty()) text += " '" + widget->accessibleName() + "'";
    return text;
}

template <class T> QList<T*> visible(const QWidget* root) {
    QList<T*> list;
    for (T* widget : root->findChildren<T*>())
        if (widget->isVisible() && widget->width() > 0 && widget->height() > 0) list << widget;
    return list;
}

bool partOfEditor(const QWidget* widget) {
    const QWidget* parent = widget->parentWidget();
    return qobject_cast<const QAbstractSpinBox*>(parent) || qobject_cast<const QLineEdit*>(parent) ||
           QString(parent->metaObject()->className()).contains("ComboBox");
}

void fill(TestWindow& test) {
    test.document().edit("Test", [](Project& p) {
        p.data = "shapes:400";
        p.model = makeTemplate("resnet9", {3, 32, 32}, 10);
    });
    QTRY_VERIFY_WITH_TIMEOUT(test.window->context().data.data() != nullptr, 30000);
}

} // namespace

class TstScreens : public QObject {
    Q_OBJECT

    void rows() {
        QTest::addColumn<int>("page");
        QTest::addColumn<bool>("filled");
        for (const auto& [id, name] : kPages)
            for (const bool filled : {false, true})
                QTest::newRow(qPrintable(QString("%1, %2").arg(name, filled ? "filled" : "empty"))) << int(id) << filled;
    }
    void show(TestWindow& test) {
        QFETCH(int, page);
        QFETCH(bool, filled);
        if (filled) fill(test);
        test.window->go(PageId(page));
        QTest::qWait(150);
    }

private slots:
    void initTestCase() { qputenv("STRATA_NO_MOTION", "1"); }

    void everyControlHasAName_data() { rows(); }
    void everyControlHasAName() {
        TestWindow test;
        show(test);
        for (QWidget* widget : visible<QWidget>(test.window.get())) {
            const bool control = qobject_cast<QAbstractButton*>(widget) || (widget->focusPolicy() & Qt::TabFocus);
            if (!control || partOfEditor(widget) || qobject_cast<QHeaderView*>(widget) || qobject_cast<MainWindow*>(widget)) continue;
            auto* button = qobject_cast<QAbstractButton*>(widget);
            const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
            QVERIFY2(named, qPrintable(describe(widget) + " in " + describe(widget->parentWidget())));
        }
    }

    void gapsAreTheDesigns_data() { rows(); }
    void gapsAreTheDesigns() {
        TestWindow test;
        show(test);
        const std::set<int> allowed{0, 2, 4, 8, 12, 16, 24, 32, -1};
        for (QLayout* layout : test.window->findChildren<QLayout*>()) {
            const QString kind = layout->metaObject()->className();
            if (kind.contains("MainWindow") || kind.contains("Stacked")) continue; // Qt's own, show one thing at a time
            auto* grid = qobject_cast<QGridLayout*>(layout);
            const std::set<int> gaps =
                grid ? std::set<int>{grid->horizontalSpacing(), grid->verticalSpacing()} : std::set<int>{layout->spacing()};
            for (const int gap : gaps)
                QVERIFY2(allowed.contains(gap),
                         qPrintable(QString("gap %1 in %2").arg(gap).arg(layout->parentWidget() ? describe(layout->parentWidget()) : "?")));
        }
    }

    void textFitsInALongLanguage_data() { rows(); }
    void textFitsInALongLanguage() {
        PseudoTranslator pseudo;
        qApp->installTranslator(&pseudo);
        {
            TestWindow test;
            show(test);
            for (QLabel* label : visible<QLabel>(test.window.get())) {
                if (label->text().isEmpty() || label->wordWrap()) continue;
                QVERIFY2(label->width() + 1 >= label->fontMetrics().horizontalAdvance(label->text()),
                         qPrintable("cut off: " + label->text()));
            }
            for (QAbstractButton* button : visible<QAbstractButton>(test.window.get())) {
                if (button->text().isEmpty()) continue;
                const int needed = button->fontMetrics().horizontalAdvance(QString(button->text()).remove('&'));
                QVERIFY2(button->width() >= needed || !button->toolTip().isEmpty(),
                         qPrintable("cut off: " + button->text() + " in " + describe(button->parentWidget())));
            }
        }
        qApp->removeTranslator(&pseudo);
    }

    void tablesAreQuiet_data() { rows(); }
    void tablesAreQuiet() {
        TestWindow test;
        show(test);
        for (QTableView* table : test.window->findChildren<QTableView*>()) {
            QVERIFY2(!table->showGrid(), qPrintable(describe(table)));
            QVERIFY2(!table->verticalHeader()->isVisibleTo(table), qPrintable(describe(table)));
            int stretching = 0;
            for (int i = 0; i < table->horizontalHeader()->count(); ++i)
                stretching += table->horizontalHeader()->sectionResizeMode(i) == QHeaderView::Stretch;
            QVERIFY2(stretching == 1 || table->horizontalHeader()->stretchLastSection(), qPrintable(describe(table)));
        }
    }

    void tabReachesEveryControl_data() { rows(); }
    void tabReachesEveryControl() {
        TestWindow test;
        show(test);
        test.window->activateWindow();
        QWidget* page = test.window->page(test.window->current());
        std::set<QWidget*> reached;
        for (int i = 0; i < 400; ++i) {
            QTest::keyClick(test.window.get(), Qt::Key_Tab);
            QWidget* now = QApplication::focusWidget();
            if (!now || !reached.insert(now).second) break;
        }
        for (QWidget* widget : visible<QWidget>(page)) {
            if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isEnabled() || partOfEditor(widget) || widget->focusProxy()) continue;
            // Of exclusive buttons Tab reaches the checked one, arrows the others.
            auto* button = qobject_cast<QAbstractButton*>(widget);
            if (button && button->isCheckable() && !button->isChecked() && button->group() && button->group()->exclusive()) continue;
            QVERIFY2(reached.contains(widget), qPrintable(describe(widget) + " in " + describe(widget->parentWidget())));
        }
    }

    void focusIsSeen_data() { rows(); }
    void focusIsSeen() {
        TestWindow test;
        show(test);
        test.window->activateWindow();
        std::set<QWidget*> reached;
        for (int i = 0; i < 60; ++i) {
            QTest::keyClick(test.window.get(), Qt::Key_Tab);
            QWidget* now = QApplication::focusWidget();
            if (!now || !reached.insert(now).second) break;
            const QRect around = QRect(now->mapTo(test.window.get(), QPoint(0, 0)), now->size()).adjusted(-4, -4, 4, 4);
            const QImage with = test.window->grab(around).toImage();
            now->clearFocus();
            const QImage without = test.window->grab(around).toImage();
            now->setFocus(Qt::TabFocusReason);
            QVERIFY2(with != without, qPrintable(describe(now) + " in " + describe(now->parentWidget())));
        }
    }

    void aThemeSwitchEqualsARestart_data() { rows(); }
    void aThemeSwitchEqualsARestart() {
        QImage switched, restarted;
        {
            TestWindow test(ThemeMode::Light);
            show(test);
            applyTheme(*qApp, ThemeMode::Dark);
            QTest::qWait(150);
            switched = test.window->grab().toImage();
        }
        {
            TestWindow test(ThemeMode::Dark);
            show(test);
            restarted = test.window->grab().toImage();
        }
        QCOMPARE(switched.size(), restarted.size());
        int different = 0;
        for (int y = 0; y < switched.height(); ++y)
            for (int x = 0; x < switched.width(); ++x) different += switched.pixel(x, y) != restarted.pixel(x, y);
        if (different > 0 && qEnvironmentVariableIsSet("STRATA_TEST_SAVE")) {
            switched.save("/tmp/switched.png");
            restarted.save("/tmp/restarted.png");
        }
        QCOMPARE(different, 0);
    }

    void aSmallWindowShowsEveryPage_data() { rows(); }
    void aSmallWindowShowsEveryPage() {
        TestWindow test(ThemeMode::Light, {1024, 640});
        show(test);
        QCOMPARE(test.window->size(), QSize(1024, 640)); // no page asks for more room than there is
    }
};

QTEST_MAIN(TstScreens)
#include "tst_screens.moc"
