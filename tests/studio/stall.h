// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset.h"
#include "core/files/image.h"
#include "tests/studio/window_support.h"
#include "tests/support/data_files.h"
#include "widgets/data/sample_grid.h"
#include "widgets/train/curve_panel.h"

#include <QElapsedTimer>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>
#include <vector>

namespace strata::studio {

/// How late a timer of 5 ms is, all the time: what a person feels as a stall. Milliseconds.
class Heartbeat : public QObject {
public:
    Heartbeat() {
        timer_.setTimerType(Qt::PreciseTimer);
        connect(&timer_, &QTimer::timeout, this, [this] {
            delays_.push_back(double(clock_.nsecsElapsed()) / 1e6 - kBeat);
            clock_.start();
        });
        clock_.start();
        timer_.start(kBeat);
    }
    size_t beats() const { return delays_.size(); }
    double worst() const { return delays_.empty() ? 0 : *std::ranges::max_element(delays_); }
    double quantile(double part) const {
        std::vector<double> sorted = delays_;
        std::ranges::sort(sorted);
        return sorted.empty() ? 0 : sorted[std::min(sorted.size() - 1, size_t(part * double(sorted.size())))];
    }

private:
    static constexpr int kBeat = 5;
    QTimer timer_;
    QElapsedTimer clock_;
    std::vector<double> delays_;
};

/// A run trains, the grid scrolls, plots draw `points` points and photos are dropped, for `seconds`. Returns the heartbeat.
inline std::unique_ptr<Heartbeat> stress(TestWindow& test, int seconds, int points, const QString& data) {
    MainWindow& window = *test.window;
    Image photo;
    photo.width = 640;
    photo.height = 480;
    for (int i = 0; i < 640 * 480 * 3; ++i) photo.rgb.push_back(uint8_t(i * 7 % 251));
    test::writeBytes(test.file("photo.jpg").toStdString(), encodeJpeg(photo));
    test.openData(data);
    test.document().edit("Network", [](Project& p) {
        p.model = makeTemplate("vgg_small", {3, 32, 32}, 10);
        p.training.epochs = 1000;
    });
    for (int i = 1; i <= 5; ++i) { // every page is made before the clock starts
        window.go(PageId(i));
        QTest::qWait(200);
    }
    const QString run = window.context().runs.start();
    // Plots of their own beside the page's: the page keeps only the runs of the project.
    CurvePanel plots;
    CurvePanel* panel = &plots;
    plots.resize(1208, 600);
    plots.show();
    CurveRun many;
    many.id = many.name = "many";
    panel->setRuns({many});
    CurveData& curve = panel->data("many", Series::BatchLoss);
    for (int i = 0; i < points; ++i) curve.append(i, i * 0.01, 2 + ((i * 2654435761u) % 1000) / 1000.0);
    panel->refresh();
    QTest::qWait(500);

    auto heart = std::make_unique<Heartbeat>();
    QElapsedTimer clock;
    clock.start();
    int round = 0;
    while (clock.elapsed() < seconds * 1000) {
        switch (round++ % 3) {
        case 0: {
            window.go(PageId::Data);
            auto* grid = window.findChild<SampleGrid*>();
            for (int i = 0; i < 30; ++i) {
                grid->verticalScrollBar()->setValue((grid->verticalScrollBar()->value() + 400) %
                                                    std::max(1, grid->verticalScrollBar()->maximum()));
                QTest::qWait(15);
            }
            break;
        }
        case 1:
            window.go(PageId::Train);
            for (int i = 0; i < 30; ++i) {
                curve.append(double(points + round * 30 + i), double(points + round * 30 + i) * 0.01, 2.5);
                panel->refresh();
                QTest::qWait(15);
            }
            break;
        default: window.go(PageId::Predict, Request{.paths = {test.file("photo.jpg")}}); QTest::qWait(450);
        }
    }
    window.context().runs.stop(run);
    for (int i = 0; i < 100 && window.context().runs.active(); ++i) QTest::qWait(50);
    return heart;
}

} // namespace strata::studio
