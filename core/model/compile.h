// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <vector>

namespace strata {

/// One call of a layer's forward(). Values are numbered: 0 is the network's input, i + 1 the output of layer i.
struct ExecutionStep {
    size_t layer = 0;           ///< whose forward() runs
    size_t last = 0;            ///< the last layer folded into it; its output is what the step gives
    std::vector<size_t> inputs; ///< values
    int residual = -1;          ///< value added before the ReLU (normalisation + add), or -1
    bool relu = false;          ///< a following ReLU is folded in
    std::vector<size_t> unused; ///< values nobody needs after this step
};

/// Turns a valid spec into steps, fusing by role: normalisation (+ add) + ReLU always, convolution + ReLU in inference only
/// (that fusion has no gradient). Knows no layer by name.
std::vector<ExecutionStep> compileSteps(const ModelSpec& spec, bool inference);

} // namespace strata
