// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/run_view.h"

#include <algorithm>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

class QFile;

namespace strata::studio {

/// What is known of a run from its files.
struct RunStatus {
    bool folder = false; ///< the folder is there
    bool run = false;    ///< and holds a run
    bool paused = false;
    bool alive = false; ///< a process holds its lock
    RunInfo info;
    RunNote label;
    int number = 0; ///< as the Studio that started it counted; 0: unknown
    std::string device, message, modelName;
    double seconds = 0; ///< spent training: without pauses and the time between processes
    double started = 0; ///< seconds since 1970 of the first event
    double epochProgress = 0, imagesPerSecond = 0, secondsLeft = 0;
    int64_t trainCount = 0, batchSize = 0, parameters = 0;
    double recordWritten = 0; ///< time of the newest event
};

/// News of a run since the last look.
struct RunNews {
    RunStatus status;
    bool restarted = false; ///< the record was cut: `points` hold all there is
    RunCurves points;       ///< to be appended
    bool processAlive = false;
};

/// Reads a run's record as it grows: only the new lines, each line once; begins anew when the record was cut. One thread at a
/// time. Never throws on damaged files (status.info.problem says what).
class RunReader {
public:
    explicit RunReader(std::string path);
    /// `pid`: the process that was started for it, 0 if none.
    RunNews read(std::stop_token stop, int64_t pid);

private:
    std::string path_;
    RunStatus status_;
    uint64_t offset_ = 0; ///< bytes of whole lines read
    std::string tail_;    ///< the last bytes before offset_, by which a cut and regrown record is known
    int64_t configTime_ = -1;
    std::string labelText_;
    std::string last_, failure_;    ///< id of the last telling event, sentence of a failure
    std::string broken_;            ///< why the folder cannot be read
    double segment_ = 0, base_ = 0; ///< time of the running stretch's start (0: none), seconds before it
    int64_t stepsPerEpoch_ = 0;
    void readDescription();
    void readRecord(std::stop_token stop, RunNews& news);
    bool wasCut(QFile& file) const;
    void takeLine(std::string_view line, RunCurves& points);
    void take(const TrainEvent& event, double time, RunCurves& points);
    void takeStep(const StepDone& step, double time, RunCurves& points);
    double elapsed(double time) const { return segment_ > 0 ? base_ + std::max(0.0, time - segment_) : base_; }
    void endSegment(double time);
    void judge();
};

/// A step's line as core writes it, read without making JSON of it (a million lines a second); nullopt for any other form.
std::optional<StepDone> parseStepLine(std::string_view line, double& time);
/// Whether a process lives (a zombie does not).
bool processLives(int64_t pid);

} // namespace strata::studio
