// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/events.h"
#include "core/train/run_folder.h"

#include <QString>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace strata::studio {

/// The events of a run as columns; grows in place while it trains (GUI thread). `revision` changes when anything was cut (a
/// resume).
struct RunCurves {
    struct Column {
        std::vector<double> x, y;
        void append(const Column& more);
    };
    Column loss, learningRate, imagesPerSecond;                          ///< x: step
    Column trainLoss, trainAccuracy, validationLoss, validationAccuracy; ///< x: step at the epoch's end; y: loss, part of 1
    std::vector<double> stepSeconds;                                     ///< of each point of loss: seconds spent training, without pauses
    int64_t stepsPerEpoch = 0, epochs = 0;
    uint64_t revision = 0;

    void append(const RunCurves& more);
    bool empty() const { return loss.x.empty() && trainLoss.x.empty(); }
};

/// One run of the project as the windows know it.
struct RunView {
    QString path; ///< absolute folder, its key
    QString name; ///< display name, else "Run 3"
    QString note;
    bool hidden = false; ///< not drawn in plots
    RunInfo info;
    bool paused = false;
    bool alive = false;       ///< a process holds its lock
    bool starting = false;    ///< its process was started and has not said anything yet
    bool gone = false;        ///< its folder is not there any more
    int number = 0;           ///< 1, 2, ...: "Run 3"; its colour is theme().category(number - 1)
    double epochProgress = 0; ///< epochs done, with the part of the running one
    double imagesPerSecond = 0, secondsLeft = 0;
    double seconds = 0; ///< spent training
    double started = 0; ///< seconds since 1970; 0: not yet
    QString device, model;
    int64_t trainCount = 0, batchSize = 0, parameters = 0;
    QString message; ///< last warning or failure
    std::shared_ptr<const RunCurves> curves;

    /// A process works for it now.
    bool busy() const { return alive || starting; }
    /// What "Resume" would start again.
    bool resumable() const {
        return !busy() && !gone &&
               (info.state == RunState::Stopped || info.state == RunState::Interrupted || info.state == RunState::Failed);
    }
};

} // namespace strata::studio
