// SPDX-License-Identifier: Apache-2.0
#include "core/train/schedule.h"

#include "core/train/components.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace strata {

namespace {

double number(const ParamValues& params, const char* id) { return params.at(id).get<double>(); }

/// Cosine from a to b as t goes from 0 to 1.
double cosineBetween(double a, double b, double t) { return b + (a - b) / 2 * (1 + std::cos(std::numbers::pi * t)); }

double constantFactor(const ParamValues&, const ScheduleAt&) { return 1; }

double stepFactor(const ParamValues& params, const ScheduleAt& at) {
    const int64_t epoch = at.step / std::max<int64_t>(at.stepsPerEpoch, 1);
    return std::pow(number(params, "gamma"), double(epoch / params.at("step_size").get<int64_t>()));
}

double cosineFactor(const ParamValues& params, const ScheduleAt& at) {
    const double t = double(at.step) / double(std::max<int64_t>(at.totalSteps, 1));
    return cosineBetween(1, number(params, "final_factor"), std::min(t, 1.0));
}

// torch.optim.lr_scheduler.OneCycleLR with two phases, cosine annealing and max_lr as the base rate.
double oneCycleFactor(const ParamValues& params, const ScheduleAt& at) {
    const double initial = 1 / number(params, "div_factor");
    const double last = initial / number(params, "final_div_factor");
    const double up = number(params, "pct_start") * double(at.totalSteps) - 1;
    const double end = double(at.totalSteps) - 1;
    const double step = double(at.step);
    if (step <= up) return up <= 0 ? 1 : cosineBetween(initial, 1, step / up);
    return end <= up ? 1 : cosineBetween(1, last, std::min((step - up) / (end - up), 1.0));
}

// torch.optim.lr_scheduler.CyclicLR, mode "triangular": step_size_up = peak * length, step_size_down = the rest of a cycle.
double triangularFactor(const ParamValues& params, const ScheduleAt& at) {
    const double base = number(params, "base_factor"), peak = number(params, "peak");
    const double length = double(at.totalSteps) / number(params, "cycles");
    const double position = double(at.step) / length;
    const double x = position - std::floor(position);
    const double height = x <= peak ? x / peak : (x - 1) / (peak - 1);
    return base + (1 - base) * height;
}

std::vector<ParamDef> withWarmup(std::vector<ParamDef> params) {
    params.push_back(realParam("warmup_epochs", "Warm-up epochs", 0.0, 0, 10000, "The rate first rises linearly over so many epochs."));
    params.push_back(realParam("warmup_start", "Warm-up start", 0.1, 0, 1, "Factor of the first step of the warm-up."));
    return params;
}

std::vector<ScheduleDef> makeList() {
    std::vector<ScheduleDef> list;
    list.push_back({{"constant", "Constant", "Schedule", "The base learning rate throughout.", "", withWarmup({})}, constantFactor});
    list.push_back({{"step", "Step", "Schedule", "Multiplied by gamma after each step_size epochs, as StepLR.", "",
                     withWarmup({integerParam("step_size", "Epochs a step", 10, 1, 100000, "Epochs between two drops."),
                                 realParam("gamma", "Gamma", 0.1, 0, 1, "What each drop multiplies the rate with.")})},
                    stepFactor});
    list.push_back({{"cosine", "Cosine", "Schedule", "Half a cosine from the base rate to its end, as CosineAnnealingLR.", "",
                     withWarmup({realParam("final_factor", "Final factor", 0.0, 0, 1, "Share of the base rate at the end.")})},
                    cosineFactor});
    list.push_back(
        {{"one_cycle", "One cycle", "Schedule",
          "Up to the base rate and down to almost nothing, as OneCycleLR (Smith and Topin, arXiv 1708.07120). Fast for a fixed number of "
          "epochs.",
          "",
          withWarmup({realParam("pct_start", "Rising part", 0.3, 0.001, 0.999, "Share of the run during which the rate rises."),
                      realParam("div_factor", "Start divisor", 25.0, 1, 1e6, "The first rate is the base rate divided by this."),
                      realParam("final_div_factor", "End divisor", 1e4, 1, 1e9, "The last rate is the first divided by this.")})},
         oneCycleFactor});
    list.push_back({{"triangular", "Triangular", "Schedule", "Linear up and down, as CyclicLR's mode triangular.", "",
                     withWarmup({realParam("cycles", "Cycles", 1.0, 0.1, 10000, "Number of triangles in the run."),
                                 realParam("peak", "Peak", 0.25, 0.001, 0.999, "Where in each triangle the peak lies."),
                                 realParam("base_factor", "Base factor", 0.0, 0, 1, "Share of the base rate at the foot.")})},
                    triangularFactor});
    return list;
}

} // namespace

const std::vector<ScheduleDef>& schedules() {
    static const std::vector<ScheduleDef> list = makeList();
    return list;
}

const ScheduleDef& scheduleDef(const std::string& id) { return findComponent(schedules(), id, "schedule"); }

Schedule::Schedule(const std::string& id, const ParamValues& params)
    : def_(&scheduleDef(id)), params_(completeParams(def_->spec.params, params, id)), warmupEpochs_(number(params_, "warmup_epochs")),
      warmupStart_(number(params_, "warmup_start")) {}

double Schedule::factor(const ScheduleAt& at) const {
    const int64_t wished = int64_t(std::llround(warmupEpochs_ * double(at.stepsPerEpoch)));
    const int64_t warmup = std::min(wished, std::max<int64_t>(at.totalSteps - 1, 0));
    if (at.step < warmup) return warmupStart_ + (1 - warmupStart_) * double(at.step) / double(warmup);
    return def_->factor(params_, {at.step - warmup, at.stepsPerEpoch, at.totalSteps - warmup});
}

} // namespace strata
