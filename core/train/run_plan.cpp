// SPDX-License-Identifier: Apache-2.0
#include "core/train/run_plan.h"

#include "core/backend/dispatch.h"
#include "core/base/atomic_file.h"
#include "core/base/parallel.h"

namespace strata {

namespace {

std::string plainText(const Json& value) { return value.is_string() ? value.get<std::string>() : toText(value); }

void requireSame(const Json& plan, const Json& now, const char* field, const char* words) {
    const Json planned = plan.contains(field) ? plan[field] : Json();
    if (planned == now[field]) return;
    fail(ErrorKind::Unsupported, "the run was planned with {} {}, here it is {}; going on would not give the same numbers", words,
         plainText(planned), plainText(now[field]));
}

} // namespace

Json currentPlan(Device device) {
    const Backend& backend = backendOf(device);
    const DeviceInfo info = backend.info();
    return {{"version", 1},
            {"device", device.name()},
            {"instruction_set", info.instructionSet},
            {"compute_threads", computeThreads()},
            {"libraries", info.libraries},
            {"strata", STRATA_VERSION},
            {"choices", backend.exportPlan()}};
}

void makePlan(Device device, bool exact, const std::function<void()>& planningPass, const std::string& path) {
    backendOf(device).resetPlan(exact);
    planningPass();
    writeFileAtomically(path, toText(currentPlan(device), 1) + "\n");
}

void adoptPlan(Device device, const Json& plan) {
    if (!plan.is_object() || !plan.contains("choices")) fail(ErrorKind::BadFile, "the plan of the run is not readable");
    const Json now = currentPlan(device);
    requireSame(plan, now, "device", "device");
    requireSame(plan, now, "instruction_set", "instruction set");
    requireSame(plan, now, "compute_threads", "compute threads");
    requireSame(plan, now, "libraries", "libraries");
    requireSame(plan, now, "strata", "Strata");
    backendOf(device).importPlan(plan["choices"]);
}

} // namespace strata
