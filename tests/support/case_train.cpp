// SPDX-License-Identifier: Apache-2.0
#include "tests/support/case_train.h"

#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"

namespace strata::test {

const std::vector<OptimizerCase>& optimizerCases() {
    static const std::vector<OptimizerCase> table{
        {"sgd plain", "sgd", {{"lr", 0.1}, {"momentum", 0.0}, {"weight_decay", 0.0}}},
        {"sgd with weight decay", "sgd", {{"lr", 0.1}, {"momentum", 0.0}, {"weight_decay", 0.05}}},
        {"sgd with momentum", "sgd", {{"lr", 0.05}, {"momentum", 0.9}, {"weight_decay", 0.0}}},
        {"sgd with momentum and weight decay", "sgd", {{"lr", 0.05}, {"momentum", 0.9}, {"weight_decay", 5e-4}}},
        {"sgd with nesterov", "sgd", {{"lr", 0.05}, {"momentum", 0.8}, {"weight_decay", 0.01}, {"nesterov", true}}},
        {"adam", "adam", {{"lr", 0.01}}},
        {"adam with weight decay", "adam", {{"lr", 0.02}, {"beta1", 0.8}, {"beta2", 0.95}, {"eps", 1e-6}, {"weight_decay", 0.1}}},
        {"adamw", "adamw", {{"lr", 0.01}}},
        {"adamw with strong decay", "adamw", {{"lr", 0.02}, {"beta1", 0.7}, {"beta2", 0.9}, {"weight_decay", 0.5}}},
    };
    return table;
}

const std::vector<ScheduleCase>& scheduleCases() {
    static const std::vector<ScheduleCase> table{
        {"constant", "constant", ParamValues::object(), 20, 5},
        {"constant after a warm-up", "constant", {{"warmup_epochs", 1.5}, {"warmup_start", 0.05}}, 24, 6},
        {"step", "step", {{"step_size", 2}, {"gamma", 0.3}}, 60, 9},
        {"step after a warm-up", "step", {{"step_size", 1}, {"gamma", 0.5}, {"warmup_epochs", 1.0}}, 50, 10},
        {"cosine", "cosine", ParamValues::object(), 57, 10},
        {"cosine to a tenth after a warm-up", "cosine", {{"final_factor", 0.1}, {"warmup_epochs", 2.0}, {"warmup_start", 0.01}}, 70, 7},
        {"one_cycle", "one_cycle", ParamValues::object(), 60, 12},
        {"one_cycle steep", "one_cycle", {{"pct_start", 0.15}, {"div_factor", 10.0}, {"final_div_factor", 100.0}}, 83, 10},
        {"one_cycle after a warm-up", "one_cycle", {{"warmup_epochs", 1.0}, {"warmup_start", 0.2}}, 48, 8},
        {"triangular", "triangular", {{"base_factor", 0.1}}, 64, 8},
        {"triangular thrice", "triangular", {{"cycles", 3.0}, {"peak", 0.5}, {"base_factor", 0.0}}, 66, 11},
        {"triangular after a warm-up",
         "triangular",
         {{"cycles", 2.0}, {"peak", 0.25}, {"base_factor", 0.05}, {"warmup_epochs", 1.0}},
         72,
         8},
    };
    return table;
}

namespace {

LossCase lossCase(const std::string& name, const std::string& id, const ParamValues& params, const CaseInput& target) {
    const auto make = [id, params](const std::vector<Tensor>& x) { return (*makeLoss(id, params))(x[0], x[1]); };
    return {id, params, OpCase{"loss " + name, {real({6, 10}, -4, 4), target}, make}};
}

} // namespace

const std::vector<LossCase>& lossCases() {
    static const std::vector<LossCase> table{
        lossCase("cross_entropy", "cross_entropy", ParamValues::object(), index({6}, 10)),
        lossCase("cross_entropy with smoothing", "cross_entropy", {{"label_smoothing", 0.2}}, index({6}, 10)),
        lossCase("mse of classes", "mse", ParamValues::object(), index({6}, 10)),
        lossCase("mse of values", "mse", ParamValues::object(), fixed({6, 10})),
    };
    return table;
}

void addTrainCases(Json& list) {
    for (const char* part : {"optimizers", "schedules", "losses"}) list[part] = Json::array();
    for (const OptimizerCase& row : optimizerCases())
        list["optimizers"].push_back(
            {{"name", row.name}, {"id", row.id}, {"params", completeParams(optimizerDef(row.id).spec.params, row.params, row.id)}});
    for (const ScheduleCase& row : scheduleCases())
        list["schedules"].push_back({{"name", row.name},
                                     {"id", row.id},
                                     {"params", completeParams(scheduleDef(row.id).spec.params, row.params, row.id)},
                                     {"total_steps", row.totalSteps},
                                     {"steps_per_epoch", row.stepsPerEpoch}});
    for (const LossCase& row : lossCases()) {
        Json entry = describeCase(row.row);
        entry["loss"] = row.id;
        entry["params"] = completeParams(lossDef(row.id).spec.params, row.params, row.id);
        list["losses"].push_back(entry);
    }
}

} // namespace strata::test
