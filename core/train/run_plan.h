// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"
#include "core/tensor/storage.h"

#include <functional>
#include <string>

namespace strata {

/// plan.json: device, compute threads, instruction set, library versions, program version and the device's own choices.
/// Bit-for-bit continuation is promised for an equal plan.
Json currentPlan(Device device);

/// Plans anew: `planningPass` meets every shape, then the plan is written. `exact` admits direct convolution only.
void makePlan(Device device, bool exact, const std::function<void()>& planningPass, const std::string& path);

/// Adopts a plan. Throws Error(Unsupported) with the reason it cannot: "the run was planned with AVX-512 and this machine ...".
void adoptPlan(Device device, const Json& plan);

} // namespace strata
