// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/cpu/onednn_state.h"

namespace strata::cpu {

/// Runs one pass, with the algorithm that the plan names, or else the one that measures fastest on these buffers (which is
/// noted in the plan). Inference keeps prepared weights. Throws dnnl::error or Error(OutOfMemory).
void runConvolution(CpuContext& context, const ConvProblem& problem, const ConvBuffers& buffers);

/// XXH3 of a buffer, in parts on the compute threads; does not depend on their number.
uint64_t hashBuffer(const void* data, size_t bytes);

} // namespace strata::cpu
