// SPDX-License-Identifier: GPL-3.0-or-later
// The Train page as a person uses it: form, undo, a run with its curves, the table, the finder, keyboard, narrow window.
#include "app/studio/pages/train_page.h"
#include "app/studio/pages/train_page_finder.h"
#include "app/studio/pages/train_page_params.h"
#include "app/studio/pages/train_page_runs.h"
#include "app/studio/pages/train_page_settings.h"
#include "tests/studio/page_window.h"
#include "widgets/common/controls.h"
#include "widgets/common/param_form.h"
#include "widgets/common/theme.h"
#include "widgets/train/curve_panel.h"
#include "widgets/train/rate_finder_view.h"
#include "widgets/train/schedule_sketch.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>
#include <set>

using namespace strata;
using namespace strata::studio;
using namespace strata::test;

namespace {

constexpr int kPatience = 15000;

struct TrainWindow : PageWindow<TrainPage> {
    const TrainConfig& training() const { return project.document->project().training; }
    QString finishedRun() {
        const QString path = project.runs->start();
        const auto done = [&] { return project.run(path).info.state == RunState::Finished && project.run(path).curves; };
        if (!QTest::qWaitFor(done, kPatience)) qWarning("the run did not finish");
        return path;
    }
};

void pick(QComboBox* box, const QString& id) {
    const int index = box->findData(id);
    QVERIFY(index >= 0);
    box->setFocus();
    while (box->currentIndex() < index) QTest::keyClick(box, Qt::Key_Down);
    while (box->currentIndex() > index) QTest::keyClick(box, Qt::Key_Up);
}

} // namespace

class TstTrainPage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        qputenv("STRATA_NO_MOTION", "1");
        applyTheme(*qApp, ThemeMode::Light);
    }
    void editsOfTheFormAreUndoSteps();
    void aWrongRateIsSaidAtTheField();
    void advancedCountsWhatDiffers();
    void theSketchFollowsTheForm();
    void theButtonStartsARunWhoseCurvesAppear();
    void anEstimateIsMadeOfMeasurementsOnly();
    void aRunningRunsSettingsAreReadOnly();
    void theTableIsAModelAndTogglesAndRenames();
    void theTablesMenuOffersWhatTheRunCanDo();
    void deletingByKeyIsUndone();
    void twelveRunsAreOverlaid();
    void theFinderSetsTheRate();
    void theFinderCanBeCancelled();
    void aBlockedStartSaysWhy();
    void theKeyboardReachesEverything();
    void belowTheWidthTheSettingsAreADrawer();
    void whatWasSetIsRemembered();
};

void TstTrainPage::editsOfTheFormAreUndoSteps() {
    TrainWindow w;
    const Json before = w.project.document->project().section(Section::Training);
    auto* epochs = w.control<QSpinBox>("train.epochs");
    epochs->setFocus();
    epochs->selectAll();
    QTest::keyClicks(epochs, "25");
    QCOMPARE(w.training().epochs, 25);
    auto* batch = w.control<QSpinBox>("train.batch");
    batch->setFocus();
    batch->selectAll();
    QTest::keyClicks(batch, "64");
    QCOMPARE(w.training().batchSize, 64);
    auto* rate = w.control<QLineEdit>("train.lr");
    rate->setFocus();
    rate->selectAll();
    QTest::keyClicks(rate, "0.125");
    QCOMPARE(w.training().optimizer.params.at("lr").get<double>(), 0.125);
    pick(w.control<QComboBox>("train.optimizer"), "adam");
    pick(w.control<QComboBox>("train.schedule"), "cosine");
    pick(w.control<QComboBox>("train.loss"), "mse");
    QCOMPARE(w.training().optimizer.id, std::string("adam"));
    QCOMPARE(w.training().schedule.id, std::string("cosine"));
    QCOMPARE(w.training().loss.id, std::string("mse"));
    w.page->settings()->setAdvancedShown(true);
    auto* clip = w.control<QLineEdit>("clip_norm");
    clip->setFocus();
    clip->selectAll();
    QTest::keyClicks(clip, "1.5");
    QCOMPARE(w.training().clipNorm, 1.5);
    QTest::mouseClick(w.control<QCheckBox>("augment"), Qt::LeftButton, {}, QPoint(8, 12));
    QVERIFY(!w.training().augment);
    QUndoStack& undo = w.project.document->undoStack();
    QVERIFY(undo.count() >= 7);
    QVERIFY(undo.undoText().contains("augment"));
    while (undo.canUndo()) undo.undo();
    QCOMPARE(QString::fromStdString(toText(w.project.document->project().section(Section::Training))),
             QString::fromStdString(toText(before)));
    QCOMPARE(epochs->value(), 3);
    QCOMPARE(w.control<QComboBox>("train.optimizer")->currentData().toString(), QString("sgd"));
}

void TstTrainPage::aWrongRateIsSaidAtTheField() {
    TrainWindow w;
    auto* rate = w.control<QLineEdit>("train.lr");
    const QString good = rate->text();
    rate->setFocus();
    rate->selectAll();
    QTest::keyClicks(rate, "fast");
    bool said = false;
    for (Field* field : w.page->findChildren<Field*>()) said = said || field->problem().contains("number");
    QVERIFY(said);
    QCOMPARE(w.project.document->undoStack().count(), 0);
    QTest::keyClick(rate, Qt::Key_Return);
    QCOMPARE(rate->text(), good);
}

void TstTrainPage::advancedCountsWhatDiffers() {
    TrainConfig config;
    QCOMPARE(advancedDifferences(config), 0);
    config.optimizer.params["lr"] = 0.2; // not under Advanced
    config.epochs = 99;
    QCOMPARE(advancedDifferences(config), 0);
    config.optimizer.params["momentum"] = 0.8;
    config.loss.params["label_smoothing"] = 0.1;
    config.clipNorm = 1;
    config.seed = 3;
    QCOMPARE(advancedDifferences(config), 4);
    config.optimizer = {"adam", {{"beta1", 0.9}}};
    QCOMPARE(advancedDifferences(config), 3);
}

void TstTrainPage::theSketchFollowsTheForm() {
    TrainWindow w;
    auto* sketch = w.page->findChild<ScheduleSketch*>();
    pick(w.control<QComboBox>("train.schedule"), "constant");
    QCOMPARE(sketch->rates().front(), sketch->rates().back());
    QCOMPARE(sketch->rates().size(), size_t(27)); // 9 steps in each of 3 epochs
    pick(w.control<QComboBox>("train.schedule"), "one_cycle");
    QVERIFY(sketch->rates().front() < sketch->rates()[9]);
}

void TstTrainPage::theButtonStartsARunWhoseCurvesAppear() {
    TrainWindow w;
    QCOMPARE(w.page->settings()->startButton()->text(), QString("Start run: 3 epochs"));
    QVERIFY(w.page->plots()->plot(0)->empty());
    QTest::mouseClick(w.page->settings()->startButton(), Qt::LeftButton);
    QCOMPARE(w.project.runs->runs().size(), size_t(1));
    const QString path = w.project.runs->runs().front().path;
    QTRY_COMPARE_WITH_TIMEOUT(w.project.run(path).info.state, RunState::Finished, kPatience);
    QTRY_COMPARE(w.page->plots()->data(path, Series::BatchLoss).size(), size_t(27));
    QCOMPARE(w.page->plots()->data(path, Series::ValidationAccuracy).size(), size_t(3));
    QVERIFY(w.page->plots()->data(path, Series::ValidationAccuracy).y(0) > 1); // percent
    QTRY_COMPARE(w.page->plots()->plot(0)->xRange().upper, 3.0);
    QVERIFY(w.page->footer().contains("1 run"));
    QVERIFY(!w.page->plots()->plot(0)->empty());
}

void TstTrainPage::anEstimateIsMadeOfMeasurementsOnly() {
    TrainWindow w;
    const Project& project = w.project.document->project();
    QVERIFY(!estimateSeconds(*w.project.runs, project, 180));
    w.finishedRun();
    QTest::qWait(100);
    const auto seconds = estimateSeconds(*w.project.runs, project, 180);
    QVERIFY(seconds && *seconds > 0);
    QVERIFY(w.page->settings()->startButton()->text().contains("about"));
    w.project.document->edit("Other network", Section::Model, [](Project& p) { p.model.name = "another"; });
    QVERIFY(!estimateSeconds(*w.project.runs, w.project.document->project(), 180));
}

void TstTrainPage::aRunningRunsSettingsAreReadOnly() {
    TrainWindow w;
    const QString path = w.project.startLong();
    QTRY_VERIFY_WITH_TIMEOUT(w.project.run(path).alive, kPatience);
    QVERIFY(w.page->settings()->readOnly());
    auto* epochs = w.control<QSpinBox>("train.epochs");
    QVERIFY(!epochs->isEnabled());
    QPushButton* next = nullptr;
    for (auto* button : w.page->findChildren<QPushButton*>())
        if (button->text() == "Edit for next run") next = button;
    QVERIFY(next && next->isVisible());
    QTest::mouseClick(next, Qt::LeftButton);
    QVERIFY(!w.page->settings()->readOnly());
    QVERIFY(epochs->isEnabled());
    epochs->setValue(7);
    QCOMPARE(w.training().epochs, 7);
    w.project.runs->stop(path);
    QTRY_VERIFY_WITH_TIMEOUT(!w.project.runs->active(), kPatience);
    QVERIFY(epochs->isEnabled());
    QVERIFY(w.page->settings()->startButton()->isVisible());
}

void TstTrainPage::theTableIsAModelAndTogglesAndRenames() {
    TrainWindow w;
    RunTable* table = w.page->table();
    QAbstractItemModelTester tester(table->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(table->currentIndex(), 0); // "No runs yet"
    const QString first = w.finishedRun(), second = w.finishedRun();
    QCOMPARE(table->model()->rowCount(), 2);
    QCOMPARE(table->model()->path(0), second); // newest first
    QTableView* view = table->view();
    QVERIFY(view->isVisible() && !view->showGrid());
    const QRect eye = view->visualRect(table->model()->index(1, RunTableModel::Eye));
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, eye.center());
    QVERIFY(w.project.run(first).hidden);
    QCOMPARE(w.page->plots()->plot(0)->curves().size(), 2);
    table->select(first);
    view->setFocus();
    QTest::keyClick(view, Qt::Key_Space);
    QVERIFY(!w.project.run(first).hidden);
    QTest::keyClick(view, Qt::Key_F2);
    auto* editor = view->findChild<QLineEdit*>();
    QVERIFY(editor);
    editor->selectAll();
    QTest::keyClicks(editor, "Baseline");
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(w.project.run(first).name, QString("Baseline"));
    QVERIFY(table->model()->setData(table->model()->index(1, RunTableModel::Note), "a note", Qt::EditRole));
    QTRY_COMPARE(table->model()->index(1, RunTableModel::Note).data().toString(), QString("a note"));
    QTest::keyClick(view, Qt::Key_Return);
    QCOMPARE(w.gone.back().first, PageId::Evaluate);
    QCOMPARE(w.gone.back().second.run, first);
}

void TstTrainPage::theTablesMenuOffersWhatTheRunCanDo() {
    TrainWindow w;
    const QString path = w.project.startLong();
    QTRY_VERIFY_WITH_TIMEOUT(w.project.run(path).alive, kPatience);
    const auto texts = [&] {
        w.page->table()->select(path);
        QMenu menu;
        w.page->table()->fillMenu(menu);
        QStringList list;
        for (QAction* action : menu.actions())
            if (action->isEnabled()) list << action->text().section('\t', 0, 0);
        return list;
    };
    QVERIFY(texts().contains("Pause") && texts().contains("Stop"));
    QVERIFY(!texts().contains("Delete Run 1"));
    w.project.runs->stop(path);
    QTRY_COMPARE_WITH_TIMEOUT(w.project.run(path).info.state, RunState::Stopped, kPatience);
    QVERIFY(texts().contains("Resume") && texts().contains("Continue for") && texts().contains("Delete Run 1"));
    QVERIFY(texts().contains("Copy command"));
}

void TstTrainPage::deletingByKeyIsUndone() {
    TrainWindow w;
    const QString path = w.finishedRun();
    w.page->table()->select(path);
    w.page->table()->view()->setFocus();
    QTest::keyClick(w.page->table()->view(), Qt::Key_Delete);
    QVERIFY(w.project.runs->runs().empty());
    QVERIFY(w.page->plots()->plot(0)->empty());
    QVERIFY(!w.said.isEmpty());
    w.project.document->undoStack().undo();
    QTRY_COMPARE(w.page->plots()->data(path, Series::BatchLoss).size(), size_t(27));
    QCOMPARE(w.page->table()->model()->rowCount(), 1);
}

void TstTrainPage::twelveRunsAreOverlaid() {
    TrainWindow w;
    const QString first = w.finishedRun();
    for (int i = 0; i < 11; ++i) { // copies stand for trained ones
        const QString copy = w.project.document->runsFolder() + QString("/copy-%1").arg(i);
        QProcess::execute("cp", {"-r", first, copy});
        w.project.document->set(Section::Runs, [&](Project& p) { p.runs.push_back(copy.toStdString()); });
    }
    QTRY_COMPARE_WITH_TIMEOUT(w.page->plots()->plot(0)->curves().size(), 24, kPatience);
    for (const RunView& run : w.project.runs->runs()) QTRY_COMPARE_WITH_TIMEOUT(run.curves->loss.x.size(), size_t(27), kPatience);
    QCOMPARE(w.page->table()->model()->rowCount(), 12);
}

void TstTrainPage::theFinderSetsTheRate() {
    TrainWindow w;
    QTest::mouseClick(w.page->settings()->findButton(), Qt::LeftButton);
    QVERIFY(w.page->finderShown());
    RateFinder* finder = w.page->finder();
    QTRY_VERIFY_WITH_TIMEOUT(!finder->running(), kPatience);
    QVERIFY2(finder->view()->points().size() > 20, qPrintable(w.said.join(' ')));
    QTest::mouseClick(finder->view(), Qt::LeftButton, {}, QPoint(int(finder->view()->xOf(0.003)), 60));
    const double picked = finder->view()->picked().value_or(0);
    QVERIFY(std::abs(std::log10(picked / 0.003)) < 0.05);
    QTest::mouseClick(finder->applyButton(), Qt::LeftButton);
    QCOMPARE(w.training().optimizer.params.at("lr").get<double>(), picked);
    QVERIFY(!w.page->finderShown());
    w.project.document->undoStack().undo();
    QCOMPARE(w.training().optimizer.params.at("lr").get<double>(), 0.05);
}

void TstTrainPage::theFinderCanBeCancelled() {
    TrainWindow w;
    w.page->settings()->findButton()->click();
    QVERIFY(w.page->finder()->running());
    QTest::keyClick(w.page->finder()->view(), Qt::Key_Escape);
    QVERIFY(!w.page->finderShown());
    QTRY_VERIFY(!w.page->finder()->running());
}

void TstTrainPage::aBlockedStartSaysWhy() {
    TrainWindow w;
    w.project.document->edit("Break it", Section::Model, [](Project& project) { project.model.layers.back().params["out_features"] = 7; });
    QVERIFY(w.page->settings()->startButton()->text().contains("problem"));
    QTest::mouseClick(w.page->settings()->startButton(), Qt::LeftButton);
    QCOMPARE(w.gone.back().first, PageId::Model);
    QVERIFY(w.project.runs->runs().empty());
}

void TstTrainPage::theKeyboardReachesEverything() {
    TrainWindow w;
    w.finishedRun();
    w.page->settings()->setAdvancedShown(true);
    QTest::qWait(20);
    std::set<QWidget*> reached;
    for (int i = 0; i < 200; ++i) {
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : w.page, Qt::Key_Tab);
        if (QWidget* now = QApplication::focusWidget()) reached.insert(now);
    }
    for (const char* name :
         {"train.loss", "train.optimizer", "train.lr", "train.schedule", "train.batch", "train.epochs", "train.start", "seed"})
        QVERIFY2(reached.contains(w.page->findChild<QWidget*>(name)), name);
    for (int i = 0; i < 4; ++i) QVERIFY(reached.contains(w.page->plots()->plot(i)));
    QVERIFY(reached.contains(w.page->table()->view()));
    for (QWidget* widget : reached) QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
}

void TstTrainPage::belowTheWidthTheSettingsAreADrawer() {
    TrainWindow w;
    w.page->setNarrow(true);
    w.window.resize(952, 560);
    QTest::qWait(20);
    QVERIFY(w.page->drawerOpen()); // nothing has run yet: the settings are what matters
    w.page->settings()->focusFirst();
    QTest::keyClick(w.control<QComboBox>("train.loss"), Qt::Key_Escape);
    QVERIFY(!w.page->drawerOpen());
    QToolButton* button = nullptr;
    for (auto* each : w.page->findChildren<QToolButton*>())
        if (each->accessibleName() == "Settings of the next run") button = each;
    QVERIFY(button && button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(w.page->drawerOpen());
    w.page->setNarrow(false);
    w.window.resize(1208, 720);
    QTest::qWait(20);
    QVERIFY(w.page->settings()->isVisible());
    QVERIFY(w.page->settings()->width() >= 288 && w.page->settings()->width() < 420);
}

void TstTrainPage::whatWasSetIsRemembered() {
    TrainWindow w;
    w.page->settings()->setAdvancedShown(true);
    w.page->plots()->setXKind(CurveX::Time);
    emit w.page->plots()->viewChanged();
    delete w.page;
    ActionTable actions(&w.window);
    Context context{w.context.document, w.context.data, w.context.runs,     w.context.models, w.context.evaluations,
                    w.context.messages, actions,        w.context.settings, w.context.go};
    w.page = new TrainPage(context, nullptr);
    QVERIFY(w.page->settings()->advancedShown());
    QCOMPARE(w.page->plots()->xKind(), CurveX::Time);
    delete w.page;
    w.page = nullptr;
}

QTEST_MAIN(TstTrainPage)
#include "tst_train_page.moc"
