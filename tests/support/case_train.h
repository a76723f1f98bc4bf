// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"
#include "tests/support/case.h"

namespace strata::test {

/// Ten steps of an optimizer; parameters as given here are completed with the definition's defaults.
struct OptimizerCase {
    std::string name;
    std::string id;
    ParamValues params;
};
const std::vector<OptimizerCase>& optimizerCases();

/// The factors of a schedule over a run.
struct ScheduleCase {
    std::string name;
    std::string id;
    ParamValues params;
    int64_t totalSteps;
    int64_t stepsPerEpoch;
};
const std::vector<ScheduleCase>& scheduleCases();

/// A loss on outputs and targets.
struct LossCase {
    std::string id;
    ParamValues params;
    OpCase row;
};
const std::vector<LossCase>& lossCases();

/// The parts "optimizers", "schedules" and "losses" of the case list.
void addTrainCases(Json& list);

} // namespace strata::test
