// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/run_center.h"
#include "app/run/run_reader.h"

namespace strata::studio {

/// What the centre keeps of a run beside its view. Private to run_center*.cpp.
constexpr int kBusyMs = 50, kIdleMs = 1000; ///< between looks: at a run at work, at the others

struct RunCenter::Watched {
    explicit Watched(const QString& folder) : path(folder), reader(std::make_shared<RunReader>(folder.toStdString())) {}
    QString path;
    std::shared_ptr<RunReader> reader; ///< used by one job at a time
    std::shared_ptr<RunCurves> curves = std::make_shared<RunCurves>();
    int number = 0;
    bool present = false, seen = false;
    int64_t pid = 0;     ///< of a process that was started and has said nothing yet
    double launched = 0; ///< seconds since 1970
    bool dead = false;
    int64_t epochs = 0; ///< planned, until the run says so
    QString log;        ///< its standard output and error
    QString wish;       ///< a command given before it could take any

    void clearCurves() {
        const uint64_t revision = curves->revision + 1;
        *curves = {};
        curves->revision = revision;
    }
    void forget() {
        reader = std::make_shared<RunReader>(path.toStdString());
        clearCurves();
        seen = false;
    }
};

/// The last sentence of a log file, without "strata: "; or that there is none.
QString lastWords(const QString& logFile);

} // namespace strata::studio
