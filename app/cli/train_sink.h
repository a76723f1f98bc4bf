// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/cli/output.h"
#include "core/train/events.h"

namespace strata::cli {

/// Tells a run's events: a JSON line each, or for people a line an epoch on standard output and how far it is on standard
/// error. A reader that has gone away never stops the run.
class TrainSink : public EventSink {
public:
    TrainSink(std::string run, bool json);
    void receive(const TrainEvent& event) noexcept override;

private:
    void line(const std::string& text);
    void tell(const RunStarted& event);
    void tell(const StepDone& event);
    void tell(const EpochDone& event);
    void tell(const RunFinished& event);

    std::string run_;
    bool json_;
    int64_t epochs_ = 0, steps_ = 0;
    Progress progress_;
};

} // namespace strata::cli
