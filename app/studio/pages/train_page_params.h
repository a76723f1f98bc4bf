// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/param.h"

#include <QString>
#include <vector>

namespace strata::studio {

/// The settings of a run beside optimizer, loss and schedule, under the names they have in TrainConfig's JSON.
std::vector<ParamDef> otherParams();
/// "40 s", "8 min", "2.5 h".
QString roughDuration(double seconds);

} // namespace strata::studio
