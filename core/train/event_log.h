// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/append_log.h"
#include "core/train/events.h"

#include <deque>
#include <memory>

namespace strata {

/// The record of a run: events appended to RUN/events.jsonl and passed on to another sink. While the disk is full lines wait in
/// memory (at most 100,000) and are written as soon as there is room.
class EventLog : public EventSink {
public:
    explicit EventLog(EventSink& next) : next_(&next) {}
    /// Cuts the file to `keep` bytes (events past a checkpoint are superseded) and goes on from there. Throws Error(BadFile).
    void open(const std::string& path, uint64_t keep);
    void receive(const TrainEvent& event) noexcept override;
    /// Bytes written so far, on the disk.
    uint64_t syncedSize();

private:
    EventSink* next_;
    std::unique_ptr<AppendLog> log_;
    std::deque<std::string> waiting_;
    bool warned_ = false;
    void writeWaiting();
};

/// What a record says in short.
struct EventSummary {
    std::string last; ///< id of the last event that tells how the process ended or that it has not
    int64_t step = 0;
    int64_t epochs = 0; ///< completed
    std::optional<double> bestAccuracy;
    int64_t bestEpoch = -1;
    double time = 0;    ///< of the last line
    double started = 0; ///< time of the first line
    double seconds = 0; ///< trained: whole epochs as they tell, the running one by the clock without pauses
    std::string device;
    int64_t parameters = 0;
    std::string failure; ///< sentence of run_failed, if that is the last
};
/// Lines that cannot be read are skipped. A missing file gives an empty summary.
EventSummary summarizeEvents(const std::string& path);
/// All events of a record, in order.
std::vector<TrainEvent> readEvents(const std::string& path);

} // namespace strata
