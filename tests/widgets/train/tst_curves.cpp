// SPDX-License-Identifier: GPL-3.0-or-later
// Curves: extents against a naive search, smoothing, columns, zoom that stays, log axes, typed ranges, read-out, export.
#include "tests/support/program.h"
#include "widgets/common/controls.h"
#include "widgets/common/theme.h"
#include "widgets/train/curve_panel.h"
#include "widgets/train/range_editor.h"
#include "widgets/train/rate_finder_view.h"
#include "widgets/train/schedule_sketch.h"

#include <QLineEdit>
#include <QMenu>
#include <QSlider>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <random>

using namespace strata;

namespace {

/// The definition of an extent, without a pyramid.
Extent naive(const std::vector<double>& values, size_t begin, size_t end) {
    Extent extent;
    for (size_t i = begin; i < std::min(end, values.size()); ++i) {
        if (!std::isfinite(values[i])) continue;
        extent.low = extent.empty ? values[i] : std::min(extent.low, values[i]);
        extent.high = extent.empty ? values[i] : std::max(extent.high, values[i]);
        extent.empty = false;
    }
    return extent;
}

void addPoints(CurvePanel& panel, const QString& run, int from, int to) {
    panel.setStepsPerEpoch(run, 100);
    for (int i = from; i < to; ++i)
        panel.data(run, Series::BatchLoss).append(i + 1, (i + 1) * 0.5, 2.0 / (1 + i * 0.01) + 0.1 * std::sin(i));
    for (int i = from; i < to; ++i) panel.data(run, Series::LearningRate).append(i + 1, (i + 1) * 0.5, 0.05);
    for (int i = (from + 99) / 100 * 100 + 99; i < to; i += 100)
        panel.data(run, Series::ValidationAccuracy).append(i + 1, (i + 1) * 0.5, 50 + i * 0.05);
    panel.refresh();
}

} // namespace

class TstCurves : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { applyTheme(*qApp, ThemeMode::Light); }
    void extentsAreThoseOfANaiveSearch_data();
    void extentsAreThoseOfANaiveSearch();
    void columnsHoldWhatTheirPointsHold();
    void smoothingIsTheBiasCorrectedMean();
    void theAxisFollowsTheDataUntilItIsZoomed();
    void panningStaysAndIsCommonToAllPlots();
    void aLogAxisLeavesOutWhatIsNotPositive();
    void aRangeIsTypedIntoAnAxis();
    void theReadOutIsSharedAndMovedByKeys();
    void hiddenRunsLeaveThePlots();
    void theLegendTogglesByMouseAndKeyboard();
    void aCutRunBeginsAnew();
    void exportsHoldTheCurves_data();
    void exportsHoldTheCurves();
    void anUnknownEndingIsRefusedInASentence();
    void emptyPlotsSayWhatComesHere();
    void theSketchShowsTheSchedulesOwnRates();
    void aRateIsPickedByMouseAndKeyboard();

private:
    std::unique_ptr<CurvePanel> panelWith(int points);
};

std::unique_ptr<CurvePanel> TstCurves::panelWith(int points) {
    auto panel = std::make_unique<CurvePanel>();
    panel->resize(864, 480);
    panel->setRuns({{"a", "Run 1", 1, true}});
    addPoints(*panel, "a", 0, points);
    panel->show();
    QTest::qWait(50);
    return panel;
}

void TstCurves::extentsAreThoseOfANaiveSearch_data() {
    QTest::addColumn<int>("size");
    for (const int size : {0, 1, 15, 16, 17, 255, 256, 257, 4095, 4097, 70001}) QTest::addRow("%d values", size) << size;
}

void TstCurves::extentsAreThoseOfANaiveSearch() {
    QFETCH(int, size);
    std::mt19937 random(unsigned(size) + 7);
    std::normal_distribution<double> normal;
    Pyramid pyramid;
    std::vector<double> values;
    for (int i = 0; i < size; ++i) {
        const double value = i % 97 == 5 ? std::nan("") : normal(random);
        values.push_back(value);
        pyramid.append(value);
    }
    QCOMPARE(pyramid.size(), values.size());
    QCOMPARE(pyramid.extent(0, values.size()), naive(values, 0, values.size()));
    for (int i = 0; i < 300; ++i) {
        const size_t a = random() % (values.size() + 1), b = random() % (values.size() + 1);
        QCOMPARE(pyramid.extent(std::min(a, b), std::max(a, b)), naive(values, std::min(a, b), std::max(a, b)));
    }
}

void TstCurves::columnsHoldWhatTheirPointsHold() {
    CurveData data;
    std::mt19937 random(3);
    std::normal_distribution<double> normal;
    for (int i = 0; i < 50000; ++i) data.append(i, i, normal(random));
    std::vector<double> edges;
    for (int c = 0; c <= 400; ++c) edges.push_back(1000.5 + c * 97.3);
    const std::vector<CurveColumn> columns = curveColumns(data, data.raw(), CurveX::Step, edges);
    QCOMPARE(columns.size(), size_t(400));
    for (const CurveColumn& column : columns) {
        const auto begin = size_t(std::ceil(edges[column.column])), end = size_t(std::ceil(edges[column.column + 1]));
        QCOMPARE(column.extent, naive(data.raw().values(), begin, end));
        QCOMPARE(column.first, data.y(begin));
        QCOMPARE(column.last, data.y(end - 1));
    }
}

void TstCurves::smoothingIsTheBiasCorrectedMean() {
    CurveData before, after;
    before.setSmoothing(0.9);
    for (int i = 0; i < 100; ++i) {
        before.append(i, i, i % 7);
        after.append(i, i, i % 7);
    }
    after.setSmoothing(0.9);
    double weights = 0, sum = 0; // the definition: weights 0.9^age, divided by their sum
    for (int i = 0; i < 100; ++i) {
        sum = 0.9 * sum + i % 7;
        weights = 0.9 * weights + 1;
        QVERIFY(std::abs(before.smoothed(size_t(i)) - sum / weights) < 1e-9);
        QCOMPARE(before.smoothed(size_t(i)), after.smoothed(size_t(i)));
    }
    after.setSmoothing(0);
    QCOMPARE(after.smoothed(5), 5.0);
}

void TstCurves::theAxisFollowsTheDataUntilItIsZoomed() {
    const auto panel = panelWith(300);
    CurvePlot* loss = panel->plot(0);
    QCOMPARE(loss->xRange().upper, 3.0); // epochs of 100 steps
    addPoints(*panel, "a", 300, 500);
    QCOMPARE(loss->xRange().upper, 5.0);
    const QPoint middle = loss->rect().center();
    QWheelEvent wheel(middle, loss->mapToGlobal(middle), {}, {0, 360}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(loss, &wheel);
    QVERIFY(!loss->xFollows());
    const QCPRange zoomed = loss->xRange();
    QVERIFY(zoomed.size() < 4);
    QCOMPARE(panel->plot(2)->xRange(), zoomed);
    addPoints(*panel, "a", 500, 900);
    QCOMPARE(loss->xRange(), zoomed);
    QTest::mouseDClick(loss, Qt::LeftButton, {}, middle);
    QVERIFY(loss->xFollows());
    QCOMPARE(loss->xRange().upper, 9.0);
    QCOMPARE(panel->plot(3)->xRange().upper, 9.0);
    loss->setFocus();
    QTest::keyClick(loss, Qt::Key_Plus);
    QVERIFY(!loss->xFollows());
    QTest::keyClick(loss, Qt::Key_0);
    QVERIFY(loss->xFollows());
}

void TstCurves::panningStaysAndIsCommonToAllPlots() {
    const auto panel = panelWith(400);
    CurvePlot* loss = panel->plot(0);
    const QCPRange x = loss->xRange(), y = loss->yRange();
    const QPoint from = loss->rect().center(), to = from + QPoint(-60, 30);
    QTest::mousePress(loss, Qt::LeftButton, {}, from);
    for (int i = 1; i <= 6; ++i) {
        QMouseEvent move(QEvent::MouseMove, from + (to - from) * i / 6, loss->mapToGlobal(from + (to - from) * i / 6), Qt::NoButton,
                         Qt::LeftButton, {});
        QApplication::sendEvent(loss, &move);
    }
    QTest::mouseRelease(loss, Qt::LeftButton, {}, to);
    QVERIFY(loss->xRange().lower > x.lower);
    QVERIFY(loss->yRange().lower > y.lower);
    QVERIFY(std::abs(loss->xRange().size() - x.size()) < 1e-9);
    const QCPRange panned = loss->xRange(), pannedY = loss->yRange();
    addPoints(*panel, "a", 400, 800);
    QCOMPARE(loss->xRange(), panned);
    QCOMPARE(loss->yRange(), pannedY);
    QCOMPARE(panel->plot(1)->xRange(), panned);
    QVERIFY(panel->plot(1)->yFollows());
}

void TstCurves::aLogAxisLeavesOutWhatIsNotPositive() {
    const auto panel = panelWith(200);
    panel->data("a", Series::BatchLoss).append(201, 101, 0);
    panel->data("a", Series::BatchLoss).append(202, 102, 1e-4);
    CurvePlot* loss = panel->plot(0);
    loss->setFocus();
    QTest::keyClick(loss, Qt::Key_L);
    QVERIFY(loss->log(Qt::Vertical));
    QVERIFY(loss->yRange().lower > 0);
    QVERIFY(loss->yRange().lower <= 1e-4);
    QVERIFY(loss->yRange().lower > 1e-5);
    QTest::keyClick(loss, Qt::Key_L);
    QVERIFY(!loss->log(Qt::Vertical));
    QMenu menu;
    loss->fillMenu(menu);
    QVERIFY(menu.actions().size() >= 6);
}

void TstCurves::aRangeIsTypedIntoAnAxis() {
    const auto panel = panelWith(200);
    CurvePlot* loss = panel->plot(0);
    QTest::mouseDClick(loss, Qt::LeftButton, {}, QPoint(20, loss->height() / 2));
    auto* editor = loss->findChild<RangeEditor*>();
    QVERIFY(editor && editor->isVisible());
    editor->fromField()->selectAll();
    QTest::keyClicks(editor->fromField(), "3");
    editor->toField()->selectAll();
    QTest::keyClicks(editor->toField(), "1");
    QTest::keyClick(editor->toField(), Qt::Key_Return);
    QVERIFY(editor->isVisible()); // refused: 3 is not below 1
    editor->fromField()->selectAll();
    QTest::keyClicks(editor->fromField(), "0.25");
    QTest::keyClick(editor->fromField(), Qt::Key_Return);
    QVERIFY(!editor->isVisible());
    QCOMPARE(loss->yRange(), QCPRange(0.25, 1));
    addPoints(*panel, "a", 200, 300);
    QCOMPARE(loss->yRange(), QCPRange(0.25, 1));
}

void TstCurves::theReadOutIsSharedAndMovedByKeys() {
    const auto panel = panelWith(400);
    CurvePlot* loss = panel->plot(0);
    const QPointF middle = loss->rect().center();
    QMouseEvent hover(QEvent::MouseMove, middle, loss->mapToGlobal(middle), Qt::NoButton, Qt::NoButton, {});
    QApplication::sendEvent(loss, &hover);
    QVERIFY(loss->mark().has_value());
    QCOMPARE(panel->plot(3)->mark(), loss->mark());
    const auto readings = loss->readings();
    QVERIFY(!readings.empty());
    const CurveData& data = panel->data("a", Series::BatchLoss);
    QCOMPARE(readings.front().value, data.y(data.nearest(*loss->mark(), CurveX::Epoch)));
    loss->setFocus();
    const double before = *loss->mark();
    QTest::keyClick(loss, Qt::Key_Right);
    QVERIFY(*loss->mark() > before);
    QCOMPARE(panel->plot(1)->mark(), loss->mark());
    QTest::keyClick(loss, Qt::Key_End);
    QCOMPARE(*loss->mark(), 4.0);
    QVERIFY(loss->accessibleDescription().contains("Run 1"));
    QTest::keyClick(loss, Qt::Key_Escape);
    QVERIFY(!loss->mark());
}

void TstCurves::hiddenRunsLeaveThePlots() {
    const auto panel = panelWith(200);
    panel->setRuns({{"a", "Run 1", 1, true}, {"b", "Run 2", 2, true}});
    addPoints(*panel, "b", 0, 900);
    QCOMPARE(panel->plot(0)->xRange().upper, 9.0);
    QVERIFY(panel->plot(0)->curves().size() == 4);
    panel->setRuns({{"a", "Run 1", 1, true}, {"b", "Run 2", 2, false}});
    QCOMPARE(panel->plot(0)->curves().size(), 2);
    QCOMPARE(panel->plot(0)->xRange().upper, 2.0);
}

void TstCurves::theLegendTogglesByMouseAndKeyboard() {
    CurveLegend legend;
    legend.resize(400, 32);
    legend.setRuns({{"a", "Run 1", 1, true}, {"b", "Run 2", 2, true}});
    legend.show();
    QSignalSpy spy(&legend, &CurveLegend::toggled);
    QTest::mouseClick(&legend, Qt::LeftButton, {}, legend.entryRect(1).center());
    QCOMPARE(spy.takeFirst(), (QVariantList{"b", false}));
    QTest::keyClick(&legend, Qt::Key_Left);
    QTest::keyClick(&legend, Qt::Key_Space);
    QCOMPARE(spy.takeFirst(), (QVariantList{"a", false}));
    std::vector<CurveRun> many;
    for (int i = 1; i <= 12; ++i) many.push_back({QString::number(i), QString("A run with a long name %1").arg(i), i, true});
    legend.setRuns(many);
    QVERIFY(legend.entryRect(0).isEmpty()); // the newest are what is looked at
    QVERIFY(!legend.entryRect(11).isEmpty());
    QVERIFY(legend.entryRect(11).right() < legend.width());
}

void TstCurves::aCutRunBeginsAnew() {
    const auto panel = panelWith(300);
    panel->clear("a");
    addPoints(*panel, "a", 0, 50);
    QCOMPARE(panel->data("a", Series::BatchLoss).size(), size_t(50));
    QCOMPARE(panel->plot(0)->xRange().upper, 0.5);
}

void TstCurves::exportsHoldTheCurves_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("begins");
    QTest::newRow("svg") << "a.svg" << QByteArray("<?xml");
    QTest::newRow("pdf") << "a.pdf" << QByteArray("%PDF");
    QTest::newRow("png") << "a.png" << QByteArray("\x89PNG");
    QTest::newRow("csv") << "a.csv" << QByteArray("run,series,step,epoch,seconds,value\n\"Run 1\",batch_loss,1,0.01,0.500,2");
}

void TstCurves::exportsHoldTheCurves() {
    QFETCH(QString, name);
    QFETCH(QByteArray, begins);
    const auto panel = panelWith(300);
    QTemporaryDir folder;
    QSignalSpy done(panel.get(), &CurvePanel::exported), failed(panel.get(), &CurvePanel::failed);
    panel->exportTo(folder.filePath(name));
    QTRY_COMPARE(done.size() + failed.size(), 1);
    QCOMPARE(done.size(), 1);
    const QByteArray bytes = test::readBytes(folder.filePath(name));
    QVERIFY2(bytes.startsWith(begins), bytes.left(200).constData());
    if (name.endsWith("svg")) {
        QVERIFY(bytes.contains("polyline"));
        QVERIFY(bytes.contains(">Loss<"));
        QVERIFY(bytes.contains("Run 1"));
    }
    if (name.endsWith("csv")) QCOMPARE(bytes.count('\n'), 1 + 300 + 300 + 3);
    panel->exportTo("/nowhere/x." + name.section('.', 1));
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(failed.front().front().toString().contains("/nowhere"));
}

void TstCurves::anUnknownEndingIsRefusedInASentence() {
    const auto panel = panelWith(10);
    QSignalSpy failed(panel.get(), &CurvePanel::failed);
    panel->exportTo("/tmp/plots.gif");
    QCOMPARE(failed.size(), 1);
}

void TstCurves::emptyPlotsSayWhatComesHere() {
    CurvePanel panel;
    QVERIFY(panel.plot(0)->empty());
    panel.plot(0)->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(panel.plot(0)->accessibleDescription(), QString("Curves appear here after the first batch."), 3000);
}

void TstCurves::theSketchShowsTheSchedulesOwnRates() {
    ScheduleSketch sketch;
    sketch.setPlan({"step", {{"step_size", 2}, {"gamma", 0.1}}}, 0.5, 4, 10);
    QCOMPARE(sketch.rates().size(), size_t(40));
    QCOMPARE(sketch.rates().front(), 0.5);
    QVERIFY(std::abs(sketch.rates().back() - 0.05) < 1e-12);
    sketch.setPlan({"nothing"}, 0.5, 4, 10);
    QVERIFY(sketch.rates().empty());
    QVERIFY(sketch.problem().contains("nothing"));
}

void TstCurves::aRateIsPickedByMouseAndKeyboard() {
    RateFinderView view;
    view.resize(600, 300);
    view.show();
    view.setSpan(1e-6, 10);
    for (int i = 0; i < 100; ++i) {
        const double rate = 1e-6 * std::pow(10, 7 * i / 99.0);
        view.add({rate, 2 - i * 0.01, 2 - i * 0.01});
    }
    QSignalSpy spy(&view, &RateFinderView::pickedChanged), taken(&view, &RateFinderView::accepted);
    QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(int(view.xOf(0.01)), 100));
    QVERIFY(view.picked() && std::abs(std::log10(*view.picked()) + 2) < 0.05);
    const double before = *view.picked();
    QTest::keyClick(&view, Qt::Key_Right);
    QVERIFY(*view.picked() > before);
    QTest::keyClick(&view, Qt::Key_Left);
    QTest::keyClick(&view, Qt::Key_Left);
    QVERIFY(*view.picked() < before);
    QTest::keyClick(&view, Qt::Key_Return);
    QCOMPARE(taken.size(), 1);
}

QTEST_MAIN(TstCurves)
#include "tst_curves.moc"
