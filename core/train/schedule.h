// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"

#include <string>
#include <vector>

namespace strata {

/// Where a step lies within its run.
struct ScheduleAt {
    int64_t step = 0; ///< global, from 0
    int64_t stepsPerEpoch = 1;
    int64_t totalSteps = 1;
};

/// One kind of learning-rate schedule. `factor` is a pure function: what the base rate is multiplied with at a step, as
/// PyTorch's scheduler of the same kind gives it when stepped once a batch. Parameters are complete.
struct ScheduleDef {
    ComponentSpec spec;
    double (*factor)(const ParamValues& params, const ScheduleAt& at);
};

/// The explicit list: constant, step, cosine, one_cycle, triangular. Each has warmup_epochs and warmup_start: a linear rise
/// from warmup_start to 1, after which the schedule runs over the steps that remain (PyTorch's SequentialLR of LinearLR).
const std::vector<ScheduleDef>& schedules();
const ScheduleDef& scheduleDef(const std::string& id); ///< throws Error(BadInput) with the nearest name

/// A schedule with its parameters checked and completed.
class Schedule {
public:
    Schedule(const std::string& id, const ParamValues& params = ParamValues::object()); ///< throws Error(BadInput)
    /// Factor at a step, warm-up included.
    double factor(const ScheduleAt& at) const;
    double learningRate(double base, const ScheduleAt& at) const { return base * factor(at); }

private:
    const ScheduleDef* def_;
    ParamValues params_;
    double warmupEpochs_ = 0;
    double warmupStart_ = 0;
};

} // namespace strata
