// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/train/curve_panel.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <vector>

namespace strata::test {

inline double threadMilliseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

/// Milliseconds of this thread in the processor for each frame (a busy machine changes nothing), sorted, while a panel of four plots holds
/// `points` a curve, grows, zooms, pans and reads out.
inline std::vector<double> plotFrames(int points, int runs, int frames) {
    CurvePanel panel;
    panel.resize(1200, 700);
    std::vector<CurveRun> list;
    for (int r = 0; r < runs; ++r) list.push_back({QString::number(r), QString("Run %1").arg(r + 1), r + 1, true});
    panel.setRuns(list);
    const auto add = [&](int from, int to) {
        for (int r = 0; r < runs; ++r) {
            const QString id = QString::number(r);
            panel.setStepsPerEpoch(id, 400);
            for (const Series series : {Series::BatchLoss, Series::LearningRate, Series::ImagesPerSecond}) {
                CurveData& data = panel.data(id, series);
                for (int i = from; i < to; ++i) data.append(i + 1, i * 0.1, 2 + std::sin(i * 0.7 + r) + 1000.0 / (i + 500));
            }
        }
    };
    add(0, points);
    panel.setSmoothing(90);
    panel.show();
    QTest::qWait(50);
    std::vector<double> times;
    for (int frame = 0; frame < frames; ++frame) {
        const double begun = threadMilliseconds();
        add(points + frame * 50, points + (frame + 1) * 50);
        CurvePlot* plot = panel.plot(0);
        if (frame % 4 == 1) plot->setXRange({double(points) / 400 * 0.2, double(points) / 400 * (0.3 + frame % 5 * 0.1)});
        if (frame % 4 == 3) panel.fit();
        panel.refresh();
        plot->setMark(double(frame % 100) * points / 400 / 100);
        QCoreApplication::processEvents(); // queued drawing
        for (int i = 0; i < 4; ++i) panel.plot(i)->repaint();
        times.push_back(threadMilliseconds() - begun);
    }
    std::sort(times.begin(), times.end());
    return times;
}

inline double median(const std::vector<double>& sorted) { return sorted[sorted.size() / 2]; }

} // namespace strata::test
