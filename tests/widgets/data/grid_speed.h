// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/theme.h"
#include "widgets/data/sample_filter.h"
#include "widgets/data/sample_grid.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QScrollBar>
#include <QtTest>
#include <algorithm>
#include <ctime>

namespace strata::test {

/// The 60,000 pictures of CIFAR-10 where they are on this machine, else as many generated ones.
inline SampleIndexPtr manySamples() {
    const QString folder = qEnvironmentVariable("STRATA_CIFAR10", "/tmp/cifar-10");
    const bool there = QFile::exists(folder + "/data_batch_1.bin");
    return std::make_shared<const SampleIndex>(openSource(there ? "cifar10:" + folder.toStdString() : "shapes:50000"));
}

inline void showAll(SampleGrid& grid, const SampleIndexPtr& index) {
    grid.setSamples(index);
    grid.setStates(std::make_shared<const SampleStates>(*index, EditList()));
    grid.setOrder(applyFilter(*index, SampleStates(*index, {}), nullptr, {}).order);
}

struct FrameTimes {
    std::vector<double> milliseconds;
    double worst() const { return *std::max_element(milliseconds.begin(), milliseconds.end()); }
    double part(double p) const {
        std::vector<double> sorted = milliseconds;
        std::sort(sorted.begin(), sorted.end());
        return sorted[size_t(p * double(sorted.size() - 1))];
    }
    QString text() const {
        return QString("%1 frames: median %2 ms, p99 %3 ms, worst %4 ms")
            .arg(milliseconds.size()).arg(part(0.5), 0, 'f', 1).arg(part(0.99), 0, 'f', 1).arg(worst(), 0, 'f', 1);
    }
};

/// Seconds this thread has computed: what a frame costs, however busy the machine is.
inline double threadSeconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

/// Scrolls from top to bottom in `frames` even steps, each painted at once, and measures each: by the clock, or `computing` only.
inline FrameTimes scrollThrough(SampleGrid& grid, int frames, bool computing) {
    FrameTimes times;
    QScrollBar* bar = grid.verticalScrollBar();
    for (int i = 0; i <= frames; ++i) {
        QElapsedTimer timer;
        timer.start();
        const double before = threadSeconds();
        bar->setValue(int(double(bar->maximum()) * i / frames));
        grid.viewport()->repaint();
        QCoreApplication::processEvents();
        times.milliseconds.push_back(computing ? (threadSeconds() - before) * 1e3 : double(timer.nsecsElapsed()) / 1e6);
    }
    return times;
}

/// Private memory of this process in bytes, -1 where the system does not tell.
inline qint64 privateMemory() {
    QFile file("/proc/self/smaps_rollup");
    if (!file.open(QIODevice::ReadOnly)) return -1;
    qint64 bytes = 0;
    for (const QByteArray& line : file.readAll().split('\n'))
        if (line.startsWith("Private_")) bytes += line.simplified().split(' ')[1].toLongLong() * 1024;
    return bytes;
}

} // namespace strata::test
