// SPDX-License-Identifier: Apache-2.0
#include "core/layers/internal.h"

namespace strata::layer {

using namespace detail;

const LayerDef identity = {
    .spec = {"identity", "Identity", "Combine", "Passes its input on unchanged; a place to hang a skip connection.", "identity", {}},
    .role = Role::Identity,
    .infer = sameShape,
    .flops = noFlops,
    .forward = [](const LayerContext&, const std::vector<Tensor>& inputs) { return inputs[0]; },
    .pytorch = {"torch.nn.Identity", {}},
    .onnx = {"Identity", {}},
    .examples = {{"picture", {}, {{3, 4, 5}}}},
};

} // namespace strata::layer
